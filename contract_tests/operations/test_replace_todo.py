"""PUT /api/todos/{todo_id}: replaceTodo."""

from typing import Any

import pytest

from contract_tests.cast import Actor, register
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import (
    a_todo,
    compact,
    is_id,
    todo_document,
)


@pytest.fixture(scope="module")
def alice(client: DifferentialClient) -> Actor:
    """Return the owner of all todos here, of which no test asks for a list."""
    return register(client, "alice")


@pytest.fixture
def full(alice: Actor, product: Any) -> Any:
    """Return a todo of Alice's in which nothing has its default."""
    return alice.post(
        "/api/todos",
        {
            "title": "Restock",
            "notes": "Ask for 48.",
            "completed": True,
            "priority": "high",
            "due_at": "2026-03-14T17:00:00Z",
            "tags": ["restock", "shop"],
            "items": [{"text": "Count", "done": True}, {"text": "Order"}],
            "product_id": product["id"],
        },
    ).json


def path_of(todo: Any) -> str:
    """Return where a todo is."""
    return f"/api/todos/{todo['id']}"


def test_it_works(alice: Actor, todo: Any, product: Any) -> None:
    answer = alice.put(
        path_of(todo),
        {
            "title": "Restock",
            "notes": "Ask for 48.",
            "completed": True,
            "priority": "low",
            "due_at": "2026-03-14T18:00:00+01:00",
            "tags": ["shop", "restock"],
            "items": [{"text": "Order"}, {"text": "Count", "done": True}],
            "product_id": product["id"],
        },
    )
    changed = answer.json
    assert answer.status == 200
    assert answer.body == compact(
        {
            "id": todo["id"],
            "title": "Restock",
            "notes": "Ask for 48.",
            "completed": True,
            "completed_at": changed["updated_at"],
            "priority": "low",
            "due_at": "2026-03-14T17:00:00.000000Z",
            "tags": ["restock", "shop"],
            "items": [
                {"id": changed["items"][0]["id"], "text": "Order", "done": False},
                {"id": changed["items"][1]["id"], "text": "Count", "done": True},
            ],
            "progress": {"done": 1, "total": 2},
            "product_id": product["id"],
            "created_at": todo["created_at"],
            "updated_at": changed["updated_at"],
        }
    )
    assert changed["updated_at"] > todo["updated_at"]
    assert "location" not in answer.headers
    shown = alice.get(path_of(todo))
    assert (shown.body, shown.headers["etag"]) == (answer.body, answer.headers["etag"])


def test_what_is_left_out_goes_back_to_its_default(alice: Actor, full: Any) -> None:
    changed = alice.put(path_of(full), a_todo()).json
    assert changed == todo_document(full, title="Count the mugs", updated_at=changed["updated_at"])
    assert alice.get(path_of(full)).json == changed


def test_what_get_returned_can_be_sent_back(alice: Actor, full: Any) -> None:
    changed = alice.put(path_of(full), full).json
    # Sending items makes new ones; all else is as it was.
    for before, after in zip(full["items"], changed["items"], strict=True):
        assert is_id(after["id"])
        assert after == {**before, "id": after["id"]}
        assert after["id"] != before["id"]
    assert changed == {
        **full,
        "items": changed["items"],
        "updated_at": changed["updated_at"],
    }
    assert changed["updated_at"] > full["updated_at"]


def test_it_was_completed_when_that_became_true(alice: Actor, full: Any) -> None:
    again = alice.put(path_of(full), a_todo(completed=True)).json
    assert again["completed_at"] == full["completed_at"]
    reopened = alice.put(path_of(full), a_todo()).json
    assert reopened["completed_at"] is None
    anew = alice.put(path_of(full), a_todo(completed=True)).json
    assert anew["completed_at"] == anew["updated_at"]
    assert anew["completed_at"] > full["completed_at"]
