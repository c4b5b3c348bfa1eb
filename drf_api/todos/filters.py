"""What one's todos can be filtered by."""

from typing import Any

from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from drf_api.contract.pagination import PageQuery
from drf_api.contract.statements import Parameter
from drf_api.contract.strict import (
    BooleanParameter,
    ChoiceField,
    IdField,
    RankField,
    SearchField,
    SlugField,
    TimeField,
)
from drf_api.todos.models import PRIORITIES, TodoQuerySet

SORTS = [
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "due_at",
    "-due_at",
    "priority",
    "-priority",
    "title",
    "-title",
]


class TodoQuery(PageQuery):
    """The parameters of one's todos."""

    completed = BooleanParameter(required=False)
    priority = RankField(PRIORITIES, required=False)
    tag = SlugField(required=False)
    product_id = IdField(required=False)
    due_before = TimeField(required=False)
    due_after = TimeField(required=False)
    overdue = BooleanParameter(required=False)
    q = SearchField(required=False)
    sort = ChoiceField(SORTS, default="-created_at")


class TodoFilter(BaseFilterBackend):
    """Keeps the todos that fit all parameters."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        todos: TodoQuerySet = queryset
        for name, value in view.parameters.items():
            match name:
                case "completed" | "priority" | "product_id":
                    todos = todos.filter(**{name: value})
                case "tag":
                    todos = todos.filter(tags=value)
                case "due_before":
                    todos = todos.filter(due_at__lt=value)
                case "due_after":
                    todos = todos.filter(due_at__gte=value)
                case "overdue":
                    now = Parameter("now")
                    todos = todos.overdue(now) if value else todos.not_overdue(now)
                case "q":
                    todos = todos.containing(value)
        return todos
