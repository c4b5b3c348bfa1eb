"""Both twins answer what Schemathesis generates alike, byte for byte but for values of their own.

`SEED=… pytest contract_tests/mirrored` repeats a run; `make soak` goes on for longer.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import closing

import pytest

from contract_tests.conftest import servers_under_test
from contract_tests.mirrored.generated import endless
from contract_tests.mirrored.lines import FastMirror
from contract_tests.mirrored.walk import Walk

PAIRS = 1500


@pytest.fixture(scope="module")
def base_urls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    """Return servers of its own, since what is generated deletes what it can."""
    with servers_under_test(request, tmp_path_factory) as addresses:
        yield addresses


@pytest.fixture
def seed() -> int:
    """Return what decides which requests are generated."""
    return int(os.environ.get("SEED") or secrets.randbits(32))


def test_generated_requests_are_answered_alike(base_urls: list[str], seed: int) -> None:
    print(f"SEED={seed}")  # noqa: T201 – pytest shows it with a failure
    with closing(FastMirror(base_urls)) as mirror:
        walk = Walk(mirror, seed)
        for case in endless(seed):
            walk.visit(case)
            if walk.statuses.total() >= PAIRS:
                break
    reached = {status // 100 for status in walk.statuses}
    assert {2, 3, 4} <= reached, walk.statuses
