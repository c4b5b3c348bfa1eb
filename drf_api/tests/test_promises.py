"""Extending the twin as Django's and DRF's documentation describe has the documented effect.

Each test adds something to one of the twin's own views or serializers. `make test-twins` runs them
again with TUNED=1, and on PostgreSQL.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Prefetch, QuerySet, Value, Window
from django.db.models.functions import Length, RowNumber, Upper
from django.db.models.signals import (
    ModelSignal,
    post_delete,
    post_init,
    post_save,
    pre_delete,
    pre_save,
)
from django.http import Http404
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, path
from django.utils.translation import gettext_lazy
from pytest_django import Settings
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound, Throttled
from rest_framework.filters import BaseFilterBackend, SearchFilter
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import (
    BasePermission,
    DjangoModelPermissions,
    DjangoObjectPermissions,
    IsAuthenticated,
)
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.throttling import ScopedRateThrottle, UserRateThrottle
from rest_framework.views import APIView
from rest_framework.viewsets import ModelViewSet

from drf_api.accounts.models import Token, User
from drf_api.accounts.views import CurrentUser, TokenDetail
from drf_api.contract.etags import ConditionalMixin
from drf_api.contract.idempotency import idempotent
from drf_api.contract.pagination import CursorPagination
from drf_api.contract.views import ContractMixin
from drf_api.products.filters import ProductQuery
from drf_api.products.models import Product
from drf_api.products.serializers import AttributesField, ProductSerializer
from drf_api.products.views import ProductDetail, ProductList, ProductSummary
from drf_api.tests.conftest import Answer, Call
from drf_api.todos.models import ChecklistItem, Tag, Todo
from drf_api.todos.serializers import TodoSerializer
from drf_api.todos.views import TodoDetail, TodoList

Ask = Callable[..., Answer]

MUG = {"sku": "MUG", "name": "Mug", "category": "kitchen", "price": "14.50", "currency": "EUR"}
CUP = {**MUG, "sku": "CUP", "name": "Cup"}
BODIES: dict[str, Any] = {"GET": None, "PUT": CUP, "PATCH": {"name": "Cup"}, "DELETE": None}


@pytest.fixture
def ask(call: Call, settings: Settings) -> Ask:
    """Send a request to a view, as if the twin had it among its routes."""

    def send(
        view: type[APIView],
        token: str,
        *request: Any,
        headers: Any = None,
        query: str = "",
        **kwargs: Any,
    ) -> Answer:
        route = path("api/promise", view.as_view(), kwargs)
        settings.ROOT_URLCONF = (route, *get_resolver("drf_api.urls").url_patterns)
        method, data = request or ("GET", None)
        return call(method, f"/api/promise{query}", data, token, **(headers or {}))

    return send


@pytest.fixture
def mug(call: Call, sam_token: str) -> Product:
    return Product.objects.get(pk=call("POST", "/api/products", MUG, sam_token).json["id"])


@pytest.fixture
def todo(call: Call, alice_token: str, mug: Product) -> Todo:
    body = {
        "title": "Restock",
        "tags": ["shelf"],
        "items": [{"text": "Count", "done": True}, {"text": "Order"}],
        "product_id": str(mug.pk),
    }
    return Todo.objects.get(pk=call("POST", "/api/todos", body, alice_token).json["id"])


class RefuseObjects(BasePermission):
    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        return False


class RefuseAll(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


def test_tuning_is_as_the_environment_says() -> None:
    assert (os.environ.get("TUNED") == "1") == settings.TUNED


# Views


@pytest.mark.parametrize("method", BODIES)
def test_object_permission(ask: Ask, mug: Product, sam_token: str, method: str) -> None:
    class Refused(ProductDetail):
        permission_classes = [*ProductDetail.permission_classes, RefuseObjects]

    assert ask(Refused, sam_token, method, BODIES[method], product_id=mug.pk).status == 403
    mug.refresh_from_db()
    assert mug.name == "Mug"


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {}), ("DELETE", None)])
def test_object_permission_of_a_todo(
    ask: Ask, todo: Todo, alice_token: str, method: str, body: Any
) -> None:
    class Refused(TodoDetail):
        permission_classes = [*TodoDetail.permission_classes, RefuseObjects]

    assert ask(Refused, alice_token, method, body, todo_id=todo.pk).status == 403
    assert Todo.objects.filter(pk=todo.pk).exists()


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_object_permission_of_a_user(ask: Ask, alice_token: str, method: str) -> None:
    class Refused(CurrentUser):
        permission_classes = [*CurrentUser.permission_classes, RefuseObjects]

    assert ask(Refused, alice_token, method, {}).status == 403


def test_object_permission_of_a_token(ask: Ask, alice_token: str) -> None:
    class Refused(TokenDetail):
        permission_classes = [*TokenDetail.permission_classes, RefuseObjects]

    token = Token.objects.get()
    assert ask(Refused, alice_token, "DELETE", None, token_id=token.pk).status == 403
    assert Token.objects.filter(pk=token.pk).exists()


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", CUP)])
def test_permission(ask: Ask, sam_token: str, method: str, body: Any) -> None:
    class Refused(ProductList):
        permission_classes = [RefuseAll]

    assert ask(Refused, sam_token, method, body).status == 403


@pytest.mark.parametrize("permission", [DjangoModelPermissions, DjangoObjectPermissions])
def test_permission_by_model(
    ask: Ask, mug: Product, alice_token: str, sam_token: str, permission: type[BasePermission]
) -> None:
    class ByModel(ProductDetail):
        permission_classes = [permission]

    for method, statuses in (
        ("GET", [401, 200, 200]),
        ("PATCH", [401, 403, 200]),
        ("DELETE", [401, 403, 204]),
    ):
        callers = ("", alice_token, sam_token)
        answers = [ask(ByModel, token, method, {}, product_id=mug.pk) for token in callers]
        assert [answer.status for answer in answers] == statuses


def test_default_permission(call: Call, alice_token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("GET", "/api/todos", None, alice_token).status == 200
    monkeypatch.setattr(APIView, "permission_classes", [RefuseAll])  # as the setting does
    assert call("GET", "/api/todos", None, alice_token).status == 403


@pytest.mark.parametrize("method", BODIES)
def test_empty_queryset(ask: Ask, mug: Product, sam_token: str, method: str) -> None:
    class Empty(ProductDetail):
        def get_queryset(self) -> QuerySet[Product]:
            return super().get_queryset().none()

    assert ask(Empty, sam_token, method, BODIES[method], product_id=mug.pk).status == 404
    mug.refresh_from_db()
    assert mug.name == "Mug"


def test_queryset_of_a_list(ask: Ask, call: Call, mug: Product, sam_token: str) -> None:
    class Kitchen(ProductList):
        def get_queryset(self) -> QuerySet[Product]:
            return super().get_queryset().exclude(sku=self.kwargs["but"])

    call("POST", "/api/products", CUP, sam_token)
    for but, left in (("MUG", "CUP"), ("CUP", "MUG"), ("MUG", "CUP")):
        items = ask(Kitchen, sam_token, but=but).json["items"]
        assert [item["sku"] for item in items] == [left]


def test_queryset_of_the_summary(ask: Ask, mug: Product, sam_token: str) -> None:
    class Empty(ProductSummary):
        queryset = Product.objects.none()

    assert [len(ask(view, sam_token).json["items"]) for view in (ProductSummary, Empty)] == [1, 0]


class StaffOnly(BaseFilterBackend):
    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        return queryset if cast("User", request.user).is_staff else queryset.none()


def test_filter_backend_sees_each_request(
    ask: Ask, mug: Product, alice_token: str, sam_token: str
) -> None:
    class List(ProductList):
        permission_classes = [IsAuthenticated]
        filter_backends = [*ProductList.filter_backends, StaffOnly]

    class Detail(ProductDetail):
        permission_classes = [IsAuthenticated]
        filter_backends = [StaffOnly]

    for token, count, status in ((sam_token, 1, 200), (alice_token, 0, 404), (sam_token, 1, 200)):
        assert len(ask(List, token).json["items"]) == count
        assert ask(Detail, token, product_id=mug.pk).status == status
        assert ask(Detail, token, "PATCH", {}, product_id=mug.pk).status == status


def test_filter_backend_of_drf(ask: Ask, call: Call, mug: Product, sam_token: str) -> None:
    class Query(ProductQuery):
        search = serializers.CharField(required=False)

    class Searched(ProductList):
        query_class = Query
        filter_backends = [SearchFilter]
        search_fields = ["name"]

    call("POST", "/api/products", CUP, sam_token)
    for query, names in (("", ["Cup", "Mug"]), ("?search=mu", ["Mug"]), ("?search=pan", [])):
        items = ask(Searched, "", query=query).json["items"]
        assert [item["name"] for item in items] == names


class TwicePerMinute(UserRateThrottle):
    rate = "2/min"


def test_throttle_of_a_view(ask: Ask, alice_token: str, sam_token: str) -> None:
    class Throttled(ProductList):
        throttle_classes = [*ProductList.throttle_classes, TwicePerMinute]

    assert [ask(Throttled, alice_token).status for _ in range(3)] == [200, 200, 429]
    assert ask(Throttled, sam_token).status == 200
    assert 0 < int(ask(Throttled, alice_token).headers["Retry-After"]) <= 60


def test_scoped_throttle(ask: Ask, alice_token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Throttled(TodoList):
        throttle_classes = [ScopedRateThrottle]
        throttle_scope = "reports"

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"reports": "1/min"})
    assert [ask(Throttled, alice_token).status for _ in range(2)] == [200, 429]


def test_default_throttle(call: Call, alice_token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    classes = [*APIView.throttle_classes, TwicePerMinute]
    monkeypatch.setattr(APIView, "throttle_classes", classes)  # as the setting does
    statuses = [call("GET", "/api/todos", None, alice_token).status for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_authentication(ask: Ask, alice: User, todo: Todo) -> None:
    class AlwaysAlice(BaseAuthentication):
        def authenticate(self, request: Request) -> tuple[User, None]:
            return alice, None

    class Authenticated(TodoList):
        authentication_classes = [AlwaysAlice]

    assert [item["id"] for item in ask(Authenticated, "").json["items"]] == [str(todo.pk)]


def test_renderer(ask: Ask, mug: Product) -> None:
    class Names(BaseRenderer):
        media_type = "application/json"
        format = "names"

        def render(self, data: Any, media_type: Any = None, context: Any = None) -> bytes:
            return ",".join(data).encode()

    class Rendered(ProductDetail):
        renderer_classes = [Names]

    assert ask(Rendered, "", product_id=mug.pk).body.startswith(b"id,sku,name,")


def test_overridden_steps_of_a_view(ask: Ask, mug: Product) -> None:
    steps: list[str] = []

    class Watched(ProductDetail):
        def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
            steps.append("initial")
            super().initial(request, *args, **kwargs)

        def get_object(self) -> Product:
            steps.append("get_object")
            product: Product = super().get_object()
            return product

        def finalize_response(self, request: Request, response: Any, *args: Any, **kw: Any) -> Any:
            steps.append("finalize_response")
            return super().finalize_response(request, response, *args, **kw)

        def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
            response = super().retrieve(request, *args, **kwargs)
            return Response({"product": response.data})

    answer = ask(Watched, "", product_id=mug.pk)
    assert answer.json["product"]["sku"] == "MUG"
    assert steps == ["initial", "get_object", "finalize_response"]


def test_serializer_class_and_context(
    ask: Ask, mug: Product, alice_token: str, sam_token: str
) -> None:
    class Brief(ProductSerializer):
        reader = serializers.SerializerMethodField()

        class Meta(ProductSerializer.Meta):
            fields = ["sku", "reader"]

        def get_reader(self, product: Product) -> str:
            return f"{self.context['greeting']} {self.context['request'].user.username}"

    class Choosing(ProductDetail):
        permission_classes = [IsAuthenticated]

        def get_serializer_class(self) -> Any:
            is_staff = cast("User", self.request.user).is_staff
            return super().get_serializer_class() if is_staff else Brief

        def get_serializer_context(self) -> dict[str, Any]:
            return {**super().get_serializer_context(), "greeting": "Hello"}

    for _ in range(2):
        brief = ask(Choosing, alice_token, product_id=mug.pk).json
        assert brief == {"sku": "MUG", "reader": "Hello alice"}
        assert "stock" in ask(Choosing, sam_token, product_id=mug.pk).json


def test_lookup_field(ask: Ask, mug: Product, sam_token: str) -> None:
    class BySku(ProductDetail):
        lookup_field = "sku"
        lookup_url_kwarg = "sku"

    assert ask(BySku, "", sku="MUG").json["id"] == str(mug.pk)
    assert ask(BySku, sam_token, "PATCH", {"name": "Cup"}, sku="MUG").status == 200
    assert ask(BySku, sam_token, "DELETE", None, sku="CUP").status == 404


class TeapotError(APIException):
    status_code = 418


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404),
        (Http404(), 404),
        (PermissionDenied(), 403),
        (Throttled(7), 429),
        (TeapotError(), 418),
    ],
    ids=lambda each: type(each).__name__,
)
def test_exception_of_a_view(ask: Ask, mug: Product, error: Exception, status: int) -> None:
    class Raising(ProductDetail):
        def get_object(self) -> Product:
            raise error

    assert ask(Raising, "", product_id=mug.pk).status == status


class Products(ConditionalMixin, ContractMixin, ModelViewSet[Product]):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer

    @action(detail=True, methods=["post"])
    def rename(self, request: Request, pk: str) -> Response:
        product = self.get_object()
        product.name = cast("Any", request.data)["name"]
        product.save()
        return Response(self.get_serializer(product).data)

    @action(detail=True, methods=["post"], parser_classes=[])
    def hide(self, request: Request, pk: str) -> Response:
        Product.objects.filter(pk=self.get_object().pk).update(active=False)
        return Response(status=204)


@pytest.mark.django_db(transaction=True)
def test_viewset(call: Call, settings: Settings, sam_token: str) -> None:
    router = SimpleRouter(trailing_slash=False)
    router.register("api/goods", Products)
    settings.ROOT_URLCONF = (*router.urls, *get_resolver("drf_api.urls").url_patterns)
    mug = call("POST", "/api/goods", MUG, sam_token).json
    assert call("GET", "/api/goods", None, sam_token).json["items"] == [mug]
    address = f"/api/goods/{mug['id']}"
    tag = {"If-Match": call("GET", address, None, sam_token).headers["ETag"]}
    assert call("PATCH", address, {"name": "Cup"}, sam_token, **tag).json["name"] == "Cup"
    assert call("PATCH", address, {"name": "Pan"}, sam_token, **tag).status == 412
    assert call("POST", f"{address}/rename", {"name": "Pot"}, sam_token).json["name"] == "Pot"
    assert call("POST", f"{address}/hide", None, sam_token).status == 204
    assert call("GET", address, None, sam_token).json["active"] is False
    assert call("DELETE", address, None, sam_token).status == 204


def test_perform_create(ask: Ask, sam_token: str) -> None:
    class Creating(ProductList):
        def perform_create(self, serializer: Any) -> None:
            serializer.save(description="made in the view")

    assert ask(Creating, sam_token, "POST", MUG).json["description"] == "made in the view"
    assert Product.objects.get().description == "made in the view"


def test_perform_update_and_destroy(ask: Ask, mug: Product, sam_token: str) -> None:
    class Careful(ProductDetail):
        def perform_update(self, serializer: Any) -> None:
            serializer.save(description="changed in the view")

        def perform_destroy(self, instance: Product) -> None:
            Product.objects.filter(pk=instance.pk).update(active=False)

    changed = ask(Careful, sam_token, "PATCH", {"name": "Cup"}, product_id=mug.pk)
    assert changed.json["description"] == "changed in the view"
    assert ask(Careful, sam_token, "DELETE", None, product_id=mug.pk).status == 204
    mug.refresh_from_db()
    assert (mug.name, mug.active) == ("Cup", False)


# Serializers


def shown(ask: Ask, product: Product, serializer: type[ProductSerializer]) -> Any:
    """Return a product as a view with this serializer shows it, alone and in a list."""

    class Detail(ProductDetail):
        serializer_class = serializer

    class List(ProductList):
        serializer_class = serializer

    alone = ask(Detail, "", product_id=product.pk).json
    assert ask(List, "").json["items"] == [alone]
    return alone


def patched(ask: Ask, token: str, product: Product, serializer: Any, body: Any) -> Answer:
    """Change a product by a view with this serializer."""

    class Detail(ProductDetail):
        serializer_class = serializer

    return ask(Detail, token, "PATCH", body, product_id=product.pk)


def test_library_fields_and_source(ask: Ask, mug: Product) -> None:
    class Extended(ProductSerializer):
        weight = serializers.FloatField(source="price", read_only=True)
        kind = serializers.CharField(source="category", read_only=True)
        money = serializers.CharField(source="get_currency_display", read_only=True)
        names = serializers.DictField(source="attributes", read_only=True)
        shop = serializers.CharField(source="no.such.thing", default="ours", read_only=True)
        caption = serializers.SerializerMethodField()
        href = serializers.HyperlinkedIdentityField(
            view_name="product", lookup_url_kwarg="product_id"
        )

        class Meta(ProductSerializer.Meta):
            fields = ["sku", "weight", "kind", "money", "names", "shop", "caption", "href"]

        def get_caption(self, product: Product) -> str:
            return f"{product.sku}: {product.name}"

    assert shown(ask, mug, Extended) == {
        "sku": "MUG",
        "weight": 14.5,
        "kind": "kitchen",
        "money": "EUR",
        "names": {},
        "shop": "ours",
        "caption": "MUG: Mug",
        "href": f"http://localhost/api/products/{mug.pk}",
    }


def test_library_field_is_written(ask: Ask, mug: Product, sam_token: str) -> None:
    class Described(ProductSerializer):
        about = serializers.CharField(source="description", max_length=5, required=False)

        class Meta(ProductSerializer.Meta):
            fields = ["sku", "about"]

    answer = patched(ask, sam_token, mug, Described, {"about": "Blue"})
    assert answer.json == {"sku": "MUG", "about": "Blue"}
    mug.refresh_from_db()
    assert mug.description == "Blue"
    refused = patched(ask, sam_token, mug, Described, {"about": "Bluest"})
    assert refused.status == 422
    assert [error["pointer"] for error in refused.json["errors"]] == ["/about"]


def test_fields_that_follow_relations(ask: Ask, todo: Todo, alice_token: str) -> None:
    class Related(TodoSerializer):
        sku = serializers.CharField(source="product.sku", read_only=True)
        owner = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
        words = serializers.StringRelatedField[Any](source="tags", many=True, read_only=True)
        product = ProductSerializer(read_only=True)

        class Meta(TodoSerializer.Meta):
            fields = [*TodoSerializer.Meta.fields, "sku", "owner", "words", "product"]

    class Detail(TodoDetail):
        serializer_class = Related

    class List(TodoList):
        serializer_class = Related

    alone = ask(Detail, alice_token, todo_id=todo.pk).json
    assert (alone["sku"], alone["owner"], alone["words"]) == ("MUG", "alice", ["shelf"])
    assert alone["product"]["name"] == "Mug"
    assert [item["text"] for item in alone["items"]] == ["Count", "Order"]
    assert ask(List, alice_token).json["items"] == [alone]


def test_extra_kwargs(ask: Ask, mug: Product, sam_token: str) -> None:
    class Reserved(ProductSerializer):
        class Meta(ProductSerializer.Meta):
            extra_kwargs = {
                **getattr(ProductSerializer.Meta, "extra_kwargs", {}),
                "active": {"write_only": True},
            }

    assert "active" not in shown(ask, mug, Reserved)
    assert "active" not in patched(ask, sam_token, mug, Reserved, {"active": False}).json
    mug.refresh_from_db()
    assert mug.active is False


def test_hidden_field(ask: Ask, alice: User, sam: User, alice_token: str, sam_token: str) -> None:
    class Owned(TodoSerializer):
        owner = serializers.HiddenField(default=serializers.CurrentUserDefault())

        class Meta(TodoSerializer.Meta):
            fields = [*TodoSerializer.Meta.fields, "owner"]

    class List(TodoList):
        serializer_class = Owned

        def perform_create(self, serializer: Any) -> None:
            serializer.save()

    for token, owner in ((alice_token, alice), (sam_token, sam), (alice_token, alice)):
        made = ask(List, token, "POST", {"title": "x"})
        assert Todo.objects.get(pk=made.json["id"]).owner == owner


def test_map_under_another_name(ask: Ask, mug: Product, sam_token: str) -> None:
    class Renamed(ProductSerializer):
        details = AttributesField(source="attributes")

        class Meta(ProductSerializer.Meta):
            fields = ["details"]

    for sent in ({"a": "1", "b": "2"}, {"a": None, "c": "3"}):
        patched(ask, sam_token, mug, Renamed, {"details": sent})
    mug.refresh_from_db()
    assert mug.attributes == {"b": "2", "c": "3"}


def test_serializer_of_drf(ask: Ask, sam_token: str) -> None:
    class Plain(serializers.ModelSerializer[Product]):
        class Meta:
            model = Product
            fields = ["sku", "name", "category", "price", "currency"]

    class List(ProductList):
        serializer_class: Any = Plain

        def get_success_headers(self, data: Any) -> dict[str, str]:
            return {}

    assert ask(List, sam_token, "POST", {**MUG, "name": " Mug ", "price": 14.5}).json == MUG
    assert ask(List, "").json["items"] == [MUG]
    assert ask(List, sam_token, "POST", {**MUG, "name": None}).status == 422


def refuse(value: Any) -> None:
    raise serializers.ValidationError("Nobody likes it.")


class RefusedByField(ProductSerializer):
    name = serializers.CharField(validators=[refuse])


class RefusedByClass(ProductSerializer):
    class Meta(ProductSerializer.Meta):
        validators = [refuse]


class RefusedByName(ProductSerializer):
    def validate_name(self, value: str) -> str:
        raise serializers.ValidationError("Nobody likes it.")


class RefusedByValidate(ProductSerializer):
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        raise serializers.ValidationError({"name": ["Nobody likes it."]})


@pytest.mark.parametrize(
    ("serializer", "pointer"),
    [
        (RefusedByField, "/name"),
        (RefusedByClass, ""),
        (RefusedByName, "/name"),
        (RefusedByValidate, "/name"),
    ],
)
def test_validators(ask: Ask, mug: Product, sam_token: str, serializer: Any, pointer: str) -> None:
    answer = patched(ask, sam_token, mug, serializer, {"name": "Cup"})
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    mug.refresh_from_db()
    assert mug.name == "Mug"


def test_what_validate_returns_is_stored(ask: Ask, mug: Product, sam_token: str) -> None:
    class Shouting(ProductSerializer):
        def validate_name(self, value: str) -> str:
            return value.upper()

    assert patched(ask, sam_token, mug, Shouting, {"name": "Cup"}).json["name"] == "CUP"


def test_to_representation(ask: Ask, mug: Product) -> None:
    class Loud(ProductSerializer):
        def to_representation(self, instance: Product) -> dict[str, Any]:
            return {**super().to_representation(instance), "name": instance.name.upper()}

    assert shown(ask, mug, Loud)["name"] == "MUG"


def test_to_internal_value(ask: Ask, mug: Product, sam_token: str) -> None:
    class Trimming(ProductSerializer):
        def to_internal_value(self, data: Any) -> Any:
            return super().to_internal_value({**data, "name": data["name"].strip()})

    assert patched(ask, sam_token, mug, Trimming, {"name": " Cup "}).json["name"] == "Cup"


def test_fields_that_depend_on_the_request(
    ask: Ask, mug: Product, alice_token: str, sam_token: str
) -> None:
    class Chosen(ProductSerializer):
        def get_fields(self) -> dict[str, Any]:
            found = super().get_fields()
            if not self.context["request"].user.is_staff:
                del found["stock"]
            return found

    class Detail(ProductDetail):
        permission_classes = [IsAuthenticated]
        serializer_class = Chosen

    for token, is_staff in ((sam_token, True), (alice_token, False), (sam_token, True)):
        assert ("stock" in ask(Detail, token, product_id=mug.pk).json) == is_staff


def test_fields_that_an_instance_removes(ask: Ask, mug: Product) -> None:
    class Dynamic(ProductSerializer):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            for name in {*self.fields} - {*self.context["view"].kwargs["only"]}:
                self.fields.pop(name)

    class List(ProductList):
        serializer_class = Dynamic

    for only in (["sku"], ["sku", "name"], ["name"]):
        assert [{*item} for item in ask(List, "", only=only).json["items"]] == [{*only}]


def test_list_serializer(ask: Ask, call: Call, mug: Product, sam_token: str) -> None:
    class Backwards(serializers.ListSerializer[Any]):
        def to_representation(self, data: Any) -> list[Any]:
            return super().to_representation(data)[::-1]

    class Reversed(ProductSerializer):
        class Meta(ProductSerializer.Meta):
            list_serializer_class = Backwards

    class List(ProductList):
        serializer_class = Reversed

    call("POST", "/api/products", CUP, sam_token)
    assert [item["sku"] for item in ask(List, "").json["items"]] == ["MUG", "CUP"]
    assert [item["sku"] for item in ask(ProductList, "").json["items"]] == ["CUP", "MUG"]


def test_to_representation_of_a_field(ask: Ask, mug: Product) -> None:
    class Cents(serializers.Field[Any, Any, Any, Any]):
        def get_attribute(self, instance: Product) -> Product:
            return instance

        def to_representation(self, value: Product) -> int:
            return round(value.price * 100)

    class Priced(ProductSerializer):
        price = Cents(read_only=True)

    assert shown(ask, mug, Priced)["price"] == 1450


# Querysets and models


def test_annotation(ask: Ask, mug: Product) -> None:
    class Annotated(ProductSerializer):
        loud = serializers.CharField(read_only=True)
        number = serializers.IntegerField(read_only=True)

        class Meta(ProductSerializer.Meta):
            fields = [*ProductSerializer.Meta.fields, "loud", "number"]

    class Detail(ProductDetail):
        serializer_class = Annotated

        def get_queryset(self) -> Any:
            number = Value(self.kwargs["number"])
            return super().get_queryset().annotate(loud=Upper("name"), number=number)

    for number in (7, 8):
        answer = ask(Detail, "", product_id=mug.pk, number=number).json
        assert (answer["loud"], answer["number"]) == ("MUG", number)


def test_prefetch(ask: Ask, todo: Todo, alice_token: str) -> None:
    class OpenItems:
        def get_queryset(self) -> Any:
            open_items = Prefetch("items", ChecklistItem.objects.filter(done=False))
            queryset = super().get_queryset()  # type: ignore[misc]  # a mixin's
            return queryset.prefetch_related(None).prefetch_related("tags", open_items)

    class Detail(OpenItems, TodoDetail):
        pass

    class List(OpenItems, TodoList):
        pass

    alone = ask(Detail, alice_token, todo_id=todo.pk).json
    assert [item["text"] for item in alone["items"]] == ["Order"]
    assert ask(List, alice_token).json["items"] == [alone]


def test_deferred_columns(ask: Ask, todo: Todo, alice_token: str) -> None:
    class Deferring(TodoList):
        def get_queryset(self) -> Any:
            return super().get_queryset().defer("notes", "title")

    [item] = ask(Deferring, alice_token).json["items"]
    assert (item["title"], item["notes"]) == ("Restock", "")


QUERYSETS: dict[str, Callable[[QuerySet[Todo]], QuerySet[Todo]]] = {
    "aggregate": lambda todos: todos.annotate(steps=Count("items")),
    "annotate": lambda todos: todos.annotate(length=Length("title")),
    "distinct": lambda todos: todos.filter(tags__slug__startswith="s").distinct(),
    "filter": lambda todos: todos.filter(Exists(ChecklistItem.objects.filter(todo=OuterRef("pk")))),
    "only": lambda todos: todos.only("title"),
    "order_by": lambda todos: todos.order_by("product__name"),
    "select_related": lambda todos: todos.select_related("owner", "product"),
    "window": lambda todos: todos.annotate(place=Window(RowNumber(), order_by="created_at")),
}


@pytest.mark.parametrize("refine", QUERYSETS.values(), ids=QUERYSETS)
def test_queryset_of_reads_and_writes(
    ask: Ask, call: Call, todo: Todo, alice_token: str, refine: Any
) -> None:
    class Refined:
        def get_queryset(self) -> Any:
            return refine(super().get_queryset())  # type: ignore[misc]  # a mixin's

    class Detail(Refined, TodoDetail):
        pass

    class List(Refined, TodoList):
        pass

    Todo.objects.filter(pk=todo.pk).update(product=None)  # a join may find nothing
    shown = call("GET", f"/api/todos/{todo.pk}", None, alice_token).json
    assert ask(List, alice_token).json["items"] == [shown]
    answer = ask(Detail, alice_token, todo_id=todo.pk)
    assert answer.json == shown
    tag = {"If-Match": answer.headers["ETag"]}
    put = {"title": "y", "tags": ["s"], "items": [{"text": "z"}]}
    for method, body, headers, status in (
        ("PUT", put, tag, 200),
        ("PATCH", {"title": "x"}, tag, 412),
        ("PATCH", {"title": "x"}, {}, 200),
        ("DELETE", None, tag, 412),
        ("DELETE", None, {}, 204),
    ):
        with CaptureQueriesContext(connection) as captured:
            answer = ask(Detail, alice_token, method, body, headers=headers, todo_id=todo.pk)
        assert answer.status == status
        is_locked = any("FOR UPDATE" in query["sql"] for query in captured)
        assert is_locked == connection.features.has_select_for_update
    assert not Todo.objects.exists()


@contextmanager
def received(*signals: ModelSignal) -> Iterator[list[Any]]:
    """Note what products these signals are sent for."""
    found: list[Any] = []

    def note(signal: ModelSignal, instance: Product, **_: Any) -> None:
        found.append((signal, instance.sku))

    for signal in signals:
        signal.connect(note, sender=Product)
    try:
        yield found
    finally:
        for signal in signals:
            signal.disconnect(note, sender=Product)


def test_signals_of_a_save(call: Call, sam_token: str) -> None:
    with received(pre_save, post_save) as found:
        product = call("POST", "/api/products", MUG, sam_token).json
        assert found == [(pre_save, "MUG"), (post_save, "MUG")]
        call("PATCH", f"/api/products/{product['id']}", {"sku": "CUP"}, sam_token)
        assert found[2:] == [(pre_save, "CUP"), (post_save, "CUP")]


def test_signals_of_a_deletion(call: Call, mug: Product, sam_token: str) -> None:
    with received(pre_delete, post_delete) as found:
        call("DELETE", f"/api/products/{mug.pk}", None, sam_token)
    assert found == [(pre_delete, "MUG"), (post_delete, "MUG")]


def test_users_of_the_manager(call: Call, db: None) -> None:
    user = User.objects.create_user("bob", "bob@example.com", "bob-password", is_staff=True)
    credentials = {"username": "bob", "password": "bob-password"}
    token = call("POST", "/api/tokens", credentials).json["token"]
    assert call("GET", "/api/users/me", None, token).json["id"] == str(user.pk)


@pytest.mark.django_db(transaction=True)
def test_deletion_of_an_instance(alice: User, todo: Todo) -> None:
    alice.delete()
    assert not Todo.objects.exists()


def test_signal_of_an_instance(call: Call, mug: Product) -> None:
    def rename(instance: Product, **_: Any) -> None:
        instance.name = "Renamed"

    post_init.connect(rename, sender=Product)
    try:
        assert call("GET", f"/api/products/{mug.pk}").json["name"] == "Renamed"
        assert call("GET", "/api/products").json["items"][0]["name"] == "Renamed"
    finally:
        post_init.disconnect(rename, sender=Product)
    assert call("GET", f"/api/products/{mug.pk}").json["name"] == "Mug"


def test_property_of_a_model(ask: Ask, mug: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    class Captioned(ProductSerializer):
        caption = serializers.ReadOnlyField()

        class Meta(ProductSerializer.Meta):
            fields = [*ProductSerializer.Meta.fields, "caption"]

    caption = property(lambda product: f"{product.sku}!")
    monkeypatch.setattr(Product, "caption", caption, raising=False)
    assert shown(ask, mug, Captioned)["caption"] == "MUG!"


# Errors that a program raises


@pytest.mark.parametrize(
    ("detail", "pointers"),
    [
        ({"title": "Too odd."}, ["/title"]),
        ({"title": ["Too odd."]}, ["/title"]),
        ({"items": [{}, {"text": ["Too odd."]}]}, ["/items/1/text"]),
        ("Too odd.", [""]),
        ([], [""]),
        ({}, [""]),
    ],
)
def test_validation_error_of_a_view(
    ask: Ask, alice_token: str, detail: Any, pointers: list[str]
) -> None:
    class Refusing(TodoList):
        def perform_create(self, serializer: Any) -> None:
            raise serializers.ValidationError(detail)

    answer = ask(Refusing, alice_token, "POST", {"title": "x"})
    assert answer.status == 422
    errors = answer.json["errors"]
    assert [error["pointer"] for error in errors] == pointers
    assert {error["code"] for error in errors} == {"invalid_format"}


@pytest.mark.parametrize(
    ("choices", "listed"),
    [
        ([1, 2], "1, 2"),
        ([("s", gettext_lazy("small")), ("l", gettext_lazy("large"))], "small, large"),
    ],
)
def test_choices_that_are_no_texts(ask: Ask, alice_token: str, choices: Any, listed: str) -> None:
    class Sized(TodoSerializer):
        size = serializers.ChoiceField(choices=choices)

        class Meta(TodoSerializer.Meta):
            fields = [*TodoSerializer.Meta.fields, "size"]

    class List(TodoList):
        serializer_class = Sized

    answer = ask(List, alice_token, "POST", {"title": "x", "size": 9})
    assert answer.status == 422
    assert listed in answer.json["errors"][0]["detail"]


# Conditional requests


def test_if_match_where_writes_answer_otherwise(ask: Ask, todo: Todo, alice_token: str) -> None:
    class Written(TodoSerializer):
        class Meta(TodoSerializer.Meta):
            fields = ["id", "title"]

    class Detail(TodoDetail):
        def get_serializer_class(self) -> Any:
            return TodoSerializer if self.request.method == "GET" else Written

        def get_representation(self, obj: Any) -> Any:
            return TodoSerializer(obj, context=self.get_serializer_context()).data

        def check_object_permissions(self, request: Request, obj: Any) -> None:
            """Ask nobody."""

    tag = ask(Detail, alice_token, todo_id=todo.pk).headers["ETag"]
    assert [
        ask(
            Detail,
            alice_token,
            "PATCH",
            {"title": title},
            headers={"If-Match": tag},
            todo_id=todo.pk,
        ).status
        for title in ("y", "z")
    ] == [200, 412]


def test_if_match_with_another_renderer(ask: Ask, mug: Product, sam_token: str) -> None:
    class Names(BaseRenderer):
        media_type = "application/json"
        format = "names"

        def render(self, data: Any, media_type: Any = None, context: Any = None) -> str:
            return f"{context['view'].kwargs['product_id']} {data['name']}"

    class Rendered(ProductDetail):
        renderer_classes = [Names]

    tag = {"If-Match": ask(Rendered, "", product_id=mug.pk).headers["ETag"]}
    for status in (200, 412):
        answer = ask(Rendered, sam_token, "PATCH", {"name": "Cup"}, headers=tag, product_id=mug.pk)
        assert answer.status == status


def test_entity_tag_of_a_view(ask: Ask, mug: Product) -> None:
    class Versioned(ProductDetail):
        def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
            response = super().retrieve(request, *args, **kwargs)
            response["ETag"] = '"1"'
            return response

    assert ask(Versioned, "", product_id=mug.pk).headers["ETag"] == '"1"'


# Lists, lookups and renderers


def test_plain_list_view(ask: Ask, call: Call, mug: Product, sam_token: str) -> None:
    class Plain(ContractMixin, ListAPIView[Product]):
        queryset = Product.objects.all()
        serializer_class = ProductSerializer

    class ByName(CursorPagination):
        ordering = "name"

    class Sorted(Plain):
        pagination_class = ByName

    call("POST", "/api/products", CUP, sam_token)
    call("POST", "/api/products", {**MUG, "sku": "PAN", "name": "Pan"}, sam_token)
    for view, names in ((Plain, ["Pan", "Cup", "Mug"]), (Sorted, ["Cup", "Mug", "Pan"])):
        assert [item["name"] for item in ask(view, sam_token).json["items"]] == names


def test_list_view_without_the_mixin(ask: Ask, call: Call, mug: Product, sam_token: str) -> None:
    class Plain(ListAPIView[Product]):
        queryset = Product.objects.all()
        serializer_class = ProductSerializer

    class All(ProductList):
        pagination_class = None

    call("POST", "/api/products", CUP, sam_token)
    page = ask(Plain, sam_token, query="?limit=1").json
    assert [item["name"] for item in page["items"]] == ["Cup"]
    last = call("GET", page["next"], None, sam_token).json
    assert ([item["name"] for item in last["items"]], last["next"]) == (["Mug"], None)
    assert ask(Plain, sam_token, query="?limit=0").status == 400
    assert len(ask(All, "").json) == 2


def test_list_by_a_key_of_another_name(ask: Ask, call: Call, todo: Todo, alice_token: str) -> None:
    class BySlug(CursorPagination):
        ordering = "slug"

    class TagSerializer(serializers.ModelSerializer[Tag]):
        class Meta:
            model = Tag
            fields = ["slug"]

    class TagList(ContractMixin, ListAPIView[Tag]):
        queryset = Tag.objects.all()
        serializer_class = TagSerializer
        pagination_class = BySlug

    Tag.objects.ensure(["lid", "tin"])
    page = ask(TagList, alice_token, query="?limit=2").json
    assert page["items"] == [{"slug": "lid"}, {"slug": "shelf"}]
    last = call("GET", page["next"], None, alice_token).json
    assert last == {"items": [{"slug": "tin"}], "next": None}


def test_search_for_an_expression(todo: Todo) -> None:
    assert Todo.objects.filter(title__icontains=F("title")).get() == todo
    assert not Todo.objects.filter(title__icontains=F("owner__username")).exists()


def test_keys_and_values_of_a_method_field(ask: Ask, mug: Product) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    class Counted(ProductSerializer):
        counts = serializers.SerializerMethodField()

        class Meta(ProductSerializer.Meta):
            fields = ["counts"]

        def get_counts(self, product: Product) -> dict[Any, Any]:
            return {1: moment, None: "none"}

    class Detail(ProductDetail):
        serializer_class = Counted

    body = ask(Detail, "", product_id=mug.pk).json
    assert body == {"counts": {"1": "2026-01-02T03:04:05Z", "null": "none"}}


def test_serializer_with_fewer_fields_creates(ask: Ask, alice_token: str) -> None:
    class Brief(TodoSerializer):
        tags = items = progress = product_id = None  # type: ignore[assignment] # as DRF has it

        class Meta(TodoSerializer.Meta):
            fields = ["id", "title"]

    class List(TodoList):
        serializer_class = Brief

    assert ask(List, alice_token, "POST", {"title": "x"}).status == 201
    assert Todo.objects.get().title == "x"


def test_signals_of_a_new_todo(call: Call, alice_token: str) -> None:
    found: list[bool] = []

    def note(**kwargs: Any) -> None:
        found.append(kwargs["created"])

    post_save.connect(note, sender=Todo)
    try:
        call("POST", "/api/todos", {"title": "x", "tags": ["a"]}, alice_token)
    finally:
        post_save.disconnect(note, sender=Todo)
    assert found == [True]


def test_signals_of_a_movement(call: Call, mug: Product, sam_token: str) -> None:
    with received(pre_save, post_save) as found:
        body = {"delta": 1, "reason": "received"}
        call("POST", f"/api/products/{mug.pk}/stock-adjustments", body, sam_token)
    assert found == [(pre_save, "MUG"), (post_save, "MUG")]


def test_idempotent_form(ask: Ask, alice_token: str) -> None:
    class Form(TodoList):
        parser_classes = [MultiPartParser]

    headers = {"Idempotency-Key": "k", "Content-Type": MULTIPART_CONTENT}
    forms = [encode_multipart(BOUNDARY, {"title": title}) for title in ("x", "x", "y")]
    answers = [ask(Form, alice_token, "POST", form, headers=headers) for form in forms]
    assert [answer.status for answer in answers] == [201, 201, 422]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert Todo.objects.get().title == "x"


def test_idempotent_answer_without_a_body(ask: Ask, alice_token: str) -> None:
    class Accepted(TodoList):
        @idempotent
        def post(self, request: Request) -> Response:
            return Response(status=202)

    key = {"Idempotency-Key": "k"}
    for _ in range(2):
        answer = ask(Accepted, alice_token, "POST", {"title": "x"}, headers=key)
        assert (answer.status, answer.body) == (202, b"")
