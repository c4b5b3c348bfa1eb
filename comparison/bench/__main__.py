"""Measure everything: `python -m comparison.bench`, or `make bench`.

The data goes to docs/data/benchmark, the tables made of it to docs/benchmark.md, and each round to
build/benchmark.json. Nothing else should run on the machine meanwhile. A measurement of a
part (--only) keeps the rest of the data, which says how old it is.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comparison.bench import model, render
from comparison.bench.code import count
from comparison.bench.databases import KINDS, Database
from comparison.bench.environment import machine, made, versions
from comparison.bench.filling import PRODUCTS, fill
from comparison.bench.growth import measure_pages, measure_tables
from comparison.bench.ladder import measure_ladder
from comparison.bench.model import DATA, Benchmark
from comparison.bench.operations import OPERATIONS
from comparison.bench.plain_pair import measure_plain
from comparison.bench.programs import PROGRAMS, Program
from comparison.bench.rounds import Effort, LoadError
from comparison.bench.scaling import measure_workers
from comparison.bench.serializing import measure_serialization
from comparison.bench.servers import Setup
from comparison.bench.starting import imported, measure_memory, measure_starts
from comparison.bench.statements import measure_statements
from comparison.bench.throughput import Bench, measure_loads
from deploy.twins import ServerError

PARTS = (
    "loads",
    "starts",
    "memory",
    "statements",
    "pages",
    "tables",
    "serialization",
    "ladder",
    "workers",
    "plain",
)


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    effort: Effort
    growth: Effort
    repeats: int
    tables: tuple[int, ...]
    requests: int  # of each round that is measured in process


FULL = Plan(Effort(7, 0.6, 0.3), Effort(5, 0.4, 0.2), 5, (PRODUCTS, 10_000, 100_000, 1_000_000), 20)
QUICK = Plan(Effort(2, 0.1, 0.05), Effort(2, 0.05, 0.05), 1, (PRODUCTS, 10_000), 5)


@dataclass
class Run:
    """One run: what it has found so far, by the names of `Benchmark`'s fields."""

    plan: Plan
    is_quick: bool
    parts: Sequence[str]
    programs: Sequence[Program] = tuple(PROGRAMS.values())
    setup: Setup = field(default_factory=Setup)
    found: dict[str, list[Any]] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def log(self, text: str) -> None:
        """Show what is being done, and for how long the run has been going on."""
        minutes, seconds = divmod(round(time.monotonic() - self.began), 60)
        print(f"[{minutes:2}:{seconds:02}] {text}", flush=True)

    def measure(self, part: str, name: str, values: Callable[[], Any]) -> None:
        """Measure a part, if it is wanted."""
        if part in self.parts:
            self.found.setdefault(name, []).extend(values())

    def bench(self, database: Database) -> Bench:
        """Put together what is needed to measure on a database."""
        programs = [each for each in self.programs if database.kind in each.databases]
        return Bench(database, programs, self.setup, self.log)

    def on(self, bench: Bench) -> None:
        """Measure what depends on the kind of database."""
        effort = self.plan.effort
        self.measure("loads", "loads", lambda: measure_loads(bench, OPERATIONS, effort))

    def on_postgresql(self, bench: Bench) -> None:
        """Measure the rest, on one kind of database."""
        plan = self.plan
        parts: tuple[tuple[str, str, Callable[[], Any]], ...] = (
            (
                "serialization",
                "serialization",
                lambda: measure_serialization(plan.repeats, self.log),
            ),
            ("starts", "starts", lambda: measure_starts(bench, plan.repeats)),
            ("memory", "memory", lambda: measure_memory(bench)),
            ("pages", "page_growth", lambda: measure_pages(bench, plan.growth)),
            ("loads", "loads", lambda: measure_loads(bench, OPERATIONS, plan.effort)),
            ("tables", "table_growth", lambda: measure_tables(bench, plan.growth, plan.tables)),
            ("ladder", "ladder", lambda: measure_ladder(bench, plan.effort.rounds, plan.requests)),
            ("plain", "plain", lambda: measure_plain(bench.setup, plan.effort, self.log)),
            ("workers", "workers", lambda: measure_workers(bench, plan.effort)),
            # The last one, as the server then logs what comes.
            ("statements", "statements", lambda: measure_statements(bench, OPERATIONS)),
        )
        for part, name, values in parts:
            self.measure(part, name, values)


def described(program: Program, database: Database) -> model.Program:
    """Describe a program as it was measured."""
    known = imported(program, database)
    return model.Program(
        name=program.name,
        title=program.title,
        kind=program.kind,
        worker_class=program.worker_class or Setup.worker_class,
        code_lines=count(program.files()),
        distributions=len(known.distributions),
        modules=known.modules,
    )


def benchmark(run: Run, command: str, before: Benchmark | None) -> Benchmark:
    """Run everything, and take over from an earlier measurement what isn't wanted."""
    with ExitStack() as stack:
        if "loads" in run.parts:
            run.log("making the database on SQLite")
            sqlite = stack.enter_context(KINDS["sqlite"]())
            fill(sqlite.url)
            run.on(run.bench(sqlite))
        run.log("making the database on PostgreSQL")
        database = stack.enter_context(KINDS["postgresql"]())
        fill(database.url)
        programs = [described(program, database) for program in run.programs]
        known = versions(database.url)
        run.on_postgresql(run.bench(database))
    names = model.lists().keys() - {"made", "programs", "operations"}
    kept = {name: getattr(before, name) for name in names} if before else {}
    # What is no more may still have figures in the parts that are kept.
    now = {program.name for program in programs}
    programs += [each for each in (before.programs if before else []) if each.name not in now]
    seconds = time.monotonic() - run.began
    setup, effort = run.setup, run.plan.effort
    return Benchmark(
        made=[
            *(each for each in (before.made if before else []) if each.part not in run.found),
            *made(run.found, command, seconds, is_quick=run.is_quick),
        ],
        machine=machine(),
        versions=known,
        server=model.Server(
            setup.workers, setup.connections, setup.worker_class, effort.seconds, effort.rounds
        ),
        programs=programs,
        operations=[
            model.Operation(each.name, each.title, each.operation_id, each.status)
            for each in OPERATIONS
        ],
        **{name: run.found.get(name, kept.get(name, [])) for name in names},
    )


def arguments() -> argparse.Namespace:
    """Read how much is to be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m comparison.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--quick", action="store_true", help="a short run that only shows that everything works"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=PARTS,
        help="measure this part, and keep the others' data (repeatable)",
    )
    parser.add_argument("--output", type=Path, default=DATA, help=f"the folder ({DATA.name})")
    parser.add_argument(
        "--page", type=Path, default=render.PAGE, help=f"the page's file ({render.PAGE.name})"
    )
    parser.add_argument(
        "--render", action="store_true", help="measure nothing, make the page of the data"
    )
    return parser.parse_args()


def interrupt(_number: int, _frame: object) -> None:
    """End as with Ctrl-C, so that every server is stopped."""
    raise KeyboardInterrupt


def main() -> int:
    """Measure and write; 130 is an interrupted run, which writes nothing."""
    given = arguments()
    signal.signal(signal.SIGTERM, interrupt)
    run = Run(QUICK if given.quick else FULL, given.quick, given.only or PARTS)
    try:
        if not given.render:
            before = model.load(given.output) if given.only and given.output.exists() else None
            command = "make bench QUICK=1" if given.quick else "make bench"
            model.save(benchmark(run, command, before), given.output)
        given.page.write_text(render.page(model.load(given.output)))
    except (LoadError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; nothing was written.", file=sys.stderr)
        return 130
    run.log(f"written: {given.output}, {given.page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
