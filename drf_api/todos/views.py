"""Todos of the current user; to anybody but their owner they do not exist."""

from typing import Any

from django.urls import reverse
from rest_framework.generics import (
    CreateAPIView,
    ListCreateAPIView,
    RetrieveUpdateDestroyAPIView,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from drf_api.contract.etags import ConditionalMixin
from drf_api.contract.idempotency import idempotent
from drf_api.contract.parameters import IdempotencyKeyHeader
from drf_api.contract.views import ContractMixin
from drf_api.todos.filters import TodoFilter, TodoQuery
from drf_api.todos.models import Todo, TodoQuerySet
from drf_api.todos.serializers import TodoBulkSerializer, TodoSerializer


class TodoList(ContractMixin, ListCreateAPIView[Todo]):
    """The current user's todos."""

    serializer_class = TodoSerializer
    query_class = TodoQuery
    filter_backends = [TodoFilter]
    header_class = IdempotencyKeyHeader

    def get_queryset(self) -> TodoQuerySet:
        return Todo.objects.owned_by(self.request.user).prefetch_related("tags", "items")

    @idempotent
    def post(self, request: Request) -> Response:
        return self.create(request)

    def perform_create(self, serializer: BaseSerializer[Todo]) -> None:
        serializer.save(owner=self.request.user)

    def get_success_headers(self, data: Any) -> dict[str, str]:
        return {"Location": reverse("todo", args=[data["id"]])}


class TodoBulk(ContractMixin, CreateAPIView[Todo]):
    """Several todos at once, all or none."""

    serializer_class = TodoBulkSerializer
    header_class = IdempotencyKeyHeader

    @idempotent
    def post(self, request: Request) -> Response:
        return self.create(request)

    def perform_create(self, serializer: BaseSerializer[Todo]) -> None:
        serializer.save(owner=self.request.user)


class TodoDetail(ConditionalMixin, ContractMixin, RetrieveUpdateDestroyAPIView[Todo]):
    """A single todo of the current user (404 for others')."""

    serializer_class = TodoSerializer
    lookup_url_kwarg = "todo_id"

    def get_queryset(self) -> TodoQuerySet:
        return Todo.objects.owned_by(self.request.user).prefetch_related("tags", "items")
