"""Measured data is small, has one figure per line, and its pages say how old it is."""

import csv
import json
import re
from pathlib import Path

import pytest

from contract_tests.conftest import ROOT
from contract_tests.faults import figures
from contract_tests.faults.figures import Row

FOLDER = ROOT / "docs" / "data"
DATA = sorted(FOLDER.rglob("*.jsonl"))
TABLES = sorted(FOLDER.rglob("*.csv"))
LARGEST = 256 * 1024  # bytes
LONGEST = 1500  # characters
DATED = re.compile(r"\b20\d\d-\d\d-\d\d\b.{0,40}\b[0-9a-f]{7,}", re.DOTALL)


@pytest.mark.parametrize("file", DATA, ids=lambda file: file.name)
def test_a_line_is_a_figure(file: Path) -> None:
    lines = short_lines(file)
    assert lines
    for line in lines:
        assert isinstance(json.loads(line), dict)


@pytest.mark.parametrize("file", TABLES, ids=lambda file: file.name)
def test_a_line_of_a_table_is_a_row(file: Path) -> None:
    header, *rows = csv.reader(short_lines(file))
    assert rows
    assert {len(row) for row in rows} == {len(header)}


def test_nothing_else_is_kept() -> None:
    files = {file for file in FOLDER.rglob("*") if file.is_file()}
    assert files - {*DATA, *TABLES} == {FOLDER / "benchmark" / "about.json"}


def short_lines(file: Path) -> list[str]:
    """Return the lines of a small file, none of which is long."""
    assert file.stat().st_size < LARGEST
    lines = file.read_text().splitlines()
    assert max(map(len, lines)) < LONGEST
    return lines


@pytest.mark.parametrize("name", ["benchmark.md", "faults.md", "mutants.md"])
def test_pages_say_how_old_their_figures_are(name: str) -> None:
    assert DATED.search((ROOT / "docs" / name).read_text())


def test_the_faults_figures_are_read_as_they_are_written(tmp_path: Path) -> None:
    rows = [
        Row("Killed workers", "both, SQLite", {"lost": 0, "seconds": 1.5}, "2026-11-28", "0" * 12),
        Row("Killed workers", "drf_api, SQLite", {"lost": 0}, "2026-11-27", "1" * 12),
    ]
    file = tmp_path / "faults.jsonl"
    figures.write_rows({"machine": "2 cores"}, rows, file)
    assert figures.read_rows(file) == rows
    assert len(file.read_text().splitlines()) == 1 + 3


def test_each_of_the_faults_tables_says_when_and_at_which_commit_it_was_measured() -> None:
    row = Row("Killed workers", "both, SQLite", {"lost": 0}, "2026-11-27", "0123456789ab+")
    later = Row("Stopping", "both, SQLite", {"lost": 0}, "2026-11-28", "fedcba987654")
    page = figures.page("2 cores", {"Python": "3.11"}, [row, later])
    assert "2026-11-27, commit 0123456789ab+." in page
    assert "2026-11-28, commit fedcba987654." in page
