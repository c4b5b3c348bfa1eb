"""Schemathesis, with every check and every phase, finds no failure and has no warning."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from contract_tests.conftest import ROOT, servers_under_test


@pytest.fixture(scope="module")
def base_urls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Return servers of its own, since Schemathesis deletes what it can."""
    with servers_under_test(request, tmp_path_factory) as addresses:
        yield addresses


@pytest.mark.timeout(1800)  # a bound against hangs; generating requests takes its time
def test_schemathesis_finds_nothing(base_urls: list[str], request: pytest.FixtureRequest) -> None:
    examples = str(request.config.getoption("--examples"))
    for base_url in base_urls:
        done = subprocess.run(
            f"{sys.executable} -m schemathesis.cli run openapi.yaml --url {base_url} "
            f"--checks all --max-examples {examples}".split(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        report = done.stdout[-20_000:]
        assert done.returncode == 0, report
        assert "No issues found" in report
