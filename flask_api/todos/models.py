"""Todos with their tags and checklists."""

from collections.abc import Iterable
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
    SmallInteger,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    delete,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flask_api.core.database import (
    Model,
    PrimaryKey,
    by_code_points,
    db,
    insert,
    now,
    references,
)


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


class Progress(NamedTuple):
    """How much of a checklist is done."""

    done: int
    total: int


class Tag(Model):
    """A word that todos are found by."""

    __tablename__ = "tags"

    slug: Mapped[str] = mapped_column(by_code_points(50), primary_key=True)

    @classmethod
    def named(cls, slugs: Iterable[str]) -> "dict[str, Tag]":
        """Fetch tags; those that are new are made, even when somebody else does so just now."""
        wanted = set(slugs)
        tags = cls.fetch(wanted)
        if missing := wanted - tags.keys():
            # Everybody inserts in the same order, so that writers don't block each other for good.
            values = [{"slug": slug} for slug in sorted(missing)]
            db.session.execute(insert(cls).values(values).on_conflict_do_nothing())
            tags |= cls.fetch(missing)
        return tags

    @classmethod
    def fetch(cls, slugs: set[str]) -> "dict[str, Tag]":
        """Fetch the tags that there are."""
        if not slugs:
            return {}
        tags = db.session.scalars(select(cls).where(cls.slug.in_(sorted(slugs))))
        return {tag.slug: tag for tag in tags}


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

    tags: Mapped[list[Tag]] = relationship(secondary=todo_tags, order_by=Tag.slug)
    items: Mapped[list["ChecklistItem"]] = relationship(
        cascade="all, delete-orphan", order_by="ChecklistItem.position"
    )

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

    @property
    def progress(self) -> Progress:
        """Count the checklist's items, and those that are done."""
        return Progress(done=sum(item.done for item in self.items), total=len(self.items))

    def change(self, data: dict[str, Any], tags: dict[str, Tag], moment: datetime) -> None:
        """Set some properties, as a schema loads them; `tags` has all that they name."""
        data = dict(data)
        if "items" in data:
            self.replace_items(data.pop("items"))
        if "tags" in data:
            self.tags = [tags[slug] for slug in sorted(data.pop("tags"))]
        if "completed" in data:
            self.complete(data.pop("completed"), moment)
        for name, value in data.items():
            setattr(self, name, value)
        self.updated_at = moment

    def complete(self, completed: bool, moment: datetime) -> None:  # noqa: FBT001
        """Note when the todo becomes completed, and forget it when it no longer is."""
        if completed != self.completed:
            self.completed = completed
            self.completed_at = moment if completed else None

    def replace_items(self, items: list[dict[str, Any]]) -> None:
        """Make a new checklist."""
        if self.items:
            self.items = []
            db.session.flush()  # or else the new items would be inserted while the old are there
        self.items = [ChecklistItem(position=place, **item) for place, item in enumerate(items)]

    @classmethod
    def make(cls, owner_id: UUID, many: list[dict[str, Any]]) -> "list[Todo]":
        """Make a user's new todos, all at one time."""
        tags = Tag.named(slug for data in many for slug in data["tags"])
        moment = now()
        todos = [cls(owner_id=owner_id, completed=False, created_at=moment) for _ in many]
        for todo, data in zip(todos, many, strict=True):
            todo.change(data, tags, moment)
        db.session.add_all(todos)
        db.session.flush()
        return todos

    @classmethod
    def delete_where(cls, condition: ColumnElement[bool]) -> None:
        """Delete todos with what belongs to them."""
        chosen = select(cls.id).where(condition).scalar_subquery()
        for statement in (
            delete(ChecklistItem).where(ChecklistItem.todo_id.in_(chosen)),
            delete(todo_tags).where(todo_tags.c.todo_id.in_(chosen)),
            delete(cls).where(condition),
        ):
            # There is no need to look for deleted objects among those in memory.
            db.session.execute(statement, execution_options={"synchronize_session": False})


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
