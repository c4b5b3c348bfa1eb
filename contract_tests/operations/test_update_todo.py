"""PATCH /api/todos/{todo_id}: updateTodo."""

from typing import Any

import pytest

from contract_tests.cast import Actor, register
from contract_tests.differential_client import DifferentialClient
from contract_tests.documents import exactly
from contract_tests.operations.expected import (
    NOWHERE,
    compact,
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


def test_it_works(alice: Actor, full: Any) -> None:
    answer = alice.patch(path_of(full), {"title": "Restock MUG-RED"})
    assert answer.status == 200
    assert answer.body == compact(
        {**full, "title": "Restock MUG-RED", "updated_at": answer.json["updated_at"]}
    )
    assert answer.json["updated_at"] > full["updated_at"]
    shown = alice.get(path_of(full))
    assert (shown.body, shown.headers["etag"]) == (answer.body, answer.headers["etag"])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": " x"},
        {"notes": ""},
        {"priority": "low"},
        {"due_at": "2027-01-01T00:00:00.000000Z"},
        {"due_at": None},
        {"tags": []},
        {"tags": ["other"]},
        {"product_id": None},
    ],
    ids=str,
)
def test_what_is_absent_stays(alice: Actor, full: Any, changes: dict[str, Any]) -> None:
    changed = alice.patch(path_of(full), changes).json
    assert changed == {**full, **changes, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > full["updated_at"]
    assert alice.get(path_of(full)).json == changed


def test_everything_can_change_at_once(alice: Actor, todo: Any, product: Any) -> None:
    answer = alice.patch(
        path_of(todo),
        {
            "title": "Restock",
            "notes": "Ask for 48.",
            "completed": True,
            "priority": "urgent",
            "due_at": "2026-03-14T18:00:00+01:00",
            "tags": ["b", "a"],
            "items": [{"text": "Count", "done": True}],
            "product_id": product["id"],
        },
        headers={"Content-Type": "application/merge-patch+json"},
    )
    changed = answer.json
    assert changed == {
        "id": todo["id"],
        "title": "Restock",
        "notes": "Ask for 48.",
        "completed": True,
        "completed_at": changed["updated_at"],
        "priority": "urgent",
        "due_at": "2026-03-14T17:00:00.000000Z",
        "tags": ["a", "b"],
        "items": [{"id": changed["items"][0]["id"], "text": "Count", "done": True}],
        "progress": {"done": 1, "total": 1},
        "product_id": product["id"],
        "created_at": todo["created_at"],
        "updated_at": changed["updated_at"],
    }


def test_arrays_are_replaced_whole(alice: Actor, full: Any) -> None:
    changed = alice.patch(path_of(full), {"tags": ["z"], "items": [{"text": "Order"}]}).json
    assert changed["tags"] == ["z"]
    (item,) = exactly(1, changed["items"])
    assert item == {"id": item["id"], "text": "Order", "done": False}
    assert item["id"] not in {old["id"] for old in full["items"]}
    assert changed["progress"] == {"done": 0, "total": 1}
    emptied = alice.patch(path_of(full), {"items": []}).json
    assert (emptied["items"], emptied["progress"]) == ([], {"done": 0, "total": 0})


def test_it_was_completed_when_that_became_true(alice: Actor, todo: Any) -> None:
    path = path_of(todo)
    done = alice.patch(path, {"completed": True}).json
    assert done["completed_at"] == done["updated_at"]
    again = alice.patch(path, {"completed": True, "notes": "Again"}).json
    assert again["completed_at"] == done["completed_at"]
    assert again["updated_at"] > done["updated_at"]
    reopened = alice.patch(path, {"completed": False}).json
    assert (reopened["completed"], reopened["completed_at"]) == (False, None)
    anew = alice.patch(path, {"completed": True}).json
    assert anew["completed_at"] == anew["updated_at"]


def test_it_ignores_what_is_read_only(alice: Actor, full: Any) -> None:
    ignored: dict[str, Any] = {
        "id": NOWHERE,
        "completed_at": None,
        "progress": [],
        "created_at": 5,
        "updated_at": "now",
    }
    changed = alice.patch(path_of(full), ignored).json
    assert changed == {**full, "updated_at": changed["updated_at"]}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["a", "b"], ["c", "d"]),
        (["a", "b"], ["b", "c"]),
        (["a"], ["b", "c"]),
        (["a", "b", "c"], ["b"]),
        (["a"], []),
        ([], ["a"]),
        (["a", "b"], ["b", "a"]),
    ],
    ids=str,
)
def test_lists_are_replaced_also_where_they_are_stored(
    alice: Actor, method: str, before: list[str], after: list[str]
) -> None:
    def body(names: list[str]) -> dict[str, Any]:
        items = [{"text": name, "done": name < "c"} for name in names]
        return {"title": "a", "tags": names, "items": items}

    path = alice.post("/api/todos", body(before)).headers["location"]
    written = alice.client.request(method, path, token=alice.token, json_body=body(after))
    assert written.status == 200
    assert alice.get(path).body == written.body
    assert written.json in alice.get("/api/todos").json["items"]
    assert written.json["tags"] == sorted(after)
    assert [item["text"] for item in written.json["items"]] == after
    for tag in {*before, *after}:
        found = alice.get(f"/api/todos?tag={tag}").json["items"]
        assert (written.json["id"] in {todo["id"] for todo in found}) == (tag in after)
