"""Requests that meet: of those that exclude each other one succeeds, and nothing is lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from contract_tests.cast import Person, log_in, register
from contract_tests.client import Answer
from contract_tests.mirror import Mirror

AT_ONCE = 50


@pytest.fixture
def servers(base_urls: list[str]) -> list[Mirror]:
    """Return each server by itself: what happens at once happens in no order to be compared."""
    return [Mirror([base_url]) for base_url in base_urls]


def at_once(send: Callable[[int], Answer]) -> list[Answer]:
    """Send many requests at the same time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(AT_ONCE)))


def test_one_of_many_writers_with_one_entity_tag_succeeds(servers: list[Mirror]) -> None:
    for server in servers:
        race_for_one_entity_tag(register(server, "alice"))


def race_for_one_entity_tag(alice: Person) -> None:
    todo = alice.post("/api/todos", {"title": "Count the shelf"})
    path, condition = todo.headers["location"], {"If-Match": todo.headers["etag"]}
    answers = at_once(lambda n: alice.patch(path, {"notes": f"{n}"}, headers=condition))
    assert Counter(answer.status for answer in answers) == {200: 1, 412: AT_ONCE - 1}
    [written] = [answer for answer in answers if answer.status == 200]
    assert alice.get(path).body == written.body


def test_one_key_creates_once_and_all_hear_of_it(servers: list[Mirror]) -> None:
    for server in servers:
        race_with_one_key(register(server, "alice"))


def race_with_one_key(alice: Person) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    answers = at_once(lambda _: alice.post("/api/todos", {"title": "Once"}, headers=key))
    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
    replayed = Counter("idempotency-replayed" in answer.headers for answer in answers)
    assert replayed == {False: 1, True: AT_ONCE - 1}
    assert len(alice.get("/api/todos").json["items"]) == 1


def test_one_of_many_registrations_of_one_username_succeeds(servers: list[Mirror]) -> None:
    for server in servers:
        race_for_one_username(server)


def race_for_one_username(server: Mirror) -> None:
    name = f"race_{uuid4().hex[:12]}"
    body = {"username": name, "email": f"{name}@example.com", "password": f"{name}-password"}
    answers = at_once(lambda _: server.request("POST", "/api/users", json_body=body))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: AT_ONCE - 1}
    assert len({answer.body for answer in answers if answer.status == 409}) == 1


def test_the_stock_is_the_sum_of_what_was_acknowledged(servers: list[Mirror]) -> None:
    for server in servers:
        race_for_stock(log_in(server, "sam", "sam-demo-password"))


def race_for_stock(sam: Person) -> None:
    path = a_product(sam)
    answers = at_once(
        lambda n: sam.post(
            f"{path}/stock-adjustments", {"delta": 3 if n % 2 else -2, "reason": "corrected"}
        )
    )
    assert {answer.status for answer in answers} <= {201, 409}
    made = [answer.json["delta"] for answer in answers if answer.status == 201]
    assert made.count(3) == AT_ONCE // 2
    assert sam.get(path).json["stock"] == sum(made) >= 0


def a_product(sam: Person) -> str:
    """Create a product and return its path."""
    body = {
        "sku": f"RACE-{uuid4().hex[:12].upper()}",
        "name": "Stoneware mug",
        "category": "kitchen",
        "price": "14.50",
        "currency": "EUR",
    }
    return sam.post("/api/products", body).headers["location"]
