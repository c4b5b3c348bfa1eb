"""Hold the twins against each other for as long as is wanted: `make soak MINUTES=10`.

Requests that Schemathesis generates from openapi.yaml, and what their answers lead to, go to both
twins, plain and tuned. All answers must be equal but for the values that each makes of its own.
"""

import argparse
import http.client
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import (
    AbstractContextManager,
    ExitStack,
    closing,
    contextmanager,
    nullcontext,
    suppress,
)
from pathlib import Path
from tempfile import TemporaryDirectory

from contract_tests.differential.generated import Case, endless
from contract_tests.differential.generated_walk import GeneratedWalk
from contract_tests.differential_client import DifferenceError, DifferentialClient
from contract_tests.postgresql import copied, running_postgresql
from contract_tests.servers import PROGRAMS, environment_of, started, twins
from deploy.launcher import interrupt
from deploy.twins import TWINS, prepare

PROGRESS_SECONDS = 10
FAILURES = (AssertionError, OSError, http.client.HTTPException)
Difference = tuple[str, tuple[int, ...] | str]  # the operation, and the statuses or the error
# Starts servers with equal data, and gives their addresses.
Start = Callable[[], AbstractContextManager[list[str]]]


class Soak:
    """A run, and what has come out of it so far."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._cases = endless(options.seed)
        self._start = self._told = time.monotonic()
        self._servers = 0
        self.statuses: Counter[int] = Counter()
        self.differences: Counter[Difference] = Counter()
        self.reports: dict[Difference, str] = {}

    def run(self, start: Start) -> None:
        """Walk again and again, on fresh databases each time, until it is enough."""
        walks = 0
        while not self._is_enough():
            with start() as addresses:
                self._servers = len(addresses)
                self._walk(addresses, self._options.seed + walks)
            walks += 1

    def _walk(self, addresses: list[str], seed: int) -> None:
        before = self.statuses.copy()
        with closing(DifferentialClient(addresses)) as client:
            walk = GeneratedWalk(client, seed)
            while walk.statuses.total() < self._options.fresh and not self._is_enough():
                is_equal = self._visit(walk, next(self._cases))
                self.statuses = before + walk.statuses
                self._tell()
                if not is_equal:  # and so the databases may not be, either
                    return

    def _visit(self, walk: GeneratedWalk, case: Case) -> bool:
        try:
            walk.visit(case)
        except FAILURES as error:
            what = error.statuses if isinstance(error, DifferenceError) else type(error).__name__
            difference = walk.operation, what
            self.differences[difference] += 1
            if difference not in self.reports:
                self.reports[difference] = str(error)
                log(f"\n{walk.operation}: {what}\n{error}\n")
            return False
        return True

    def _is_enough(self) -> bool:
        options = self._options
        if options.cases:
            return bool(self.statuses.total() >= options.cases)
        return bool(time.monotonic() - self._start >= options.minutes * 60)

    def _tell(self) -> None:
        if time.monotonic() - self._told >= PROGRESS_SECONDS:
            self._told = time.monotonic()
            log(self.figures())

    def figures(self) -> str:
        """Return how many requests were compared, how fast, and how they were answered."""
        total = self.statuses.total()
        classes = Counter[int]()
        for status, count in self.statuses.items():
            classes[status // 100] += count
        shares = ", ".join(
            f"{100 * count / total:.0f} % {name}xx" for name, count in sorted(classes.items())
        )
        seconds = time.monotonic() - self._start
        return (
            f"{total:,} requests to each of {self._servers} servers in {seconds:.0f} s "
            f"({total / seconds:.0f}/s; {shares}), {self.differences.total()} differences"
        )


@contextmanager
def on_sqlite() -> Iterator[list[str]]:
    """Start the twins, plain and tuned, each on a file with the demo data."""
    with TemporaryDirectory(prefix="soak-") as folder, twins(Path(folder), PROGRAMS) as addresses:
        yield addresses


@contextmanager
def postgresql() -> Iterator[Start]:
    """Give what starts the twins, plain and tuned, each on a copy of its seeded database."""
    with running_postgresql() as new_database:
        seeded = {twin.target: new_database(twin.name) for twin in TWINS}
        for twin in TWINS:
            prepare(twin, environment_of(seeded[twin.target]))

        @contextmanager
        def on_postgresql() -> Iterator[list[str]]:
            with ExitStack() as stack:
                urls = [stack.enter_context(copied(seeded[each.target])) for each in PROGRAMS]
                settings = map(environment_of, urls)
                yield stack.enter_context(started(dict(zip(PROGRAMS, settings, strict=True))))

        yield on_postgresql


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m contract_tests.differential.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    until = parser.add_mutually_exclusive_group()
    until.add_argument("--minutes", type=float, default=1, help="how long to go on (1)")
    until.add_argument("--cases", type=int, help="how many requests to compare, instead")
    parser.add_argument("--seed", type=int, help="repeats a run; printed at its start")
    parser.add_argument(
        "--fresh",
        type=int,
        default=4000,
        metavar="N",
        help="start anew from the demo data after N requests, so that lists stay short (4000)",
    )
    parser.add_argument(
        "--base-url",
        action="append",
        default=[],
        metavar="URL",
        help="a running server (give several, with equal data); without it the twins are started",
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    if len(options.base_url) == 1:
        parser.error("one server alone can't be compared: give --base-url twice, or not at all")
    if options.seed is None:
        options.seed = secrets.randbits(32)
    return options


def log(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)  # noqa: T201 – talking to the terminal is its job


def main() -> int:
    """Run, until a signal comes if need be; 1 is a difference."""
    options = arguments()
    signal.signal(signal.SIGTERM, interrupt)
    log(f"seed {options.seed}")
    soak = Soak(options)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        if options.base_url:
            soak.run(lambda: nullcontext([url.rstrip("/") for url in options.base_url]))
        elif options.database == "postgresql":
            soak.run(stack.enter_context(postgresql()))
        else:
            soak.run(on_sqlite)
    for difference, count in soak.differences.items():
        log(f"\n{difference[0]}: {difference[1]}, {count} times\n{soak.reports[difference]}")
    log(f"\n{soak.figures()}")
    return 1 if soak.differences else 0


if __name__ == "__main__":
    sys.exit(main())
