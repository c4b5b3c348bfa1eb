"""On PostgreSQL the twins keep the same contract: `DATABASE_URL=postgresql://…` is all it takes."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from contract_tests.conftest import ROOT
from contract_tests.postgresql import NewDatabase
from contract_tests.servers import environment_of, started
from deploy.twins import TWINS, prepare

PARTS = [
    "contract_tests/raw_http",
    "contract_tests/concurrency/test_concurrency.py",
    *(
        f"contract_tests/operations/test_{name}.py"
        for name in ("create_todo", "create_product", "list_todos", "list_products", "wrong_values")
    ),
]


@pytest.fixture(scope="module")
def base_urls(postgresql: NewDatabase) -> Iterator[list[str]]:
    """Run the twins, each on a database of its own."""
    environments = {twin: environment_of(postgresql(twin.name)) for twin in TWINS}
    for twin, settings in environments.items():
        prepare(twin, settings)
    with started(environments) as addresses:
        yield addresses


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
