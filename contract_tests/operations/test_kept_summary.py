"""The summary that is kept for a while (openapi.yaml, getProductSummary); it isn't by default.

Seconds pass between two servers' answers, so each server is asked by itself.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis

from contract_tests.alone import each_alone
from contract_tests.cast import log_in, nobody
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.differential_visitor import logged_in, texts
from contract_tests.faults.redis_server import running_redis
from contract_tests.operations.expected import a_product, assert_problem, parameter_error

pytestmark = pytest.mark.own_servers

SUMMARY = "/api/products/summary"
MAX_AGE = 3  # seconds; what is kept in memory by whole seconds may be renewed one earlier
PATIENCE = 4  # seconds for which one waits for another's computation
KEY = "shop:1:product_summary"
LOCK = f"{KEY}.lock"
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


def test_the_staffs_page_shows_what_is_kept(keeping: list[DifferentialClient]) -> None:
    for client in keeping:
        staff = logged_in(log_in(client, "sam", "sam-demo-password"))
        for _ in range(ROUNDS):
            kept, _ = outdated(client)
            cells = texts(staff.get("/"), "td")
            if summary(client).body == kept.body:
                break
        else:
            raise AssertionError("this machine is too busy")
        assert cells[1::9] == [str(row["products"]) for row in kept.json["items"]]


# Who computes


@pytest.fixture(scope="module")
def sharing(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[list[DifferentialClient], Any]]:
    """Return servers that keep the summary on one Redis, and a client of that."""
    settings = {"SUMMARY_MAX_AGE": "600", "DATABASE_TIMEOUT": str(PATIENCE)}
    with (
        running_redis() as server,
        each_alone(tmp_path_factory, **settings, REDIS_URL=server.url) as clients,
        Redis(port=server.port) as shared,
    ):
        yield clients, shared


def test_the_others_wait_for_who_computes(sharing: tuple[list[DifferentialClient], Any]) -> None:
    clients, shared = sharing
    for client in clients:
        shared.flushall()
        shared.set(LOCK, "another's")
        shared.config_resetstat()
        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(summary, client)
            while not shared.info("commandstats").get("cmdstat_set"):  # until it wants the lock
                assert not asking.done()
            shared.set(KEY, json.dumps({"items": []}))
            shared.delete(LOCK)
            assert asking.result().json == {"items": []}
        assert shared.keys() == [KEY.encode()]


def test_nobody_ends_anothers_turn(sharing: tuple[list[DifferentialClient], Any]) -> None:
    clients, shared = sharing
    for client in clients:
        shared.flushall()
        shared.set(LOCK, "another's")
        assert summary(client).json["items"]  # computed in the end, without the lock
        assert shared.get(LOCK) == b"another's"
