"""Invariants of a database, to be checked after a fault."""

from contract_tests.fleet.databases import execute, is_sqlite, select

ORPHANS = """
SELECT (SELECT count(*) FROM todos t LEFT JOIN users u ON u.id = t.owner_id WHERE u.id IS NULL)
     + (SELECT count(*) FROM checklist_items i LEFT JOIN todos t ON t.id = i.todo_id
        WHERE t.id IS NULL)
"""
WRONG_STOCK = """
SELECT count(*) FROM products p
WHERE stock < 0 OR stock <>
    (SELECT coalesce(sum(delta), 0) FROM stock_adjustments a WHERE a.product_id = p.id)
"""


def assert_sound(url: str) -> list[str]:
    """Hold a database to its rules, and return what was checked."""
    assert select(url, WRONG_STOCK) == [(0,)]
    assert select(url, ORPHANS) == [(0,)]
    checked = ["the stock is the sum of its adjustments", "nothing is without its owner"]
    if is_sqlite(url):
        assert select(url, "PRAGMA integrity_check") == [("ok",)]
        assert select(url, "PRAGMA foreign_key_check") == []
        return [*checked, "PRAGMA integrity_check", "PRAGMA foreign_key_check"]
    if select(url, "SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'"):
        return [*checked, *amcheck(url)]
    return checked


def amcheck(url: str) -> list[str]:
    """Let PostgreSQL look through its indexes and tables."""
    execute(url, "CREATE EXTENSION IF NOT EXISTS amcheck")
    indexes = "SELECT indexrelid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
    mine = "relnamespace = 'public'::regnamespace"
    select(url, f"SELECT bt_index_check(i.indexrelid, true) FROM ({indexes} WHERE {mine}) i")  # noqa: S608 – constants
    tables = f"SELECT oid FROM pg_class WHERE relkind = 'r' AND {mine}"  # noqa: S608 – as above
    found = select(url, f"SELECT v.* FROM ({tables}) t, verify_heapam(t.oid) v")  # noqa: S608 – as above
    assert found == []
    return ["amcheck: bt_index_check, verify_heapam"]
