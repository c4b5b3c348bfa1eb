"""Throughput, latency and CPU time of every operation, as ratios to the floor."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from comparison.bench import model
from comparison.bench.databases import Database
from comparison.bench.model import Load, Round, Spread
from comparison.bench.operations import Operation
from comparison.bench.programs import FLOOR, Program
from comparison.bench.rounds import Effort, interleaved
from comparison.bench.servers import Server, Setup, serving


@dataclass(frozen=True)
class Bench:
    """What is measured, how it is served, and how it is told what is being done."""

    database: Database
    programs: Sequence[Program]
    setup: Setup
    log: Callable[[str], None]

    @contextmanager
    def all_serving(self) -> Iterator[list[Server]]:
        """Serve all programs side by side; those that aren't asked just wait."""
        with ExitStack() as stack:
            yield [
                stack.enter_context(serving(program, self.setup, self.database.environment))
                for program in self.programs
            ]


def per_second(each: Round) -> float:
    """Return how many requests a round has served in a second."""
    return each.requests / each.seconds


def summed_up(
    kind: model.Database, operation: str, program: str, rounds: list[Round], floor: list[Round]
) -> Load:
    """Sum up the rounds of a program; each is compared with the floor's round of the same time."""
    pairs = list(zip(rounds, floor, strict=True))
    database_cpu = [each.database_cpu_ms for each in rounds if each.database_cpu_ms is not None]
    return Load(
        database=kind,
        operation=operation,
        program=program,
        per_second=Spread.of([per_second(each) for each in rounds]),
        throughput_ratio=Spread.of([per_second(own) / per_second(base) for own, base in pairs]),
        server_cpu_ms=Spread.of([each.server_cpu_ms for each in rounds]),
        database_cpu_ms=Spread.of(database_cpu) if database_cpu else None,
        cpu_ratio=Spread.of([base.server_cpu_ms / own.server_cpu_ms for own, base in pairs]),
        p50_ms=Spread.of([each.p50_ms for each in rounds]),
        p99_ms=Spread.of([each.p99_ms for each in rounds]),
        rounds=rounds,
    )


def measure_loads(bench: Bench, operations: Sequence[Operation], effort: Effort) -> Iterator[Load]:
    """Measure every operation of every program on one database."""
    database = bench.database
    with bench.all_serving() as servers:
        for operation in operations:
            bench.log(f"{database.kind}: {operation.title}")
            found: dict[str, list[Round]] = {program.name: [] for program in bench.programs}
            for name, each in interleaved(database, servers, bench.setup, operation, effort):
                found[name].append(each)
            for name, rounds in found.items():
                yield summed_up(database.kind, operation.name, name, rounds, found[FLOOR.name])
