"""What DRF promises holds for these views, too: each request asks what a reader adds to them."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.filters import BaseFilterBackend
from rest_framework.permissions import BasePermission
from rest_framework.throttling import BaseThrottle

from drf_api.accounts.models import User
from drf_api.accounts.views import CurrentUser
from drf_api.products.models import Product
from drf_api.products.views import ProductDetail, ProductList, ProductSummary
from drf_api.tests.conftest import Call
from drf_api.todos.models import Todo
from drf_api.todos.views import TodoDetail, TodoList

Change = Callable[..., None]


class NoObject(BasePermission):
    """Refuses every object."""

    def has_object_permission(self, request: Any, view: Any, obj: object) -> bool:
        return False


class Nobody(BasePermission):
    """Refuses every request."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Never(BaseThrottle):
    """Lets no request through."""

    def allow_request(self, request: Any, view: Any) -> bool:
        return False

    def wait(self) -> float:
        return 7


class TitledLikeTheUser(BaseFilterBackend):
    """Keeps what is called as the user is."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        return queryset.filter(title=request.user.username)


def nothing(view: Any) -> Any:
    """Stand for a `get_queryset` that lets nothing through."""
    return view.serializer_class.Meta.model.objects.none()


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Change:
    """Give a view other attributes, as a reader would write them into its class."""

    def set_attributes(view: type, **attributes: Any) -> None:
        for name, value in attributes.items():
            monkeypatch.setattr(view, name, value)

    return set_attributes


@pytest.fixture
def product(db: None) -> str:
    return f"/api/products/{Product.objects.create(sku='MUG', price=1).pk}"


@pytest.fixture
def todo(alice: User) -> str:
    return f"/api/todos/{Todo.objects.create(owner=alice, title='x').pk}"


@pytest.fixture
def addresses(product: str, todo: str, sam_token: str, alice_token: str) -> list[tuple[str, str]]:
    """Return what each address needs as a token."""
    return [(product, sam_token), (todo, alice_token), ("/api/users/me", alice_token)]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_object_permission_refuses(
    call: Call, change: Change, addresses: list[tuple[str, str]], method: str
) -> None:
    for view in (ProductDetail, TodoDetail, CurrentUser):
        change(view, permission_classes=[NoObject])
    for path, token in addresses:
        assert call(method, path, {}, token).status == 403


def test_a_permission_refuses(call: Call, change: Change, alice_token: str) -> None:
    change(TodoList, permission_classes=[Nobody])
    for method in ("GET", "POST"):
        assert call(method, "/api/todos", {"title": "x"}, alice_token).status == 403


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_get_queryset_is_asked_for_an_object(
    call: Call, change: Change, addresses: list[tuple[str, str]], method: str
) -> None:
    change(TodoDetail, get_queryset=nothing)
    change(ProductDetail, queryset=Product.objects.none())
    for path, token in addresses[:2]:
        assert call(method, path, {}, token).status == 404


def test_get_queryset_is_asked_for_a_page(
    call: Call, change: Change, todo: str, product: str, alice_token: str
) -> None:
    paths = ("/api/todos", "/api/products", "/api/products/summary")
    for path in paths:
        assert len(call("GET", path, None, alice_token).json["items"]) == 1, path
    change(TodoList, get_queryset=nothing)
    for view in (ProductList, ProductSummary):
        change(view, queryset=Product.objects.none())
    for path in paths:
        assert call("GET", path, None, alice_token).json["items"] == []


def test_a_filter_backend_sees_each_request(
    call: Call, change: Change, alice: User, alice_token: str, sam_token: str
) -> None:
    sam = User.objects.get(username="sam")
    for owner, title in ((alice, "alice"), (alice, "sam"), (sam, "alice")):
        Todo.objects.create(owner=owner, title=title)
    change(TodoList, filter_backends=[TitledLikeTheUser])
    for token, titles in ((alice_token, ["alice"]), (sam_token, []), (alice_token, ["alice"])):
        items = call("GET", "/api/todos", None, token).json["items"]
        assert [item["title"] for item in items] == titles


def test_a_throttle_refuses(call: Call, change: Change, product: str) -> None:
    change(ProductDetail, throttle_classes=[Never])
    answer = call("GET", product)
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "7"
