"""The probes read whole pages of demo data, so no other test may write to their servers."""

from collections.abc import Iterator

import pytest

from contract_tests.conftest import servers_under_test


@pytest.fixture(scope="session")
def base_urls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Return the addresses of the servers under test."""
    with servers_under_test(request, tmp_path_factory) as addresses:
        yield addresses
