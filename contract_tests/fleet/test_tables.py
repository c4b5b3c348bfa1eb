"""Both twins' migrations create the same tables, and each runs on the other's."""

from collections.abc import Sequence
from typing import Any

import pytest

from contract_tests.fleet.conftest import ORDERS
from contract_tests.fleet.databases import execute, is_sqlite, rows
from contract_tests.fleet.tables import shared_tables
from contract_tests.postgresql import NewDatabase
from contract_tests.servers import environment_of
from deploy.twins import TWINS, Twin, run

pytestmark = pytest.mark.own_servers

FLASK, DJANGO = TWINS
# Fail if a twin's tool finds anything to do.
DB_CHECK = ("-m", "flask", "--app", "flask_api", "db", "check")
MIGRATE_CHECK = ("-m", "drf_api.manage", "migrate", "--check")


def test_both_make_the_same_tables(built: dict[str, str]) -> None:
    by_flask, by_django = (shared_tables(url) for url in built.values())
    assert len(by_flask) == 9
    assert by_flask == by_django


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{order[0].name} first")
def test_the_second_takes_over_what_the_first_has_made(
    new_database: NewDatabase, order: Sequence[Twin]
) -> None:
    first, second = order
    url = new_database(f"taken_over_by_{second.name}")
    do(first, first.migrate, url)
    assert do(first, first.seed, url).startswith("Loaded 3 users, 60 products and 40 todos.\n")
    made = content(url)
    do(second, second.migrate, url)
    said = do(second, second.seed, url)
    assert said == "The demo data is there already: nothing was changed.\n"
    assert content(url) == made
    do(DJANGO, MIGRATE_CHECK, url)
    # On SQLite, SQLAlchemy can't see that a key is deferred which stands beside its column, as
    # Django's do.
    if first is FLASK or not is_sqlite(url):
        do(FLASK, DB_CHECK, url)


def content(url: str) -> dict[str, Any]:
    """Return all that is in the shared tables, and how these are made."""
    return {name: (facts, rows(url, name)) for name, facts in shared_tables(url).items()}


def do(twin: Twin, command: Sequence[str], url: str) -> str:
    """Run a twin's command on a database, and return what it prints."""
    return run(twin, command, environment_of(url))


# The comparison itself

ON_POSTGRESQL = [
    'ALTER TABLE products ALTER sku TYPE varchar(33) COLLATE "C"',
    'ALTER TABLE products ALTER sku TYPE varchar(33) COLLATE "default"',
    "ALTER TABLE products ALTER sku DROP NOT NULL",
    "ALTER TABLE products ALTER stock SET DEFAULT 0",
    "ALTER TABLE products RENAME sku TO code",
    "ALTER TABLE products RENAME CONSTRAINT ck_products_price TO positive",
    "ALTER TABLE products DROP CONSTRAINT ck_products_stock",
    "ALTER TABLE products ADD CONSTRAINT ck_products_stock CHECK (stock > 0)",
    "ALTER TABLE tokens ALTER CONSTRAINT tokens_user_id_9f60f1af_fk_users_id NOT DEFERRABLE",
    "ALTER TABLE todo_tags ALTER id DROP IDENTITY",
    "CREATE INDEX tags_slug_like ON tags (slug varchar_pattern_ops)",
    "DROP INDEX ix_todos_product_id",
    "CREATE UNIQUE INDEX ix_todos_product_id ON todos (product_id)",
    "CREATE TABLE labels (slug text)",
]

# Of the text that has made the tables: what is replaced by what.
ON_SQLITE = {
    "sku VARCHAR(32)": "sku INTEGER",
    "sku INTEGER NOT NULL": "sku INTEGER",
    "stock BIGINT": "stock BIGINT DEFAULT 0",
    "name VARCHAR(200)": "name VARCHAR(200) COLLATE NOCASE",
    "description TEXT": "about TEXT",
    "ck_products_price": "positive",
    "stock >= 0": "stock > 0",
    "CHECK (position >= 0)": "CHECK (position)",
    "uq_products_sku UNIQUE": "uq_products_code UNIQUE",
    "UNIQUE (scope, ": "UNIQUE (id, scope, ",
    "REFERENCES tags (slug) DEFERRABLE INITIALLY DEFERRED": "REFERENCES tags (slug)",
    "REFERENCES todos (id)": "REFERENCES todos (id) ON DELETE CASCADE",
    "lower(email)": "upper(email)",
    "AUTOINCREMENT": "",
    "ON todos (product_id)": "ON todos (product_id DESC)",
    "CREATE INDEX ix_todo_tags_tag_id ": "CREATE UNIQUE INDEX ix_todo_tags_tag_id ",
}


def test_a_difference_is_seen(new_database: NewDatabase) -> None:
    url = new_database("changed")
    do(FLASK, FLASK.migrate, url)
    made = shared_tables(url)
    rewritings = [rewriting(*pair) for pair in ON_SQLITE.items()]
    for change in rewritings if is_sqlite(url) else ON_POSTGRESQL:
        execute(url, change)
        changed = shared_tables(url)
        assert changed != made, change
        made = changed


def rewriting(old: str, new: str) -> str:
    """Return what changes the tables of SQLite, which alters little by itself."""
    return f"""
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, '{old}', '{new}');
    """  # noqa: S608 – of the constants above
