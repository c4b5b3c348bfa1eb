"""A killed test run leaves no server running."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from contract_tests.conftest import ROOT

MARK = "KILLED_RUN"  # in the environment of whatever a run starts
START_SECONDS = 120
END_SECONDS = 120  # that servers may take to end; they do within seconds when nothing else runs

needs_nginx = pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
needs_redis = pytest.mark.skipif(not shutil.which("redis-server"), reason="Redis is not installed")

TABLES = ["contract_tests/fleet/test_tables.py", "-k", "PostgreSQL"]
LIMITS = ["contract_tests/faults/test_shared_limits.py"]
FLEET = ["contract_tests/fleet/test_one_address.py", "-k", "turn"]
OPERATIONS = ["contract_tests/operations/test_every_operation.py"]


@pytest.mark.parametrize(
    ("part", "program"),
    [
        pytest.param(OPERATIONS, "gunicorn", id="a twin"),
        pytest.param([*OPERATIONS, "-n", "2"], "gunicorn", id="twins of xdist's processes"),
        pytest.param(TABLES, "postgres", id="PostgreSQL"),
        pytest.param(LIMITS, "redis-server", id="Redis", marks=needs_redis),
        pytest.param(FLEET, "nginx", id="nginx", marks=needs_nginx),
    ],
)
def test_nothing_survives(part: list[str], program: str, tmp_path: Path) -> None:
    mark = uuid4().hex
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *part],
        cwd=ROOT,
        env={**os.environ, MARK: mark, "TMPDIR": str(tmp_path)},  # what it leaves there
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as tests:
        try:
            wait_for(program, mark, tests)
            started = marked(mark)
        finally:
            if "-n" in part:  # its processes, too, which would go on until they notice
                os.killpg(tests.pid, signal.SIGKILL)
            tests.kill()
    _, alive = psutil.wait_procs([*started, *marked(mark)], END_SECONDS)
    for process in alive:
        process.send_signal(signal.SIGKILL)
    assert alive == []


def wait_for(program: str, mark: str, tests: subprocess.Popen[bytes]) -> None:
    """Wait until a run has started a server."""
    deadline = time.monotonic() + START_SECONDS
    while not any(program in command(process) for process in marked(mark)):
        assert tests.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.2)


def marked(mark: str) -> list[psutil.Process]:
    """Return the processes of a run, with those that they have started."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found |= {each.pid: each for each in [process, *process.children(recursive=True)]}
        except psutil.Error:  # it has ended, or is somebody else's
            continue
    return [*found.values()]


def command(process: psutil.Process) -> str:
    """Return a process's command line, or nothing once it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
