"""Databases for the twins, and the twins on one of them."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from contract_tests import servers
from contract_tests.differential_client import DifferentialClient
from contract_tests.fleet.one_address import OneAddress, behind_a_proxy
from contract_tests.fleet.world import World, write
from contract_tests.postgresql import NewDatabase
from contract_tests.servers import PROGRAMS, environment_of, sharing
from deploy.twins import TWINS, prepare

ORDERS = [TWINS, TWINS[::-1]]
# Each of the four with the next: every one goes on where another has been, and is followed by one.
MIXED = list(pairwise([*PROGRAMS, PROGRAMS[0]]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the pairs of servers."""
    if "pair" in metafunc.fixturenames:
        pairs = MIXED if metafunc.config.option.mixed else ORDERS
        ids = ["-then-".join(program.name for program in pair) for pair in pairs]
        metafunc.parametrize("pair", pairs, ids=ids, indirect=True, scope="session")


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
        prepare(twin, environment_of(urls[twin.name]))
    return urls


@pytest.fixture(scope="session")
def url(new_database: NewDatabase) -> str:
    """Return where the database of the fleet is."""
    return new_database("fleet")


@pytest.fixture(scope="session")
def fleet(url: str) -> Iterator[dict[str, DifferentialClient]]:
    """Run the twins on one database, and return them by name."""
    with servers.fleet(url) as base_urls:
        yield {
            twin.name: DifferentialClient([base_url])
            for twin, base_url in zip(sharing, base_urls, strict=True)
        }


@pytest.fixture(scope="session")
def pair(
    request: pytest.FixtureRequest, fleet: dict[str, DifferentialClient]
) -> tuple[DifferentialClient, DifferentialClient]:
    """Return one server and the other, either way round: what one does, the other knows of."""
    one, other = request.param
    return fleet[one.name], fleet[other.name]


@pytest.fixture(scope="session")
def here(pair: tuple[DifferentialClient, DifferentialClient]) -> World:
    """Return what was written through one server, as this one sees it."""
    return write(pair[0])


@pytest.fixture(scope="session")
def there(pair: tuple[DifferentialClient, DifferentialClient], here: World) -> World:
    """Return the same as the other server sees it."""
    return here.to(pair[1])


@pytest.fixture(scope="session")
def one_address(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OneAddress]:
    """Run the twins on one database behind one address."""
    with behind_a_proxy(new_database("one_address"), tmp_path_factory.mktemp("fleet")) as fleet:
        yield fleet
