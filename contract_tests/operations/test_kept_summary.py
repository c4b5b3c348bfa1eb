"""The summary that is kept for a while (openapi.yaml, getProductSummary); it isn't by default.

Seconds pass between two servers' answers, so each server is asked by itself.
"""

import time
from collections.abc import Iterator

import pytest

from contract_tests.alone import each_alone
from contract_tests.cast import log_in, nobody
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import a_product, assert_problem, parameter_error

pytestmark = pytest.mark.own_servers

SUMMARY = "/api/products/summary"
MAX_AGE = 3  # seconds; what is kept in memory by whole seconds may be renewed one earlier
ROUNDS = 3  # a machine that is busy may take longer than that to write


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers that keep the summary."""
    settings = {"SUMMARY_MAX_AGE": str(MAX_AGE), "RATE_LIMIT": "1000/600"}
    with each_alone(tmp_path_factory, **settings) as clients:
        yield clients


def summary(client: DifferentialClient, **headers: str) -> Answer:
    """Ask for the summary."""
    return nobody(client).get(SUMMARY, headers=headers)


def outdated(client: DifferentialClient) -> tuple[Answer, float]:
    """Change the catalogue after the summary was read, and tell what was kept, and since when."""
    sam = log_in(client, "sam", "sam-demo-password")
    for _ in range(ROUNDS):
        kept = known = summary(client)
        assert sam.post("/api/products", a_product()).status == 201
        while kept.body == known.body:  # until it has just been computed
            time.sleep(0.05)
            before = time.monotonic()
            kept = summary(client)
        assert sam.post("/api/products", a_product()).status == 201
        again = summary(client, **{"If-None-Match": kept.headers["etag"]})
        if time.monotonic() - before < MAX_AGE - 1:
            assert again.status == 304
            assert summary(client).body == kept.body
            return kept, before
    raise AssertionError("this machine is too busy")


def test_a_write_shows_when_the_time_is_over(keeping: list[DifferentialClient]) -> None:
    found = [outdated(client) for client in keeping]
    for client, (kept, since) in zip(keeping, found, strict=True):
        answer = kept
        while answer.body == kept.body:
            asked = time.monotonic()
            answer = summary(client)
            assert answer.body != kept.body or asked - since < MAX_AGE + 1
            time.sleep(0.05)
        assert answer.headers["etag"] != kept.headers["etag"]
        tagged = summary(client, **{"If-None-Match": kept.headers["etag"]})
        assert tagged.status == 200


def test_it_is_validated_before_each_use(keeping: list[DifferentialClient]) -> None:
    for client in keeping:
        answers = [summary(client), summary(client), nobody(client).head(SUMMARY)]
        for answer in answers:
            assert answer.headers["cache-control"] == "public, no-cache"
            assert "age" not in answer.headers
            assert "expires" not in answer.headers


def test_a_request_is_checked_before_it_is_answered(keeping: list[DifferentialClient]) -> None:
    for client in keeping:
        left = [int(summary(client).headers["ratelimit"].split(";")[1][2:]) for _ in range(2)]
        assert left[0] - left[1] == 1
        unknown = nobody(client).get(f"{SUMMARY}?limit=1")
        assert_problem(
            unknown, "invalid-parameters", SUMMARY, parameter_error("limit", "unknown_parameter")
        )
        assert_problem(summary(client, Accept="image/png"), "not-acceptable", SUMMARY)
        assert_problem(summary(client, Host="elsewhere.example"), "bad-host", SUMMARY)
