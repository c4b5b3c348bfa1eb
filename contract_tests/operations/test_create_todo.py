"""POST /api/todos: createTodo."""

from typing import Any

import pytest

from contract_tests.cast import Actor, log_in
from contract_tests.documents import exactly
from contract_tests.operations.expected import (
    a_key,
    a_name,
    a_product,
    a_todo,
    assert_replayed,
    compact,
    is_id,
    is_time,
    todo_document,
)

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


def test_it_may_be_about_a_product_that_is_not_active(writer: Actor, sam: Actor) -> None:
    product = sam.post("/api/products", a_product(active=False)).json
    about = a_todo(product_id=product["id"])
    created = writer.post(TODOS, about)
    path = created.headers["location"]
    for answer in (created, writer.put(path, about), writer.patch(path, about)):
        assert answer.json["product_id"] == product["id"]
    [todo] = exactly(1, writer.post(f"{TODOS}/bulk", {"todos": [about]}).json["todos"])
    assert todo["product_id"] == product["id"]


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


def test_a_repeat_is_answered_alike_after_changes(writer: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    first = writer.post(TODOS, a_todo(), headers=headers)
    writer.patch(first.headers["location"], {"title": "Another"})
    assert_replayed(writer.post(TODOS, a_todo(), headers=headers), first)
    writer.delete(first.headers["location"])
    assert_replayed(writer.post(TODOS, a_todo(), headers=headers), first)


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


def test_keys_differ_in_case(writer: Actor) -> None:
    first = writer.post(TODOS, a_todo(), headers={"Idempotency-Key": "key"})
    second = writer.post(TODOS, a_todo(), headers={"Idempotency-Key": "KEY"})
    assert first.json["id"] != second.json["id"]
