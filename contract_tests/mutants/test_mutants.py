"""The mutants are what they say: small, each in its own twin, some of every clause."""

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from contract_tests.conftest import ROOT
from contract_tests.mutants.made import read_sample
from contract_tests.mutants.matrix import page, read_rows
from contract_tests.mutants.patches import Mutant, clauses, mutants
from deploy.twins import TWINS

MUTANTS = mutants()
FOR_EACH_TWIN = 60
LINES = 14  # added and removed, at most


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of both twins."""
    copy = tmp_path_factory.mktemp("tree")
    for twin in TWINS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / twin.name, copy / twin.name, ignore=ignored)
    return copy


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_it_applies_to_one_file_of_its_twin(mutant: Mutant, tree: Path) -> None:
    file = tree / mutant.file
    before = file.read_bytes()
    mutant.apply(tree)
    after = file.read_bytes()
    file.write_bytes(before)
    assert mutant.file.startswith(f"{mutant.twin}/")
    assert mutant.patch.read_text().count("\n--- ") == 1
    assert after != before
    compile(after, mutant.file, "exec")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_it_is_small(mutant: Mutant) -> None:
    _, _, diff = mutant.patch.read_text().partition("\n+++ ")
    changed = [line for line in diff.splitlines()[1:] if line.startswith(("+", "-"))]
    assert 1 <= len(changed) <= LINES
    assert diff.count("\n@@ ") <= 2  # what is moved leaves one place and comes to another


def test_every_clause_has_some_in_each_twin() -> None:
    found = Counter((mutant.twin, mutant.clause) for mutant in MUTANTS)
    assert {*found} == {(twin.name, clause) for twin in TWINS for clause in clauses()}
    assert min(found.values()) >= 2


def test_each_twin_has_enough() -> None:
    found = Counter(mutant.twin for mutant in MUTANTS)
    assert all(found[twin.name] >= FOR_EACH_TWIN for twin in TWINS)


def test_the_matrix_is_about_all_of_these_mutants() -> None:
    rows = read_rows()
    known = {(each.name, each.twin, each.clause, each.bug) for each in MUTANTS}
    assert {(row.name, row.twin, row.clause, row.bug) for row in rows} == known
    assert (ROOT / "docs" / "mutants.md").read_text() == page(rows)


def test_none_lives() -> None:
    assert [row.name for row in read_rows() if not row.killed_by] == []


def test_none_that_a_machine_made_lives_without_an_argument() -> None:
    sample = read_sample()
    assert sample is not None
    assert [mutant for mutant in sample.survivors if not mutant.argument] == []
    assert [mutant for mutant in sample.mutants if mutant.killed_by and mutant.argument] == []


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        ([], []),
        (
            ["ONLY=flask_api/lists-*", "LAYERS=wire model", "FIRST=1"],
            ["flask_api/lists-*", "--layers", "wire", "model", "--first"],
        ),
        (["AGAIN=1", "NEW=1"], ["--again", "--new"]),
        (["REST=1"], ["--rest"]),
    ],
)
def test_make_passes_on_what_is_chosen(given: list[str], passed_on: list[str]) -> None:
    # `--old-file`: nothing is to be installed. Of a make that runs this, the other knows nothing.
    command = ["make", "-n", "--old-file=.venv/.dev", "mutants", *given]
    shown = subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    )
    _, _, arguments = shown.stdout.partition("contract_tests.mutants.run")
    assert arguments.replace("\\\n", " ").split() == passed_on
