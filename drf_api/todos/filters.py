"""How a user's todos can be filtered and sorted."""

from typing import Any

from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from drf_api.contract.pagination import PageQuery
from drf_api.contract.parameters import TRUE_OR_FALSE
from drf_api.contract.strict import SLUG, CharField, ChoiceField, DateTimeField, UUIDField
from drf_api.todos.models import Priority, TodoQuerySet

COLUMNS = ["created_at", "updated_at", "due_at", "priority", "title"]
SORTS = [f"{sign}{column}" for column in COLUMNS for sign in ("", "-")]


class TodoQuery(PageQuery):
    """The query of a user's todos."""

    completed = ChoiceField(TRUE_OR_FALSE, required=False)
    priority = ChoiceField(Priority.choices, required=False)
    tag = CharField(max_length=50, allow_blank=True, validators=[SLUG], required=False)
    product_id = UUIDField(required=False)
    due_before = DateTimeField(required=False)
    due_after = DateTimeField(required=False)
    overdue = ChoiceField(TRUE_OR_FALSE, required=False)
    q = CharField(max_length=100, required=False)
    sort = ChoiceField(SORTS, required=False)


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
                    todos = todos.overdue() if value else todos.not_overdue()
                case "q":
                    todos = todos.filter(title__icontains=value)
        return todos
