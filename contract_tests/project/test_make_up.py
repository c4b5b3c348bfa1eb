"""`make up` does what the README says: both twins answer, and Ctrl-C stops both."""

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from contract_tests.cast import Actor, log_in
from contract_tests.client import Request, send
from contract_tests.differential_client import DifferentialClient
from contract_tests.project.terminal import make, paste
from contract_tests.servers import free_port

LAST_LINE = "Ctrl-C stops both."


def up(data: Path, **environment: str) -> AbstractContextManager[tuple[subprocess.Popen[str], str]]:
    """Run `make up`."""
    return make("up", LAST_LINE, data, **environment)


def free_ports() -> dict[str, str]:
    return {"FLASK_PORT": str(free_port()), "DRF_PORT": str(free_port())}


@pytest.fixture
def ports() -> dict[str, str]:
    return free_ports()


@dataclass(frozen=True)
class Pair:
    """Both twins, with what was printed while they started."""

    ports: dict[str, str]
    printed: str


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Start both on a new database, once for the tests that leave each other's data alone."""
    ports = free_ports()
    with up(tmp_path_factory.mktemp("up"), **ports) as (_, printed):
        yield Pair(ports, printed)


def test_both_twins_answer_until_ctrl_c_and_the_second_start_changes_nothing(
    tmp_path: Path, ports: dict[str, str]
) -> None:
    with up(tmp_path, **ports) as (_, printed):
        for port in ports.values():
            health = send(f"http://127.0.0.1:{port}", Request("GET", "/api/health"))
            assert health.json == {"status": "healthy"}, printed
        alice_at(ports)[0].post("/api/todos", {"title": "Stay"})
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            send(f"http://127.0.0.1:{port}", Request("GET", "/api/health"))
    before = stored(tmp_path / "shop.sqlite3")
    with up(tmp_path, **ports) as (_, printed):
        assert printed.count("The demo data is there already: nothing was changed.") == 2
    assert stored(tmp_path / "shop.sqlite3") == before


def test_the_lines_of_the_banner_can_be_pasted(pair: Pair) -> None:
    commands = re.search(r"  curl (?s:.*)(?=\n\n)", pair.printed)
    assert commands, pair.printed
    said = paste(commands[0])
    assert '{"status":"healthy"}' in said
    assert said.count('"next":') == 2  # a page of products and one of todos
    assert said.count('"title":"Try both"') == 2  # created with one, listed by the other


def test_what_one_twin_creates_the_other_shows_and_changes(pair: Pair) -> None:
    assert pair.printed.count("Loaded 3 users, 60 products and 40 todos.") == 1
    assert pair.printed.count("The demo data is there already: nothing was changed.") == 1
    here, there = alice_at(pair.ports)
    made = here.post("/api/todos", {"title": "Move"})
    path = made.headers["location"]
    assert there.get(path).body == made.body
    changed = there.patch(path, {"title": "Moved"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status, here.get(path).body) == (200, changed.body)


def test_separate_twins_know_nothing_of_each_other(tmp_path: Path, ports: dict[str, str]) -> None:
    with up(tmp_path, SEPARATE="1", **ports) as (_, printed):
        assert printed.count("Loaded 3 users, 60 products and 40 todos.") == 2
        here, there = alice_at(ports)
        assert here.get("/api/users/me").status == 200
        assert there.get("/api/users/me").status == 401
    names = {path.name for path in tmp_path.glob("*.sqlite3")}
    assert names == {"flask_api.sqlite3", "drf_api.sqlite3"}


def alice_at(ports: dict[str, str]) -> list[Actor]:
    """Log Alice in on the first twin; return her there, and with her token on the other."""
    clients = [DifferentialClient([f"http://127.0.0.1:{port}"]) for port in ports.values()]
    alice = log_in(clients[0], "alice", "alice-demo-password")
    return [replace(alice, client=client) for client in clients]


def stored(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SEPARATE": "yes"}, "SEPARATE=yes is none of 1, 0, true, false"),
        ({"SEPARATE": "1", "DATABASE_URL": "sqlite:///shop.sqlite3"}, "exclude each other"),
        ({"ALLOWED_HOSTS": "shop.example"}, "add 127.0.0.1 to ALLOWED_HOSTS"),
    ],
)
def test_a_setting_that_cannot_work_is_said_clearly(
    tmp_path: Path, ports: dict[str, str], settings: dict[str, str], said: str
) -> None:
    with up(tmp_path, **ports, **settings) as (process, printed):
        process.wait(timeout=60)
        assert process.returncode != 0
        assert said in printed


def test_a_taken_port_is_said_clearly(base_urls: list[str], tmp_path: Path) -> None:
    taken = base_urls[0].rpartition(":")[2]
    with up(tmp_path, FLASK_PORT=taken) as (process, printed):
        process.wait(timeout=60)
        assert process.returncode != 0
        assert f"port {taken} is not free" in printed
        assert "FLASK_PORT" in printed
