"""“Add one field” is true: the patches apply, and then both twins have the field."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from comparison import patches
from comparison.source import ROOT

# `comparison` reads pages with what the contract tests read them with, and these use lookalike.
COPIED = (
    "flask_api",
    "drf_api",
    "deploy",
    "comparison",
    "contract_tests",
    "lookalike",
    "openapi.yaml",
)
# Runs in the patched copy: sends bodies to both twins and prints what each of them comes to.
ASK = """
import json, sys
from comparison.chapters import Request
from comparison.exchange import twins

said = []
with twins() as pair:
    for body in json.loads(sys.argv[1]):
        request = Request("POST /api/todos", caller="alice", body=json.dumps(body))
        said.append(pair.ask(request).brief("/estimate_minutes"))
    change = Request("PATCH $location", caller="alice", body='{"estimate_minutes": null}')
    said.append(pair.ask(change).brief("/estimate_minutes"))
print(json.dumps(said))
"""
EXPECTED: list[tuple[Any, str]] = [
    (0, "201, 0"),
    (90, "201, 90"),
    (None, "201, null"),
    (-1, "422 out_of_range at /estimate_minutes"),
    (100_001, "422 out_of_range at /estimate_minutes"),
    ("90", "422 invalid_type at /estimate_minutes"),
    (1.5, "422 invalid_type at /estimate_minutes"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the checkout, and apply the patches."""
    folder = tmp_path_factory.mktemp("patched") / "copy"
    ignored = shutil.ignore_patterns("__pycache__", "tests", "build")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    patches.apply(folder)
    return folder


def test_both_twins_have_the_field_once_the_patches_are_applied(copy: Path) -> None:
    bodies = [{"title": "x", "estimate_minutes": value} for value, _ in EXPECTED]
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(bodies)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = [answer for _, answer in EXPECTED]
    assert json.loads(done.stdout) == [*expected, "200, null"]


def test_the_count_of_files_is_the_patches_own() -> None:
    touched = patches.files_touched()
    assert touched.keys() == {"contract", "flask_api", "drf_api"}
    for change in patches.changes():
        assert change.added > 0
        assert len(change.files) == change.text.count("diff --git ")


def test_the_migrations_are_all_that_the_models_need(copy: Path) -> None:
    environment = {
        **os.environ,
        "APP_ENV": "development",
        "DATABASE_URL": f"sqlite:///{copy}/check.sqlite3",
        "PYTHONPATH": str(copy),
    }
    commands = (
        ("-m", "drf_api.manage", "makemigrations", "--check", "--dry-run"),
        ("-m", "flask", "--app", "flask_api", "db", "upgrade"),
        ("-m", "flask", "--app", "flask_api", "db", "check"),
    )
    for command in commands:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
