"""A connection that was used a moment ago isn't pinged; any other is."""

import socket
from collections.abc import Iterator
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine

from flask_api.tuned import connections


class Driver:
    """A connection to a server that is a socket, and the engine's part of the pool."""

    def __init__(self) -> None:
        self.ours, self.servers = socket.socketpair()

    def fileno(self) -> int:
        return self.ours.fileno()


class Pinged:
    """An engine of psycopg's dialect that counts its pings."""

    def __init__(self) -> None:
        self.engine = create_engine("postgresql+psycopg://", pool_pre_ping=True)
        self.pings: list[Any] = []
        dialect: Any = self.engine.dialect
        dialect.do_ping = self.ping
        connections.trust_recent(self.engine)

    def ping(self, connection: Any) -> bool:
        self.pings.append(connection)
        return True

    def use(self, connection: Any) -> int:
        """Take a connection out of the pool and give it back; return how many pings there were."""
        before = len(self.pings)
        assert self.engine.dialect.do_ping(connection)
        self.engine.pool.dispatch.checkin(connection, SimpleNamespace())
        return len(self.pings) - before


@pytest.fixture
def pinged() -> Pinged:
    return Pinged()


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    with driver.ours, driver.servers:
        yield driver


def test_a_recent_one(pinged: Pinged, driver: Driver) -> None:
    assert [pinged.use(driver) for _ in range(3)] == [1, 0, 0]


def test_an_idle_one(pinged: Pinged, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pinged.use(driver) == 1
    now = monotonic()
    monkeypatch.setattr(connections, "monotonic", lambda: now + 1)
    assert pinged.use(driver) == 1


def test_one_that_the_server_has_closed(pinged: Pinged, driver: Driver) -> None:
    assert pinged.use(driver) == 1
    driver.servers.close()
    assert pinged.use(driver) == 1


def test_one_of_which_the_server_says_something(pinged: Pinged, driver: Driver) -> None:
    assert pinged.use(driver) == 1
    driver.servers.send(b"FATAL")
    assert pinged.use(driver) == 1


def test_an_invalidated_one_is_not_noted(pinged: Pinged) -> None:
    pinged.engine.pool.dispatch.checkin(None, SimpleNamespace())
    assert pinged.pings == []


def test_a_system_without_poll(monkeypatch: pytest.MonkeyPatch, driver: Driver) -> None:
    monkeypatch.delattr("select.poll")
    pinged = Pinged()
    assert [pinged.use(driver) for _ in range(2)] == [1, 1]


def test_other_drivers_are_asked(tmp_path: Any) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/x.sqlite3", pool_pre_ping=True)
    before = engine.dialect.do_ping
    connections.trust_recent(engine)
    assert engine.dialect.do_ping == before
