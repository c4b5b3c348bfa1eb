"""`make up` does what the README says: both twins answer, and Ctrl-C stops both."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contract_tests.client import Request, send
from contract_tests.conftest import ROOT
from contract_tests.servers import free_port

LAST_LINE = "Ctrl-C stops both."


@contextmanager
def up(data: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `make up` as in a terminal of its own, and give what it has printed once it is ready."""
    with subprocess.Popen(
        ["/usr/bin/env", "make", "up"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(data), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            printed = ""
            for line in process.stdout:
                printed += line
                if line.strip() == LAST_LINE:
                    break
            yield process, printed
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)


@pytest.fixture
def ports() -> dict[str, str]:
    return {"FLASK_PORT": str(free_port()), "DRF_PORT": str(free_port())}


def test_both_twins_answer_until_ctrl_c(tmp_path: Path, ports: dict[str, str]) -> None:
    with up(tmp_path, **ports) as (_, printed):
        for port in ports.values():
            health = send(f"http://127.0.0.1:{port}", Request("GET", "/api/health"))
            assert health.json == {"status": "healthy"}, printed
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            send(f"http://127.0.0.1:{port}", Request("GET", "/api/health"))


def test_the_lines_of_the_banner_can_be_pasted(tmp_path: Path, ports: dict[str, str]) -> None:
    with up(tmp_path, **ports) as (_, printed):
        commands = re.search(r"  curl (?s:.*)(?=\n\n)", printed)
        assert commands, printed
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", commands[0]],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert '{"status":"healthy"}' in done.stdout
        assert done.stdout.count('"next":') == 2  # a page of products and one of todos


def test_the_second_start_changes_nothing(tmp_path: Path, ports: dict[str, str]) -> None:
    with up(tmp_path, **ports) as (_, printed):
        before = page_of_products(ports["DRF_PORT"])
    with up(tmp_path, **ports) as (_, printed):
        assert page_of_products(ports["DRF_PORT"]) == before, printed


def page_of_products(port: str) -> bytes:
    return send(f"http://127.0.0.1:{port}", Request("GET", "/api/products?limit=100")).body


def test_a_taken_port_is_said_clearly(base_urls: list[str], tmp_path: Path) -> None:
    taken = base_urls[0].rpartition(":")[2]
    with up(tmp_path, FLASK_PORT=taken) as (process, printed):
        process.wait(timeout=60)
        assert process.returncode != 0
        assert f"port {taken} is not free" in printed
        assert "FLASK_PORT" in printed
