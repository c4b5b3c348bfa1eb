"""Which todos a list has, and in which order."""

from datetime import UTC, datetime

from marshmallow import fields
from sqlalchemy import and_, bindparam, func, not_, select

from flask_api.contract import strict
from flask_api.contract.database import PRESENT, icontains
from flask_api.contract.pagination import Listing, PageQuery, SortKey, sort_by, time_key
from flask_api.contract.strict import rfc3339, slug
from flask_api.todos.models import OWN_TODOS, Priority, Todo, todo_tags

LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


# Due before now, and not completed: always true or false, as a time that is null isn't compared.
OVERDUE = and_(not_(Todo.completed), Todo.due_at.is_not(None), Todo.due_at < PRESENT)
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
FILTERS = {
    "completed": Todo.completed == bindparam("completed"),
    "priority": Todo.priority == bindparam("priority"),
    "tag": Todo.id.in_(select(todo_tags.c.todo_id).where(todo_tags.c.tag_id == bindparam("tag"))),
    "product_id": Todo.product_id == bindparam("product_id"),
    "due_before": Todo.due_at < bindparam("due_before"),
    "due_after": Todo.due_at >= bindparam("due_after"),
    "overdue": bindparam("overdue") == OVERDUE,
    "q": icontains(Todo.title, bindparam("q")),
}
TODOS = Listing(OWN_TODOS, Todo.id, FILTERS)


class TodoQuery(PageQuery):
    """The parameters of the list of todos."""

    completed = strict.flag()
    priority = fields.Enum(Priority)
    tag = strict.String(validate=slug)
    product_id = strict.UUID()
    due_before = strict.DateTime()
    due_after = strict.DateTime()
    overdue = strict.flag()
    q = strict.search_text()
    sort = sort_by(SORT_KEYS)
