"""Queries a database, by the DATABASE_URL of both twins."""

import sqlite3
from contextlib import closing
from typing import Any

import psycopg

# A row's values in the form in which they are stored, as text.
Row = dict[str, str | None]


def is_sqlite(url: str) -> bool:
    """Tell which of the two it is."""
    return url.startswith("sqlite:")


def select(url: str, query: str) -> list[tuple[Any, ...]]:
    """Return what a query finds."""
    if is_sqlite(url):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10)) as connection:
            return connection.execute(query).fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def execute(url: str, script: str) -> None:
    """Run statements."""
    if is_sqlite(url):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10)) as connection:
            connection.executescript(script)
    else:
        with psycopg.connect(url) as connection:
            connection.execute(script.encode())


def rows(url: str, table: str, where: str = "true") -> list[Row]:
    """Return rows as they are stored; on SQLite each value begins with its type."""
    # What SQLite quotes is unambiguous: 14 is no 14.0, and neither is '14'.
    form = "typeof({0}) || ' ' || quote({0})" if is_sqlite(url) else "{0}::text"
    names = columns(url, table)
    chosen = ", ".join(form.format(f'"{name}"') for name in names)
    found = select(url, f"SELECT {chosen} FROM {table} WHERE {where} ORDER BY {chosen}")  # noqa: S608 – names of this project
    return [dict(zip(names, row, strict=True)) for row in found]


def columns(url: str, table: str) -> list[str]:
    """Name a table's columns in their order."""
    if is_sqlite(url):
        return [row[1] for row in select(url, f"PRAGMA table_info({table})")]
    query = f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0"  # noqa: S608 – as above
    return [name for (name,) in select(url, f"{query} ORDER BY attnum")]
