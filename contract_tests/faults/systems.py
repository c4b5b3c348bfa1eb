"""The twins on one database, with workers that can be killed."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil

from contract_tests.client import Answer, Request, send
from contract_tests.fleet.databases import is_sqlite
from contract_tests.servers import environment_of, free_port, seeded, sharing
from deploy.twins import TWINS, prepare, running, wait_until_healthy

# Faults are logged as errors, each with its traceback; here they are made on purpose.
QUIET = {"LOG_LEVEL": "CRITICAL"}
WORKERS = {"WEB_CONCURRENCY": "2"}
TOGETHER = {1: "one", 2: "both", 4: "all"}


@dataclass(frozen=True)
class Server:
    """A twin that is served by gunicorn."""

    name: str
    base_url: str
    process: psutil.Process

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer requests."""
        return [child for child in self.process.children() if child.is_running()]

    def worked(self) -> float:
        """Return how many seconds of processor time its workers have used so far."""
        times = [worker.cpu_times() for worker in self.workers()]
        return float(sum(each.user + each.system for each in times))

    def ask(self, method: str, target: str, **headers: str) -> Answer:
        """Send a request without a body over a connection of its own."""
        return send(self.base_url, Request(method, target, headers))


@dataclass(frozen=True)
class Fleet:
    """The servers of one database."""

    url: str
    servers: Mapping[str, Server]

    @property
    def is_on_sqlite(self) -> bool:
        """Whether the database is a file."""
        return is_sqlite(self.url)

    def places(self) -> "list[Place]":
        """Return each server alone, and all of them in turn."""
        alone = [Place(name, [server]) for name, server in self.servers.items()]
        return [*alone, Place(f"{TOGETHER[len(alone)]} in turn", [*self.servers.values()])]


@dataclass(frozen=True)
class Place:
    """Where requests go: to one server, or to several in turn."""

    name: str
    servers: list[Server]
    _turn: "count[int]" = field(default_factory=count)

    def next(self) -> Server:
        """Return the server whose turn it is."""
        return self.servers[next(self._turn) % len(self.servers)]


@contextmanager
def fleet_on(url: str, only: str | None = None, **settings: str) -> Iterator[Fleet]:
    """Serve a database that is ready by all that share one, or by one of them."""
    environment = environment_of(url, **{**QUIET, **WORKERS, **settings})
    servers = {}
    with ExitStack() as stack:
        started = []
        for twin in (twin for twin in sharing if only in {None, twin.name}):
            port = free_port()
            process = stack.enter_context(running(twin, port, environment))
            started.append((twin, port, process))
        for twin, port, process in started:
            stack.callback(process.terminate)  # all of them before any is waited for
            wait_until_healthy(twin.name, port, process)
            base_url = f"http://127.0.0.1:{port}"
            servers[twin.name] = Server(twin.name, base_url, psutil.Process(process.pid))
        yield Fleet(url, servers)


def sqlite_in(folder: Path) -> str:
    """Put a database with the demo data into a folder, and return its URL."""
    return f"sqlite:///{shutil.copy(seeded(TWINS[0]), folder / 'shop.sqlite3')}"


def ready(url: str) -> str:
    """Prepare a database, and return its URL."""
    prepare(TWINS[0], environment_of(url))
    return url
