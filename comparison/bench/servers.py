"""Serves programs as they are measured: all by gunicorn, with as many workers."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from comparison.bench.processes import tree
from comparison.bench.programs import ROOT, Program
from deploy.twins import ServerError, ended

START_SECONDS = 30


@dataclass(frozen=True)
class Setup:
    """How programs are served and asked."""

    workers: int = 2
    worker_class: str = "sync"  # for programs that don't need one of their own
    threads: int = 1
    connections: int = 4
    preload: bool = False


@dataclass(frozen=True)
class Server:
    """A program that is being served."""

    program: Program
    port: int
    pid: int  # of gunicorn's first process

    def workers(self) -> list[int]:
        """List the processes that answer."""
        return [pid for pid in tree(self.pid) if pid != self.pid]


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(program: Program, port: int, setup: Setup) -> list[str]:
    """Write the command that serves a program."""
    options = {
        "--config": "python:comparison.bench.gunicorn_config",
        "--bind": f"127.0.0.1:{port}",
        "--workers": str(setup.workers),
        "--threads": str(setup.threads),
        "--worker-class": program.worker_class or setup.worker_class,
    }
    words = [word for option in options.items() for word in option]
    preload = ["--preload"] if setup.preload else []
    return [sys.executable, "-m", "gunicorn", *words, *preload, program.target]


@contextmanager
def serving(
    program: Program, setup: Setup, environment: Mapping[str, str], root: Path = ROOT
) -> Iterator[Server]:
    """Serve a program for as long as the context lasts.

    A twin may come from another checkout than the measurements do; its folder is looked at first.
    """
    port = free_port()
    source = root if program.is_twin else ROOT
    process = subprocess.Popen(  # noqa: S603 - the command is made here
        command(program, port, setup),
        cwd=source,
        env={
            **os.environ,
            **environment,
            **program.environment,
            "PYTHONPATH": f"{source}{os.pathsep}{ROOT}",
        },
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # a terminal's Ctrl-C is for the measurements to deal with
    )
    with ended(process, signal.SIGTERM):
        wait_until_healthy(program, port, process)
        yield Server(program, port, process.pid)


def answers(program: Program, port: int) -> bool:
    """Tell whether a program answers."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
        try:
            connection.request("GET", program.health)
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False


def wait_until_healthy(program: Program, port: int, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as a program answers; fail when it dies or takes too long.

    It is asked more often than `deploy.twins` does: how soon it answers is measured.
    """
    deadline = time.monotonic() + START_SECONDS
    while not answers(program, port):
        if process.poll() is not None:
            raise ServerError(f"{program.name}: died at its start; its output is above")
        if time.monotonic() > deadline:
            raise ServerError(f"{program.name}: gave no healthy answer within {START_SECONDS} s")
        time.sleep(0.005)
