"""What each rung of the twins' tuning brings: CPU time in process, with one rung more each time.

The rounds of all rungs are interleaved, and each is compared with the plain twin's of the same
round: so what else the machine does hits all alike.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from comparison.bench import climbing
from comparison.bench.model import Climb, Spread
from comparison.bench.operations import OPERATIONS
from comparison.bench.programs import ROOT
from comparison.bench.rounds import LoadError
from comparison.bench.throughput import Bench
from comparison.ladder import rungs

PLAIN = "plain"
CLIMBED = ("todo", "todos", "products", "product_304", "create", "update")


@dataclass(frozen=True)
class Climber:
    """A twin's process, with some rungs."""

    rung: str  # the last of them
    process: "subprocess.Popen[str]"

    def cpu_ms(self, operation: str, requests: int) -> float:
        """Return the CPU milliseconds of a request."""
        if self.process.stdin is None or self.process.stdout is None:
            raise LoadError(f"{self.rung}: has no pipes")
        try:
            print(json.dumps([operation, requests]), file=self.process.stdin, flush=True)
            return float(json.loads(self.process.stdout.readline())) * 1000
        except (BrokenPipeError, json.JSONDecodeError):
            raise LoadError(f"{self.rung}: died; its output is above") from None


@contextmanager
def climber(twin: str, names: list[str], environment: Mapping[str, str]) -> Iterator[Climber]:
    """Run a twin with some rungs for as long as the context lasts."""
    process = subprocess.Popen(  # noqa: S603 - the command is made here
        [sys.executable, "-m", climbing.__name__, twin, *names],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Climber(names[-1] if names else PLAIN, process)
        finally:
            process.kill()


def measure_ladder(bench: Bench, rounds: int, requests: int) -> Iterator[Climb]:
    """Measure each twin without rungs, with the first, with the first two, and so on."""
    for twin, ladder in rungs().items():
        bench.log(f"the ladder of {twin}")
        names = [rung.name for rung in ladder]
        with ExitStack() as stack:
            climbers = [
                stack.enter_context(climber(twin, names[:number], bench.database.environment))
                for number in range(len(names) + 1)
            ]
            for operation in [each.name for each in OPERATIONS if each.name in CLIMBED]:
                yield from climbs(twin, operation, climbers, rounds, requests)


def climbs(
    twin: str, operation: str, climbers: list[Climber], rounds: int, requests: int
) -> Iterator[Climb]:
    """Measure an operation on every rung, round by round."""
    found: dict[str, list[float]] = {each.rung: [] for each in climbers}
    for each in climbers:
        each.cpu_ms(operation, requests)  # to warm up
    for number in range(rounds):
        first = number % len(climbers)
        for each in [*climbers[first:], *climbers[:first]]:
            found[each.rung].append(each.cpu_ms(operation, requests))
    for rung, values in found.items():
        pairs = zip(found[PLAIN], values, strict=True)
        gain = Spread.of([plain / value for plain, value in pairs])
        yield Climb(twin, operation, rung, Spread.of(values), gain)
