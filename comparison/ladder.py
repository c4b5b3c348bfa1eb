"""The ladder from the plain to the tuned twins: what each rung of ring 3 does and keeps."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from comparison.bench.code import count
from comparison.source import ROOT

FILE = Path(__file__).with_name("ladder.toml")


@dataclass(frozen=True)
class Rung:
    """A mechanism: what it does, and what it leaves as the libraries promise it."""

    twin: str
    name: str  # of its module
    title: str
    how: str
    promise: str

    @property
    def path(self) -> str:
        """Where it is, in the checkout."""
        return f"{self.twin}/tuned/{self.name}.py"

    @property
    def lines(self) -> int:
        """Its lines of code."""
        return count([ROOT / self.path])


@cache
def rungs() -> dict[str, list[Rung]]:
    """Return each twin's rungs, in the order in which they are switched on."""
    found: dict[str, list[Rung]] = {}
    for each in tomllib.loads(FILE.read_text())["rungs"]:
        found.setdefault(each["twin"], []).append(Rung(**each))
    return found
