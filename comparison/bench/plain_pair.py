"""The plain pair under load: another API than the twins', so beside nothing but each other.

On SQLite, as tutorials have it, with the few rows that both begin with.
"""

import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from comparison.bench.databases import Database
from comparison.bench.load import Task
from comparison.bench.model import PlainLoad, Round, Spread
from comparison.bench.operations import Request
from comparison.bench.programs import PLAIN, ROOT
from comparison.bench.rounds import Effort, in_turn, send
from comparison.bench.servers import Server, Setup, serving
from comparison.bench.throughput import per_second

SEED = """
import pathlib, sys
from comparison.plain.servers import APPLICATIONS
APPLICATIONS[sys.argv[1]](pathlib.Path(sys.argv[2]))
"""
BASIC = b64encode(b"alice:alice-demo-password").decode()
CREDENTIALS = (("Authorization", f"Basic {BASIC}"),)
OPERATIONS = {
    "a page of ten products": Request("GET", "/products"),
    "one product": Request("GET", "/products/3"),
    "changing a product": Request("PATCH", "/products/3", {"stock": 5}),
    "one's todos, with a password to check": Request("GET", "/todos", None, CREDENTIALS),
}


def measure_plain(setup: Setup, effort: Effort, log: Callable[[str], None]) -> Iterator[PlainLoad]:
    """Measure both programs, operation by operation, in interleaved rounds."""
    log("the plain pair")
    with TemporaryDirectory(prefix="plain-") as folder, ExitStack() as stack:
        servers = []
        for framework, program in PLAIN.items():
            file = Path(folder) / f"{framework}.sqlite3"
            seed = [sys.executable, "-c", SEED, framework, str(file)]
            subprocess.run(seed, cwd=ROOT, check=True)  # noqa: S603 - the command is made here
            settings = {
                "FLASK_DATABASE": f"sqlite:///{file}",
                "DJANGO_DATABASE": str(file),
                "DJANGO_SETTINGS_MODULE": "comparison.plain.django_plain.settings",
            }
            servers.append(stack.enter_context(serving(program, setup, settings)))
        database = Database("sqlite", "", None, Path(folder))
        for name, request in OPERATIONS.items():
            tasks = {server: task(server, request, setup, effort) for server in servers}
            for server, each in tasks.items():
                send(each, server.program.name)
            found: dict[str, list[Round]] = {}
            for program_name, each_round in in_turn(database, tasks, effort):
                found.setdefault(program_name, []).append(each_round)
            yield from summed_up(name, found)


def task(server: Server, request: Request, setup: Setup, effort: Effort) -> Task:
    """Write a request; Django's router ends its paths with a slash."""
    if server.program is PLAIN["django"]:
        request = replace(request, target=f"{request.target}/")
    connections, seconds = setup.connections, effort.warm_up_seconds
    return Task(server.port, connections, seconds, 200, [request.text()])


def summed_up(operation: str, found: dict[str, list[Round]]) -> Iterator[PlainLoad]:
    """Sum up the rounds of both; each is compared with the Flask program's of the same time."""
    first = found[PLAIN["flask"].name]
    for name, rounds in found.items():
        pairs = zip(rounds, first, strict=True)
        yield PlainLoad(
            operation=operation,
            program=name,
            per_second=Spread.of([per_second(each) for each in rounds]),
            ratio=Spread.of([per_second(own) / per_second(base) for own, base in pairs]),
            server_cpu_ms=Spread.of([each.server_cpu_ms for each in rounds]),
            p50_ms=Spread.of([each.p50_ms for each in rounds]),
        )
