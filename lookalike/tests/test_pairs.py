"""Programs that are started by their commands are stopped again, whatever happens."""

from pathlib import Path

import pytest

from lookalike.figures.pairs import Pair, StartError, started
from lookalike.http import Answer, Request
from lookalike.targets import HttpTarget

SERVE = """
about = "two file servers"
openapi = "/openapi.json"

[old]
setup = [["{python}", "-c", "open('hello.txt', 'w').write('hello')"]]
run = ["{python}", "-m", "http.server", "--bind", "127.0.0.1", "{port}"]
"""


def pair(folder: Path, text: str) -> Pair:
    path = folder / "pair.toml"
    path.write_text(text)
    return Pair.read(path)


def test_both_servers_run_in_folders_of_their_own_and_end(tmp_path: Path) -> None:
    found = pair(tmp_path, SERVE)
    with found.running() as addresses:
        assert len({*addresses}) == 2
        assert found.contract(addresses[0]) == f"{addresses[0]}/openapi.json"
        for address in addresses:
            outcome = HttpTarget(address).send(Request("GET", "/hello.txt"))
            assert isinstance(outcome, Answer)
            assert outcome.body == b"hello"
    for address in addresses:
        assert not isinstance(HttpTarget(address).send(Request("GET", "/")), Answer)


def test_a_server_that_ends_at_once_is_an_error_with_what_it_said(tmp_path: Path) -> None:
    text = SERVE.replace('"-m", "http.server"', '"-c", "raise SystemExit(\'no such port\')"')
    with (
        pytest.raises(StartError, match="no such port"),
        started(pair(tmp_path, text).old, tmp_path),
    ):
        pass


def test_a_setup_that_fails_is_an_error(tmp_path: Path) -> None:
    text = SERVE.replace("open('hello.txt', 'w').write('hello')", "raise SystemExit('no disk')")
    with pytest.raises(StartError, match="no disk"), started(pair(tmp_path, text).old, tmp_path):
        pass


def test_programs_without_packages_use_this_interpreter(tmp_path: Path) -> None:
    program = pair(tmp_path, SERVE.replace("{python}", "{bin}/python")).old
    with started(program, tmp_path) as address:
        assert isinstance(HttpTarget(address).send(Request("GET", "/")), Answer)
