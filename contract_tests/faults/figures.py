"""The figures of the fault tests: docs/data/faults.jsonl, and the tables of docs/faults.md.

The first line says on what and with what the last run was made; each other line is a figure.
"""

import json
import os
import platform
import sqlite3
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

import psutil

from contract_tests.contract import CONTRACT_FILE
from contract_tests.provenance import commit, today

ROOT = CONTRACT_FILE.parent
DATA = ROOT / "docs" / "data" / "faults.jsonl"
PAGE = ROOT / "docs" / "faults.md"
MARK = "<!-- What follows is written by `make faults`. -->\n"
PACKAGES = [
    *("flask", "flask-restful", "marshmallow", "sqlalchemy"),
    *("django", "djangorestframework", "psycopg", "psycopg-pool", "limits", "redis", "gunicorn"),
]


@dataclass(frozen=True)
class Row:
    """What a test has measured at one place."""

    test: str
    place: str  # which servers, on which database
    figures: dict[str, Any]
    date: str
    commit: str


def new_row(test: str, place: str, figures: dict[str, Any]) -> Row:
    """Return a row of this moment."""
    return Row(test, place, figures, today(), commit())


def read_rows(path: Path = DATA) -> list[Row]:
    """Return what is known so far."""
    if not path.exists():
        return []
    rows: dict[tuple[str, str], Row] = {}
    for line in path.read_text().splitlines()[1:]:
        read = json.loads(line)
        name, value = read.pop("figure"), read.pop("value")
        row = rows.setdefault((read["test"], read["place"]), Row(**read, figures={}))
        row.figures[name] = value
    return [*rows.values()]


def write_rows(about: dict[str, Any], rows: list[Row], path: Path = DATA) -> None:
    """Write a line for each figure."""
    lines = [about]
    for row in rows:
        said = asdict(row)
        for name, value in said.pop("figures").items():
            lines.append({**said, "figure": name, "value": value})
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def keep(new: Row) -> None:
    """Write what was measured over what was known of the same test and place."""
    found = {(row.test, row.place): row for row in [*read_rows(), new]}
    kept = sorted(found.values(), key=lambda row: (row.test, row.place))
    where, used = machine(), versions()
    write_rows({"machine": where, "versions": used}, kept)
    head = PAGE.read_text().partition(MARK)[0] if PAGE.exists() else "# Faults\n\n"
    PAGE.write_text(head + MARK + page(where, used, kept))


def machine() -> str:
    """Say on what it ran."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def versions() -> dict[str, str]:
    """Say with what it ran."""
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    return {**found, **{name: version(name) for name in PACKAGES}}


def page(machine: str, versions: dict[str, str], rows: list[Row]) -> str:
    """Write the tables, one for each test."""
    used = ", ".join(f"{name} {number}" for name, number in versions.items())
    parts = [f"\nLast run on {machine}; {used}.\n"]
    for test, found in groupby(rows, key=lambda row: row.test):
        group = list(found)
        names = list(dict.fromkeys(name for row in group for name in row.figures))
        lines = [["", *names], ["---"] * (len(names) + 1)]
        lines += [[row.place, *(cell(row.figures.get(name)) for name in names)] for row in group]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        last = max(group, key=lambda row: row.date)
        parts.append(f"\n## {test}\n\n{table}\n\n{last.date}, commit {last.commit}.\n")
    return "".join(parts)


def cell(value: Any) -> str:
    """Write a figure into a table."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)
