"""`make fleet` does what the README says: one address, both twins in turn, and Ctrl-C stops all."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contract_tests.client import Request, send
from contract_tests.conftest import ROOT
from contract_tests.project.terminal import make, paste
from contract_tests.servers import free_port

LAST_LINE = "Ctrl-C stops all."
needs_nginx = pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")


@pytest.fixture
def ports() -> dict[str, str]:
    return {name: str(free_port()) for name in ("FLEET_PORT", "FLASK_PORT", "DRF_PORT")}


@needs_nginx
def test_the_banner_can_be_pasted_and_the_log_shows_the_turns(
    tmp_path: Path, ports: dict[str, str]
) -> None:
    (tmp_path / "tmp").mkdir()
    with make("fleet", LAST_LINE, tmp_path, TMPDIR=str(tmp_path / "tmp"), **ports) as (
        process,
        printed,
    ):
        assert "2 workers of flask_api and 2 workers of drf_api" in printed
        commands = re.search(r"  curl (?s:.*)(?=\n\n)", printed)
        assert commands, printed
        said = paste(commands[0])
        assert said.count('"title":"Try the fleet"') == 2
        base_url = f"http://127.0.0.1:{ports['FLEET_PORT']}"
        for _ in range(6):
            assert send(base_url, Request("GET", "/api/todos/bulk")).status == 405
        assert process.stdout is not None
        log = iter(process.stdout.readline, "")
        turns = [next(line for line in log if "/bulk" in line).split() for _ in range(6)]
        assert [turn[1:] for turn in turns] == [["405", "GET", "/api/todos/bulk"]] * 6
        assert [turn[0] for turn in turns] in (
            ["flask_api", "drf_api"] * 3,
            ["drf_api", "flask_api"] * 3,
        )
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            send(f"http://127.0.0.1:{port}", Request("GET", "/api/health"))
    assert list((tmp_path / "tmp").iterdir()) == []


@needs_nginx
@pytest.mark.parametrize("name", ["drf_api", "nginx"])
def test_a_server_that_dies_ends_all(tmp_path: Path, ports: dict[str, str], name: str) -> None:
    with make("fleet", LAST_LINE, tmp_path, WORKERS="1", TMPDIR=str(tmp_path), **ports) as (
        process,
        printed,
    ):
        assert "1 worker of flask_api" in printed
        marks = {"drf_api": f"127.0.0.1:{ports['DRF_PORT']}", "nginx": str(tmp_path)}
        os.kill(leader(marks[name]), signal.SIGKILL)
        assert process.stdout is not None
        assert f"{name}: died by itself, so everything is stopped" in process.stdout.read()
        assert process.wait(timeout=60) != 0
    with pytest.raises(ConnectionRefusedError):
        send(f"http://127.0.0.1:{ports['FLASK_PORT']}", Request("GET", "/api/health"))


def leader(mark: str) -> int:
    """Return the process that has a mark in its command line, and not those that it has forked."""
    listed = subprocess.run(
        ["/usr/bin/env", "ps", "-A", "-ww", "-o", "pid=,ppid=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    marked = [line.split(maxsplit=2)[:2] for line in listed.stdout.splitlines() if mark in line]
    [found] = [pid for pid, parent in marked if parent not in [pid for pid, _ in marked]]
    return int(found)


def test_lines_that_are_said_at_once_stay_whole() -> None:
    program = (
        "from threading import Thread\n"
        "from deploy.launcher import log\n"
        "def repeat(line): [log(line) for _ in range(5000)]\n"
        "for line in 'ab': Thread(target=repeat, args=(line,)).start()\n"
    )
    done = subprocess.run(
        [sys.executable, "-u", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert sorted(done.stdout.splitlines()) == ["a"] * 5000 + ["b"] * 5000


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PATH": "/nowhere"}, "nginx is not installed"),
        ({"WORKERS": "0"}, "WORKERS=0 is no whole number above zero"),
        ({"WORKERS": "two"}, "WORKERS=two is no whole number above zero"),
        ({"FLEET_PORT": "5000", "FLASK_PORT": "5000"}, "each needs a port of its own"),
        ({"FLEET_PORT": "http"}, "FLEET_PORT=http is no port number"),
    ],
)
def test_a_setting_that_cannot_work_is_said_clearly(
    tmp_path: Path, ports: dict[str, str], settings: dict[str, str], said: str
) -> None:
    if "PATH" not in settings and not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "deploy.fleet"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), **ports, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
