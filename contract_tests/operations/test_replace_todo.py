"""PUT /api/todos/{todo_id}: replaceTodo."""

from typing import Any

import pytest

from contract_tests.cast import Actor, register
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import (
    NOWHERE,
    SOME_TAG,
    a_todo,
    assert_problem,
    compact,
    error,
    is_id,
    todo_document,
)
from contract_tests.operations.wrong_values import WRONG_TODO


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
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
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


@pytest.mark.parametrize(("changes", "errors"), WRONG_TODO.values(), ids=list(WRONG_TODO))
def test_it_rejects_a_wrong_value(
    guest: Actor, guests_todo: Any, changes: dict[str, Any], errors: list[dict[str, str]]
) -> None:
    path = path_of(guests_todo)
    assert_problem(guest.put(path, a_todo(**changes)), "invalid-body", path, *errors)


def test_it_rejects_a_missing_title(guest: Actor, guests_todo: Any) -> None:
    path = path_of(guests_todo)
    assert_problem(
        guest.put(path, {"completed": True, "colour": "red"}),
        "invalid-body",
        path,
        error("/colour", "unknown_property"),
        error("/title", "required"),
    )


def test_a_failure_changes_nothing(alice: Actor, full: Any) -> None:
    alice.put(path_of(full), a_todo(tags=["new"], items=[], product_id=NOWHERE))
    assert alice.get(path_of(full)).json == full


def test_it_replaces_only_what_was_seen(alice: Actor, todo: Any) -> None:
    path = path_of(todo)
    tag = alice.get(path).headers["etag"]
    first = alice.put(path, a_todo(title="First"), headers={"If-Match": tag})
    assert first.status == 200
    for stale in (tag, f"W/{first.headers['etag']}", f'"x", {tag}', SOME_TAG):
        answer = alice.put(path, a_todo(title="Second"), headers={"If-Match": stale})
        assert_problem(answer, "precondition-failed", path)
    assert alice.get(path).json == first.json
    for current in (f"{tag} , {first.headers['etag']}", "*"):
        answer = alice.put(path, a_todo(title="Third"), headers={"If-Match": current})
        assert answer.status == 200


def test_a_precondition_comes_before_the_content(alice: Actor, todo: Any) -> None:
    path = path_of(todo)
    assert_problem(alice.put(path, {}, headers={"If-Match": SOME_TAG}), "precondition-failed", path)


def test_only_the_owner_may_replace_it(alice: Actor, bob: Actor, sam: Actor, todo: Any) -> None:
    path = path_of(todo)
    for other in (bob, sam):
        assert_problem(other.put(path, a_todo(title="Mine")), "not-found", path)
        # That is all there is to say, whatever they send.
        answer = other.put(path, {}, headers={"If-Match": SOME_TAG})
        assert_problem(answer, "not-found", path)
    assert alice.get(path).json == todo


def test_it_creates_nothing(guest: Actor) -> None:
    path = f"/api/todos/{NOWHERE}"
    assert_problem(guest.put(path, a_todo()), "not-found", path)
    assert_problem(guest.put(path, a_todo(), headers={"If-Match": "*"}), "not-found", path)


def test_it_takes_no_merge_patch(alice: Actor, todo: Any) -> None:
    headers = {"Content-Type": "application/merge-patch+json"}
    path = path_of(todo)
    assert_problem(alice.put(path, a_todo(), headers=headers), "unsupported-media-type", path)


def test_it_needs_a_token(anybody: Actor, todo: Any) -> None:
    path = path_of(todo)
    assert_problem(anybody.put(path, a_todo()), "authentication-required", path)
