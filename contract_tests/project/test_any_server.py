"""The suite tests servers that are already running, as the README says."""

import re
import subprocess
import sys

from contract_tests.conftest import ROOT

PART = "contract_tests/operations/test_get_contract.py"  # short; all parts take the same options


def test_the_readmes_command_holds_running_servers_to_the_contract(base_urls: list[str]) -> None:
    [arguments] = re.findall(r"^\.venv/bin/pytest contract_tests (.*)$", readme(), re.MULTILINE)
    for said, real in zip(
        ("http://localhost:5000", "http://localhost:8000"), base_urls, strict=False
    ):
        arguments = arguments.replace(said, real)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", PART, *arguments.split(), "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"\b[1-9]\d* passed", done.stdout)


def readme() -> str:
    return (ROOT / "README.md").read_text()


def test_every_link_of_the_readme_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", readme())
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
