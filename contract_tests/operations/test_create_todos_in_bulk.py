"""POST /api/todos/bulk: createTodosInBulk."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.documents import exactly
from contract_tests.operations.expected import (
    AN_ARRAY,
    AN_OBJECT,
    NOWHERE,
    a_key,
    a_todo,
    assert_problem,
    assert_replayed,
    compact,
    error,
    header_error,
    is_id,
    todo_document,
)
from contract_tests.operations.wrong_values import WRONG_TODO

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
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert "location" not in answer.headers


def test_each_can_be_fetched(writer: Actor) -> None:
    todos = writer.post(BULK, {"todos": [a_todo(title=title) for title in "ab"]}).json["todos"]
    for todo in todos:
        assert writer.get(f"/api/todos/{todo['id']}").json == todo


def test_a_hundred_are_fine(writer: Actor) -> None:
    answer = writer.post(BULK, {"todos": [a_todo(title=str(number)) for number in range(100)]})
    assert answer.status == 201
    assert [todo["title"] for todo in answer.json["todos"]] == [str(n) for n in range(100)]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, error("/todos", "required")),
        ({"todos": None}, error("/todos", "null_not_allowed")),
        ({"todos": {"0": {}}}, error("/todos", "invalid_type", AN_ARRAY)),
        ({"todos": "abc"}, error("/todos", "invalid_type", AN_ARRAY)),
        ({"todos": []}, error("/todos", "too_few_items", "Must have 1 or more entries.")),
        (
            {"todos": [5] * 101},
            error("/todos", "too_many_items", "Must have 100 or fewer entries."),
        ),
    ],
    ids=["missing", "null", "object", "string", "none", "101"],
)
def test_it_rejects_what_is_no_list_of_todos(
    guest: Actor, body: dict[str, Any], wrong: dict[str, str]
) -> None:
    assert_problem(guest.post(BULK, body), "invalid-body", BULK, wrong)


@pytest.mark.parametrize(("changes", "errors"), WRONG_TODO.values(), ids=list(WRONG_TODO))
def test_it_rejects_a_wrong_value(
    guest: Actor, changes: dict[str, Any], errors: list[dict[str, str]]
) -> None:
    answer = guest.post(BULK, {"todos": [a_todo(), a_todo(**changes)]})
    assert_problem(
        answer,
        "invalid-body",
        BULK,
        *({**wrong, "pointer": f"/todos/1{wrong['pointer']}"} for wrong in errors),
    )


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
        error("/todos/10/title", "invalid_type", "Must be a string."),
        error("/todos/2/product_id", "not_found"),
        error("/todos/2/title", "required"),
        error("/todos/3", "null_not_allowed"),
        error("/todos/4", "invalid_type", AN_OBJECT),
    )


def test_it_creates_all_or_none(alice: Actor) -> None:
    alice.post(BULK, {"todos": [a_todo(tags=["new-tag"]), a_todo(title="")]})
    assert alice.get("/api/todos").json["items"] == []
    alice.post(BULK, {"todos": [a_todo(), a_todo(product_id=NOWHERE)]})
    assert alice.get("/api/todos").json["items"] == []


def test_tags_may_be_shared(writer: Actor) -> None:
    answer = writer.post(BULK, {"todos": [a_todo(tags=["new-tag"]), a_todo(tags=["new-tag", "a"])]})
    assert [todo["tags"] for todo in answer.json["todos"]] == [["new-tag"], ["a", "new-tag"]]


def test_a_repeat_is_answered_alike(writer: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    body = {"todos": [a_todo(), a_todo()]}
    first = writer.post(BULK, body, headers=headers)
    again = writer.post(BULK, body, headers=headers)
    assert first.status == 201
    assert_replayed(again, first)
    assert again.json == first.json


def test_it_rejects_a_key_for_another_body(writer: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    writer.post(BULK, {"todos": [a_todo()]}, headers=headers)
    assert_problem(
        writer.post(BULK, {"todos": [a_todo()] * 2}, headers=headers),
        "idempotency-key-reused",
        BULK,
        header_error("Idempotency-Key", "key_reused"),
    )


def test_a_failure_leaves_the_key_free(writer: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    assert writer.post(BULK, {"todos": []}, headers=headers).status == 422
    assert writer.post(BULK, {"todos": [a_todo()]}, headers=headers).status == 201


def test_it_needs_a_token(anybody: Actor) -> None:
    assert_problem(anybody.post(BULK, {"todos": [a_todo()]}), "authentication-required", BULK)
