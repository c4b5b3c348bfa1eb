"""Fixtures: the fleets to be broken, the extent of each test, and where figures are written."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contract_tests.faults import figures
from contract_tests.faults.systems import TOGETHER, Fleet, Place, fleet_on, ready, sqlite_in
from contract_tests.postgresql import Cluster, running_cluster
from contract_tests.servers import sharing

Note = Callable[..., None]
Much = Callable[[int, int], int]
DATABASES = ["SQLite", "PostgreSQL"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the places where requests go."""
    if "place" in metafunc.fixturenames:
        names = [*(program.name for program in sharing), TOGETHER[len(sharing)]]
        metafunc.parametrize("place", range(len(names)), ids=names, indirect=True)


@pytest.fixture(scope="session")
def much(request: pytest.FixtureRequest) -> Much:
    """Return what chooses between the short form and the full one, `make faults`."""
    return lambda short, full: full if request.config.option.full else short


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Return what notes the figures of a test at a place; those of the full form are kept."""
    test = request.node.originalname.removeprefix("test_").replace("_", " ").capitalize()

    def note_figures(place: str, **found: Any) -> None:
        named = {name.replace("_", " "): value for name, value in found.items()}
        if request.config.option.full:
            figures.keep(figures.new_row(test, place, named))
            told = ", ".join(f"{name} {value}" for name, value in named.items())
            log(f"{place}: {told}")

    return note_figures


def log(line: str) -> None:
    """Show progress at once."""
    print(f"    {line}", flush=True)  # noqa: T201 – a full run takes long, and whoever waits wants to see it


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Run a PostgreSQL server of our own, which may be stopped and frozen."""
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def fleet_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Serve one file by the twins."""
    with fleet_on(sqlite_in(tmp_path_factory.mktemp("fleet"))) as running:
        yield running


@pytest.fixture(scope="session")
def fleet_on_postgresql(cluster: Cluster) -> Iterator[Fleet]:
    """Serve one database of PostgreSQL by the twins."""
    with fleet_on(ready(cluster.new_database("fleet"))) as running:
        yield running


@pytest.fixture(params=DATABASES)
def fleet(request: pytest.FixtureRequest) -> Fleet:
    """Return the twins on one database, of each kind."""
    found: Fleet = request.getfixturevalue(f"fleet_on_{request.param.lower()}")
    return found


@pytest.fixture
def place(request: pytest.FixtureRequest, fleet: Fleet) -> Place:
    """Return where requests go: to each server alone, and to all in turn."""
    which: int = request.param
    return fleet.places()[which]


@pytest.fixture
def where(place: Place, base: str) -> str:
    """Name a place, for the figures."""
    return f"{place.name}, {base}"


@pytest.fixture
def base(fleet: Fleet) -> str:
    """Name the database, for the figures."""
    return "SQLite" if fleet.is_on_sqlite else "PostgreSQL"
