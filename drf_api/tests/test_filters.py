"""What filters keep, and in which order lists of a todo are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from drf_api.accounts.models import User
from drf_api.products.models import Product
from drf_api.tests.conftest import Call
from drf_api.todos.models import Todo

TEXT = '100% "sure"_\\ Grüße 😀'


@pytest.fixture
def todos(alice: User) -> list[Todo]:
    product = Product.objects.create(sku="MUG", price=1)
    full = {
        "title": TEXT,
        "notes": TEXT,
        "completed": True,
        "due_at": timezone.now() - timedelta(days=1),
        "priority": 4,
        "product": product,
        "tags": ["c1", "a", "b"],
        "items": [{"text": TEXT, "done": True}, {"text": "two", "done": False}],
    }
    late = full | {"completed": False, "tags": ["b"]}
    bare = {"title": "bare", "tags": [], "items": []}
    return Todo.objects.create_all(alice, [bare, full, late])


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("completed=true", [TEXT]),
        ("completed=false", ["bare", TEXT]),
        ("tag=a", [TEXT]),
        ("overdue=true", [TEXT]),
        ("overdue=false", ["bare", TEXT]),
        ("q=%25%20%22SURE%22_%5C", [TEXT, TEXT]),
        ("q=x%25", []),
        ("priority=urgent", [TEXT, TEXT]),
        ("due_before=2000-01-01T00:00:00Z", []),
    ],
)
def test_filters(
    call: Call, todos: list[Todo], alice_token: str, query: str, titles: list[str]
) -> None:
    items = call("GET", f"/api/todos?{query}", None, alice_token).json["items"]
    assert sorted(item["title"] for item in items) == sorted(titles)
    assert len(todos) > len(titles)


def test_lists_are_in_their_order(call: Call, todos: list[Todo], alice_token: str) -> None:
    shown = call("GET", f"/api/todos/{todos[1].pk}", None, alice_token).json
    assert shown["tags"] == ["a", "b", "c1"]
    assert [item["text"] for item in shown["items"]] == [TEXT, "two"]
    assert shown["progress"] == {"done": 1, "total": 2}
