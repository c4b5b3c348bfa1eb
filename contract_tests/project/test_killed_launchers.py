"""If a launcher is killed, its servers stop all the same."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contract_tests.client import Request, send
from contract_tests.conftest import ROOT
from contract_tests.project.terminal import make
from contract_tests.servers import free_port

END_SECONDS = 60  # that servers may take to end; they stop within a few when nothing else runs

# Starts a twin as the suite does, and says where it listens.
SUITE = """
import sys, tempfile, time
from pathlib import Path
from contract_tests.servers import TWINS, twins
with tempfile.TemporaryDirectory() as folder, twins(Path(folder), TWINS[:1]) as [url]:
    print(url, flush=True)
    time.sleep(600)
"""


def names(target: str) -> list[str]:
    """Return the variables that choose where a launcher's servers listen."""
    return ["FLASK_PORT", "DRF_PORT", *(["FLEET_PORT"] if target == "fleet" else [])]


@pytest.mark.parametrize(
    "target",
    [
        "up",
        pytest.param(
            "fleet",
            marks=pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed"),
        ),
    ],
)
def test_killing_a_launcher_ends_its_servers(tmp_path: Path, target: str) -> None:
    ports = {name: str(free_port()) for name in names(target)}
    last_line = {"up": "Ctrl-C stops both.", "fleet": "Ctrl-C stops all."}[target]
    with make(target, last_line, tmp_path, **ports) as (process, printed):
        urls = [f"http://127.0.0.1:{port}" for port in ports.values()]
        assert [status(url) for url in urls] == [200] * len(urls), printed
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert [ends(url) for url in urls] == [True] * len(urls)


def test_killing_a_test_run_ends_its_servers(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUITE],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # what it leaves there
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        assert status(url) == 200
        run.kill()
    assert ends(url)


def status(base_url: str) -> int:
    return send(base_url, Request("GET", "/api/health")).status


def ends(base_url: str) -> bool:
    """Wait until nobody listens at an address any more."""
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        try:
            status(base_url)
        except OSError:
            return True
        time.sleep(0.1)
    return False
