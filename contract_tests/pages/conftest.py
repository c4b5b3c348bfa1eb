"""Both twins with their pages; each test runs on one of them, and again on the other."""

from collections.abc import Iterator

import pytest

from contract_tests import servers
from contract_tests.pages.world import World

THROTTLE = 4  # failed logins that are allowed where few are


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a test for each twin."""
    if "twin" in metafunc.fixturenames:
        metafunc.parametrize("twin", [twin.name for twin in servers.chosen], scope="session")


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve both as the suite's settings have them, and return their addresses by name."""
    with servers.twins(tmp_path_factory.mktemp("pages"), servers.chosen) as base_urls:
        yield {twin.name: url for twin, url in zip(servers.chosen, base_urls, strict=True)}


@pytest.fixture(scope="session")
def strict_sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve both with few failed logins, behind TLS, and with the admin site."""
    with servers.twins(
        tmp_path_factory.mktemp("strict"),
        servers.chosen,
        LOGIN_THROTTLE=f"{THROTTLE}/900",
        ADMIN_ENABLED="true",
        FORWARDED_ALLOW_IPS="127.0.0.1",
        HSTS_SECONDS="3600",
    ) as base_urls:
        yield {twin.name: url for twin, url in zip(servers.chosen, base_urls, strict=True)}


@pytest.fixture(scope="session")
def site(twin: str, sites: dict[str, str]) -> str:
    """Return where a twin is."""
    return sites[twin]


@pytest.fixture(scope="session")
def strict_site(twin: str, strict_sites: dict[str, str]) -> str:
    """Return where a twin is that is less patient."""
    return strict_sites[twin]


@pytest.fixture
def world(site: str) -> World:
    """Return a new member with all that forms are about."""
    return World.make(site)
