"""Both twins store a value in the same form, down to the text on SQLite."""

import re

import pytest

from contract_tests.differential_client import MADE_BY_SERVER, DifferentialClient
from contract_tests.fleet.databases import Row, is_sqlite, rows
from contract_tests.fleet.world import World, made, write

pytestmark = pytest.mark.own_servers

TABLES = [
    "users",
    "products",
    "stock_adjustments",
    "tags",
    "todos",
    "checklist_items",
    "todo_tags",
]

# What a server makes, and so differs, in the form that it must have.
PASSWORD = re.compile(r"argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22,}\$[\w+/]{43}")
ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}")
DIGEST = re.compile(r"[0-9a-f]{64}")
TIME_ON_SQLITE = re.compile(r"text '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}'")
TIME_ON_POSTGRESQL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00")
TIMES = {"created_at", "updated_at", "completed_at", "last_used_at", "expires_at"}


def test_the_demo_data_is_stored_alike(built: dict[str, str]) -> None:
    by_flask, by_django = (demo_data(url) for url in built.values())
    assert by_flask == by_django
    assert len(by_flask["products"]) == 60


def demo_data(url: str) -> dict[str, list[Row]]:
    """Return what was stored of the demo data, whose ids and times the contract gives."""
    found = {table: rows(url, table) for table in TABLES}
    for user in found["users"]:
        user["password"] = PASSWORD.sub("…", user["password"] or "")
    for link in found["todo_tags"]:
        del link["id"]  # counted up in the order in which the links were stored
    found["todo_tags"].sort(key=repr)
    return found


def test_what_is_sent_to_either_is_stored_alike(
    fleet: dict[str, DifferentialClient], url: str
) -> None:
    first, *others = (stored(write(client), url) for client in fleet.values())
    assert others
    assert others == [first] * len(others)
    assert all(first.values())


def stored(world: World, url: str) -> dict[str, list[Row]]:
    """Return what a world has left in each table, less what every world has of its own."""
    alice = made(world.alice.get("/api/users/me"))["id"]
    user = f"'{alice.replace('-', '') if is_sqlite(url) else alice}'"
    todos = f"todo_id IN (SELECT id FROM todos WHERE owner_id = {user})"  # noqa: S608 – an id
    products = f"category = '{world.run}'"
    wheres = {
        "users": f"id = {user}",
        "tokens": f"user_id = {user}",
        "idempotency_keys": f"scope = '{alice}'",
        "todos": f"owner_id = {user}",
        "checklist_items": todos,
        "todo_tags": todos,
        "products": products,
        "stock_adjustments": f"product_id IN (SELECT id FROM products WHERE {products})",  # noqa: S608 – a number
    }
    own = re.compile(f"{world.run}|{world.alice.username.rpartition('_')[2]}", re.IGNORECASE)
    return {
        table: sorted((masked(row, own, url) for row in rows(url, table, where)), key=repr)
        for table, where in wheres.items()
    }


def masked(row: Row, own: re.Pattern[str], url: str) -> Row:
    """Hide what is different each time; what hasn't the form that it must have stays."""
    time = TIME_ON_SQLITE if is_sqlite(url) else TIME_ON_POSTGRESQL
    shown = dict(row)
    for name, value in row.items():
        if value is None:
            continue
        if name in TIMES:
            shown[name] = time.sub("a time", value)
        elif name == "password":
            shown[name] = PASSWORD.sub("a password", value)
        elif name == "digest":
            shown[name] = DIGEST.sub("a digest", value)
        elif name in {"body", "location", "scope"}:
            shown[name] = MADE_BY_SERVER.sub("…", value)
        elif name == "id" or name.endswith("_id"):
            shown[name] = re.sub(r"^integer \d+$|^\d+$", "a number", ID.sub("an id", value))
        else:
            shown[name] = own.sub("…", value)
    return shown
