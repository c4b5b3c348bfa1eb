"""Fixtures of all contract tests: the servers, the client that asks them all, and the users."""

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from contract_tests import given, servers
from contract_tests.cast import Actor, log_in, nobody, register
from contract_tests.contract import CONTRACT
from contract_tests.differential_client import DifferentialClient
from contract_tests.given import PreconditionError
from contract_tests.postgresql import NewDatabase, running_postgresql
from contract_tests.report import pytest_runtest_makereport  # noqa: F401 – pytest finds it here
from deploy.twins import TWINS, Twin

# The helpers' assertions explain themselves as a test's own do.
pytest.register_assert_rewrite("contract_tests.operations.expected")

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
# Folders whose tests are about the suite and the twins, and so never about given servers.
OURS = {"admin", "self_tests", "mutants", "project"}

# Layers whose turn matters, on given servers above all, which all layers share. Others are at 0.
TURNS = {
    "raw_http": -1,  # its probes know whole pages of demo data
    "differential": 1,  # deletes what it can
    "concurrency": 2,  # they end otherwise on each server: nothing is compared after them
    "conformance": 3,  # deletes what it can, on each server something else
    "statuses": 4,  # a look back at the whole run
}
# Where each starts servers of its own, the longest are first: another core has time for others.
OWN_TURNS = {**TURNS, "differential": -2, "conformance": -2, "pages": -1}


REFUSED = pytest.StashKey[str]()  # why xdist's processes run no test


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say what is to be tested, and how much of it."""
    group = parser.getgroup("contract tests")
    group.addoption(
        "--base-url",
        action="append",
        default=[],
        metavar="URL",
        help="a running server with the demo data to hold to the contract (may be repeated; they "
        "are then held against each other too); without it the twins are started",
    )
    group.addoption(
        "--twin",
        action="append",
        choices=[twin.name for twin in TWINS],
        help="start this twin only",
    )
    group.addoption(
        "--tuned",
        action="store_true",
        help="start the twins with TUNED=1",
    )
    group.addoption(
        "--mixed",
        action="store_true",
        help="let fleets, and the servers that faults happen to, be each twin plain and tuned",
    )
    group.addoption(
        "--examples",
        type=int,
        default=10,
        metavar="N",
        help="how many requests are generated, at a scale (10)",
    )
    group.addoption(
        "--seed",
        type=int,
        metavar="N",
        help="repeat the generated requests of the run that printed this number",
    )
    group.addoption(
        "--no-shrink",
        action="store_true",
        help="show what Hypothesis finds at once, not made small",
    )
    group.addoption(
        "--full",
        action="store_true",
        help="the long forms: of the faults, whose figures are then kept in docs/, and of the "
        "mixed fleet, over which all layers are run",
    )
    group.addoption(
        "--load-minutes",
        type=float,
        default=10,
        metavar="N",
        help="how long the fault tests' full form watches memory, on each database (10)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed unless one is given, and choose the twins."""
    if config.option.seed is None:
        config.option.seed = secrets.randbits(32)
    if chosen := config.option.twin:
        servers.chosen[:] = [twin for twin in TWINS if twin.name in chosen]
    if config.option.tuned:
        os.environ["TUNED"] = "1"  # which the servers inherit, however they are started
    if config.option.mixed:
        servers.sharing[:] = servers.PROGRAMS
    # One of several processes asks for all of them.
    if config.option.base_url and not hasattr(config, "workerinput"):
        try:
            config.option.base_url = given.addresses(config.option.base_url)
            given.check(config.option.base_url)
        except PreconditionError as error:
            raise pytest.UsageError(str(error)) from None


def pytest_report_header(config: pytest.Config) -> str:
    """Say how the run can be repeated."""
    return f"contract tests: --seed {config.option.seed} repeats what is generated"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each layer's tests with its name, and leave out what can't be asked of given servers."""
    for item in items:
        if marker := layer(item.path):
            item.add_marker(marker)
    turns = TURNS if config.option.base_url else OWN_TURNS
    items.sort(key=lambda item: turns.get(layer(item.path), 0))
    if config.option.base_url:
        leave_out({*OURS, "own_servers"}, config, items)
        skip_what_is_lacking(config, items)
    if not config.option.full:
        leave_out({"full"}, config, items)


def skip_what_is_lacking(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests that need what one of the given servers lacks, or refuse to run any."""
    for marker in given.NEEDED:
        needing = [item for item in items if item.get_closest_marker(marker)]
        try:
            reason = given.lacking(marker, config.option.base_url) if needing else None
        except PreconditionError as error:
            refuse(str(error), config, items)
            return
        if reason:
            for item in needing:
                item.add_marker(pytest.mark.skip(reason))


def refuse(reason: str, config: pytest.Config, items: list[pytest.Item]) -> None:
    """End the run, which one of xdist's processes can only have the first process do."""
    if not hasattr(config, "workeroutput"):
        raise pytest.UsageError(reason)
    config.workeroutput["refused"] = reason
    items.clear()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over why one of xdist's processes has refused to run any test."""
    if reason := getattr(node, "workeroutput", {}).get("refused"):
        node.config.stash[REFUSED] = reason


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Say with which status the run ends."""
    if REFUSED in session.config.stash:
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say why the run was refused, or why tests of given servers were skipped: each reason once."""
    if REFUSED in config.stash:
        terminalreporter.write_line(f"ERROR: {config.stash[REFUSED]}", red=True)
    if config.option.base_url:
        skipped = terminalreporter.stats.get("skipped", [])
        reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
        for reason, number in reasons.items():
            terminalreporter.write_line(f"{number} skipped: {reason}")


def leave_out(markers: set[str], config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that have one of these markers."""
    left_out = [item for item in items if markers & {*item.keywords}]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def layer(path: Path) -> str:
    """Return the marker of a test: the name of its folder, or of the file that is alone.

    Tests that are not of this suite have none.
    """
    if HERE not in path.parents:
        return ""
    return path.relative_to(HERE).parts[0].removesuffix(".py").removeprefix("test_")


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    """Return openapi.yaml, decoded."""
    return CONTRACT


@pytest.fixture(scope="session")
def base_urls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Return the addresses of the servers under test; the twins run for as long as the tests do."""
    with servers_under_test(request, tmp_path_factory) as addresses:
        yield addresses


@contextmanager
def servers_under_test(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    which: Sequence[Twin] = servers.chosen,
) -> Iterator[list[str]]:
    """Give the addresses that were asked for, or else start the twins on fresh demo data."""
    if request.config.option.base_url:
        yield request.config.option.base_url
        return
    with servers.twins(tmp_path_factory.mktemp("twins"), which) as started:
        yield started


@pytest.fixture(scope="session")
def postgresql() -> Iterator[NewDatabase]:
    """Run a PostgreSQL server, and return what makes databases on it."""
    with running_postgresql() as new_database:
        yield new_database


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """Return what decides which requests are generated."""
    return int(request.config.option.seed)


@pytest.fixture(scope="session")
def client(base_urls: list[str]) -> Iterator[DifferentialClient]:
    """Return all servers under test as one."""
    with closing(DifferentialClient(base_urls)) as client:
        yield client


@pytest.fixture
def alice(client: DifferentialClient) -> Actor:
    """Return a new user, who owns what a test is about."""
    return register(client, "alice")


@pytest.fixture
def bob(client: DifferentialClient) -> Actor:
    """Return another new user."""
    return register(client, "bob")


@pytest.fixture(scope="session")
def sam(client: DifferentialClient) -> Actor:
    """Return the demo data's member of staff."""
    return log_in(client, "sam", "sam-demo-password")


@pytest.fixture(scope="session")
def anybody(client: DifferentialClient) -> Actor:
    """Return somebody without a token."""
    return nobody(client)
