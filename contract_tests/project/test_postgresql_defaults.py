"""Settings of PostgreSQL's sessions by the server, a database, the environment or a URL.

Settings that would change a twin's behaviour are overridden; what can't be overridden is refused by
one line at the start and by `/api/health/ready`; everything else is honoured.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import quote

import psycopg
import pytest

from contract_tests.cast import log_in
from contract_tests.client import Request, send
from contract_tests.conftest import ROOT
from contract_tests.differential_client import DifferentialClient
from contract_tests.postgresql import NewDatabase, running_cluster
from contract_tests.servers import environment_of, free_port, started
from deploy.twins import TWINS, Twin, prepare, running, wait_until_healthy

pytestmark = pytest.mark.own_servers

HOSTILE = {
    "DateStyle": "German",
    "IntervalStyle": "sql_standard",
    "TimeZone": "Asia/Kolkata",
    "standard_conforming_strings": "off",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "lock_timeout": "1s",
    "statement_timeout": "1s",
}
# libpq sends these, and they count more than what a database or the URL's options say.
VARIABLES = {"PGDATESTYLE": "SQL", "PGTZ": "America/New_York", "PGCLIENTENCODING": "LATIN1"}


def with_options(url: str, **options: str) -> str:
    """Add libpq's options to a URL that has some."""
    return url + "".join(f"&{name}={quote(value)}" for name, value in options.items())


def set_defaults(url: str, **settings: str) -> None:
    """Let a database set something for each new session."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(
                f"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET {name} = %L', "
                f"current_database(), '{value}'); END $$".encode()
            )


@contextmanager
def running_both(url: str, **settings: str) -> Iterator[list[DifferentialClient]]:
    """Run both twins on one database, which each of them prepares."""
    environment = environment_of(url, **settings)
    for twin in TWINS:
        prepare(twin, environment)
    with started(dict.fromkeys(TWINS, environment)) as base_urls:
        yield [DifferentialClient([base_url]) for base_url in base_urls]


@pytest.fixture(scope="module")
def hostile(postgresql: NewDatabase) -> Iterator[tuple[str, list[DifferentialClient]]]:
    """Run both twins where all of these set what doesn't suit them; give the plain URL, too."""
    url = postgresql("hostile")
    set_defaults(url, **HOSTILE, client_encoding="LATIN1")
    options = " ".join(f"-c {name}={value}" for name, value in HOSTILE.items())
    chosen = with_options(url, options=options, client_encoding="LATIN1")
    with running_both(chosen, DATABASE_TIMEOUT="60", **VARIABLES) as clients:
        yield url, clients


def test_times_and_texts_mean_the_same(hostile: tuple[str, list[DifferentialClient]]) -> None:
    here, there = hostile[1]
    for client, other in ((here, there), (there, here)):
        alice = log_in(client, "alice", "alice-demo-password")
        todo = {"title": r"Ω ☃ \' \\n", "due_at": "2027-02-03T04:05:06.789Z"}
        made = alice.post("/api/todos", todo)
        assert made.status == 201, made
        assert made.json["title"] == todo["title"]
        assert made.json["due_at"] == "2027-02-03T04:05:06.789000Z"
        read = log_in(other, "alice", "alice-demo-password").get(made.headers["location"])
        assert read.body == made.body


def test_a_write_waits_for_a_lock(hostile: tuple[str, list[DifferentialClient]]) -> None:
    url, clients = hostile
    with ThreadPoolExecutor() as pool:
        for client in clients:
            alice = log_in(client, "alice", "alice-demo-password")
            path = alice.post("/api/todos", {"title": "Wait"}).headers["location"]
            with psycopg.connect(url) as connection:
                connection.execute("SET default_transaction_read_only = off")
                connection.execute("SET statement_timeout = 0")
                connection.commit()
                todo = path.rpartition("/")[2]
                connection.execute("SELECT 1 FROM todos WHERE id = %s FOR UPDATE", [todo])
                waiting = pool.submit(alice.patch, path, {"title": "Done"})
                time.sleep(2)  # longer than the hostile limits
                assert not waiting.done()
            assert waiting.result().status == 200


def test_options_of_the_url_are_honoured_and_lose_none_of_the_twins(
    postgresql: NewDatabase,
) -> None:
    url = postgresql("options")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shop")
        chosen = with_options(url, options="-c search_path=shop", application_name="0123")
        with running_both(chosen, DATABASE_TIMEOUT="2") as clients:
            tables = "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'todos'"
            assert connection.execute(tables).fetchall() == [("shop",)]
            for client in clients:
                alice = log_in(client, "alice", "alice-demo-password")
                assert alice.get("/api/todos").json["items"]
                path = alice.post("/api/todos", {"title": "Wait"}).headers["location"]
                todo = path.rpartition("/")[2]
                with connection.transaction():
                    connection.execute("SELECT 1 FROM shop.todos WHERE id = %s FOR UPDATE", [todo])
                    assert alice.patch(path, {"title": "Done"}).status == 503
            names = "SELECT count(*) FROM pg_stat_activity WHERE application_name = '0123'"
            found = connection.execute(names).fetchone()
            assert found is not None
            assert found[0] >= len(TWINS)


def beside(url: str) -> tuple[str, str]:
    """Name another database on a server of which one is known; return the name and its URL."""
    name = url.partition("@/")[2].partition("?")[0]
    return f"{name}_1", url.replace(name, f"{name}_1")


@contextmanager
def made_in_latin1(url: str) -> Iterator[str]:
    """Make a database that can't hold every text beside another one, and give its URL."""
    name, other = beside(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0 "
            "LC_COLLATE 'C' LC_CTYPE 'C'".encode()
        )
        yield other
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="module")
def latin1(postgresql: NewDatabase) -> Iterator[str]:
    with made_in_latin1(postgresql("beside")) as url:
        yield url


@pytest.fixture(scope="module")
def replica() -> Iterator[str]:
    """Run a server that takes no writes; give its URL."""
    with running_cluster() as cluster:
        cluster.stop()
        (cluster.data / "standby.signal").touch()
        cluster.start()
        yield cluster.url("postgres")


def entries(twin: Twin) -> list[Sequence[str]]:
    """List how a twin may be started, in front of the server and in commands."""
    gunicorn = ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", "127.0.0.1:0")
    return [twin.migrate, twin.seed, (*gunicorn, twin.target)]


@pytest.mark.parametrize(("server", "reason"), [("latin1", "LATIN1"), ("replica", "replica")])
@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_an_unsuitable_server_is_refused_at_the_start(
    twin: Twin, server: str, reason: str, request: pytest.FixtureRequest
) -> None:
    environment = environment_of(request.getfixturevalue(server))
    for entry in entries(twin):
        done = subprocess.run(
            [sys.executable, *entry],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode != 0
        [line] = [line for line in done.stderr.splitlines() if "DATABASE_URL" in line]
        assert reason in line
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_an_unsuitable_server_that_comes_later_is_not_ready(
    twin: Twin, postgresql: NewDatabase
) -> None:
    url, port = postgresql("later"), free_port()
    ready = Request("GET", "/api/health/ready")
    with running(twin, port, environment_of(beside(url)[1])) as server:
        wait_until_healthy(twin.name, port, server)
        with made_in_latin1(url):
            assert send(f"http://127.0.0.1:{port}", ready).status == 503
