"""Measure some programs in less than a minute, to see whether a change has made them faster.

Four operations on PostgreSQL. Nothing is kept. Throughput and CPU time are ratios to the first
program that is named (the floor, usually) in the same round: above 1 is better than it.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from comparison.bench.databases import KINDS
from comparison.bench.filling import fill
from comparison.bench.model import Round
from comparison.bench.operations import OPERATIONS
from comparison.bench.programs import PROGRAMS, ROOT
from comparison.bench.rounds import Effort, LoadError, interleaved
from comparison.bench.servers import Setup, serving
from deploy.twins import ServerError

HEAD = "operation       program            req/s  ratio   CPU ms  ratio   DB ms  p50 ms  p99 ms"


def arguments() -> argparse.Namespace:
    """Read what is to be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "programs",
        nargs="*",
        default=["floor", "flask_api", "drf_api", "flask_api_tuned", "drf_api_tuned"],
        metavar="program",
        help=f"what to measure: {', '.join(PROGRAMS)}",
    )
    parser.add_argument(
        "--root", type=Path, default=ROOT, help="the checkout that the twins are taken from"
    )
    parser.add_argument("--database", choices=KINDS, default="postgresql")
    parser.add_argument("--all", action="store_true", help="measure every operation")
    parser.add_argument("--only", action="append", help="measure this operation (repeatable)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.8, help="of each round")
    parser.add_argument("--workers", type=int, default=Setup.workers)
    parser.add_argument("--worker-class", default=Setup.worker_class)
    parser.add_argument("--threads", type=int, default=Setup.threads)
    parser.add_argument("--connections", type=int, default=Setup.connections)
    given = parser.parse_args()
    for name in given.programs:
        if name not in PROGRAMS:
            parser.error(f"there is no program {name}; choose from {', '.join(PROGRAMS)}")
    return given


def line(operation: str, program: str, rounds: Sequence[Round], first: Sequence[Round]) -> str:
    """Write a line of the table."""
    pairs = list(zip(rounds, first, strict=True))
    ratio = median((a.requests / a.seconds) / (b.requests / b.seconds) for a, b in pairs)
    cpu_ratio = median(b.server_cpu_ms / a.server_cpu_ms for a, b in pairs)
    return (
        f"{operation:<16}{program:<16}"
        f"{median(each.requests / each.seconds for each in rounds):>8.0f}{ratio:>7.2f}"
        f"{median(each.server_cpu_ms for each in rounds):>9.3f}{cpu_ratio:>7.2f}"
        f"{median(each.database_cpu_ms or 0 for each in rounds):>8.3f}"
        f"{median(each.p50_ms for each in rounds):>8.2f}"
        f"{median(each.p99_ms for each in rounds):>8.2f}"
    )


def main() -> int:
    """Measure, and print a table."""
    given = arguments()
    setup = Setup(given.workers, given.worker_class, given.threads, given.connections)
    effort = Effort(given.rounds, given.seconds, warm_up_seconds=0.3)
    chosen = [
        operation
        for operation in OPERATIONS
        if given.all or (operation.name in given.only if given.only else operation.is_quick)
    ]
    try:
        with ExitStack() as stack:
            database = stack.enter_context(KINDS[given.database]())
            fill(database.url)
            servers = [
                stack.enter_context(
                    serving(PROGRAMS[name], setup, database.environment, given.root)
                )
                for name in given.programs
            ]
            print(HEAD, flush=True)
            for operation in chosen:
                found: dict[str, list[Round]] = {}
                for name, each in interleaved(database, servers, setup, operation, effort):
                    found.setdefault(name, []).append(each)
                for name in given.programs:
                    first = found[given.programs[0]]
                    print(line(operation.name, name, found[name], first), flush=True)
    except (LoadError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
