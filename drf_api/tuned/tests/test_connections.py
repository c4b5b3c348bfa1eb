"""Times are read as Django reads them, and a connection that the server has closed is noticed."""

import select
from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg_pool import ConnectionPool

from drf_api.tuned.tests.conftest import as_django, postgresql

TIMES = [
    "2026-01-31 12:30:15.123456+00",
    "2026-01-31 12:30:15.1+00",
    "2026-01-31 12:30:15+00",
    "0001-01-01 00:00:00+00",
    "9999-12-31 23:59:59.999999+00",
    "10000-01-01 00:00:00+00",
    "0044-03-15 00:00:00+00 BC",
    "infinity",
    None,
]


pytestmark = pytest.mark.parametrize("alias", [postgresql], indirect=True, ids=["postgresql"])


@pytest.fixture
def server(alias: str) -> Any:
    return connections[alias]


def read(server: Any, text: str | None) -> Any:
    with server.cursor() as cursor:
        try:
            cursor.execute("SELECT %s::timestamptz", [text])
            return cursor.fetchone()
        except Exception as error:  # noqa: BLE001 - what it is, is compared
            return repr(error)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
@pytest.mark.parametrize("style", ["ISO, DMY", "SQL, MDY", "German", "Postgres"])
def test_times(server: Any, zone: str, style: str) -> None:
    with server.cursor() as cursor:
        cursor.execute(f"SET TimeZone = '{zone}'; SET DateStyle = '{style}'")
    try:
        found = [read(server, text) for text in TIMES]
        with as_django():
            assert repr(found) == repr([read(server, text) for text in TIMES])
    finally:
        server.close()


def test_a_connection_that_the_server_has_closed(server: Any) -> None:
    parameters = server.get_connection_params()
    options = {name: parameters[name] for name in ("dbname", "user", "host")}
    with psycopg.connect(**options, autocommit=True) as one, psycopg.connect(**options) as other:
        ConnectionPool.check_connection(one)
        ConnectionPool.check_connection(other)
        one.execute("SELECT pg_terminate_backend(%s)", [other.info.backend_pid])
        select.select([other], [], [])  # until the news has come
        with pytest.raises(psycopg.OperationalError):
            ConnectionPool.check_connection(other)


def test_a_live_connection_is_not_asked(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server.ensure_connection()
    monkeypatch.setattr(psycopg.Connection, "execute", lambda *_: pytest.fail("asked"))
    ConnectionPool.check_connection(server.connection)
