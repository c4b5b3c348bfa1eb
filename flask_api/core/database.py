"""What the database layer needs bent: transactions, stored forms, races and outages."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from hashlib import md5
from typing import Annotated, Any, cast
from uuid import UUID

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    ColumnElement,
    Connection,
    Constraint,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
    event,
    func,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, mapped_column
from uuid_utils.compat import uuid7

from flask_api.config import Config

ATTEMPTS = 5
RACE_LOST = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock


class LostRaceError(Exception):
    """Somebody else has just changed what this request relies on: look again."""


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC; SQLite stores it as text with six digits, without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Money(TypeDecorator[Decimal]):
    """An amount of two places; a float on SQLite, which is exact for all that the column takes."""

    impl = Numeric(10, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Numeric(10, 2, asdecimal=False))
        return dialect.type_descriptor(Numeric(10, 2))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return float(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(f"{value:.2f}")


class JSONObject(TypeDecorator[dict[str, Any]]):
    """A JSON object; text on SQLite, which would take SQLAlchemy's type for one of numbers."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return json.loads(value) if dialect.name == "sqlite" else value


def by_code_points(length: int | None = None) -> Any:
    """Text that sorts and compares by code points on both databases."""
    text = String if length else Text
    return text(length).with_variant(text(length, collation="C"), "postgresql")


def containing(column: Any, text: str) -> ColumnElement[bool]:
    """Select texts that contain another; ASCII letters, and only these, match in either case."""
    lowered = text.encode().lower().decode()
    return func.lower(column).contains(lowered, autoescape=True)


def references(column: str) -> ForeignKey:
    """Refer to another table; checked at the end of the transaction."""
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


def django_name(key: Constraint, table: Table) -> str:
    """Call a foreign key what Django calls it, where nobody can choose."""
    key = cast("ForeignKeyConstraint", key)
    [column], [element] = key.column_keys, key.elements
    digest = md5(f"{table.name}{column}".encode(), usedforsecurity=False).hexdigest()[:8]
    return f"{table.name}_{column}_{digest}_fk_{element.target_fullname.replace('.', '_')}"


class Model(DeclarativeBase):
    """A table; its constraints and indexes have the names that both twins give them.

    Primary keys are named by the database, and checks where they are made.
    """

    metadata = MetaData(
        naming_convention={
            "fk": "%(django_name)s",
            "django_name": django_name,
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime()}


PrimaryKey = Annotated[UUID, mapped_column(primary_key=True, default=uuid7)]
db = SQLAlchemy(metadata=Model.metadata, session_options={"expire_on_commit": False})


def now() -> datetime:
    """Tell the time, to the microsecond."""
    return datetime.now(UTC)


def insert(model: type[Model]) -> Any:
    """Start an INSERT that can deal with conflicts, which both databases write alike."""
    if db.engine.dialect.name == "postgresql":
        return postgresql.insert(model)
    return sqlite.insert(model)


@contextmanager
def transaction() -> Iterator[None]:
    """Write: all of it or nothing. Reads don't need this: a session begins a read by itself.

    On SQLite a writer takes the lock at once, as a read that turns into a write may lose updates.
    On PostgreSQL it sees what others have committed while it waited for a row.
    """
    db.session.rollback()  # ends the read that came before, for authentication
    try:
        db.session.connection(execution_options=writing())
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def writing() -> dict[str, str]:
    """Say how a writing transaction differs from a reading one."""
    if db.engine.dialect.name == "postgresql":
        return {"isolation_level": "READ COMMITTED"}
    return {"sqlite_begin": "BEGIN IMMEDIATE"}


def repeated(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer a request that lost a race as if it had come a moment later.

    Only a constraint tells for sure that a value is taken or that a reference is broken. When one
    does, somebody else was faster, and a second look finds what to answer.
    """

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        for _ in range(ATTEMPTS - 1):
            try:
                return view(*args, **kwargs)
            except (DBAPIError, LostRaceError) as error:
                if not is_lost_race(error):
                    raise
                db.session.rollback()
        return view(*args, **kwargs)

    return wrapper


def is_lost_race(error: DBAPIError | LostRaceError) -> bool:
    """Tell whether something failed because of what somebody else did meanwhile."""
    if isinstance(error, LostRaceError | IntegrityError):
        return True
    return getattr(error.orig, "sqlstate", "") in RACE_LOST


def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set up a new connection; transactions are begun by begin_sqlite, not by the driver."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction: a read unless the session says otherwise."""
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def engine_options(dialect: str) -> dict[str, Any]:
    """Configure the pool: wait at most 2 seconds for a connection, and for the server."""
    options = {"pool_timeout": 2, "hide_parameters": True}
    if dialect == "sqlite":
        return {**options, "connect_args": {"timeout": 5}}
    return {
        **options,
        "pool_pre_ping": True,
        "isolation_level": "REPEATABLE READ",  # a read of several statements sees one state
        "connect_args": {"connect_timeout": 2, "options": "-c timezone=UTC"},
    }


def init_app(app: Flask, config: Config) -> None:
    """Connect to the database."""
    url = config.DATABASE_URL
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url.get_backend_name())
    db.init_app(app)
    if url.get_backend_name() == "sqlite":
        with app.app_context():
            event.listen(db.engine, "connect", prepare_sqlite)
            event.listen(db.engine, "begin", begin_sqlite)
