"""DELETE /api/todos/{todo_id}: deleteTodo."""

from typing import Any

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    NOWHERE,
    SOME_TAG,
    a_todo,
    assert_empty,
    assert_problem,
)


def path_of(todo: Any) -> str:
    """Return where a todo is."""
    return f"/api/todos/{todo['id']}"


def test_it_works(alice: Actor) -> None:
    keep, delete = (
        alice.post("/api/todos", a_todo(tags=["a"], items=[{"text": "Count"}])).json
        for _ in range(2)
    )
    assert_empty(alice.delete(path_of(delete)))
    assert_problem(alice.get(path_of(delete)), "not-found", path_of(delete))
    assert alice.get("/api/todos").json["items"] == [keep]


def test_twice_is_once_too_often(alice: Actor, todo: Any) -> None:
    assert_empty(alice.delete(path_of(todo)))
    assert_problem(alice.delete(path_of(todo)), "not-found", path_of(todo))


def test_the_product_stays(alice: Actor, product: Any) -> None:
    todo = alice.post("/api/todos", a_todo(product_id=product["id"])).json
    assert_empty(alice.delete(path_of(todo)))
    assert alice.get(f"/api/products/{product['id']}").json == product


def test_it_deletes_only_what_was_seen(alice: Actor, todo: Any) -> None:
    path = path_of(todo)
    tag = alice.get(path).headers["etag"]
    for stale in (SOME_TAG, f"W/{tag}", '"x","y"'):
        answer = alice.delete(path, headers={"If-Match": stale})
        assert_problem(answer, "precondition-failed", path)
    assert alice.get(path).json == todo
    assert_empty(alice.delete(path, headers={"If-Match": f'"x",{tag}'}))


def test_any_tag_will_do_for_an_asterisk(alice: Actor, todo: Any) -> None:
    assert_empty(alice.delete(path_of(todo), headers={"If-Match": "*"}))


def test_only_the_owner_may_delete_it(alice: Actor, bob: Actor, sam: Actor, todo: Any) -> None:
    path = path_of(todo)
    for other in (bob, sam):
        assert_problem(other.delete(path), "not-found", path)
        assert_problem(other.delete(path, headers={"If-Match": SOME_TAG}), "not-found", path)
    assert alice.get(path).json == todo


def test_it_does_not_find_what_is_not_there(guest: Actor) -> None:
    path = f"/api/todos/{NOWHERE}"
    assert_problem(guest.delete(path), "not-found", path)


def test_it_needs_a_token(anybody: Actor, todo: Any) -> None:
    path = path_of(todo)
    assert_problem(anybody.delete(path), "authentication-required", path)
