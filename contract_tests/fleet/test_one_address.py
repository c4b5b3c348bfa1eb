"""The mixed fleet passes the contract tests as if it were one server.

The suite runs on its one address, as on any server: with `--full` all layers, with more examples;
otherwise those that find most in little time.
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from contract_tests.client import Connection, Request
from contract_tests.conformance.test_conformance import run
from contract_tests.conftest import ROOT
from contract_tests.fleet.one_address import OneAddress, behind_relay
from contract_tests.postgresql import NewDatabase

pytestmark = [
    pytest.mark.own_servers,
    pytest.mark.timeout(3600),  # a bound against hangs; whole layers take their time
]

SHORT = ["metamorphic", "concurrency"]
LITTLE = 3  # examples, without --full
FULL = ["operations", "metamorphic", "concurrency", "conformance"]
HEALTH = Request("GET", "/api/health")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the layers."""
    if "layer" in metafunc.fixturenames:
        options = metafunc.config.option
        metafunc.parametrize("layer", FULL if options.full else SHORT)


@pytest.fixture(scope="session")
def in_turn(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[OneAddress]:
    """Return what `make fleet` runs, or with `--mixed` plain and tuned twins behind a relay."""
    if request.config.option.mixed:
        with behind_relay(new_database("mixed")) as mixed:
            yield mixed
    else:
        yield request.getfixturevalue("one_address")


@pytest.fixture
def turns(in_turn: OneAddress) -> Iterator[OneAddress]:
    """Return the fleet, and hold it to have sent each twin the same share of a test's requests."""
    before = in_turn.count()
    yield in_turn
    served = in_turn.count() - before
    print(f"requests by twin: {dict(served)}")  # noqa: T201 – pytest -rP shows it
    assert served.total() > 20
    assert_in_turn(in_turn, served)


def assert_in_turn(fleet: OneAddress, served: Counter[str]) -> None:
    """Hold a fleet to have sent its requests to one after the other."""
    shares = [served[name] for name in fleet.names]
    assert served.total() == sum(shares)
    assert max(shares) - min(shares) <= 1, served


def test_layer(turns: OneAddress, layer: str, seed: int, request: pytest.FixtureRequest) -> None:
    examples = request.config.option.examples if request.config.option.full else LITTLE
    run_layer(turns, layer, "--seed", str(seed), "--examples", str(examples))


def run_layer(fleet: OneAddress, layer: str, *options: str) -> None:
    """Hold the fleet to what a layer asks of any server."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *(f"contract_tests/{layer}", "--base-url", fleet.base_url, *options),
            *("-m", "not pages"),  # whose sessions are one twin's: they have no turns
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:]
    print(layer, done.stdout.splitlines()[-1])  # noqa: T201 – pytest -rP shows it
    assert re.search(r"\b[1-9]\d* passed", done.stdout)


def test_what_follows_from_answers(turns: OneAddress, seed: int) -> None:
    """Where the contract's links lead, Schemathesis goes: from one twin's answers to the other."""
    status, report = run(
        turns.base_url, ["--phases", "stateful", "--max-examples", str(LITTLE), "--seed", str(seed)]
    )
    assert status == 0, report[-20_000:]
    assert "No issues found" in report


def test_each_request_of_a_connection_has_another_turn(in_turn: OneAddress) -> None:
    before = in_turn.count()
    with closing(Connection(in_turn.base_url)) as connection:
        for _ in range(5 * len(in_turn.names)):
            connection.begin(HEALTH)
            assert connection.finish().status == 200
    assert in_turn.count() - before == dict.fromkeys(in_turn.names, 5)


@pytest.mark.full
def test_nothing_is_different_on_the_wire(new_database: NewDatabase) -> None:
    """Where bytes are passed on untouched, each connection to the next twin, all probes pass."""
    with behind_relay(new_database("relayed"), one_request=False) as relayed:
        run_layer(relayed, "raw_http")
        served = relayed.count()
    assert_in_turn(relayed, served)
