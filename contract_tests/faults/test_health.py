"""Health is answered at once, however many requests wait for the database."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager

import psycopg
import pytest

from contract_tests.client import Connection, Request
from contract_tests.faults.conftest import Note
from contract_tests.faults.outages import BUSY, assert_serving, post_of, timed
from contract_tests.faults.systems import Fleet, Server, fleet_on
from contract_tests.faults.test_writing_at_once import staff
from contract_tests.operations.expected import a_todo
from contract_tests.postgresql import Cluster

pytestmark = pytest.mark.own_servers

HEALTH = Request("GET", "/api/health")
THREADS = 4  # of a server, as `make up` starts it
WAITING = 4 * THREADS  # of each server; each takes up to five seconds, so the last of them twenty

Hang = Callable[[Fleet], AbstractContextManager[None]]


@contextmanager
def locked_file(fleet: Fleet) -> Iterator[None]:
    """Let every write wait."""
    file = fleet.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as locking:
        locking.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def locked_table(fleet: Fleet) -> Iterator[None]:
    """Let every write of a todo wait."""
    with psycopg.connect(fleet.url) as locking:
        locking.execute("LOCK TABLE todos")
        yield


@pytest.fixture(params=["SQLite, locked", "PostgreSQL, locked", "PostgreSQL, frozen"])
def how(request: pytest.FixtureRequest) -> str:
    """Name a database, and how it is made to hang."""
    found: str = request.param
    return found


@pytest.fixture
def hang(how: str, request: pytest.FixtureRequest) -> Hang:
    """Return what lets a database hang."""
    if how != "PostgreSQL, frozen":
        return locked_file if how.startswith("SQLite") else locked_table
    cluster: Cluster = request.getfixturevalue("cluster")

    @contextmanager
    def frozen(_: Fleet) -> Iterator[None]:
        cluster.freeze()
        try:
            yield
        finally:
            cluster.thaw()

    return frozen


@pytest.fixture
def as_by_make_up(how: str, request: pytest.FixtureRequest) -> Iterator[Fleet]:
    """Serve by one process of four threads."""
    database: Fleet = request.getfixturevalue(f"fleet_on_{how.partition(',')[0].lower()}")
    with fleet_on(database.url, WEB_CONCURRENCY="1") as running:
        yield running


def slowest_health(server: Server) -> float:
    """Ask for health over new connections and one that is kept, and return the longest wait."""
    found = []
    with closing(Connection(server.base_url)) as kept:
        for _ in range(3):
            start = time.monotonic()
            kept.begin(HEALTH)
            answers = [kept.finish(), timed(server, HEALTH)[0]]
            assert [answer.json for answer in answers] == [{"status": "healthy"}] * 2
            found.append(time.monotonic() - start)
    return max(found)


def test_health_does_not_wait_behind_data(
    as_by_make_up: Fleet, hang: Hang, how: str, note: Note
) -> None:
    fleet = as_by_make_up
    write = post_of("/api/todos", staff(fleet.places()[0]).token or "", a_todo())
    assert_serving(fleet, write)
    servers = [*fleet.servers.values()]
    with ThreadPoolExecutor(len(servers) * WAITING) as pool:
        with hang(fleet):
            waiting = [pool.submit(timed, each, write) for each in servers for _ in range(WAITING)]
            time.sleep(0.5)  # every thread has a write now, and the others are queued
            slowest = {server.name: slowest_health(server) for server in servers}
        assert {each.result()[0].status for each in waiting} <= {201, 503}
    assert_serving(fleet, write)
    for name, seconds in slowest.items():
        note(f"{name}, {how}", writes_waiting=WAITING, slowest_health_in_seconds=round(seconds, 3))
        assert seconds < BUSY, name
