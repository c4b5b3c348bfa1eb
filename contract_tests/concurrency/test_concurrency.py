"""Concurrent requests: of those that exclude each other one succeeds, and no write is lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest

from contract_tests.cast import Actor, log_in, register
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient

AT_ONCE = 50
CHECKS = 20  # of a password, each of which takes so long that no more are needed to meet
ROUNDS = 3  # as those who race may miss each other
ME = "/api/users/me"


@pytest.fixture
def servers(base_urls: list[str]) -> list[DifferentialClient]:
    """Return each server by itself: what happens at once happens in no order to be compared."""
    return [DifferentialClient([base_url]) for base_url in base_urls]


def at_once(
    server: DifferentialClient, send: Callable[[int], Answer], count: int = AT_ONCE
) -> list[Answer]:
    """Send many requests at the same time: all are connected before any of them is sent."""
    ready = Barrier(count)

    def connect_and_send(number: int) -> Answer:
        server.request("GET", "/api/health")
        ready.wait()
        return send(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(connect_and_send, range(count)))


# Writes a resource if it still is what was shown; the number tells the writers apart.
Write = Callable[[Actor, str, Answer, int], Answer]


def patch(name: str) -> Write:
    """Return what changes a property by PATCH."""
    return lambda actor, path, shown, number: actor.patch(
        path, {name: f"text {number}"}, headers=unless_changed(shown)
    )


def put(actor: Actor, path: str, shown: Answer, number: int) -> Answer:
    """Replace a resource by what it was with another text."""
    changes = {"notes" if "/todos/" in path else "description": f"text {number}"}
    return actor.put(path, {**shown.json, **changes}, headers=unless_changed(shown))


def delete(actor: Actor, path: str, shown: Answer, number: int) -> Answer:
    """Delete a resource."""
    return actor.delete(path, headers=unless_changed(shown))


def unless_changed(shown: Answer) -> dict[str, str]:
    """Return the condition that a resource is what was shown."""
    return {"If-Match": shown.headers["etag"]}


@pytest.mark.parametrize(
    ("kind", "write", "refusals"),
    [
        pytest.param("todo", patch("notes"), {412}, id="updateTodo"),
        pytest.param("todo", put, {412}, id="replaceTodo"),
        pytest.param("todo", delete, {404, 412}, id="deleteTodo"),
        pytest.param("product", patch("description"), {412}, id="updateProduct"),
        pytest.param("product", put, {412}, id="replaceProduct"),
        pytest.param("product", delete, {404, 412}, id="deleteProduct"),
    ],
)
def test_one_of_many_writers_with_one_entity_tag_succeeds(
    servers: list[DifferentialClient], kind: str, write: Write, refusals: set[int]
) -> None:
    for server in servers:
        actor = staff(server) if kind == "product" else register(server, "alice")
        for _ in range(ROUNDS):
            path = a_product(actor) if kind == "product" else a_todo(actor)
            race_for_one_entity_tag(actor, path, write, refusals)


def race_for_one_entity_tag(actor: Actor, path: str, write: Write, refusals: set[int]) -> None:
    shown = actor.get(path)
    answers = at_once(actor.client, lambda number: write(actor, path, shown, number))
    successes = [answer for answer in answers if answer.status < 400]
    assert len(successes) == 1, Counter(answer.status for answer in answers)
    assert {answer.status for answer in answers} - {successes[0].status} <= refusals
    assert actor.get(path).body == successes[0].body or successes[0].status == 204


def test_one_of_many_closings_of_an_account_succeeds(servers: list[DifferentialClient]) -> None:
    for server in servers:
        race_for_one_account(register(server, "alice"))


def race_for_one_account(alice: Actor) -> None:
    condition = unless_changed(alice.get(ME))
    answers = at_once(alice.client, lambda _: alice.delete(ME, headers=condition))
    statuses = Counter(answer.status for answer in answers)
    assert statuses.pop(204) == 1
    assert {*statuses} <= {401}


@pytest.mark.unthrottled
def test_one_of_many_changes_of_one_password_succeeds(servers: list[DifferentialClient]) -> None:
    for server in servers:
        race_with_one_password(register(server, "alice"))


def race_with_one_password(alice: Actor) -> None:
    def change(number: int) -> Answer:
        new = f"new password {number}"
        body = {"current_password": alice.password, "new_password": new}
        return alice.put(f"{ME}/password", body)

    statuses = [answer.status for answer in at_once(alice.client, change, CHECKS)]
    assert Counter(statuses) == {204: 1, 422: CHECKS - 1}
    log_in(alice.client, alice.username, f"new password {statuses.index(204)}")


@pytest.mark.unthrottled
def test_no_login_outlives_a_change_of_its_password(servers: list[DifferentialClient]) -> None:
    for server in servers:
        for _ in range(ROUNDS):
            race_logins_with_a_change(register(server, "alice"))


def race_logins_with_a_change(alice: Actor) -> None:
    """Change the password once while others log in with the old one: their tokens are revoked."""
    old = {"username": alice.username, "password": alice.password}
    change = {"current_password": alice.password, "new_password": "another password"}

    def send(number: int) -> Answer:
        if number == CHECKS // 2:
            return alice.put(f"{ME}/password", change)
        return alice.client.request("POST", "/api/tokens", json_body=old)

    answers = at_once(alice.client, send, CHECKS)
    assert {answer.status for answer in answers} <= {201, 204, 401}
    for answer in answers:
        if answer.status == 201:
            sent = {"Authorization": f"Bearer {answer.json['token']}"}
            assert alice.client.request("GET", ME, headers=sent).status == 401


def test_one_key_creates_once_and_all_hear_of_it(servers: list[DifferentialClient]) -> None:
    for server in servers:
        race_with_one_key(register(server, "alice"))


def race_with_one_key(alice: Actor) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    answers = at_once(
        alice.client, lambda _: alice.post("/api/todos", {"title": "Once"}, headers=key)
    )
    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
    replayed = Counter("idempotency-replayed" in answer.headers for answer in answers)
    assert replayed == {False: 1, True: AT_ONCE - 1}
    assert len(alice.get("/api/todos").json["items"]) == 1


def test_one_of_many_registrations_of_one_username_succeeds(
    servers: list[DifferentialClient],
) -> None:
    for server in servers:
        race_for_one_username(server)


def race_for_one_username(server: DifferentialClient) -> None:
    name = f"race_{uuid4().hex[:12]}"
    body = {"username": name, "email": f"{name}@example.com", "password": f"{name}-password"}
    answers = at_once(server, lambda _: server.request("POST", "/api/users", json_body=body))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: AT_ONCE - 1}
    assert len({answer.body for answer in answers if answer.status == 409}) == 1


def test_the_stock_is_the_sum_of_what_was_acknowledged(servers: list[DifferentialClient]) -> None:
    for server in servers:
        race_for_stock(staff(server))


def race_for_stock(sam: Actor) -> None:
    path = a_product(sam)
    answers = at_once(
        sam.client,
        lambda n: sam.post(
            f"{path}/stock-adjustments", {"delta": 3 if n % 2 else -2, "reason": "corrected"}
        ),
    )
    assert {answer.status for answer in answers} <= {201, 409}
    made = [answer.json["delta"] for answer in answers if answer.status == 201]
    assert made.count(3) == AT_ONCE // 2
    assert sam.get(path).json["stock"] == sum(made) >= 0


def a_product(sam: Actor) -> str:
    """Create a product and return its path."""
    body = {
        "sku": f"RACE-{uuid4().hex[:12].upper()}",
        "name": "Stoneware mug",
        "category": "kitchen",
        "price": "14.50",
        "currency": "EUR",
    }
    return sam.post("/api/products", body).headers["location"]


def a_todo(alice: Actor) -> str:
    """Create a todo and return its path."""
    return alice.post("/api/todos", {"title": "Count the shelf"}).headers["location"]


def staff(server: DifferentialClient) -> Actor:
    """Return somebody who may write to the catalogue."""
    return log_in(server, "sam", "sam-demo-password")
