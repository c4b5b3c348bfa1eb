"""Databases for both twins, and both twins on one of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from contract_tests.mirror import Mirror
from contract_tests.postgresql import NewDatabase
from contract_tests.servers import environment, free_port
from deploy.up import TWINS, prepare, running, wait_until_healthy

ORDERS = [TWINS, TWINS[::-1]]


@pytest.fixture(scope="session", params=["SQLite", "PostgreSQL"])
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> NewDatabase:
    """Return what makes databases, on each kind of server."""
    if request.param == "PostgreSQL":
        found: NewDatabase = request.getfixturevalue("postgresql")
        return found
    folder = tmp_path_factory.mktemp("sqlite")
    return lambda name: f"sqlite:///{folder / name}.sqlite3"


@pytest.fixture(scope="session")
def built(new_database: NewDatabase) -> dict[str, str]:
    """Return, for each twin, a database that it has made and seeded alone."""
    urls = {twin.name: new_database(f"built_by_{twin.name}") for twin in TWINS}
    for twin in TWINS:
        prepare(twin, environment(Path(), twin, DATABASE_URL=urls[twin.name]))
    return urls


@pytest.fixture(scope="session")
def settings(new_database: NewDatabase) -> dict[str, str]:
    """Return the settings of both twins: those of the suite, and one database."""
    return environment(Path(), TWINS[0], DATABASE_URL=new_database("fleet"))


@pytest.fixture(scope="session")
def url(settings: dict[str, str]) -> str:
    """Return where the one database is."""
    return settings["DATABASE_URL"]


@pytest.fixture(scope="session")
def fleet(settings: dict[str, str]) -> Iterator[dict[str, Mirror]]:
    """Run both twins on one database, each of them prepared by itself, and return them by name."""
    for twin in TWINS:
        prepare(twin, settings)
    with ExitStack() as stack:
        ports = {twin: free_port() for twin in TWINS}
        started = [
            (twin, port, stack.enter_context(running(twin, port, settings)))
            for twin, port in ports.items()
        ]
        for twin, port, server in started:
            wait_until_healthy(twin, port, server)
        yield {twin.name: Mirror([f"http://127.0.0.1:{port}"]) for twin, port in ports.items()}


@pytest.fixture(scope="session", params=ORDERS, ids=lambda order: order[0].name)
def pair(request: pytest.FixtureRequest, fleet: dict[str, Mirror]) -> tuple[Mirror, Mirror]:
    """Return one server and the other, either way round: the one writes, the other reads."""
    one, other = request.param
    return fleet[one.name], fleet[other.name]
