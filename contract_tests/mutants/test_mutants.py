"""The mutants are what they say: small, each in its own twin, some of every clause."""

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from contract_tests.conftest import ROOT
from contract_tests.mutants import matrix
from contract_tests.mutants.made import Made, Sample, read_sample, write_sample
from contract_tests.mutants.matrix import Row, read_rows
from contract_tests.mutants.patches import Mutant, clauses, mutants
from deploy.twins import TWINS

MUTANTS = mutants()
FOR_EACH_TWIN = 60
LINES = 14  # added and removed, at most


def row(
    name: str,
    *,
    killed_by: Sequence[str] = (),
    not_by: Sequence[str] = (),
    date: str = "2026-11-28",
) -> Row:
    """Return what is known of a mutant."""
    return Row(name, date, "0123456789ab", [*killed_by], [*not_by])


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


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param([], "0 of 2 mutants were run, never", id="nothing was run"),
        pytest.param([row("a", killed_by=["wire"])], "1 of 2 mutants were run", id="one is new"),
        pytest.param(
            [row("a", killed_by=["wire"]), row("gone", killed_by=["wire"])],
            "1 of 2 mutants were run",
            id="one is gone",
        ),
        pytest.param([row("a", not_by=["wire"])], "These live: a.", id="one lives"),
        pytest.param(
            [row("a", killed_by=["gone"]), row("b", killed_by=["rules"])],
            "2 of 2 mutants were run",
            id="a layer is gone",
        ),
        pytest.param(
            [row("a", killed_by=["wire"], date="2026-01-01"), row("b", killed_by=["wire"])],
            "between 2026-01-01 and 2026-11-28",
            id="one is old",
        ),
    ],
)
def test_figures_that_are_older_than_the_mutants_make_a_page_that_says_so(
    rows: list[Row], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [replace(MUTANTS[0], name=name) for name in ("a", "b")]
    monkeypatch.setattr(matrix, "mutants", lambda: known)
    assert said in matrix.page(rows)


def test_a_later_run_is_added_to_what_is_known() -> None:
    before = row("a", killed_by=["wire", "rules"], not_by=["races"])
    later = row("a", killed_by=["races"], not_by=["wire"], date="2026-11-29")
    assert later.after(before) == row(
        "a", killed_by=["rules", "races"], not_by=["wire"], date="2026-11-29"
    )


def test_the_figures_that_are_kept_make_a_page() -> None:
    assert matrix.page(read_rows()).startswith("# Which layer kills which mutant")


def test_arguments_are_kept_for_the_same_changes(tmp_path: Path) -> None:
    file = tmp_path / "sample.jsonl"
    lives = Made("drf_api/x.py", ["-a", "+b"], argument="Nobody can tell.")
    about = {"seed": 1, "date": "2026-11-28", "commit": "0"}
    file.write_text("".join(json.dumps(line) + "\n" for line in [about, asdict(lives)]))
    drawn = Sample(2, "2026-11-29", "1", [Made("drf_api/x.py", ["-a", "+b"])])
    assert write_sample(drawn, file).mutants == [lives]
    assert read_sample(file) == replace(drawn, mutants=[lives])


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
