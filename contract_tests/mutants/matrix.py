"""The kill matrix, as data (docs/data/mutants.json) and as a page (docs/mutants.md)."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace

from contract_tests.contract import CONTRACT_FILE
from contract_tests.mutants.layers import FAST, LAYERS
from contract_tests.mutants.made import read_sample, section
from contract_tests.mutants.patches import Mutant, mutants

DOCS = CONTRACT_FILE.parent / "docs"
DATA = DOCS / "data" / "mutants.json"
PAGE = DOCS / "mutants.md"

HEAD = """# Which layer kills which mutant

Written by `make mutants`; the data is in [data/mutants.json](data/mutants.json). Each mutant is a
patch in [contract_tests/mutants/](../contract_tests/mutants/) that puts one bug into one twin. A
layer kills it when it fails on the mutated twin; it passes on the twin as it is. `·` says that the
layer did not see the bug, and an empty cell that the layer was not run on it: with `FIRST=1` a
run ends with its first failure, and `REST=1` fills rows up.

{run} of {all} mutants were run so far. {fast} of them are killed by layers that
`make contract-fast` runs: {layers}.
"""


@dataclass(frozen=True)
class Row:
    """A mutant, and what came out."""

    name: str
    twin: str
    clause: str
    bug: str
    verdicts: dict[str, str | None]  # by layer: the test that failed first, or null

    @classmethod
    def of(cls, mutant: Mutant, verdicts: dict[str, str | None]) -> "Row":
        """Return the row of a mutant."""
        return cls(mutant.name, mutant.twin, mutant.clause, mutant.bug, verdicts)

    @property
    def killed_by(self) -> list[str]:
        """The layers that killed the mutant."""
        return [layer for layer, test in self.verdicts.items() if test]

    def after(self, before: "Row | None") -> "Row":
        """Return this row with what an earlier run found out about further layers."""
        return replace(self, verdicts={**(before.verdicts if before else {}), **self.verdicts})

    def told(self) -> str:
        """Return the row as a line for a terminal."""
        killed = f"killed by {', '.join(self.killed_by)}" if self.killed_by else "LIVES"
        return f"{self.name}: {killed}"


def read_rows() -> list[Row]:
    """Return what earlier runs found out."""
    if not DATA.exists():
        return []
    return [Row(**row) for row in json.loads(DATA.read_text())["mutants"]]


def write_rows(rows: list[Row]) -> None:
    """Write the data and the page."""
    DATA.parent.mkdir(exist_ok=True)
    data = {"mutants": [asdict(row) for row in rows]}
    DATA.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    PAGE.write_text(page(rows))


def page(rows: list[Row]) -> str:
    """Return the matrix: first its sums, then a table for each clause."""
    run = {layer for row in rows for layer in row.verdicts}
    layers = [layer for layer in LAYERS if layer in run]
    parts = [
        HEAD.format(
            run=len(rows),
            all=len(mutants()),
            fast=sum(bool({*row.killed_by} & {*FAST}) for row in rows),
            layers=", ".join(FAST),
        ),
        table(["", *layers, "any"], [sums(rows, layers)]),
    ]
    for clause in dict.fromkeys(row.clause for row in sorted(rows, key=lambda row: row.clause)):
        mine = [row for row in rows if row.clause == clause]
        lines = [
            [f"{row.twin}: {row.bug}", *(cell(row, layer) for layer in layers)] for row in mine
        ]
        parts.append(f"## {clause}\n")
        parts.append(table([f"{len(mine)} mutants", *layers], lines))
    parts.append(section(read_sample()))
    return "\n".join(parts)


def sums(rows: list[Row], layers: list[str]) -> list[str]:
    """Return how many mutants each layer kills, of how many."""
    run = Counter(layer for row in rows for layer in row.verdicts)
    killed = Counter(layer for row in rows for layer in row.killed_by)
    every = sum(bool(row.killed_by) for row in rows)
    counts = [f"{killed[layer]} of {run[layer]}" for layer in layers]
    return ["killed", *counts, f"{every} of {len(rows)}"]


def cell(row: Row, layer: str) -> str:
    """Return whether a layer kills a mutant."""
    if layer not in row.verdicts:
        return " "
    return "killed" if row.verdicts[layer] else "·"


def table(head: list[str], lines: list[list[str]]) -> str:
    """Return a table in Markdown."""
    ruler = ["---", *("---" for _ in head[1:])]
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, ruler, *lines])
