"""Describes the tables of a database by introspection, so that two can be compared."""

import re
from collections.abc import Iterable
from typing import Any

from contract_tests.fleet.databases import is_sqlite, select

# What django.contrib.auth, its content types and sessions keep; Flask's pages have no use for them.
DJANGOS_OWN = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_session",
}

# What makes up a table: each fact begins with its kind, such as "column" or "check".
Table = list[tuple[Any, ...]]

# Where each twin's own tool notes what it has done.
BOOKKEEPING = {"alembic_version", "django_migrations", "login_sessions"}


def shared_tables(url: str) -> dict[str, Table]:
    """Describe, by their names, all tables but those that one twin has alone."""
    names, describe = (
        (sqlite_names(url), describe_on_sqlite)
        if is_sqlite(url)
        else (postgresql_names(url), describe_on_postgresql)
    )
    return {name: describe(url, name) for name in sorted(names - BOOKKEEPING - DJANGOS_OWN)}


# PostgreSQL


def postgresql_names(url: str) -> set[str]:
    """Name the tables; there must be no views, triggers or types besides."""
    public = "'public'::regnamespace"
    found = select(url, f"SELECT relkind, relname FROM pg_class WHERE relnamespace = {public}")  # noqa: S608 – a constant
    assert {kind for kind, _ in found} <= {"r", "i", "S"}  # tables, indexes and sequences
    assert not select(url, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    return {name for kind, name in found if kind == "r"}


def describe_on_postgresql(url: str, table: str) -> Table:
    """Describe a table in PostgreSQL's own words, with all names and the order of columns."""
    relation = f"'{table}'::regclass"
    queries = {
        "table": "relpersistence, reloptions, relreplident, relrowsecurity, reltablespace "
        f"FROM pg_class WHERE oid = {relation}",
        "column": "attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, "
        "attgenerated, attcollation::regcollation::text, pg_get_expr(adbin, adrelid) "
        "FROM pg_attribute LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum) "
        f"WHERE attrelid = {relation} AND attnum > 0",
        "constraint": "conname, contype, pg_get_constraintdef(oid), convalidated "
        f"FROM pg_constraint WHERE conrelid = {relation}",
        "index": "pg_get_indexdef(indexrelid), indisvalid "
        f"FROM pg_index WHERE indrelid = {relation}",
        "sequence": "objid::regclass::text, refobjsubid FROM pg_depend "
        f"WHERE refobjid = {relation} AND refobjsubid > 0 AND deptype = 'i'",
    }
    return [
        (kind, *row)
        for kind, query in queries.items()
        for row in select(url, f"SELECT {query} ORDER BY 1")
    ]


# SQLite


def sqlite_names(url: str) -> set[str]:
    """Name the tables; there must be no views or triggers besides."""
    found = select(url, "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
    assert {kind for kind, _ in found} <= {"table", "index"}
    return {name for kind, name in found if kind == "table"}


def describe_on_sqlite(url: str, table: str) -> Table:
    """Describe a table as SQLite sees it.

    Of a declared type SQLite takes the affinity only: Django writes "bool" and "decimal" where
    SQLAlchemy writes BOOLEAN and NUMERIC(10, 2). Checks, the names of constraints and what is
    deferred are found in the text of CREATE TABLE. The names of primary and foreign keys are left
    out: Django gives them none here, and SQLite has no use for any.
    """
    text = created(url, table)
    facts = [
        ("table", *select(url, f"PRAGMA table_list({table})")[0][2:]),
        ("autoincrement", "autoincrement" in text),
        *(
            ("column", at, name, affinity(kind), *rest)
            for at, name, kind, *rest in select(url, f"PRAGMA table_xinfo({table})")
        ),
        *(("foreign key", *key[2:]) for key in select(url, f"PRAGMA foreign_key_list({table})")),
        ("deferrable", text.count("deferrable"), text.count("deferrable initially deferred")),
        *(("unique", *found) for found in re.findall(r"constraint (\w+) unique (\(.*?\))", text)),
        *(("check", *found) for found in checks(text)),
        *(("index", *found) for found in indexes(url, table)),
    ]
    return sorted(facts, key=repr)


def created(url: str, name: str) -> str:
    """Return what created a table or an index, in one spelling."""
    [[text]] = select(url, f"SELECT sql FROM sqlite_schema WHERE name = '{name}'")  # noqa: S608 – as above
    return re.sub(r"\s+", " ", (text or "").replace('"', "")).lower()


def affinity(declared: str) -> str:
    """Tell what SQLite makes of a declared type (sqlite.org/datatype3.html, section 3.1)."""
    affinities = {
        "INT": "integer",
        **dict.fromkeys(["CHAR", "CLOB", "TEXT"], "text"),
        "BLOB": "blob",
        **dict.fromkeys(["REAL", "FLOA", "DOUB"], "real"),
    }
    found = (affinity for part, affinity in affinities.items() if part in declared.upper())
    return next(found, "numeric" if declared else "blob")


def checks(text: str) -> Iterable[tuple[str, str]]:
    """Find the checks in a CREATE TABLE, with their names."""
    for found in re.finditer(r"(?:constraint (\w+) )?check (?=\()", text):
        yield found[1] or "", inner(bracketed(text[found.end() :]))


def indexes(url: str, table: str) -> Iterable[tuple[Any, ...]]:
    """Find the indexes; those that SQLite makes for keys have numbers for names."""
    for _, name, unique, origin, partial in select(url, f"PRAGMA index_list({table})"):
        columns = [column[1:] for column in select(url, f"PRAGMA index_xinfo({name})")]
        chosen = name if origin == "c" else "automatic"
        _, bracket, rest = created(url, name).partition("(")
        yield chosen, unique, origin, partial, tuple(columns), inner(bracket + rest)


def bracketed(text: str) -> str:
    """Return what stands between a text's first bracket and the one that closes it, with both."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[: at + 1]
    return text


def inner(text: str) -> str:
    """Return an expression without brackets around the whole of it."""
    while text.startswith("(") and bracketed(text) == text and text.endswith(")"):
        text = text[1:-1]
    return text
