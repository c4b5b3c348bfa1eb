"""Throughput by the number of worker processes."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

from comparison.bench.model import Spread, Workers
from comparison.bench.operations import OPERATIONS
from comparison.bench.programs import DRF, FLASK
from comparison.bench.rounds import Effort, interleaved
from comparison.bench.servers import serving
from comparison.bench.throughput import Bench, per_second

WORKERS = (1, 2, 4)
CONNECTIONS = 8  # so that no worker waits for a request
SCALED = "todos"


def measure_workers(bench: Bench, effort: Effort) -> Iterator[Workers]:
    """Measure the plain twins by one operation, with a few workers and with more."""
    [operation] = [each for each in OPERATIONS if each.name == SCALED]
    environment = bench.database.environment
    for workers in WORKERS:
        bench.log(f"{workers} workers")
        setup = replace(bench.setup, workers=workers, connections=CONNECTIONS)
        with ExitStack() as stack:
            servers = [
                stack.enter_context(serving(program, setup, environment))
                for program in (FLASK, DRF)
            ]
            found: dict[str, list[float]] = {}
            for name, each in interleaved(bench.database, servers, setup, operation, effort):
                found.setdefault(name, []).append(per_second(each))
        for name, values in found.items():
            yield Workers(name, workers, Spread.of(values))
