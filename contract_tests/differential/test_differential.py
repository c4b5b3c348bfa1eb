"""Both twins, plain and tuned, answer generated requests alike, but for values of their own.

`make soak` goes on for longer.
"""

from collections.abc import Iterator
from contextlib import closing

import pytest

from contract_tests.conftest import servers_under_test
from contract_tests.differential.generated import endless
from contract_tests.differential.generated_walk import GeneratedWalk
from contract_tests.differential_client import DifferentialClient
from contract_tests.servers import PROGRAMS

PAIRS = 60  # for each of `--examples`
LOT = 600  # pairs that need a lot as it is


@pytest.fixture(scope="module")
def base_urls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Return servers of its own, since what is generated deletes what it can; all to compare."""
    with servers_under_test(request, tmp_path_factory, PROGRAMS) as addresses:
        yield addresses


@pytest.mark.timeout(900)  # a bound against hangs: four servers, on however busy a machine
def test_generated_requests_are_answered_alike(
    base_urls: list[str], seed: int, request: pytest.FixtureRequest
) -> None:
    pairs = PAIRS * request.config.option.examples
    with closing(DifferentialClient(base_urls)) as client:
        walk = GeneratedWalk(client, seed)
        for case in endless(seed, min(1, pairs / LOT)):
            walk.visit(case)
            if walk.statuses.total() >= pairs:
                break
    reached = {status // 100 for status in walk.statuses}
    assert {2, 3, 4} <= reached, walk.statuses
