"""Hold the twins against each other for as long as is wanted: `make soak MINUTES=10`.

Each seed is a run of lookalike on each pair of programs: one twin plain, the other one tuned.
"""

import argparse
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from contract_tests.differential.runs import PAIRS, compare
from contract_tests.postgresql import copied, running_postgresql
from contract_tests.servers import environment_of, started, twins
from deploy.launcher import interrupt
from deploy.twins import TWINS, Twin, prepare
from lookalike.reports.wording import end

Pair = Sequence[Twin]
# Starts two servers with equal data, and gives their addresses.
Start = Callable[[], AbstractContextManager[list[str]]]


class Soak:
    """Runs, and what has come out of them so far."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._ends = time.monotonic() + options.minutes * 60
        self._began = time.monotonic()
        self._requests = 0  # to each server of the pairs
        self.sent: Counter[str] = Counter()  # by the program's name
        self.wrong: Counter[str] = Counter()

    def run(self, pairs: dict[tuple[str, str], Start]) -> None:
        """Compare the pairs by one seed after another, until it is enough."""
        seed = self._options.seed
        while not self._is_enough():
            for number, (names, start) in enumerate(pairs.items()):
                if not self._is_enough():
                    with start() as (old, new):
                        self._compare(names, (old, new), seed, share=len(pairs) - number)
            seed += 1

    def _compare(
        self, names: tuple[str, str], base_urls: tuple[str, str], seed: int, share: int
    ) -> None:
        """Spend a share of what is left, unless the data has to be fresh before."""
        options = self._options
        log(f"{' and '.join(names)}, seed {seed}")
        requests, seconds = options.fresh, None
        if options.cases:
            requests = min(requests, -(-(options.cases - self._requests) // share))
        else:
            seconds = (self._ends - time.monotonic()) / share
        found = compare(base_urls, seed, requests=requests, seconds=seconds, progress=sys.stderr)
        self._requests += found.run.calls
        self.sent.update(dict.fromkeys(names, found.run.calls))
        self.wrong.update(found.wrong)
        never = f"; never a success: {', '.join(found.unsuccessful) or 'none'}"
        log(found.report if found.wrong else end(found.run) + never)
        if found.run.ended == "interrupted":
            raise KeyboardInterrupt

    def _is_enough(self) -> bool:
        cases: int | None = self._options.cases
        return self._requests >= cases if cases else time.monotonic() >= self._ends

    def figures(self) -> str:
        """Return how many requests each program was sent, and what differed."""
        sent = ", ".join(f"{count:,} to {name}" for name, count in self.sent.items())
        return (
            f"{sent or 'nothing sent'} in {time.monotonic() - self._began:.0f} s,"
            f" {self.wrong.total()} differences"
        )


@contextmanager
def on_sqlite(pair: Pair) -> Iterator[list[str]]:
    """Start two programs, each on a file with the demo data."""
    with TemporaryDirectory(prefix="soak-") as folder, twins(Path(folder), pair) as addresses:
        yield addresses


@contextmanager
def postgresql() -> Iterator[Callable[[Pair], AbstractContextManager[list[str]]]]:
    """Give what starts two programs, each on a copy of its seeded database."""
    with running_postgresql() as new_database:
        seeded = {twin.target: new_database(twin.name) for twin in TWINS}
        for twin in TWINS:
            prepare(twin, environment_of(seeded[twin.target]))

        @contextmanager
        def on_postgresql(pair: Pair) -> Iterator[list[str]]:
            with ExitStack() as stack:
                urls = [stack.enter_context(copied(seeded[each.target])) for each in pair]
                settings = map(environment_of, urls)
                yield stack.enter_context(started(dict(zip(pair, settings, strict=True))))

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
    parser.add_argument("--seed", type=int, help="the first seed; each is printed at its start")
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
        help="a running server (give two, with equal data); without it the twins are started",
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    if len(options.base_url) not in {0, 2}:
        parser.error("two servers are compared: give --base-url twice, or not at all")
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
    soak = Soak(options)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        if options.base_url:
            old, new = (url.rstrip("/") for url in options.base_url)
            soak.run({(old, new): lambda: nullcontext([old, new])})
        else:
            on_postgresql = options.database == "postgresql"
            start = stack.enter_context(postgresql()) if on_postgresql else on_sqlite
            soak.run({(old.name, new.name): partial(start, (old, new)) for old, new in PAIRS})
    for each, count in soak.wrong.items():
        log(f"{count} times: {each}")
    log(soak.figures())
    return 1 if soak.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
