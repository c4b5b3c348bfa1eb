"""Todos with their tags and checklists."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Dialect,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    event,
    select,
    update,
)
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flask_api.accounts.models import User
from flask_api.contract.database import Model, PrimaryKey, collated_c, db, deferred_fk, insert, now
from flask_api.products.models import Product


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
    Column("todo_id", deferred_fk("todos.id"), nullable=False),
    Column("tag_id", deferred_fk("tags.slug"), nullable=False, index=True),
    UniqueConstraint("todo_id", "tag_id"),
    sqlite_autoincrement=True,
)


class Tag(Model):
    """A word that todos are found by."""

    __tablename__ = "tags"

    slug: Mapped[str] = mapped_column(collated_c(50), primary_key=True)

    def __str__(self) -> str:
        return self.slug  # which a schema's String shows of it

    @classmethod
    def get_or_create(cls, slugs: Collection[str]) -> "dict[str, Tag]":
        """Return tags by their slugs; another request may create the same just now."""
        # Everybody inserts in the same order, so that writers don't block each other for good.
        values = [{"slug": slug} for slug in sorted(set(slugs))]
        if not values:
            return {}
        db.session.execute(insert(cls).values(values).on_conflict_do_nothing())
        tags = db.session.scalars(select(cls).where(cls.slug.in_(slugs)))
        return {tag.slug: tag for tag in tags}


class Todo(Model):
    """Something to do; nobody but its owner sees it."""

    __tablename__ = "todos"

    id: Mapped[PrimaryKey]
    owner_id: Mapped[UUID] = mapped_column(deferred_fk("users.id"))
    title: Mapped[str] = mapped_column(collated_c(200))
    notes: Mapped[str] = mapped_column(collated_c())
    completed: Mapped[bool] = mapped_column(default=False)
    completed_at: Mapped[datetime | None]
    priority: Mapped[Priority] = mapped_column(PriorityNumber)
    due_at: Mapped[datetime | None]
    product_id: Mapped[UUID | None] = mapped_column(deferred_fk("products.id"), index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    owner: Mapped[User] = relationship(back_populates="todos")
    tags: Mapped[list[Tag]] = relationship(secondary=todo_tags, order_by=Tag.slug, lazy="selectin")
    items: Mapped[list["ChecklistItem"]] = relationship(
        cascade="all, delete-orphan",
        order_by="ChecklistItem.position",
        collection_class=ordering_list("position"),
        lazy="selectin",
    )
    product: Mapped[Product | None] = relationship(back_populates="todos")

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
    def create(cls, owner: User, many: Collection[Mapping[str, Any]]) -> "list[Todo]":
        """Create a user's todos, as the schema loads them, all at one time."""
        tags = Tag.get_or_create({slug for data in many for slug in data["tags"]})
        moment = now()
        todos = [cls(owner_id=owner.id, completed=False, created_at=moment) for _ in many]
        for todo, data in zip(todos, many, strict=True):
            todo.assign(data, tags, moment)
        db.session.add_all(todos)
        db.session.flush()
        return todos

    def update(self, data: Mapping[str, Any]) -> None:
        """Set properties, as the schema loads them."""
        if data.get("items"):
            # The unit of work inserts before it deletes, and an item's position is unique.
            self.items.clear()
            db.session.flush()
        self.assign(data, Tag.get_or_create(data.get("tags", ())), now())
        db.session.flush()

    def assign(self, data: Mapping[str, Any], tags: Mapping[str, Tag], moment: datetime) -> None:
        """Set properties at a time; `tags` has all that are named."""
        # It is noted when the todo becomes completed, and forgotten when it no longer is.
        if data.get("completed", self.completed) != self.completed:
            self.completed_at = moment if data["completed"] else None
        for name, value in data.items():
            if name != "tags":
                setattr(self, name, value)
        if "tags" in data:
            self.tags = [tags[slug] for slug in sorted(data["tags"])]
        self.updated_at = moment


class ChecklistItem(Model):
    """A step of a todo."""

    __tablename__ = "checklist_items"

    id: Mapped[PrimaryKey]
    todo_id: Mapped[UUID] = mapped_column(deferred_fk("todos.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    done: Mapped[bool]

    __table_args__ = (
        UniqueConstraint("todo_id", "position"),
        CheckConstraint("position >= 0", "ck_checklist_items_position"),
    )


@event.listens_for(Product, "before_delete")
def forget_product(_mapper: Any, connection: Connection, product: Product) -> None:
    """Take a product from its todos by one statement, instead of loading them."""
    todos = update(Todo).where(Todo.product_id == product.id)
    connection.execute(todos.values(product_id=None))
