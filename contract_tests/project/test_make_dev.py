"""`make dev` starts the frameworks' own servers, which follow the code, and leaves none behind."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from contract_tests.client import Request, send
from contract_tests.conftest import ROOT
from contract_tests.project.terminal import make
from contract_tests.servers import free_port
from deploy.twins import TWINS

RESTART_SECONDS = 60  # a bound against hangs, not an expectation
SERVERS = {"flask_api": "Werkzeug/", "drf_api": "WSGIServer/"}


@pytest.fixture
def ports() -> dict[str, str]:
    return {twin.port_variable: str(free_port()) for twin in TWINS}


def serving(make: int) -> Iterator[psutil.Process]:
    """Yield the processes that serve: the children of the reloaders, which the launcher starts."""
    (launcher,) = psutil.Process(make).children()
    for reloader in launcher.children():
        yield from reloader.children()


def test_both_follow_the_code_until_ctrl_c(tmp_path: Path, ports: dict[str, str]) -> None:
    with make("dev", "Ctrl-C stops both.", tmp_path, **ports) as (process, printed):
        for twin in TWINS:
            base_url = f"http://127.0.0.1:{ports[twin.port_variable]}"
            answer = send(base_url, Request("GET", "/api/products?limit=1"))
            assert answer.status == 200, printed
            assert answer.headers["server"].startswith(SERVERS[twin.name])
        before = {*serving(process.pid)}
        assert len(before) == len(TWINS)
        for twin in TWINS:
            os.utime(ROOT / twin.name / "contract" / "etags.py")
        deadline = time.monotonic() + RESTART_SECONDS
        while len(after := {*serving(process.pid)} - before) < len(TWINS):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        everything = [*after, *psutil.Process(process.pid).children(recursive=True)]
    assert [each for each in everything if each.is_running()] == []
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            send(f"http://127.0.0.1:{port}", Request("GET", "/api/health"))
