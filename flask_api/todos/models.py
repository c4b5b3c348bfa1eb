"""Todos with their tags and checklists."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Dialect,
    Identity,
    Index,
    Integer,
    Row,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    bindparam,
    delete,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from flask_api.contract.database import (
    Model,
    PrimaryKey,
    by_code_points,
    insert,
    now,
    references,
)
from flask_api.contract.rows import Anything, collected, columns, execute, insert_rows, update_row


class Priority(IntEnum):
    """How much something matters; sorted by the numbers that are stored."""

    low = 1
    normal = 2
    high = 3
    urgent = 4


class PriorityNumber(TypeDecorator[Priority]):
    """A priority as a small integer."""

    impl = SmallInteger
    cache_ok = True

    def process_result_value(self, value: int | None, dialect: Dialect) -> Priority | None:
        return None if value is None else Priority(value)


todo_tags = Table(
    "todo_tags",
    Model.metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True),
    Column("todo_id", references("todos.id"), nullable=False),
    Column("tag_id", references("tags.slug"), nullable=False, index=True),
    UniqueConstraint("todo_id", "tag_id"),
    sqlite_autoincrement=True,
)


class Tag(Model):
    """A word that todos are found by."""

    __tablename__ = "tags"

    slug: Mapped[str] = mapped_column(by_code_points(50), primary_key=True)

    @classmethod
    def add_new(cls, slugs: Iterable[str]) -> None:
        """Make those tags that are new, even when somebody else does so just now."""
        # Everybody inserts in the same order, so that writers don't block each other for good.
        values = [{"slug": slug} for slug in sorted(set(slugs))]
        if values:
            execute(insert(cls).on_conflict_do_nothing(), values)


class Todo(Model):
    """Something to do; nobody but its owner sees it."""

    __tablename__ = "todos"

    id: Mapped[PrimaryKey]
    owner_id: Mapped[UUID] = mapped_column(references("users.id"))
    title: Mapped[str] = mapped_column(by_code_points(200))
    notes: Mapped[str] = mapped_column(by_code_points())
    completed: Mapped[bool] = mapped_column(default=False)
    completed_at: Mapped[datetime | None]
    priority: Mapped[Priority] = mapped_column(PriorityNumber)
    due_at: Mapped[datetime | None]
    product_id: Mapped[UUID | None] = mapped_column(references("products.id"), index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("priority BETWEEN 1 AND 4", "ck_todos_priority"),
        CheckConstraint(
            "(completed AND completed_at IS NOT NULL) OR (NOT completed AND completed_at IS NULL)",
            "ck_todos_completed_at",
        ),
        Index(None, "owner_id", "created_at", "id"),
        Index(None, "owner_id", "updated_at", "id"),
        Index(None, "owner_id", "due_at", "id"),
        Index(None, "owner_id", "priority", "id"),
        Index(None, "owner_id", "title", "id"),
    )

    @classmethod
    def make(cls, owner_id: UUID, many: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Make a user's new todos, as a schema loads them, all at one time."""
        moment = now()
        todos = [
            {
                **prepared(data),
                "id": uuid7(),
                "owner_id": owner_id,
                "completed_at": moment if data["completed"] else None,
                "created_at": moment,
                "updated_at": moment,
            }
            for data in many
        ]
        cls.add(todos)
        return todos

    @classmethod
    def add(cls, todos: Sequence[dict[str, Any]]) -> None:
        """Store new todos."""
        insert_rows(cls, [without_parts(todo) for todo in todos])
        add_parts(todos)

    @classmethod
    def change(cls, todo: Row[*Anything], data: Mapping[str, Any]) -> dict[str, Any]:
        """Set some properties, as a schema loads them."""
        moment = now()
        changed = {**prepared(data), "updated_at": moment}
        # It is noted when the todo becomes completed, and forgotten when it no longer is.
        if changed.get("completed", todo.completed) != todo.completed:
            changed["completed_at"] = moment if changed["completed"] else None
        update_row(cls, todo.id, without_parts(changed))
        for name, table in PARTS.items():
            if changed.get(name, getattr(todo, name)) != getattr(todo, name):
                execute(delete(table).where(table.c.todo_id == todo.id))
                add_parts([{name: changed[name], "id": todo.id}])
        return {**todo._asdict(), **changed}

    @classmethod
    def delete_where(cls, condition: ColumnElement[bool]) -> None:
        """Delete todos with what belongs to them."""
        chosen = select(cls.id).where(condition).scalar_subquery()
        for table in PARTS.values():
            execute(delete(table).where(table.c.todo_id.in_(chosen)))
        execute(delete(cls).where(condition))


class ChecklistItem(Model):
    """A step of a todo."""

    __tablename__ = "checklist_items"

    id: Mapped[PrimaryKey]
    todo_id: Mapped[UUID] = mapped_column(references("todos.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    done: Mapped[bool]

    __table_args__ = (
        UniqueConstraint("todo_id", "position"),
        CheckConstraint("position >= 0", "ck_checklist_items_position"),
    )


# What has tables of its own.
PARTS: Mapping[str, Any] = {"tags": todo_tags, "items": ChecklistItem.__table__}


class Item(NamedTuple):
    """A step of a todo, as it is shown."""

    id: UUID
    text: str
    done: bool


# A user's todos, each with its tags and items.
OWN_TODOS = select(
    *columns(Todo, "owner_id"),
    collected(
        select(todo_tags.c.tag_id)
        .where(todo_tags.c.todo_id == Todo.id)
        .order_by(todo_tags.c.tag_id)
        .correlate(Todo)
    ).label("tags"),
    collected(
        select(ChecklistItem.id, ChecklistItem.text, ChecklistItem.done)
        .where(ChecklistItem.todo_id == Todo.id)
        .order_by(ChecklistItem.position)
        .correlate(Todo),
        Item,
    ).label("items"),
).where(Todo.owner_id == bindparam("owner_id"))


def prepared(data: Mapping[str, Any]) -> dict[str, Any]:
    """Put the tags in order, and make items of what the schema loads."""
    parts: dict[str, Any] = {}
    if "tags" in data:
        parts["tags"] = sorted(data["tags"])
    if "items" in data:
        parts["items"] = [Item(uuid7(), **item) for item in data["items"]]
    return {**data, **parts}


def without_parts(todo: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not in the table of todos."""
    return {name: value for name, value in todo.items() if name not in PARTS}


def add_parts(todos: Sequence[Mapping[str, Any]]) -> None:
    """Store the tags and items of todos, where there are any."""
    labels = [
        {"todo_id": todo["id"], "tag_id": slug} for todo in todos for slug in todo.get("tags", ())
    ]
    Tag.add_new(label["tag_id"] for label in labels)
    insert_rows(todo_tags, labels)
    insert_rows(
        ChecklistItem,
        [
            {"todo_id": todo["id"], "position": place, **item._asdict()}
            for todo in todos
            for place, item in enumerate(todo.get("items", ()))
        ],
    )
