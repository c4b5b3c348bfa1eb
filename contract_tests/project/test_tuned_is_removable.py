"""Each twin works without `tuned/`: a copy loses the folder and the lines that switch it on."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contract_tests.conftest import ROOT

PARTS = [
    *("contract_tests", "deploy", "lookalike", "flask_api", "drf_api"),
    *("openapi.yaml", "pyproject.toml"),
]
# No module names the folder, so tests that pass with TUNED unset pass without it: some of them show
# that the copy is whole.
SMOKE = [
    f"contract_tests/operations/test_{name}.py"
    for name in ("get_health", "create_todo", "list_todos", "list_products")
]
SETTINGS = "drf_api.settings"  # which the tests of the other twin do without
# Where a twin switches it on.
SWITCHES = {
    "flask_api": (
        "app.py",
        r"    if config\.TUNED:\n        from flask_api import tuned .*\n\n        tuned\..*\n",
    ),
    "drf_api": ("settings.py", r"if TUNED:\n.*\n"),
}


def without_tuned(folder: Path, twin: str) -> None:
    """Copy the twins, and remove what makes one of them faster."""
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    shutil.rmtree(folder / twin / "tuned")
    name, lines = SWITCHES[twin]
    path = folder / twin / name
    text, count = re.subn(lines, "", path.read_text())
    assert count == 1
    path.write_text(text)


@pytest.mark.timeout(600)  # a bound against hangs
@pytest.mark.parametrize("twin", SWITCHES)
def test_a_twin_without_it(tmp_path: Path, twin: str) -> None:
    without_tuned(tmp_path, twin)
    found = [path for path in (tmp_path / twin).rglob("*.py") if "tuned" in path.read_text()]
    assert not found
    promises = [str(path) for path in (tmp_path / twin / "tests").glob("test_*promises.py")]
    assert promises
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--ds", SETTINGS, "--twin", twin, *promises, *SMOKE],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
