"""What one twin has written the other goes on with: logins, keys, entity tags, stock."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.cast import Actor, log_in, nobody, register
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.documents import exactly
from contract_tests.fleet.world import made
from contract_tests.operations.expected import (
    a_key,
    a_product,
    a_todo,
    a_user,
    an_adjustment,
    assert_empty,
    assert_replayed,
)

pytestmark = pytest.mark.own_servers

Pair = tuple[DifferentialClient, DifferentialClient]

AT_ONCE = 20
ME = "/api/users/me"


def at(client: DifferentialClient, actor: Actor) -> Actor:
    """Return somebody, with the same token, at another server."""
    return replace(actor, client=client)


def sam_at(client: DifferentialClient) -> Actor:
    """Return a member of staff."""
    return log_in(client, "sam", "sam-demo-password")


# Logins


def test_who_registers_here_logs_in_there(pair: Pair) -> None:
    here, there = pair
    alice = register(here, "alice")
    again = log_in(there, alice.username, alice.password)
    assert again.get(ME).body == alice.get(ME).body
    assert at(here, again).get(ME).status == at(there, alice).get(ME).status == 200


def test_a_name_that_is_taken_here_is_taken_there(pair: Pair) -> None:
    here, there = pair
    user = a_user()
    made(here.request("POST", "/api/users", json_body=user))
    for change in ({"email": a_user()["email"]}, {"username": a_user()["username"]}):
        taken = {**user, "email": user["email"].upper(), **change}
        assert there.request("POST", "/api/users", json_body=taken).status == 409


def test_who_logs_out_here_is_logged_out_there(pair: Pair) -> None:
    here, there = pair
    alice = register(here, "alice")
    other = log_in(there, alice.username, alice.password)
    assert_empty(other.delete("/api/tokens/current"))
    assert at(here, other).get(ME).status == 401
    [token] = exactly(1, at(there, alice).get("/api/tokens").json["items"])
    assert_empty(at(there, alice).delete(f"/api/tokens/{token['id']}"))
    assert alice.get(ME).status == 401


def test_a_password_that_is_changed_here_is_changed_there(pair: Pair) -> None:
    here, there = pair
    alice = register(here, "alice")
    other = log_in(there, alice.username, alice.password)
    new = "another password"
    change = {"current_password": alice.password, "new_password": new}
    assert_empty(other.put(f"{ME}/password", change))
    assert (alice.get(ME).status, at(here, other).get(ME).status) == (401, 200)
    credentials = {"username": alice.username, "password": alice.password}
    for client in pair:
        assert client.request("POST", "/api/tokens", json_body=credentials).status == 401
        log_in(client, alice.username, new)


def test_an_account_that_is_closed_here_is_closed_there(pair: Pair) -> None:
    here, there = pair
    alice = register(here, "alice")
    made(alice.post("/api/todos", a_todo(tags=["a"], items=[{"text": "a"}])))
    assert_empty(at(there, alice).delete(ME))
    assert alice.get(ME).status == 401


# Keys


def test_a_key_that_was_used_here_is_replayed_there(pair: Pair) -> None:
    here, there = pair
    alice, sam = register(here, "alice"), sam_at(here)
    path = sam.post("/api/products", a_product()).headers["location"]
    for actor, target, body in (
        (nobody(here), "/api/users", a_user()),
        (alice, "/api/todos", a_todo(title="é", due_at="2027-03-01T09:00:00+01:00")),
        (alice, "/api/todos/bulk", {"todos": [a_todo(), a_todo(tags=["b", "a"])]}),
        (sam, "/api/products", a_product(attributes={"é": "\u2028", "a": "b"})),
        (sam, f"{path}/stock-adjustments", an_adjustment()),
    ):
        key = {"Idempotency-Key": a_key()}
        first = actor.post(target, body, headers=key)
        assert first.status == 201
        assert_replayed(at(there, actor).post(target, body, headers=key), first)
        other = at(there, actor).post(target, {**body, "x": 1}, headers=key)
        assert other.status == 422
        assert other.json["type"] == "/api/problems/idempotency-key-reused"
        assert other.body == actor.post(target, {**body, "x": 1}, headers=key).body


# Entity tags


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_an_entity_tag_from_here_is_good_there(pair: Pair, method: str) -> None:
    here, there = pair
    alice, sam = register(here, "alice"), sam_at(here)
    for actor, path, body in (
        (alice, "/api/todos", a_todo(items=[{"text": "a"}])),
        (sam, "/api/products", a_product()),
    ):
        created = actor.post(path, body)
        target, seen = created.headers["location"], {"If-Match": created.headers["etag"]}
        made(actor.patch(target, body))  # the first tag is no longer current
        now = {"If-Match": actor.get(target).headers["etag"]}
        sent: Any = {} if method == "delete" else {"json_body": body}
        write = getattr(at(there, actor), method)
        assert write(target, headers=seen, **sent).status == 412
        assert write(target, headers=now, **sent).status == (204 if method == "delete" else 200)
        assert getattr(actor, method)(target, headers=now, **sent).status in {404, 412}


def test_what_is_deleted_here_is_gone_there(pair: Pair) -> None:
    here, there = pair
    alice, sam = register(here, "alice"), sam_at(here)
    product = sam.post("/api/products", a_product())
    todo = alice.post("/api/todos", a_todo(tags=["a"], product_id=product.json["id"]))
    made(sam.post(f"{product.headers['location']}/stock-adjustments", an_adjustment()))
    assert_empty(at(there, sam).delete(product.headers["location"]))
    assert sam.get(product.headers["location"]).status == 404
    assert alice.get(todo.headers["location"]).json["product_id"] is None
    assert_empty(at(there, alice).delete(todo.headers["location"]))
    assert alice.get(todo.headers["location"]).status == 404


# At once


def at_once(pair: Pair, actor: Actor, send: Callable[[Actor, int], Answer]) -> list[Answer]:
    """Let somebody send many requests at the same time, in turn to either server."""
    people = [at(client, actor) for client in pair]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda number: send(people[number % 2], number), range(AT_ONCE)))


def test_one_key_creates_once(pair: Pair) -> None:
    alice, key = register(pair[0], "alice"), {"Idempotency-Key": a_key()}
    answers = at_once(pair, alice, lambda who, _: who.post("/api/todos", a_todo(), headers=key))
    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert len(alice.get("/api/todos").json["items"]) == 1


def test_one_writer_with_an_entity_tag_succeeds(pair: Pair) -> None:
    alice = register(pair[0], "alice")
    todo = alice.post("/api/todos", a_todo())
    path, tag = todo.headers["location"], {"If-Match": todo.headers["etag"]}
    answers = at_once(pair, alice, lambda who, n: who.patch(path, {"notes": f"{n}"}, headers=tag))
    assert Counter(answer.status for answer in answers) == {200: 1, 412: AT_ONCE - 1}
    [success] = [answer for answer in answers if answer.status == 200]
    assert {at(client, alice).get(path).body for client in pair} == {success.body}


def test_one_of_many_with_a_username_is_registered(pair: Pair) -> None:
    user = a_user()
    answers = at_once(pair, nobody(pair[0]), lambda who, _: who.post("/api/users", user))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: AT_ONCE - 1}
    assert len({answer.body for answer in answers if answer.status == 409}) == 1


def test_the_stock_is_the_sum_of_what_was_acknowledged(pair: Pair) -> None:
    sam = sam_at(pair[0])
    path = sam.post("/api/products", a_product()).headers["location"]
    movements = f"{path}/stock-adjustments"
    answers = at_once(
        pair, sam, lambda who, n: who.post(movements, an_adjustment(delta=-2 if n % 3 else 5))
    )
    assert {answer.status for answer in answers} <= {201, 409}
    deltas = [answer.json["delta"] for answer in answers if answer.status == 201]
    for client in pair:
        assert at(client, sam).get(path).json["stock"] == sum(deltas) >= 0
        assert len(at(client, sam).get(movements).json["items"]) == len(deltas)
