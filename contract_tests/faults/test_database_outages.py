"""A database that stops, hangs, is locked or has no connection left (openapi.yaml, Headers)."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import psycopg
import pytest

from contract_tests.client import Request
from contract_tests.faults.checks import assert_sound
from contract_tests.faults.conftest import Much, Note
from contract_tests.faults.outages import (
    BUSY,
    SOON,
    assert_serving,
    assert_unavailable,
    assert_unavailable_soon,
    post_of,
    timed,
    wait_until_back,
)
from contract_tests.faults.systems import Fleet, Server, fleet_on
from contract_tests.faults.test_writing_at_once import staff
from contract_tests.fleet.databases import execute, select
from contract_tests.operations.expected import a_product, a_todo, an_adjustment
from contract_tests.postgresql import Cluster

pytestmark = pytest.mark.own_servers

READ = Request("GET", "/api/products?limit=1")
READY = Request("GET", "/api/health/ready")
STATEMENT_SECONDS = 5  # DATABASE_TIMEOUT's default
# A frozen server is given up a second later; then a new connection is tried for two seconds.
FROZEN_SECONDS = STATEMENT_SECONDS + 1 + 2 + 2


def a_write(fleet: Fleet) -> Request:
    """Return a write that any server may be sent."""
    sam = staff(fleet.places()[0])
    return post_of("/api/todos", sam.token or "", a_todo())


def at_each(fleet: Fleet, ask: Callable[[Server], float]) -> dict[str, float]:
    """Ask all servers at once, and return what each of them took."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(fleet.servers, pool.map(ask, fleet.servers.values()), strict=True))


@pytest.mark.parametrize("how", ["stop", "crash"])
def test_a_database_that_is_stopped(
    fleet_on_postgresql: Fleet, cluster: Cluster, how: str, note: Note, much: Much
) -> None:
    fleet = fleet_on_postgresql
    write = a_write(fleet)
    assert_serving(fleet, write)
    getattr(cluster, how)()
    try:
        asked = [READ, write, READY] * much(1, 8)  # often enough for all connections of all workers
        within = much(BUSY, SOON)
        slowest = at_each(
            fleet, lambda server: assert_unavailable_soon(server, asked, within).slowest
        )
    finally:
        cluster.start()
    since = time.monotonic()
    back = at_each(fleet, lambda server: wait_until_back(server, since))
    assert_serving(fleet, write)
    assert_sound(fleet.url)
    for name in fleet.servers:
        note(
            f"{name}, PostgreSQL, {how}",
            refused_by_503=len(asked),
            slowest_refusal_in_seconds=slowest[name],
            back_after_seconds=back[name],
        )


def test_a_database_that_is_frozen(
    fleet_on_postgresql: Fleet, cluster: Cluster, note: Note
) -> None:
    fleet = fleet_on_postgresql
    write = a_write(fleet)
    assert_serving(fleet, write)
    cluster.freeze()
    try:
        slowest = at_each(
            fleet, lambda server: assert_unavailable_soon(server, [READ], FROZEN_SECONDS).slowest
        )
    finally:
        cluster.thaw()
    since = time.monotonic()
    back = at_each(fleet, lambda server: wait_until_back(server, since))
    assert_serving(fleet, write)
    for name in fleet.servers:
        note(
            f"{name}, PostgreSQL",
            slowest_refusal_in_seconds=slowest[name],
            back_after_seconds=back[name],
        )


# A trigger that never comes to an end with an INSERT into todos, and what removes it.
ENDLESS = {
    "SQLite": (
        """CREATE VIEW endless AS WITH RECURSIVE numbers(n) AS
            (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT max(n) FROM numbers;
        CREATE TRIGGER endless BEFORE INSERT ON todos BEGIN SELECT * FROM endless; END""",
        "DROP TRIGGER endless; DROP VIEW endless",
    ),
    "PostgreSQL": (
        """CREATE FUNCTION endless() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN PERFORM pg_sleep(600); RETURN NEW; END';
        CREATE TRIGGER endless BEFORE INSERT ON todos FOR EACH ROW EXECUTE FUNCTION endless()""",
        "DROP TRIGGER endless ON todos; DROP FUNCTION endless",
    ),
}


def test_a_statement_that_never_ends(fleet: Fleet, base: str, note: Note) -> None:
    create, drop = ENDLESS[base]
    with fleet_on(fleet.url, DATABASE_TIMEOUT="1") as impatient:
        before = select(fleet.url, "SELECT count(*) FROM todos")
        write = a_write(impatient)
        execute(fleet.url, create)
        try:  # one after the other: on SQLite the second would only wait for the first one's lock
            took = {name: timed(server, write) for name, server in impatient.servers.items()}
        finally:
            execute(fleet.url, drop)
        for answer, _ in took.values():
            assert_unavailable(answer, write.target)
        assert select(fleet.url, "SELECT count(*) FROM todos") == before
        assert_serving(impatient, write)
    assert_sound(fleet.url)
    for name, (_, seconds) in took.items():
        assert 0.9 < seconds < 1 + BUSY, (name, seconds)
        note(f"{name}, {base}", refused_after_seconds=round(seconds, 2))


@pytest.fixture
def small_pools(fleet_on_postgresql: Fleet) -> Iterator[Fleet]:
    """Serve the same database with two connections for eight threads."""
    settings = {"WEB_CONCURRENCY": "1", "THREADS": "8", "DATABASE_POOL_SIZE": "2"}
    with fleet_on(fleet_on_postgresql.url, **settings) as running:
        yield running


def test_a_pool_that_is_exhausted(small_pools: Fleet, note: Note, much: Much) -> None:
    sam = staff(small_pools.places()[0])
    product = sam.post("/api/products", a_product())
    target = f"{product.headers['location']}/stock-adjustments"
    write = post_of(target, sam.token or "", an_adjustment(delta=1))
    servers = [*small_pools.servers.values()] * 2  # as many times as one has connections
    with ThreadPoolExecutor(len(servers)) as pool, ExitStack() as stack:
        locking = stack.enter_context(psycopg.connect(small_pools.url))
        lock = f"SELECT 1 FROM products WHERE id = '{product.json['id']}' FOR UPDATE"  # noqa: S608 – made here
        locking.execute(lock.encode())
        waiting = [pool.submit(timed, server, write) for server in servers]
        time.sleep(0.5)  # both connections of each server wait for the row now
        within = much(BUSY, SOON)
        slowest = at_each(
            small_pools, lambda server: assert_unavailable_soon(server, [READ], within).slowest
        )
        locking.rollback()
        assert [answer.result()[0].status for answer in waiting] == [201] * len(waiting)
    since = time.monotonic()
    back = at_each(small_pools, lambda server: wait_until_back(server, since))
    for name in small_pools.servers:
        note(
            f"{name}, PostgreSQL",
            refusal_in_seconds=slowest[name],
            back_after_seconds=back[name],
        )


def test_a_row_that_is_locked_for_long(fleet_on_postgresql: Fleet, note: Note) -> None:
    fleet = fleet_on_postgresql
    sam = staff(fleet.places()[0])
    product = sam.post("/api/products", a_product())
    target = f"{product.headers['location']}/stock-adjustments"
    write = post_of(target, sam.token or "", an_adjustment(delta=1))
    with psycopg.connect(fleet.url) as locking:
        lock = f"SELECT 1 FROM products WHERE id = '{product.json['id']}' FOR UPDATE"  # noqa: S608 – made here
        locking.execute(lock.encode())
        took = at_each(fleet, lambda server: refused(server, write))
    assert_serving(fleet, write)
    for name, seconds in took.items():
        note(f"{name}, PostgreSQL", refused_after_seconds=seconds)


def test_a_file_that_is_locked_for_long(fleet_on_sqlite: Fleet, note: Note) -> None:
    fleet = fleet_on_sqlite
    write = a_write(fleet)
    file = fleet.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as locking:
        locking.execute("BEGIN EXCLUSIVE")
        took = at_each(fleet, lambda server: refused(server, write))
        for server in fleet.servers.values():  # whoever reads doesn't wait
            assert timed(server, READ)[0].status == timed(server, READY)[0].status == 200
    assert_serving(fleet, write)
    assert_sound(fleet.url)
    for name, seconds in took.items():
        note(f"{name}, SQLite", refused_after_seconds=seconds)


def refused(server: Server, write: Request) -> float:
    """Hold a server to giving up a write after the time that is set, and return this time."""
    answer, seconds = timed(server, write)
    assert_unavailable(answer, write.target)
    assert STATEMENT_SECONDS - 0.5 < seconds < STATEMENT_SECONDS * 2
    return round(seconds, 2)
