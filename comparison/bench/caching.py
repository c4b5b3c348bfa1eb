"""Measure what keeping the summary saves: `python -m comparison.bench.caching`.

Each twin serves the summary computed for each request, kept in memory and kept on Redis, in rounds
that take turns. Ratios are to the computed one of the same twin in the same round: above 1 is
better. The data goes to docs/data/caching.jsonl, and the tables into docs/decisions/caching.md.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from redis import ConnectionError as NoAnswerError
from redis import Redis

from comparison.bench.code import count
from comparison.bench.databases import KINDS
from comparison.bench.environment import made
from comparison.bench.filling import fill
from comparison.bench.model import Round
from comparison.bench.operations import OPERATIONS
from comparison.bench.programs import DRF, FLASK, ROOT
from comparison.bench.rounds import Effort, LoadError, interleaved
from comparison.bench.servers import Setup, free_port, serving
from deploy.twins import ServerError, ended

DATA = ROOT / "docs" / "data" / "caching.jsonl"
PAGE = ROOT / "docs" / "decisions" / "caching.md"
TABLES = re.compile(r"(?<=<!-- tables -->\n).*(?=<!-- end of tables -->)", re.DOTALL)
[SUMMARY] = [operation for operation in OPERATIONS if operation.name == "summary"]
TWINS = (FLASK, DRF)
COMPUTED, MEMORY, REDIS = WAYS = ("computed", "kept in memory", "kept on Redis")
START_SECONDS = 10


@dataclass(frozen=True)
class Figure:
    """What was found of one twin, in one way, on a catalogue of some size."""

    products: int
    program: str
    way: str
    requests_per_second: float
    ratio: float
    server_cpu_ms: float
    database_cpu_ms: float
    p50_ms: float
    p99_ms: float


@contextmanager
def redis_server() -> Iterator[str]:
    """Run the distribution's Redis, and give its URL."""
    port = free_port()
    program = shutil.which("redis-server") or "redis-server"
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with TemporaryDirectory(prefix="redis-") as folder:
        process = subprocess.Popen(  # noqa: S603 - the command is made here
            command, cwd=folder, stdout=subprocess.DEVNULL, start_new_session=True
        )
        with ended(process, signal.SIGTERM), Redis(port=port) as client:
            deadline = time.monotonic() + START_SECONDS
            while not is_up(client):
                if time.monotonic() > deadline:
                    raise ServerError("redis-server does not answer")
                time.sleep(0.02)
            yield f"redis://127.0.0.1:{port}/0"


def is_up(client: Redis) -> bool:
    """Tell whether Redis answers."""
    try:
        return bool(client.ping())
    except NoAnswerError:
        return False


def settings(way: str, redis_url: str) -> dict[str, str]:
    """Return the settings of one way."""
    return {
        "SUMMARY_MAX_AGE": "0" if way == COMPUTED else "86400",
        "REDIS_URL": redis_url if way == REDIS else "",
    }


def measure(products: int, setup: Setup, effort: Effort) -> Iterator[Figure]:
    """Measure every way of both twins on a catalogue of some size."""
    with ExitStack() as stack:
        database = stack.enter_context(KINDS["postgresql"]())
        fill(database.url, products=products)
        redis_url = stack.enter_context(redis_server())
        servers = [
            stack.enter_context(
                serving(
                    replace(twin, name=f"{twin.name}, {way}"),
                    setup,
                    {**database.environment, **settings(way, redis_url)},
                )
            )
            for twin in TWINS
            for way in WAYS
        ]
        found: dict[str, list[Round]] = {}
        for name, each in interleaved(database, servers, setup, SUMMARY, effort):
            found.setdefault(name, []).append(each)
    for twin in TWINS:
        computed = found[f"{twin.name}, {COMPUTED}"]
        for way in WAYS:
            yield figure(products, twin.name, way, found[f"{twin.name}, {way}"], computed)


def figure(
    products: int, program: str, way: str, rounds: Sequence[Round], computed: Sequence[Round]
) -> Figure:
    """Sum up the rounds of one way."""
    speeds = [each.requests / each.seconds for each in rounds]
    ratios = [
        speed / (each.requests / each.seconds) for speed, each in zip(speeds, computed, strict=True)
    ]
    return Figure(
        products,
        program,
        way,
        round(median(speeds), 1),
        round(median(ratios), 2),
        round(median(each.server_cpu_ms for each in rounds), 3),
        round(median(each.database_cpu_ms or 0 for each in rounds), 3),
        round(median(each.p50_ms for each in rounds), 2),
        round(median(each.p99_ms for each in rounds), 2),
    )


def lines() -> dict[str, int]:
    """Count the lines of code of each twin's module."""
    paths = {twin.name: ROOT / twin.name / "contract" / "caching.py" for twin in TWINS}
    return {name: count([path]) for name, path in paths.items()}


def tables(about: Mapping[str, Any], figures: Sequence[Mapping[str, Any]]) -> str:
    """Write the page's tables."""
    rows = [
        "| products | | requests/s | ratio | CPU ms | PostgreSQL's CPU ms | p50 ms | p99 ms |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {each['products']:,} | {each['program']}, {each['way']} "
            f"| {each['requests_per_second']:,.0f} | {each['ratio']:.2f} "
            f"| {each['server_cpu_ms']:.2f} | {each['database_cpu_ms']:.2f} "
            f"| {each['p50_ms']:.1f} | {each['p99_ms']:.1f} |"
            for each in figures
        ),
    ]
    code = " and ".join(f"{number} lines of code in {name}" for name, number in lines().items())
    when = f"{about['date'][:10]}, commit {about['commit']}, `{about['command']}`"
    how = f"{about['rounds']} rounds of {about['round_seconds']} s, load average {about['load']}"
    return "\n".join([*rows, "", f"{when}: {how}. `contract/caching.py` has {code}.", ""])


def arguments() -> argparse.Namespace:
    """Read how much is to be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, nargs="+", default=[1_000, 20_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.6, help="of each round")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--page", type=Path, default=PAGE)
    return parser.parse_args()


def main() -> int:
    """Measure, and write the data and the page."""
    given = arguments()
    load, began = os.getloadavg()[0], time.monotonic()
    effort = Effort(given.rounds, given.seconds, warm_up_seconds=0.3)
    try:
        figures = [
            asdict(each) for size in given.products for each in measure(size, Setup(), effort)
        ]
    except (LoadError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; nothing was written.", file=sys.stderr)
        return 130
    [part] = made(
        ["caching"], "python -m comparison.bench.caching", time.monotonic() - began, is_quick=False
    )
    about = {
        "date": part.date,
        "commit": part.commit,
        "command": part.command,
        "seconds": part.seconds,
        "rounds": given.rounds,
        "round_seconds": given.seconds,
        "load": round(load, 1),
    }
    given.data.write_text("".join(f"{json.dumps(each)}\n" for each in [about, *figures]))
    page = given.page.read_text()
    given.page.write_text(TABLES.sub(lambda _: tables(about, figures), page))
    print(tables(about, figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
