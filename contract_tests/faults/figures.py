"""The figures of the fault tests: docs/data/faults.json, and the tables of docs/faults.md."""

import json
import os
import platform
import sqlite3
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from typing import Any

import psutil

from contract_tests.contract import CONTRACT_FILE
from contract_tests.provenance import commit

ROOT = CONTRACT_FILE.parent
DATA = ROOT / "docs" / "data" / "faults.json"
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
    seconds: float


def new_row(test: str, place: str, figures: dict[str, Any], seconds: float) -> Row:
    """Return a row of this moment."""
    date = datetime.now(UTC).isoformat(timespec="seconds")
    return Row(test, place, figures, date, commit(), round(seconds, 1))


def read_rows() -> list[Row]:
    """Return what is known so far."""
    if not DATA.exists():
        return []
    return [Row(**row) for row in json.loads(DATA.read_text())["rows"]]


def keep(new: Row) -> None:
    """Write what was measured over what was known of the same test and place."""
    found = {(row.test, row.place): row for row in [*read_rows(), new]}
    kept = sorted(found.values(), key=lambda row: (row.test, row.place))
    where, used = machine(), versions()
    data = {"machine": where, "versions": used, "rows": [asdict(row) for row in kept]}
    DATA.parent.mkdir(exist_ok=True)
    DATA.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
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
