"""Which todos a list has, and in which order."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from flask_api.core import fields
from flask_api.core.database import containing, now
from flask_api.core.pagination import PageQuery, Sort, SortKey, time_key
from flask_api.todos.models import Priority, Todo, todo_tags

LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


def overdue(value: bool) -> ColumnElement[bool]:  # noqa: FBT001
    """Select what was due before now and isn't completed, or all others."""
    moment = now()
    if value:
        return and_(not_(Todo.completed), Todo.due_at < moment)
    return or_(Todo.completed, Todo.due_at.is_(None), Todo.due_at >= moment)


SORT_KEYS = {
    "created_at": time_key(Todo.created_at),
    "updated_at": time_key(Todo.updated_at),
    # A null counts as greater than any value, the very last moment included.
    "due_at": SortKey(
        (Todo.due_at.is_(None), func.coalesce(Todo.due_at, LAST_MOMENT, type_=Todo.due_at.type)),
        "due_at",
        lambda due_at: fields.rfc3339(due_at) if due_at else "",
        lambda text: (not text, datetime.fromisoformat(text) if text else LAST_MOMENT),
    ),
    "priority": SortKey((Todo.priority,), "priority", int, lambda number: (Priority(number),)),
    "title": SortKey((Todo.title,), "title"),
}
FILTERS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "completed": lambda completed: Todo.completed == completed,
    "priority": lambda priority: Todo.priority == priority,
    "tag": lambda tag: Todo.id.in_(select(todo_tags.c.todo_id).where(todo_tags.c.tag_id == tag)),
    "product_id": lambda product_id: Todo.product_id == product_id,
    "due_before": lambda moment: Todo.due_at < moment,
    "due_after": lambda moment: Todo.due_at >= moment,
    "overdue": overdue,
    "q": lambda text: or_(containing(Todo.title, text), containing(Todo.notes, text)),
}


class TodoQuery(PageQuery):
    """The parameters of the list of todos."""

    completed = fields.QueryBoolean()
    priority = fields.EnumName(Priority)
    tag = fields.Slug()
    product_id = fields.Id()
    due_before = fields.DateTime()
    due_after = fields.DateTime()
    overdue = fields.QueryBoolean()
    q = fields.SearchText()
    sort = Sort(SORT_KEYS)
