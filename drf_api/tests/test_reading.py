"""What is compiled once reads what a queryset would read, whoever asks and whatever was asked."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from drf_api.accounts.models import Token, User
from drf_api.contract.pagination import NEWEST_FIRST
from drf_api.contract.reading import page_statement, shape
from drf_api.contract.serializers import RowSerializer
from drf_api.contract.statements import Parameter, Statement
from drf_api.products.models import Product
from drf_api.products.serializers import ProductSerializer
from drf_api.tests.conftest import Call
from drf_api.todos.models import Todo
from drf_api.todos.serializers import TodoSerializer
from drf_api.todos.views import TodoList

TEXT = '100% "sure"_\\ Grüße 😀'


@pytest.fixture
def todos(alice: User) -> list[Todo]:
    product = Product.objects.create(sku="MUG", price=1, attributes={"b": "1", "a": TEXT})
    now = timezone.now()
    full = {
        "title": TEXT,
        "notes": TEXT,
        "completed": True,
        "due_at": now - timedelta(days=1),
        "priority": 4,
        "product_id": product.pk,
        "tag_list": ["a", "b", "c1"],
        "item_list": [{"text": TEXT, "done": True}, {"text": "two", "done": False}],
    }
    late = full | {"completed": False, "tag_list": ["b"]}
    bare = {"title": "bare", "tag_list": [], "item_list": []}
    return Todo.objects.create_all(alice, [bare, full, late])


def test_rows_are_shown_as_objects_are(todos: list[Todo]) -> None:
    kinds: list[tuple[type[RowSerializer], Any]] = [
        (ProductSerializer, Product.objects.all()),
        (TodoSerializer, Todo.objects.filter(pk__in=[todo.pk for todo in todos]).with_lists()),
    ]
    for kind, queryset in kinds:
        rows = Statement(queryset.order_by("pk").all, kind.columns()).rows()
        assert kind(rows, many=True).data == kind(queryset.order_by("pk"), many=True).data
        assert len(rows) == len(queryset) > 0


def test_lists_are_collected_in_their_order(todos: list[Todo]) -> None:
    for todo in todos:
        items = [(str(item.pk), item.text, item.done) for item in todo.item_list]
        found = Todo.objects.get(pk=todo.pk).fetch_lists()
        assert found.tag_list == todo.tag_list
        assert [(str(step.id), step.text, step.done) for step in found.item_list] == items


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("completed=true", [TEXT]),
        ("completed=false", ["bare", TEXT]),
        ("tag=a", [TEXT]),
        ("overdue=true", [TEXT]),
        ("overdue=false", ["bare", TEXT]),
        ("q=%25%20%22sure%22_%5C", [TEXT, TEXT]),
        ("q=x%25", []),
        ("priority=urgent", [TEXT, TEXT]),
        ("due_before=2000-01-01T00:00:00Z", []),
    ],
)
def test_filters(
    call: Call, todos: list[Todo], alice_token: str, query: str, titles: list[str]
) -> None:
    for _ in range(2):  # compiled, and compiled already
        items = call("GET", f"/api/todos?{query}", None, alice_token).json["items"]
        assert sorted(item["title"] for item in items) == sorted(titles)
    assert len(todos) > len(titles)


def test_no_request_leaves_a_value_to_the_next(
    call: Call, todos: list[Todo], alice_token: str, sam_token: str
) -> None:
    page_statement.cache_clear()
    for path in ("/api/todos", "/api/todos?tag=b"):
        assert len(call("GET", path, None, alice_token).json["items"]) == 3 - ("tag" in path)
        assert call("GET", path, None, sam_token).json["items"] == []
    assert len(call("GET", "/api/todos?tag=c1", None, alice_token).json["items"]) == 1
    assert call("GET", f"/api/todos/{todos[0].pk}", None, alice_token).status == 200
    assert call("GET", f"/api/todos/{todos[0].pk}", None, sam_token).status == 404


def test_nothing_that_a_client_writes_is_part_of_a_shape() -> None:
    parameters = {
        "limit": 20,
        "sort": NEWEST_FIRST,
        "completed": True,
        "q": "text",
        "priority": 2,
        "cursor": ("2020-01-01", "id"),
    }
    assert shape(parameters) == (
        ("limit", 20),
        ("sort", NEWEST_FIRST),
        ("completed", True),
        ("q", None),
        ("priority", None),
        ("cursor", False),
    )


@pytest.mark.django_db
def test_what_does_not_come_from_a_parameter_is_the_same_for_all() -> None:
    statement = page_statement(TodoList, (("limit", 7), ("sort", "-due_at"), ("q", None)))
    names = [value.name for value in statement.compiled().values if isinstance(value, Parameter)]
    assert names == ["caller", "q"]
    assert len(names) == len(statement.compiled().values)


@pytest.mark.django_db
def test_a_second_run_compiles_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Token.objects.issue(alice).secret
    assert Token.objects.with_secret(secret) is not None
    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.as_sql", None)
    token = Token.objects.with_secret(secret)
    assert token is not None
    assert token.user == alice
