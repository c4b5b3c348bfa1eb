"""Its models, as Flask-SQLAlchemy's documentation declares them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from enum import IntEnum

from flask import g
from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Column,
    ForeignKey,
    Numeric,
    String,
    Table,
    delete,
    event,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
)

from flask_shop.app import app


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Priority(IntEnum):
    low = 1
    normal = 2
    high = 3
    urgent = 4


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(30), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    api_key: Mapped[str | None] = mapped_column(unique=True)
    is_staff: Mapped[bool] = mapped_column(default=False)
    password: Mapped[str]


class Product(db.Model):
    id: Mapped[uuid.UUID] = mapped_column(
        primary_key=True, default=uuid.uuid4
    )
    name: Mapped[str] = mapped_column(String(200))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))


class Tag(db.Model):
    slug: Mapped[str] = mapped_column(String(50), primary_key=True)


todo_tags = Table(
    "todo_tags",
    Base.metadata,
    Column("todo_id", ForeignKey("todo.id"), primary_key=True),
    Column("tag_slug", ForeignKey("tag.slug"), primary_key=True),
)


class Todo(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    notes: Mapped[str] = mapped_column(default="")
    completed: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[Priority] = mapped_column(default=Priority.normal)
    due_at: Mapped[datetime | None]
    product_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("product.id")
    )
    tags: Mapped[list["Tag"]] = relationship(secondary=todo_tags)
    items: Mapped[list["ChecklistItem"]] = relationship(
        cascade="all, delete-orphan"
    )


class ChecklistItem(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    todo_id: Mapped[int] = mapped_column(ForeignKey("todo.id"))
    text: Mapped[str] = mapped_column(String(200))
    done: Mapped[bool] = mapped_column(default=False)


class StockAdjustment(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    delta: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


def count_statements(rows: int, read) -> int:
    """Count the statements that reading some todos takes."""
    db.session.execute(delete(todo_tags))
    db.session.execute(delete(Todo))
    home = db.session.get(Tag, "home")
    db.session.add_all(
        [Todo(title="x", tags=[home]) for _ in range(rows)]
    )
    db.session.commit()
    db.session.remove()
    statements = []
    event.listen(
        db.engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    read()
    return len(statements)


@contextmanager
def running() -> Iterator[None]:
    """Run the application, with a database in memory and some rows."""
    db.init_app(app)
    with app.test_request_context():
        db.create_all()
        g.user = User(
            username="alice", email="alice@example.com", password="-"
        )
        mug = Product(
            id=uuid.UUID("019b8d49-3204-73bf-8e08-6130bb92870b"),
            name="Mug",
            price=14,
        )
        db.session.add_all([g.user, mug, Tag(slug="home")])
        db.session.commit()
        yield
