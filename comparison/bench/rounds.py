"""Interleaved rounds: one program after the other, so that the machine's moods hit them alike."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from statistics import quantiles

from comparison.bench import load
from comparison.bench.databases import Database
from comparison.bench.model import Round
from comparison.bench.operations import Operation, Request
from comparison.bench.processes import cpu_seconds, used_since
from comparison.bench.programs import ROOT
from comparison.bench.servers import Server, Setup


class LoadError(Exception):
    """A program did not answer as it should have."""


@dataclass(frozen=True)
class Effort:
    """How often is measured, and for how long each time."""

    rounds: int
    seconds: float
    warm_up_seconds: float


def answer_headers(server: Server, request: Request) -> http.client.HTTPMessage:
    """Send one request, and return the header fields of its answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        connection.request(request.method, request.target, headers=dict(request.headers))
        response = connection.getresponse()
        response.read()
        return response.headers


def texts(server: Server, operation: Operation) -> list[str]:
    """Write an operation's requests; entity tags are those of the program's own answers."""
    requests = operation.requests()
    if operation.is_conditional:
        requests = [
            replace(each, headers=(("If-None-Match", answer_headers(server, each)["ETag"]),))
            for each in requests
        ]
    return [request.text() for request in requests]


def send(task: load.Task, name: str) -> load.Found:
    """Have requests sent by a process of its own."""
    done = subprocess.run(  # noqa: S603 - the command is made here
        [sys.executable, "-m", load.__name__],
        cwd=ROOT,
        input=json.dumps(asdict(task)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LoadError(f"{name}: {done.stderr.strip()}")
    return load.Found(**json.loads(done.stdout))


def measure(database: Database, server: Server, task: load.Task) -> Round:
    """Put a program under load, and see what it uses."""
    backends = database.server
    before, database_before = cpu_seconds(server.pid), cpu_seconds(backends) if backends else {}
    found = send(task, server.program.name)
    requests = len(found.latencies_ms)
    latencies = found.latencies_ms if requests > 1 else found.latencies_ms * 2
    percentiles = quantiles(latencies, n=100, method="inclusive")

    def per_request(seconds: float) -> float:
        return round(seconds / requests * 1000, 6)

    return Round(
        requests=requests,
        seconds=round(found.seconds, 6),
        server_cpu_ms=per_request(used_since(before, server.pid)),
        database_cpu_ms=per_request(used_since(database_before, backends)) if backends else None,
        load_cpu_ms=per_request(found.cpu_seconds),
        p50_ms=round(percentiles[49], 4),
        p99_ms=round(percentiles[98], 4),
    )


def interleaved(
    database: Database,
    servers: Sequence[Server],
    setup: Setup,
    operation: Operation,
    effort: Effort,
) -> Iterator[tuple[str, Round]]:
    """Measure one program after the other, round by round; each round begins with another one."""
    tasks = {
        server: load.Task(
            server.port,
            setup.connections,
            effort.warm_up_seconds,
            operation.status,
            texts(server, operation),
        )
        for server in servers
    }
    for server in servers:
        send(tasks[server], server.program.name)
    yield from in_turn(database, tasks, effort)


def in_turn(
    database: Database, tasks: Mapping[Server, load.Task], effort: Effort
) -> Iterator[tuple[str, Round]]:
    """Measure what each server is asked, round by round."""
    servers = [*tasks]
    for number in range(effort.rounds):
        first = number % len(servers)
        for server in [*servers[first:], *servers[:first]]:
            task = replace(tasks[server], seconds=effort.seconds)
            yield server.program.name, measure(database, server, task)
