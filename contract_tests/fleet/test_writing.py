"""Each twin continues what the other has written: logins, keys, entity tags, stock."""

from dataclasses import replace
from typing import Any

import pytest

from contract_tests.cast import Actor, log_in, nobody, register
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
