"""What all contract tests start from: the servers, the mirror that asks them all, and the cast."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contract_tests.cast import Person, log_in, nobody, register
from contract_tests.contract import CONTRACT
from contract_tests.mirror import Mirror
from contract_tests.servers import twins

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the suite be pointed at servers that run already."""
    parser.addoption(
        "--base-url",
        action="append",
        default=[],
        metavar="URL",
        help="a running server to hold to the contract (may be repeated; they are then held "
        "against each other too); without it the twins are started",
    )
    parser.addoption(
        "--examples",
        type=int,
        default=25,
        metavar="N",
        help="how many requests Schemathesis generates for each operation and phase (25)",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the look back at the whole run come last."""
    items.sort(key=lambda item: item.path.name == "test_statuses.py")


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
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Give the addresses that were asked for, or else start the twins on fresh demo data."""
    if given := request.config.getoption("--base-url"):
        yield [url.rstrip("/") for url in given]
        return
    with twins(tmp_path_factory.mktemp("twins")) as started:
        yield started


@pytest.fixture(scope="session")
def mirror(base_urls: list[str]) -> Mirror:
    """Return all servers under test as one."""
    return Mirror(base_urls)


@pytest.fixture
def alice(mirror: Mirror) -> Person:
    """Return a new user, who owns what a test is about."""
    return register(mirror, "alice")


@pytest.fixture
def bob(mirror: Mirror) -> Person:
    """Return another new user."""
    return register(mirror, "bob")


@pytest.fixture(scope="session")
def sam(mirror: Mirror) -> Person:
    """Return the demo data's member of staff."""
    return log_in(mirror, "sam", "sam-demo-password")


@pytest.fixture(scope="session")
def anybody(mirror: Mirror) -> Person:
    """Return somebody without a token."""
    return nobody(mirror)
