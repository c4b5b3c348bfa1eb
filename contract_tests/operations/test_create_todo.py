"""POST /api/todos: createTodo."""

from typing import Any

import pytest

from contract_tests.cast import Actor, log_in
from contract_tests.operations.expected import (
    A_BOOLEAN,
    A_STRING,
    a_key,
    a_name,
    a_todo,
    assert_problem,
    assert_replayed,
    compact,
    error,
    header_error,
    is_id,
    is_time,
    todo_document,
)
from contract_tests.operations.wrong_values import PRIORITIES, WRONG_TODO

TODOS = "/api/todos"


def test_it_works(writer: Actor, product: Any) -> None:
    answer = writer.post(
        TODOS,
        {
            "title": " Restock MUG-RED ",
            "notes": "Ask for 48.\r\nOr “49”? \\ / \u2028 \x7f \x1b 東京 😀",
            "completed": True,
            "priority": "urgent",
            "due_at": "2026-03-14T18:00:00.5+01:00",
            "tags": ["spring", "restock", "a-1"],
            "items": [{"text": "Count", "done": True}, {"text": "Order"}, {"text": "Count"}],
            "product_id": product["id"],
        },
    )
    todo = answer.json
    assert answer.status == 201
    assert answer.body == compact(
        {
            "id": todo["id"],
            "title": " Restock MUG-RED ",
            "notes": "Ask for 48.\r\nOr “49”? \\ / \u2028 \x7f \x1b 東京 😀",
            "completed": True,
            "completed_at": todo["created_at"],
            "priority": "urgent",
            "due_at": "2026-03-14T17:00:00.500000Z",
            "tags": ["a-1", "restock", "spring"],
            "items": [
                {"id": todo["items"][0]["id"], "text": "Count", "done": True},
                {"id": todo["items"][1]["id"], "text": "Order", "done": False},
                {"id": todo["items"][2]["id"], "text": "Count", "done": False},
            ],
            "progress": {"done": 1, "total": 3},
            "product_id": product["id"],
            "created_at": todo["created_at"],
            "updated_at": todo["created_at"],
        }
    )
    assert is_time(todo["created_at"])
    assert all(map(is_id, [todo["id"], *(item["id"] for item in todo["items"])]))
    assert answer.headers["location"] == f"/api/todos/{todo['id']}"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert "idempotency-replayed" not in answer.headers


def test_it_has_defaults(writer: Actor) -> None:
    todo = writer.post(TODOS, a_todo()).json
    assert todo == todo_document(todo)
    assert todo["updated_at"] == todo["created_at"]


def test_it_is_where_location_says(writer: Actor) -> None:
    created = writer.post(TODOS, a_todo())
    shown = writer.get(created.headers["location"])
    assert (shown.body, shown.headers["etag"]) == (created.body, created.headers["etag"])


def test_nulls_are_fine_where_they_are_the_default(writer: Actor) -> None:
    todo = writer.post(TODOS, a_todo(due_at=None, product_id=None)).json
    assert todo == todo_document(todo)


def test_it_ignores_what_is_read_only(writer: Actor) -> None:
    ignored = {
        "id": 5,
        "completed_at": "yesterday",
        "progress": {"done": "x"},
        "created_at": None,
        "updated_at": [[]],
    }
    todo = writer.post(TODOS, a_todo(**ignored, items=[{"text": "a", "id": {"x": None}}])).json
    item = {"id": todo["items"][0]["id"], "text": "a", "done": False}
    assert todo == todo_document(todo, items=[item], progress={"done": 0, "total": 1})
    assert is_id(item["id"])
    assert is_id(todo["id"])


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "x"},
        {"title": "😀" * 200},
        {"title": "\u200b"},  # a zero-width space is no white space
        {"title": "\u1680x\ufeff"},
        {"notes": "é" * 10000},
        {"notes": " \n "},
        {"tags": ["a" * 50, "0", "a-b-c"]},
        {"tags": sorted(f"tag-{number}" for number in range(20))},
    ],
    ids=lambda changes: f"{next(iter(changes))} {len(str(changes))}",
)
def test_it_stores_what_is_just_right(writer: Actor, changes: dict[str, Any]) -> None:
    todo = writer.post(TODOS, a_todo(**changes)).json
    expected = {**changes, "tags": sorted(changes.get("tags", []))}
    assert todo == todo_document(todo, **expected)
    assert writer.get(f"/api/todos/{todo['id']}").json == todo


def test_it_may_have_a_hundred_items(writer: Actor) -> None:
    items = [{"text": str(number), "done": number < 60} for number in range(100)]
    todo = writer.post(TODOS, a_todo(items=items)).json
    assert [{"text": item["text"], "done": item["done"]} for item in todo["items"]] == items
    assert todo["progress"] == {"done": 60, "total": 100}
    assert len({item["id"] for item in todo["items"]}) == 100


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-03-14T17:00:00Z", "2026-03-14T17:00:00.000000Z"),
        ("2026-03-14T17:00:00.1Z", "2026-03-14T17:00:00.100000Z"),
        ("2026-03-14T17:00:00.000001-00:00", "2026-03-14T17:00:00.000001Z"),
        ("2026-12-31T23:30:00-23:59", "2027-01-01T23:29:00.000000Z"),
        ("2024-02-29T00:00:00+23:59", "2024-02-28T00:01:00.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_a_time_is_shown_in_utc(writer: Actor, sent: str, shown: str) -> None:
    created = writer.post(TODOS, a_todo(due_at=sent)).json
    assert created["due_at"] == shown
    assert writer.get(f"/api/todos/{created['id']}").json["due_at"] == shown


@pytest.mark.parametrize(("changes", "errors"), WRONG_TODO.values(), ids=list(WRONG_TODO))
def test_it_rejects_a_wrong_value(
    guest: Actor, changes: dict[str, Any], errors: list[dict[str, str]]
) -> None:
    assert_problem(guest.post(TODOS, a_todo(**changes)), "invalid-body", TODOS, *errors)


def test_it_rejects_a_missing_title(guest: Actor) -> None:
    assert_problem(guest.post(TODOS, {}), "invalid-body", TODOS, error("/title", "required"))


def test_it_gives_all_errors_at_once(guest: Actor) -> None:
    answer = guest.post(
        TODOS,
        {
            "zebra": 1,
            "tags": ["x", "x"],
            "product_id": "00000000-0000-4000-8000-000000000000",
            "priority": "",
            "notes": None,
            "items": [{"done": 2}],
            "due_at": False,
            "completed": "",
            "Title": "Count",
        },
    )
    assert_problem(
        answer,
        "invalid-body",
        TODOS,
        error("/Title", "unknown_property"),
        error("/completed", "invalid_type", A_BOOLEAN),
        error("/due_at", "invalid_type", A_STRING),
        error("/items/0/done", "invalid_type", A_BOOLEAN),
        error("/items/0/text", "required"),
        error("/notes", "null_not_allowed"),
        error("/priority", "invalid_choice", PRIORITIES),
        error("/product_id", "not_found"),
        error("/tags/1", "duplicate"),
        error("/title", "required"),
        error("/zebra", "unknown_property"),
    )


def test_of_a_repeated_name_the_last_one_counts(writer: Actor) -> None:
    headers = {"Content-Type": "application/json"}
    answer = writer.post(TODOS, headers=headers, body=b'{"title":5,"title":"Count the mugs"}')
    assert (answer.status, answer.json["title"]) == (201, "Count the mugs")
    deep = b"[" * 40 + b"]" * 40
    answer = writer.post(TODOS, headers=headers, body=b'{"title":' + deep + b',"title":"x"}')
    assert (answer.status, answer.json["title"]) == (201, "x")
    answer = writer.post(TODOS, headers=headers, body=b'{"title":"Count the mugs","title":5}')
    assert_problem(answer, "invalid-body", TODOS, error("/title", "invalid_type", A_STRING))


def test_a_failure_creates_nothing(alice: Actor) -> None:
    alice.post(TODOS, a_todo(tags=["A"]))
    assert alice.get(TODOS).json == {"items": [], "next": None}


def test_a_repeat_is_answered_alike(alice: Actor) -> None:
    headers = {"Idempotency-Key": "!" + "~" * 254}
    first = alice.post(TODOS, a_todo(), headers=headers)
    again = alice.post(TODOS, a_todo(), headers=headers)
    assert first.status == 201
    assert_replayed(again, first)
    assert len(alice.get(TODOS).json["items"]) == 1


def test_a_repeat_is_answered_alike_after_changes(writer: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    first = writer.post(TODOS, a_todo(), headers=headers)
    writer.patch(first.headers["location"], {"title": "Another"})
    assert_replayed(writer.post(TODOS, a_todo(), headers=headers), first)
    writer.delete(first.headers["location"])
    assert_replayed(writer.post(TODOS, a_todo(), headers=headers), first)


@pytest.mark.parametrize(
    "body",
    [
        b'{"title":"Count the mugs"}',
        b'{"title": "Count the mugs"} ',
        b'\n{"title": "Count the mugs"}',
        b'{"title": "Count the cups"}',
        b"{}",
        b'{"title":5}',
    ],
)
def test_it_rejects_a_key_for_another_body(writer: Actor, body: bytes) -> None:
    # Bodies are compared as bytes, so white space makes another one.
    headers = {"Idempotency-Key": a_key(), "Content-Type": "application/json"}
    first = writer.post(TODOS, headers=headers, body=b'{"title": "Count the mugs"}')
    assert first.status == 201
    assert_problem(
        writer.post(TODOS, headers=headers, body=body),
        "idempotency-key-reused",
        TODOS,
        header_error("Idempotency-Key", "key_reused"),
    )


def test_it_rejects_a_key_of_another_path(writer: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    writer.post(TODOS, a_todo(), headers=headers)
    assert_problem(
        writer.post("/api/todos/bulk", a_todo(), headers=headers),
        "idempotency-key-reused",
        "/api/todos/bulk",
        header_error("Idempotency-Key", "key_reused"),
    )


def test_a_malformed_body_comes_before_the_replay(writer: Actor) -> None:
    headers = {"Idempotency-Key": a_key(), "Content-Type": "application/json"}
    writer.post(TODOS, headers=headers, body=b'{"title": "Count the mugs"}')
    assert_problem(writer.post(TODOS, headers=headers, body=b"{"), "malformed-body", TODOS)


def test_the_content_type_is_no_part_of_what_is_compared(writer: Actor) -> None:
    key, body = a_key(), b'{"title": "Count the mugs"}'
    first, again = (
        writer.post(TODOS, headers={"Idempotency-Key": key, "Content-Type": media_type}, body=body)
        for media_type in ("application/json", "application/json; charset=utf-8")
    )
    assert_replayed(again, first)


def test_a_key_belongs_to_its_user(writer: Actor, bob: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    writers = writer.post(TODOS, a_todo(), headers=headers)
    bobs = bob.post(TODOS, a_todo(title="Mine"), headers=headers)
    assert (writers.status, bobs.status) == (201, 201)
    assert bobs.json["title"] == "Mine"


def test_a_key_belongs_to_its_user_under_any_token_and_name(alice: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    first = alice.post(TODOS, a_todo(), headers=headers)
    later = log_in(alice.client, alice.username, alice.password)
    assert_replayed(later.post(TODOS, a_todo(), headers=headers), first)
    assert later.patch("/api/users/me", {"username": a_name("renamed_")}).status == 200
    assert_replayed(later.post(TODOS, a_todo(), headers=headers), first)


def test_a_failure_leaves_the_key_free(writer: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    assert writer.post(TODOS, {}, headers=headers).status == 422
    answer = writer.post(TODOS, a_todo(), headers=headers)
    assert answer.status == 201
    assert "idempotency-replayed" not in answer.headers


def test_keys_differ_in_case(writer: Actor) -> None:
    first = writer.post(TODOS, a_todo(), headers={"Idempotency-Key": "key"})
    second = writer.post(TODOS, a_todo(), headers={"Idempotency-Key": "KEY"})
    assert first.json["id"] != second.json["id"]


def test_it_needs_a_token(anybody: Actor) -> None:
    assert_problem(anybody.post(TODOS, a_todo()), "authentication-required", TODOS)
