"""Tables and sessions, as SQLAlchemy's documentation declares them."""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from fastapi import Depends
from sqlalchemy import (
    Column,
    ForeignKey,
    Numeric,
    String,
    Table,
    create_engine,
    delete,
    event,
    select,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
)
from sqlalchemy.pool import StaticPool
from werkzeug.security import generate_password_hash


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(30), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    is_staff: Mapped[bool] = mapped_column(default=False)
    hashed_password: Mapped[str] = mapped_column(default="-")


class Product(Base):
    __tablename__ = "products"
    id: Mapped[uuid.UUID] = mapped_column(
        primary_key=True, default=uuid.uuid4
    )
    name: Mapped[str] = mapped_column(String(200))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))


class Tag(Base):
    __tablename__ = "tags"
    slug: Mapped[str] = mapped_column(String(50), primary_key=True)


todo_tags = Table(
    "todo_tags",
    Base.metadata,
    Column("todo_id", ForeignKey("todos.id"), primary_key=True),
    Column("tag_slug", ForeignKey("tags.slug"), primary_key=True),
)


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    notes: Mapped[str] = mapped_column(default="")
    priority: Mapped[str] = mapped_column(String(10), default="normal")
    tags: Mapped[list["Tag"]] = relationship(secondary=todo_tags)
    items: Mapped[list["ChecklistItem"]] = relationship(
        cascade="all, delete-orphan"
    )


class ChecklistItem(Base):
    __tablename__ = "checklist_items"
    id: Mapped[int] = mapped_column(primary_key=True)
    todo_id: Mapped[int] = mapped_column(ForeignKey("todos.id"))
    text: Mapped[str] = mapped_column(String(200))
    done: Mapped[bool] = mapped_column(default=False)


engine = create_engine("sqlite://", poolclass=StaticPool)


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def get_password_hash(password: str) -> str:
    return generate_password_hash(password)


def get_current_user(session: SessionDep) -> User:
    return session.scalars(select(User)).one()


def count_statements(rows: int, read) -> int:
    """Count the statements that reading some todos takes."""
    statements = []
    with Session(engine) as session:
        session.execute(delete(todo_tags))
        session.execute(delete(Todo))
        home = session.get(Tag, "home")
        session.add_all(
            [Todo(title="x", tags=[home]) for _ in range(rows)]
        )
        session.commit()
    with Session(engine) as session:
        event.listen(
            engine,
            "before_cursor_execute",
            lambda *args: statements.append(args[2]),
        )
        read(session)
    return len(statements)


def fill() -> None:
    """Make the tables, and some rows."""
    Base.metadata.create_all(engine)
    mug = Product(
        id=uuid.UUID("019b8d49-3204-73bf-8e08-6130bb92870b"),
        name="Mug",
        price=14,
    )
    with Session(engine) as session:
        session.add_all(
            [
                User(username="alice", email="alice@example.com"),
                mug,
                Tag(slug="home"),
            ]
        )
        session.commit()
