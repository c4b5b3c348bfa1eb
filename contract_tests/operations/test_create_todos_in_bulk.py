"""POST /api/todos/bulk: createTodosInBulk."""

from typing import Any

from contract_tests.cast import Actor
from contract_tests.documents import exactly
from contract_tests.operations.expected import (
    NOWHERE,
    a_todo,
    assert_problem,
    compact,
    error,
    is_id,
    todo_document,
)

BULK = "/api/todos/bulk"


def test_it_works(writer: Actor, product: Any) -> None:
    answer = writer.post(
        BULK,
        {
            "todos": [
                {"title": "Second", "tags": ["b", "a"], "items": [{"text": "x", "done": True}]},
                {"title": "First", "completed": True, "product_id": product["id"]},
                {"title": "Second", "due_at": "2026-03-14T17:00:00Z", "priority": "low"},
            ]
        },
    )
    assert answer.status == 201
    one, two, three = exactly(3, answer.json["todos"])
    now = one["created_at"]
    assert answer.body == compact(
        {
            "todos": [
                todo_document(
                    one,
                    title="Second",
                    tags=["a", "b"],
                    items=[{"id": one["items"][0]["id"], "text": "x", "done": True}],
                    progress={"done": 1, "total": 1},
                    updated_at=now,
                ),
                todo_document(
                    two,
                    title="First",
                    completed=True,
                    completed_at=now,
                    product_id=product["id"],
                    created_at=now,
                    updated_at=now,
                ),
                todo_document(
                    three,
                    title="Second",
                    due_at="2026-03-14T17:00:00.000000Z",
                    priority="low",
                    created_at=now,
                    updated_at=now,
                ),
            ]
        }
    )
    assert all(is_id(todo["id"]) for todo in (one, two, three))
    assert len({todo["id"] for todo in (one, two, three)}) == 3
    assert "location" not in answer.headers


def test_each_can_be_fetched(writer: Actor) -> None:
    todos = writer.post(BULK, {"todos": [a_todo(title=title) for title in "ab"]}).json["todos"]
    for todo in todos:
        assert writer.get(f"/api/todos/{todo['id']}").json == todo


def test_a_hundred_are_fine(writer: Actor) -> None:
    answer = writer.post(BULK, {"todos": [a_todo(title=str(number)) for number in range(100)]})
    assert answer.status == 201
    assert [todo["title"] for todo in answer.json["todos"]] == [str(n) for n in range(100)]


def test_it_gives_all_errors_at_once(guest: Actor) -> None:
    todos: list[Any] = [a_todo() for _ in range(11)]
    todos[10] = {"title": 5, "colour": "red"}
    todos[2] = {"product_id": NOWHERE}
    todos[3] = None
    todos[4] = "Count"
    assert_problem(
        guest.post(BULK, {"todos": todos, "todo": a_todo()}),
        "invalid-body",
        BULK,
        error("/todo", "unknown_property"),
        error("/todos/10/colour", "unknown_property"),
        error("/todos/10/title", "invalid_type", "a string"),
        error("/todos/2/product_id", "not_found"),
        error("/todos/2/title", "required"),
        error("/todos/3", "null_not_allowed"),
        error("/todos/4", "invalid_type", "an object"),
    )


def test_it_creates_all_or_none(alice: Actor) -> None:
    alice.post(BULK, {"todos": [a_todo(tags=["new-tag"]), a_todo(title="")]})
    assert alice.get("/api/todos").json["items"] == []
    alice.post(BULK, {"todos": [a_todo(), a_todo(product_id=NOWHERE)]})
    assert alice.get("/api/todos").json["items"] == []


def test_tags_may_be_shared(writer: Actor) -> None:
    answer = writer.post(BULK, {"todos": [a_todo(tags=["new-tag"]), a_todo(tags=["new-tag", "a"])]})
    assert [todo["tags"] for todo in answer.json["todos"]] == [["new-tag"], ["a", "new-tag"]]
