"""Schemathesis, with every check and every phase, finds no failure and has no warning."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

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
def test_schemathesis_finds_nothing(
    base_urls: list[str], seed: int, request: pytest.FixtureRequest
) -> None:
    numbers = ["--seed", str(seed), "--max-examples", str(request.config.option.examples)]
    with ThreadPoolExecutor() as pool:
        reports = pool.map(lambda base_url: run(base_url, numbers), base_urls)
    for base_url, (status, report) in zip(base_urls, reports, strict=True):
        assert status == 0, f"{base_url}:\n{report[-20_000:]}"
        assert "No issues found" in report


def run(base_url: str, options: list[str]) -> tuple[int, str]:
    """Run Schemathesis as people do; return its exit status and what it prints."""
    authorities = os.environ.get("SSL_CERT_FILE")  # which the library that it asks with passes over
    trust = ["--tls-verify", authorities] if authorities else []
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", "openapi.yaml"),
            *("--url", base_url, "--checks", "all", *trust, *options),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout
