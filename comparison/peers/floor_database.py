"""The floor's statements, for the raw drivers of PostgreSQL and SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import local
from typing import Any

import orjson
import psycopg
from psycopg.types.json import set_json_loads
from psycopg.types.string import TextLoader

from comparison.peers.contract import DATABASE_URL, shown_time

IS_POSTGRESQL = DATABASE_URL.startswith("postgres")
connections = local()
set_json_loads(orjson.loads)


def connect() -> Any:
    """Open the connection that a thread keeps; each statement is a transaction by default."""
    if IS_POSTGRESQL:
        connection = psycopg.connect(DATABASE_URL, autocommit=True, options="-c timezone=UTC")
        for kind in ("uuid", "numeric"):  # PostgreSQL writes them as the contract does
            connection.adapters.register_loader(kind, TextLoader)
        return connection
    file = sqlite3.connect(DATABASE_URL.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        file.execute(f"PRAGMA {pragma}")
    return file


def execute(sql: str, values: Any = ()) -> Any:
    """Run a statement on this thread's connection, and return a cursor."""
    try:
        connection = connections.own
    except AttributeError:
        connection = connections.own = connect()
    # Without values psycopg takes the text as it is.
    return connection.execute(sql, values) if values else connection.execute(sql)


@contextmanager
def transaction() -> Iterator[None]:
    """Write all or nothing."""
    execute("BEGIN" if IS_POSTGRESQL else "BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        execute("ROLLBACK")
        raise
    execute("COMMIT")


def mark(sql: str) -> str:
    """Write a statement's placeholders, and what the databases spell differently."""
    if IS_POSTGRESQL:
        return sql
    return sql.replace("%s", "?").replace(" FOR UPDATE", "")


def now() -> datetime:
    """Tell the time, to the microsecond."""
    return datetime.now(UTC)


def stored_id(text: str) -> str:
    """Turn an id into what is stored."""
    return text if IS_POSTGRESQL else text.replace("-", "")


def stored_time(moment: datetime | None) -> Any:
    """Turn a time into what is stored."""
    if IS_POSTGRESQL or moment is None:
        return moment
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def shown_id(stored: str) -> str:
    """Turn what is stored into an id."""
    if IS_POSTGRESQL:
        return stored
    return f"{stored[:8]}-{stored[8:12]}-{stored[12:16]}-{stored[16:20]}-{stored[20:]}"


def shown(stored: Any) -> str | None:
    """Turn what is stored into a response's time."""
    if stored is None:
        return None
    return shown_time(stored) if IS_POSTGRESQL else f"{stored[:10]}T{stored[11:]}Z"


def shown_price(stored: Any) -> str:
    """Turn what is stored into a price."""
    return str(stored) if IS_POSTGRESQL else f"{stored:.2f}"


def decoded(stored: Any) -> Any:
    """Decode JSON that SQLite holds, or makes, as text."""
    return stored if IS_POSTGRESQL else orjson.loads(stored)


CALLER = mark(
    "SELECT u.id, u.is_staff, k.id, k.last_used_at FROM tokens k JOIN users u ON u.id = k.user_id"
    " WHERE k.digest = %s AND k.expires_at > %s AND u.is_active"
)
NOTE_USE = mark("UPDATE tokens SET last_used_at = %s WHERE id = %s")
LISTS = (
    "ARRAY(SELECT tag_id FROM todo_tags WHERE todo_id = t.id ORDER BY tag_id),"
    " ARRAY(SELECT json_build_array(id, text, done) FROM checklist_items WHERE todo_id = t.id"
    " ORDER BY position)"
    if IS_POSTGRESQL
    else "(SELECT json_group_array(tag_id) FROM"
    " (SELECT tag_id FROM todo_tags WHERE todo_id = t.id ORDER BY tag_id)),"
    " (SELECT json_group_array(json_array(id, text, done)) FROM"
    " (SELECT * FROM checklist_items WHERE todo_id = t.id ORDER BY position))"
)
TODO_COLUMNS = (
    "t.id, t.title, t.notes, t.completed, t.completed_at, t.priority, t.due_at, t.product_id,"
    f" t.created_at, t.updated_at, {LISTS}"
)
TODO_PAGE = mark(f"SELECT {TODO_COLUMNS} FROM todos t WHERE t.owner_id = %s")  # noqa: S608
ONE_TODO = f"{TODO_PAGE} AND t.id = {mark('%s')}"
LOCKED_TODO = f"{ONE_TODO}{mark(' FOR UPDATE')}"
TAGGED = mark("t.id IN (SELECT todo_id FROM todo_tags WHERE tag_id = %s)")
INSERT_TODO = mark(
    "INSERT INTO todos (id, owner_id, title, notes, completed, completed_at, priority, due_at,"
    " product_id, created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
DELETE_TAGS = mark("DELETE FROM todo_tags WHERE todo_id = %s")
DELETE_ITEMS = mark("DELETE FROM checklist_items WHERE todo_id = %s")
PRODUCT_COLUMNS = (
    "id, sku, name, description, category, price, currency, attributes, active, stock, created_at,"
    " updated_at"
)
PRODUCTS = f"SELECT {PRODUCT_COLUMNS} FROM products"  # noqa: S608
ONE_PRODUCT = mark(f"{PRODUCTS} WHERE id = %s")
KNOWN_PRODUCT = mark("SELECT 1 FROM products WHERE id = %s")
STOCK = mark("SELECT stock FROM products WHERE id = %s FOR UPDATE")
SET_STOCK = mark("UPDATE products SET stock = %s, updated_at = %s WHERE id = %s")
INSERT_ADJUSTMENT = mark(
    "INSERT INTO stock_adjustments (id, product_id, delta, reason, note, balance, created_by_id,"
    " created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
# In two parts: a price times a stock may need more than 64 bits.
SUMMARY = (
    "SELECT category, currency, count(*), sum(stock), min(price), max(price), sum(cents),"
    " sum(cents / 100000 * stock), sum(cents % 100000 * stock), coalesce(sum(open), 0)"
    " FROM (SELECT *, CAST(round(price * 100) AS BIGINT) AS cents FROM products) p"
    " LEFT JOIN (SELECT product_id, count(*) AS open FROM todos"
    " WHERE NOT completed AND product_id IS NOT NULL GROUP BY product_id) o ON o.product_id = p.id"
    " GROUP BY category, currency ORDER BY category, currency"
)


def insert_all(into: str, rows: list[tuple[Any, ...]], otherwise: str = "") -> None:
    """Insert rows, if there are any, by one statement."""
    if rows:
        marks = f"({', '.join(['%s'] * len(rows[0]))})"
        statement = f"INSERT INTO {into} VALUES {', '.join([marks] * len(rows))} {otherwise}"  # noqa: S608
        execute(mark(statement), [value for row in rows for value in row])
