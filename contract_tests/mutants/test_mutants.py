"""The mutants are what they say: small, each in its own twin, some of every clause."""

import ast
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from contract_tests.conftest import ROOT
from contract_tests.mutants import matrix, run
from contract_tests.mutants.layers import LAYERS
from contract_tests.mutants.made import Made, Sample, read_sample, write_sample
from contract_tests.mutants.matrix import Row, Verdicts, read_rows
from contract_tests.mutants.mutant import Mutant, MutantError, clauses, mutants
from contract_tests.mutants.run import (
    GoneError,
    Options,
    RunError,
    command,
    copy_of_the_project,
    run_tests,
    verdicts_on,
)
from deploy.twins import TWINS

MUTANTS = mutants()
FOR_EACH_TWIN = 60
LINES = 16  # old and new, at most


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
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return what ruff says of each mutated file, by the mutant's name.

    What only the old lines used – an import, a variable – may stay behind.
    """
    tree = tmp_path_factory.mktemp("mutated")
    paths = {}
    for mutant in MUTANTS:
        with suppress(MutantError):  # which is the mutant's own test's to tell
            path = (tree / mutant.name).with_suffix(".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(mutant.applied_to((ROOT / mutant.file).read_text()))
            paths[str(path)] = mutant.name
    found: dict[str, list[str]] = {name: [] for name in paths.values()}
    for finding in ruff("--select", "F", "--ignore", "F401,F841", str(tree)):
        line = finding["location"]["row"]
        found[paths[finding["filename"]]].append(f"line {line}: {finding['message']}")
    return found


def ruff(*arguments: str) -> list[dict[str, Any]]:
    """Return what ruff finds, less what the project says of itself."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--exit-zero"]
    found = subprocess.run(
        [*command, "--output-format", "json", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    findings: list[dict[str, Any]] = json.loads(found.stdout)
    return findings


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_it_changes_its_twin_into_another_program(
    mutant: Mutant, complaints: dict[str, list[str]]
) -> None:
    before = (ROOT / mutant.file).read_text()
    after = mutant.applied_to(before)
    assert mutant.file.startswith(f"{mutant.twin}/")
    assert ast.dump(ast.parse(after)) != ast.dump(ast.parse(before))
    assert complaints[mutant.name] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_it_is_small(mutant: Mutant) -> None:
    assert len(mutant.old.splitlines()) + len(mutant.new.splitlines()) <= LINES


def test_names_are_unique() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


SOURCE = """\
LIMIT = 1


class Page:
    @cached
    def next(self):
        if self.more:

            return self.rows[-1]
        return None


def next():
    return None
"""


def entry(where: str, old: str, new: str) -> Mutant:
    return Mutant("flask_api/lists-some", "flask_api", "Lists", "A bug.", where, old, new)


@pytest.mark.parametrize(
    ("where", "old", "new", "before", "after"),
    [
        ("a.b", "LIMIT = 1", "LIMIT = 2", "LIMIT = 1\n", "LIMIT = 2\n"),
        ("a.b:next", "return None", "pass\n", "():\n    return None\n", "():\n    pass\n"),
        ("a.b:Page.next", "return None\n", "", "        return None\n", ""),
        ("a.b:Page.next", "@cached", "@other", "    @cached\n", "    @other\n"),
        (
            "a.b:Page",
            "if self.more:\n\n    return self.rows[-1]\n",
            "if self.less:\n    return self.rows[0]\n",
            "        if self.more:\n\n            return self.rows[-1]\n",
            "        if self.less:\n            return self.rows[0]\n",
        ),
    ],
    ids=["module", "function", "deletion", "decorator", "several lines"],
)
def test_it_is_applied_in_its_place_alone(
    where: str, old: str, new: str, before: str, after: str
) -> None:
    assert entry(where, old, new).applied_to(SOURCE) == SOURCE.replace(before, after)


@pytest.mark.parametrize(
    ("where", "old", "message"),
    [
        ("a.b:Page.last", "return None", "lists-some: a/b.py does not define Page.last"),
        ("a.b:Page.next", "return 1", "lists-some: a.b:Page.next has these lines 0 times"),
        ("a.b:Page.next", "return", "lists-some: a.b:Page.next has these lines 0 times"),
        ("a.b", "return None", "lists-some: a.b has these lines 2 times"),
    ],
)
def test_one_that_does_not_fit_is_named(where: str, old: str, message: str) -> None:
    with pytest.raises(MutantError, match=message):
        entry(where, old, "return").applied_to(SOURCE)


def test_one_whose_file_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(MutantError, match=r"lists-some: there is no a/b\.py"):
        entry("a.b:next", "return None", "return").apply(tmp_path)


def test_an_undefined_name_is_seen(tmp_path: Path) -> None:
    (tmp_path / "mutated.py").write_text("def find():\n    return db\n")
    [finding] = ruff("--select", "F", str(tmp_path))
    assert finding["code"] == "F821"


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
        pytest.param(
            [row("a", killed_by=["raw_http"])], "1 of 2 mutants were run", id="one is new"
        ),
        pytest.param(
            [row("a", killed_by=["raw_http"]), row("gone", killed_by=["raw_http"])],
            "1 of 2 mutants were run",
            id="one is gone",
        ),
        pytest.param([row("a", not_by=["raw_http"])], "These live: a.", id="one lives"),
        pytest.param(
            [row("a", killed_by=["gone"]), row("b", killed_by=["metamorphic"])],
            "2 of 2 mutants were run",
            id="a layer is gone",
        ),
        pytest.param(
            [row("a", killed_by=["raw_http"], date="2026-01-01"), row("b", killed_by=["raw_http"])],
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


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        pytest.param(
            Options(["operations"], 5, 1),
            row("a", killed_by=["operations"], date="2026-11-29"),
            id="a run replaces what came out of other code",
        ),
        pytest.param(
            Options(["operations"], 5, 1, again=True),
            row("a", killed_by=["operations"], date="2026-11-29"),
            id="also where it ends early",
        ),
        pytest.param(
            Options(["operations"], 5, 1, rest=True),
            row("a", killed_by=["operations", "metamorphic"], not_by=["raw_http"]),
            id="one that fills up is as old as what it fills",
        ),
    ],
)
def test_a_row_claims_nothing_of_code_that_was_not_run(
    options: Options, kept: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {path: tmp_path / path.lower() for path in ("DATA", "PAGE", "KILLERS")}
    for name, path in known.items():
        monkeypatch.setattr(matrix, name, path)
    monkeypatch.setattr(matrix, "today", lambda: "2026-11-29")
    monkeypatch.setattr(matrix, "commit", lambda: "0123456789ab")
    for module in (matrix, run):
        monkeypatch.setattr(module, "mutants", lambda: [replace(MUTANTS[0], name="a")])
    monkeypatch.setattr(run, "read_rows", lambda: read_rows(known["DATA"]))
    matrix.write_rows([row("a", killed_by=["metamorphic"], not_by=["raw_http"])])
    assert run.keep("a", {"operations": "test_x"}, options) == kept
    assert read_rows(known["DATA"]) == [kept]


@pytest.mark.parametrize(
    ("outcome", "verdicts"),
    [
        pytest.param({"operations": "test_x"}, {"operations": "test_x"}, id="it kills again"),
        pytest.param({"operations": None}, {"raw_http": "test_y"}, id="it passes"),
        pytest.param(GoneError(), {"raw_http": "test_y"}, id="it is gone"),
    ],
)
def test_the_layers_are_run_unless_a_test_kills_again(
    outcome: Verdicts | Exception, verdicts: Verdicts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "run_tests", Mock(side_effect=[outcome]))
    monkeypatch.setattr(run, "run_layers", lambda *_: {"raw_http": "test_y"})
    options = Options(["raw_http"], 5, 1, again=True)
    assert verdicts_on(MUTANTS[0], None, {"operations": "test_x"}, options) == verdicts


def test_a_suite_that_can_not_be_run_is_no_test_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "run_tests", Mock(side_effect=RunError("no server")))
    options = Options(["raw_http"], 5, 1, again=True)
    with pytest.raises(RunError, match="no server"):
        verdicts_on(MUTANTS[0], None, {"operations": "test_x"}, options)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param("AssertionError()", pytest.ExitCode.TESTS_FAILED, id="a wrong answer"),
        pytest.param("ServerError()", pytest.ExitCode.TESTS_FAILED, id="a server that dies"),
        pytest.param("SlowStartError()", pytest.ExitCode.INTERRUPTED, id="a slow start"),
    ],
)
def test_a_slow_start_is_no_verdict(error: str, status: pytest.ExitCode, tmp_path: Path) -> None:
    test = tmp_path / "test_start.py"
    test.write_text(
        "import pytest\n"
        "from deploy.twins import ServerError, SlowStartError\n\n\n"
        "@pytest.fixture\n"
        "def server():\n"
        f"    raise {error}\n\n\n"
        "def test_start(server):\n"
        "    pass\n"
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-p", "contract_tests.mutants.verdicts", "-p", "no:schemathesis"),
            *("-c", os.devnull, str(test)),
        ],
        cwd=ROOT,
        env={**os.environ, "VERDICTS": str(tmp_path / "verdicts.json")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr


@pytest.mark.parametrize(
    "test",
    [
        "contract_tests/operations/test_gone.py::test_it_works",
        "contract_tests/operations/test_every_operation.py::test_a_body_is_malformed[gone]",
    ],
)
def test_a_test_that_is_gone_is_told(test: str) -> None:
    with copy_of_the_project() as tree, pytest.raises(GoneError):
        run_tests(tree, Options(["operations"], 5, 1), [test])


def test_what_is_kept_has_a_column() -> None:
    assert {layer for known in read_rows() for layer in known.layers} <= {*LAYERS}


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
            ["ONLY=flask_api/lists-*", "LAYERS=raw_http operations", "FIRST=1"],
            ["flask_api/lists-*", "--layers", "raw_http", "operations", "--first"],
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


def test_a_mutant_is_run_beside_the_other_twin_as_people_run_both() -> None:
    assert not {"--twin", "--base-url"} & {
        *command(Options(["operations"], 5, 1), ["contract_tests"])
    }
