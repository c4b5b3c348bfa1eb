"""One's own todos; to anybody but their owner they do not exist."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework.generics import (
    CreateAPIView,
    ListCreateAPIView,
    RetrieveUpdateDestroyAPIView,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from drf_api.contract.database import in_transaction
from drf_api.contract.etags import ConditionalMixin
from drf_api.contract.idempotency import idempotent
from drf_api.contract.parameters import IdempotencyKeyHeader
from drf_api.contract.reading import ReadMixin
from drf_api.contract.statements import Parameter
from drf_api.contract.views import ContractMixin
from drf_api.todos.filters import TodoFilter, TodoQuery
from drf_api.todos.models import Todo
from drf_api.todos.serializers import TodoBulkSerializer, TodoSerializer


class TodoList(ReadMixin, ContractMixin, ListCreateAPIView[Todo]):
    """One's own todos."""

    reads = Todo.objects.owned_by(Parameter("caller")).with_lists()
    serializer_class = TodoSerializer
    query_class = TodoQuery
    filter_backends = [TodoFilter]
    header_class = IdempotencyKeyHeader

    @idempotent
    def post(self, request: Request) -> Response:
        return self.create(request)

    def perform_create(self, serializer: BaseSerializer[Todo]) -> None:
        serializer.save(owner=self.caller)

    def get_success_headers(self, data: Any) -> dict[str, str]:
        return {"Location": reverse("todo", args=[data["id"]])}


class TodoBulk(ContractMixin, CreateAPIView[Todo]):
    """Many todos at once, all or none."""

    serializer_class = TodoBulkSerializer
    header_class = IdempotencyKeyHeader

    @idempotent
    def post(self, request: Request) -> Response:
        return self.create(request)

    def perform_create(self, serializer: BaseSerializer[Todo]) -> None:
        serializer.save(owner=self.caller)


class TodoDetail(ConditionalMixin, ContractMixin, RetrieveUpdateDestroyAPIView[Todo]):
    """One todo."""

    reads = Todo.objects.owned_by(Parameter("caller")).with_lists()
    queryset = Todo.objects.owned_by(Parameter("caller")).select_for_update()
    serializer_class = TodoSerializer
    lookup_url_kwarg = "todo_id"

    def locked_object(self) -> Todo:
        """Fetch the lists once the row is locked, which is what locks them, too."""
        todo: Todo = super().locked_object()
        return todo.fetch_lists()

    @in_transaction
    def put(self, request: Request, todo_id: UUID) -> Response:
        return self.update(request)

    @in_transaction
    def patch(self, request: Request, todo_id: UUID) -> Response:
        return self.partial_update(request)

    @in_transaction
    def delete(self, request: Request, todo_id: UUID) -> Response:
        return self.destroy(request)
