"""GET /api/todos/{todo_id}: getTodo."""

from typing import Any

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    NOWHERE,
    a_todo,
    assert_problem,
    compact,
    todo_document,
)


def test_it_works(alice: Actor) -> None:
    items = [{"text": "Order"}, {"text": "Count", "done": True}]
    made = alice.post("/api/todos", a_todo(tags=["b", "a"], items=items)).json
    answer = alice.get(f"/api/todos/{made['id']}")
    assert answer.status == 200
    assert answer.body == compact(
        todo_document(
            made,
            tags=["a", "b"],
            items=[
                {"id": made["items"][0]["id"], "text": "Order", "done": False},
                {"id": made["items"][1]["id"], "text": "Count", "done": True},
            ],
            progress={"done": 1, "total": 2},
        )
    )
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


def test_only_the_owner_sees_it(bob: Actor, sam: Actor, todo: Any) -> None:
    path = f"/api/todos/{todo['id']}"
    for other in (bob, sam):
        assert_problem(other.get(path), "not-found", path)
        # Not even its tag is confirmed.
        assert_problem(other.get(path, headers={"If-None-Match": "*"}), "not-found", path)


def test_it_does_not_find_what_is_not_there(guest: Actor) -> None:
    path = f"/api/todos/{NOWHERE}"
    assert_problem(guest.get(path), "not-found", path)


def test_its_entity_tag_changes_with_it(alice: Actor, todo: Any) -> None:
    path = f"/api/todos/{todo['id']}"
    tag = alice.get(path).headers["etag"]
    assert alice.get(path, headers={"If-None-Match": tag}).status == 304
    alice.patch(path, {})  # which renews updated_at
    answer = alice.get(path, headers={"If-None-Match": tag})
    assert answer.status == 200
    assert answer.headers["etag"] != tag


def test_it_needs_a_token(anybody: Actor, todo: Any) -> None:
    path = f"/api/todos/{todo['id']}"
    assert_problem(anybody.get(path), "authentication-required", path)
