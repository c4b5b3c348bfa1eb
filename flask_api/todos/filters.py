"""Which todos a list has, and in which order."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields
from sqlalchemy import Select, and_, func, not_

from flask_api.contract import strict
from flask_api.contract.database import icontains, now
from flask_api.contract.pagination import PageQuery, SortKey, sort_by, time_key
from flask_api.contract.parameters import flag
from flask_api.contract.strict import Length, rfc3339, slug
from flask_api.todos.models import Priority, Tag, Todo

LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
SORT_KEYS = {
    "created_at": time_key(Todo.created_at),
    "updated_at": time_key(Todo.updated_at),
    # A null counts as greater than any value, the very last moment included.
    "due_at": SortKey(
        (Todo.due_at.is_(None), func.coalesce(Todo.due_at, LAST_MOMENT, type_=Todo.due_at.type)),
        "due_at",
        lambda due_at: rfc3339(due_at) if due_at else "",
        lambda text: (not text, datetime.fromisoformat(text) if text else LAST_MOMENT),
    ),
    "priority": SortKey((Todo.priority,), "priority", int, lambda number: (Priority(number),)),
    "title": SortKey((Todo.title,), "title"),
}


class TodoQuery(PageQuery):
    """The parameters of the list of todos."""

    completed = flag()
    priority = fields.Enum(Priority)
    tag = strict.String(validate=slug)
    product_id = strict.UUID()
    due_before = strict.DateTime()
    due_after = strict.DateTime()
    overdue = flag()
    q = strict.String(validate=Length(1, 100))
    sort = sort_by(SORT_KEYS)


def filter_todos(todos: Select[Todo], query: Mapping[str, Any]) -> Select[Todo]:
    """Keep the todos that all parameters admit."""
    if "completed" in query:
        todos = todos.where(Todo.completed == query["completed"])
    if "priority" in query:
        todos = todos.where(Todo.priority == query["priority"])
    if "tag" in query:
        todos = todos.where(Todo.tags.any(Tag.slug == query["tag"]))
    if "product_id" in query:
        todos = todos.where(Todo.product_id == query["product_id"])
    if "due_before" in query:
        todos = todos.where(Todo.due_at < query["due_before"])
    if "due_after" in query:
        todos = todos.where(Todo.due_at >= query["due_after"])
    if "overdue" in query:
        # Never null, so that its opposite holds for all others.
        overdue = and_(not_(Todo.completed), Todo.due_at.is_not(None), Todo.due_at < now())
        todos = todos.where(overdue if query["overdue"] else not_(overdue))
    if "q" in query:
        todos = todos.where(icontains(Todo.title, query["q"]))
    return todos
