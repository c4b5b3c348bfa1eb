"""Database setup: transactions, types, retries."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from hashlib import md5
from math import inf
from time import monotonic
from typing import Annotated, Any, cast
from uuid import UUID

import orjson
from flask import Flask, has_request_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Boolean,
    Connection,
    Constraint,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from uuid_utils.compat import uuid7

from flask_api.config import Config

ATTEMPTS = 5
PROGRESS = 10_000  # SQLite's instructions between two looks at the time; a page takes fewer
CONFLICTS = {
    "40001",  # PostgreSQL: serialization failure
    "40P01",  # PostgreSQL: deadlock, of which one is chosen to fail
    # Of what a view has looked up before: that a value is free, or a row is there.
    "23503",  # PostgreSQL: foreign key
    "23505",  # PostgreSQL: unique
    "SQLITE_CONSTRAINT_FOREIGNKEY",
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_UNIQUE",
}


class ConflictError(StaleDataError):
    """Another request has just changed what this one relies on, as the view has found."""


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC; SQLite stores it as text with six digits, without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        # PostgreSQL's driver gives times in UTC by itself, as the connection asks for that.
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
        if value is None or isinstance(value, Decimal):
            return value
        return Decimal(f"{value:.2f}")  # a float, or an integer where the amount is whole


class JSONObject(TypeDecorator[dict[str, Any]]):
    """A JSON object; text on SQLite, which would take SQLAlchemy's type for one of numbers."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return orjson.loads(value) if dialect.name == "sqlite" else value


def collated_c(length: int | None = None) -> Any:
    """Text that sorts and compares by code points on both databases."""
    text = String if length else Text
    return text(length).with_variant(text(length, collation="C"), "postgresql")


class icontains(FunctionElement[bool]):  # noqa: N801 – used like a function
    """In SQL: a text contains another, where ASCII letters match in either case.

    `LIKE '%…%'` compares character by character from every place of the text, which for `aaaa…`
    and `a…ab` takes the product of their lengths. Here each place is one comparison of memory.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, text: Any, part: str) -> None:
        super().__init__(text, part.encode().lower().decode())  # bytes: no letters but ASCII's


@compiles(icontains, "sqlite")
def icontains_sqlite(element: icontains, compiler: SQLCompiler, **options: Any) -> str:
    """Use the function that searches text; its `lower` knows no letters but ASCII's."""
    text, part = (compiler.process(clause, **options) for clause in element.clauses)
    return f"instr(lower({text}), {part}) > 0"


@compiles(icontains, "postgresql")
def icontains_postgresql(element: icontains, compiler: SQLCompiler, **options: Any) -> str:
    """Search bytes: what searches text (`strpos`) is as slow as LIKE for `aaaa…` and `ba…a`."""
    text, part = (compiler.process(clause, **options) for clause in element.clauses)
    return f"position(convert_to({part}, 'UTF8') in convert_to(lower({text}), 'UTF8')) > 0"


def deferred_fk(column: str) -> ForeignKey:
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
    """Return the current time in UTC, to the microsecond."""
    return datetime.now(UTC)


def insert(model: type[Model]) -> Any:
    """Start an INSERT that can deal with conflicts, which both databases write alike."""
    if db.engine.dialect.name == "postgresql":
        return postgresql.insert(model)
    return sqlite.insert(model)


@contextmanager
def transaction() -> Iterator[None]:
    """Write: all of it or nothing. A read needs no such block: the session begins it by itself.

    On SQLite a writer takes the lock at once, as a read that turns into a write may lose updates.
    On PostgreSQL it sees what others have committed while it waited for a row. Raises RuntimeError
    within another transaction, which would be committed in two parts.
    """
    if db.session.info.get("in_transaction"):
        raise RuntimeError("This is part of a transaction already.")
    # Ends the read that found the token. A rollback would expire the user and the token.
    db.session.commit()
    db.session.info["in_transaction"] = True
    try:
        db.session.connection(execution_options=writing())
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.info["in_transaction"] = False


def writing() -> dict[str, str]:
    """Return the options in which a writing transaction differs from a reading one."""
    if db.engine.dialect.name == "postgresql":
        return {"isolation_level": "READ COMMITTED"}
    return {"sqlite_begin": "BEGIN IMMEDIATE"}


def retry_on_conflict(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer a request that met a conflict as if it had come a moment later.

    Only a constraint tells for sure that a value is taken or that a reference is broken. When one
    does, another request was faster, and a second attempt finds what to answer. Raises the error of
    the last of five attempts.
    """

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        for _ in range(ATTEMPTS - 1):
            try:
                return view(*args, **kwargs)
            except SQLAlchemyError as error:
                if not is_conflict(error):
                    raise
                db.session.rollback()
        return view(*args, **kwargs)

    return wrapper


def is_conflict(error: SQLAlchemyError) -> bool:
    """Tell whether something failed because of what another request did meanwhile."""
    cause = getattr(error, "orig", None)  # the driver's error, which has the code
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return isinstance(error, StaleDataError) or code in CONFLICTS


def prepare_sqlite(connection: Any, record: Any) -> None:
    """Set up a new connection; transactions are begun by begin_sqlite, not by the driver."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    record.info["deadline"] = inf  # limit_statements sets it for each statement
    connection.set_progress_handler(lambda: monotonic() > record.info["deadline"], PROGRESS)


def limit_statements(engine: Engine, seconds: int) -> None:
    """End a request's statements on SQLite that take too long, as `statement_timeout` does.

    A command such as `db upgrade` takes as long as it needs here; on PostgreSQL a long one wants a
    larger DATABASE_TIMEOUT. The busy timeout bounds a wait for locks, but no work. A statement that
    is ended raises OperationalError, and takes its transaction along.
    """

    @event.listens_for(engine, "before_cursor_execute")
    def begin(connection: Connection, *_: object) -> None:
        connection.info["deadline"] = monotonic() + seconds if has_request_context() else inf


def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction, which only reads unless the session says otherwise."""
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def engine_options(config: Config) -> dict[str, Any]:
    """Configure the pool: no wait is longer than the settings say."""
    options, seconds = {"hide_parameters": True}, config.DATABASE_TIMEOUT
    if config.DATABASE_URL.get_backend_name() == "sqlite":
        # One connection per thread, no pool limit needed.
        return {**options, "max_overflow": -1, "connect_args": {"timeout": seconds}}
    return {
        **options,
        "isolation_level": "REPEATABLE READ",  # the statements of a read see one state
        "json_deserializer": orjson.loads,
        "pool_pre_ping": True,
        "pool_size": config.DATABASE_POOL_SIZE,
        "max_overflow": 0,
        "pool_timeout": config.DATABASE_POOL_TIMEOUT,
        "connect_args": {
            "connect_timeout": 2,  # the least that the driver takes
            "tcp_user_timeout": seconds * 1000,
            "keepalives_idle": seconds,
            **config.DATABASE_URL.query,
            "client_encoding": "UTF8",
        },
    }


def init_app(app: Flask, config: Config) -> None:
    """Connect to the database."""
    app.config["SQLALCHEMY_DATABASE_URI"] = config.DATABASE_URL
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config)
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", prepare_sqlite)
            event.listen(db.engine, "begin", begin_sqlite)
            limit_statements(db.engine, config.DATABASE_TIMEOUT)
        else:
            # Takes a fifth of a second to import, which nobody needs on SQLite.
            from flask_api.contract.connections import connect_with, try_to_connect  # noqa: PLC0415

            event.listen(db.engine, "do_connect", connect_with(config.DATABASE_TIMEOUT))
            try_to_connect(db.engine, app.logger)
