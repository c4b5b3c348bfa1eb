"""On PostgreSQL the twins keep the same contract: `DATABASE_URL=postgresql://…` is all it takes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from contract_tests.conftest import ROOT
from contract_tests.postgresql import NewDatabase
from contract_tests.servers import environment, free_port
from deploy.up import TWINS, prepare, running, wait_until_healthy

PARTS = ["contract_tests/wire", "contract_tests/races/test_races.py"]


@pytest.fixture(scope="module")
def base_urls(
    postgresql: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Run the twins, each on a database of its own."""
    folder = tmp_path_factory.mktemp("postgresql")
    with ExitStack() as stack:
        ports = [free_port() for _ in TWINS]
        for twin, port in zip(TWINS, ports, strict=True):
            settings = environment(folder, twin, DATABASE_URL=postgresql(twin.name))
            prepare(twin, settings)
            server = stack.enter_context(running(twin, port, settings))
            wait_until_healthy(twin, port, server)
        yield [f"http://127.0.0.1:{port}" for port in ports]


def test_probes_and_races_end_as_on_sqlite(base_urls: list[str]) -> None:
    addresses = [f"--base-url={base_url}" for base_url in base_urls]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PARTS, *addresses],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:]
