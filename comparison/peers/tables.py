"""The tables for SQLAlchemy's ORM, as its documentation declares them."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Engine,
    ForeignKey,
    Numeric,
    Table,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from comparison.peers.contract import DATABASE_URL, new_id


def make_engine() -> Engine:
    """Make what connects to the database; SQLite is set up as the twins do."""
    url = DATABASE_URL.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def prepare_sqlite(connection: Any, _record: Any) -> None:
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}")

    return engine


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
    }


class User(Base):
    """Somebody with an account."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    is_staff: Mapped[bool]
    is_active: Mapped[bool]


class Token(Base):
    """What stands for a user in requests."""

    __tablename__ = "tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    digest: Mapped[str]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]

    user: Mapped[User] = relationship()


todo_tags = Table(
    "todo_tags",
    Base.metadata,
    Column("todo_id", ForeignKey("todos.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.slug"), primary_key=True),
)


class Tag(Base):
    """A word that todos are found by."""

    __tablename__ = "tags"

    slug: Mapped[str] = mapped_column(primary_key=True)


class Item(Base):
    """A step of a todo."""

    __tablename__ = "checklist_items"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    todo_id: Mapped[UUID] = mapped_column(ForeignKey("todos.id"))
    position: Mapped[int]
    text: Mapped[str]
    done: Mapped[bool]


class Todo(Base):
    """Something to do."""

    __tablename__ = "todos"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str]
    notes: Mapped[str]
    completed: Mapped[bool]
    completed_at: Mapped[datetime | None]
    priority: Mapped[int]
    due_at: Mapped[datetime | None]
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("products.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    tags: Mapped[list[Tag]] = relationship(secondary=todo_tags, order_by=Tag.slug)
    items: Mapped[list[Item]] = relationship(order_by=Item.position, cascade="all, delete-orphan")

    @property
    def progress(self) -> dict[str, int]:
        """How much of the checklist is done."""
        return {"done": sum(item.done for item in self.items), "total": len(self.items)}


class Product(Base):
    """Something that the shop sells."""

    __tablename__ = "products"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sku: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    category: Mapped[str]
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[str]
    attributes: Mapped[dict[str, Any]]
    active: Mapped[bool]
    stock: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Adjustment(Base):
    """A movement of a product's stock."""

    __tablename__ = "stock_adjustments"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    delta: Mapped[int]
    reason: Mapped[str]
    note: Mapped[str]
    balance: Mapped[int]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
