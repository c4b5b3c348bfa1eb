"""The kill matrix, as data (docs/data/mutants.jsonl) and as a page (docs/mutants.md).

A line of the data is a mutant: the layers that killed it, those that didn't, and the date and
commit of the run; of the first run, where a later one has filled the line up. The first test that
killed it is in build/mutants.json, which is not committed. A mutant that was changed keeps its old
figures until it is run again.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from contract_tests.contract import CONTRACT_FILE
from contract_tests.mutants.layers import FAST, LAYERS
from contract_tests.mutants.made import read_sample, section
from contract_tests.mutants.mutant import mutants
from contract_tests.provenance import commit, today

ROOT = CONTRACT_FILE.parent
DATA = ROOT / "docs" / "data" / "mutants.jsonl"
PAGE = ROOT / "docs" / "mutants.md"
KILLERS = ROOT / "build" / "mutants.json"

HEAD = """# Which layer kills which mutant

Written by `make mutants`; the data is in [data/mutants.jsonl](data/mutants.jsonl), each line with
its date and commit. Each mutant is an entry in
[contract_tests/mutants/](../contract_tests/mutants/) that puts one bug into one twin. A
layer kills it when it fails on both twins, one of them mutated, as `make test` runs it; it passes
on the twins as they are. `·` says that the layer did not see the bug, and an empty cell that the
layer was not run on it: with `FIRST=1` a run ends with its first failure, and `REST=1` fills rows
up, which keep their dates. (Until 2026-11-28 the mutated twin was run alone. Rows of 2026-11-29 may
hold results of earlier days beside those of that day.)

The layer `differential` has no column. It is a short run of [lookalike](lookalike.md), and what
lookalike finds of the bugs has [figures of its own](lookalike-figures.md#injected-bugs).

{run} of {all} mutants were run, {when}. {fast} of them are killed by layers that
`make contract-fast` runs: {layers}. {lives}
"""

Verdicts = dict[str, str | None]  # by layer: the test that failed first, or None


@dataclass(frozen=True)
class Row:
    """What is known of a mutant, by its name."""

    name: str
    date: str
    commit: str
    killed_by: list[str]
    not_by: list[str]  # layers that were run and saw nothing

    @classmethod
    def of(cls, name: str, verdicts: Verdicts) -> "Row":
        """Return what a run of this moment has found out."""
        killed = [layer for layer, test in verdicts.items() if test]
        not_by = [layer for layer, test in verdicts.items() if not test]
        return cls(name, today(), commit(), in_order(killed), in_order(not_by))

    @property
    def layers(self) -> set[str]:
        """The layers that were run."""
        return {*self.killed_by, *self.not_by}

    def beside(self, before: "Row") -> "Row":
        """Return this row with an earlier run's of other layers, as old as the older of them."""
        killed = in_order([*before.killed_by, *self.killed_by])
        not_by = in_order([*before.not_by, *self.not_by])
        return Row(self.name, before.date, before.commit, killed, not_by)

    def told(self) -> str:
        """Return the row as a line for a terminal."""
        killed = f"killed by {', '.join(self.killed_by)}" if self.killed_by else "LIVES"
        return f"{self.name}: {killed}"


def in_order(layers: Iterable[str]) -> list[str]:
    """Return layers in the order of the columns."""
    return [layer for layer in LAYERS if layer in {*layers}]


def read_rows(path: Path = DATA) -> list[Row]:
    """Return what earlier runs found out."""
    if not path.exists():
        return []
    return [Row(**json.loads(line)) for line in path.read_text().splitlines()]


def write_rows(rows: list[Row]) -> None:
    """Write the data and the page."""
    DATA.parent.mkdir(exist_ok=True)
    DATA.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows))
    PAGE.write_text(page(rows))


def read_killers() -> dict[str, Verdicts]:
    """Return which tests have killed which mutants here, by the mutant's name and the layer."""
    known: dict[str, Verdicts] = json.loads(KILLERS.read_text()) if KILLERS.exists() else {}
    return known


def write_killers(killers: dict[str, Verdicts]) -> None:
    """Keep which tests have killed which mutants, for `make mutants AGAIN=1`."""
    KILLERS.parent.mkdir(exist_ok=True)
    KILLERS.write_text(json.dumps(killers, indent=1))


def page(rows: list[Row]) -> str:
    """Return the matrix: first its sums, then a table for each clause."""
    known = {row.name: row for row in rows}
    run = {layer for row in rows for layer in row.layers}
    layers = [layer for layer in LAYERS if layer in run]
    every = mutants()
    parts = [
        HEAD.format(
            run=sum(mutant.name in known for mutant in every),
            all=len(every),
            when=when(rows),
            fast=sum(bool({*row.killed_by} & {*FAST}) for row in rows),
            layers=", ".join(FAST),
            lives=lives([row.name for row in rows if not row.killed_by]),
        ),
        table(["", *layers, "any"], [sums(rows, layers)]),
    ]
    for clause in sorted({mutant.clause for mutant in every}):
        mine = [mutant for mutant in every if mutant.clause == clause]
        lines = [
            [
                f"{mutant.twin}: {mutant.bug}",
                *(cell(known.get(mutant.name), layer) for layer in layers),
            ]
            for mutant in mine
        ]
        parts.append(f"## {clause}\n")
        parts.append(table([f"{len(mine)} mutants", *layers], lines))
    parts.append(section(read_sample()))
    return "\n".join(parts)


def when(rows: list[Row]) -> str:
    """Say how old the rows are."""
    dates = sorted({row.date for row in rows})
    if not dates:
        return "never"
    return f"on {dates[0]}" if len(dates) == 1 else f"between {dates[0]} and {dates[-1]}"


def lives(names: list[str]) -> str:
    """Say which mutants live."""
    return f"These live: {', '.join(names)}." if names else "None of them lives."


def sums(rows: list[Row], layers: list[str]) -> list[str]:
    """Return how many mutants each layer kills, of how many."""
    run = Counter(layer for row in rows for layer in row.layers)
    killed = Counter(layer for row in rows for layer in row.killed_by)
    every = sum(bool(row.killed_by) for row in rows)
    counts = [f"{killed[layer]} of {run[layer]}" for layer in layers]
    return ["killed", *counts, f"{every} of {len(rows)}"]


def cell(row: Row | None, layer: str) -> str:
    """Return whether a layer kills a mutant."""
    if row is None or layer not in row.layers:
        return " "
    return "killed" if layer in row.killed_by else "·"


def table(head: list[str], lines: list[list[str]]) -> str:
    """Return a table in Markdown."""
    ruler = ["---", *("---" for _ in head[1:])]
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, ruler, *lines])
