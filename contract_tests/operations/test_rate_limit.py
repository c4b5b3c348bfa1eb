"""The general limit per client address (openapi.yaml, Authentication); it is off by default.

Seconds are counted here, and they may pass between two servers' answers, so each server is asked
by itself.
"""

import re
import time
from collections.abc import Iterator

import pytest

from contract_tests.alone import each_alone
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import NOWHERE, assert_problem
from contract_tests.operations.operations import OPERATIONS

pytestmark = pytest.mark.own_servers

LIMIT, WINDOW = 4, 2  # requests, seconds


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers that answer four requests in two seconds."""
    with each_alone(tmp_path_factory, RATE_LIMIT=f"{LIMIT}/{WINDOW}") as clients:
        yield clients


@pytest.fixture(autouse=True)
def a_new_window(limited: list[DifferentialClient]) -> None:
    """Wait until the window of the test before is over."""
    time.sleep(WINDOW + 0.1)


def assert_counted(answer: Answer, left: int) -> None:
    """Hold an answer to saying how many requests are left."""
    assert answer.headers["ratelimit-policy"] == f'"default";q={LIMIT};w={WINDOW}'
    found = re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    assert found is not None
    assert int(found[1]) == left
    assert 1 <= int(found[2]) <= WINDOW


def assert_uncounted(answer: Answer) -> None:
    """Hold an answer to saying nothing about the limit."""
    assert not [name for name in answer.headers if name.startswith("ratelimit")]


def test_it_counts_down(limited: list[DifferentialClient]) -> None:
    for client in limited:
        for left in (3, 2, 1, 0):
            answer = client.request("GET", "/api/products?limit=1")
            assert answer.status == 200
            assert_counted(answer, left)
            assert "retry-after" not in answer.headers


def test_it_refuses_what_is_too_much(limited: list[DifferentialClient]) -> None:
    for client in limited:
        for _ in range(LIMIT):
            client.request("GET", "/api/products?limit=1")
        # It comes before the look at the token, the query and the body.
        for method, target in (
            ("GET", "/api/products"),
            ("GET", "/api/todos?limit=0"),
            ("POST", "/api/tokens"),
        ):
            answer = client.request(method, target, token="x")
            assert_problem(answer, "too-many-requests", target.partition("?")[0])
            assert_counted(answer, 0)
            assert re.fullmatch(r"[1-9]\d*", answer.headers["retry-after"])
            assert int(answer.headers["retry-after"]) <= WINDOW


def test_every_operation_but_health_is_limited(limited: list[DifferentialClient]) -> None:
    for client in limited:
        for _ in range(LIMIT):
            client.request("GET", "/api/products?limit=1")
        for operation in OPERATIONS:
            answer = client.request(operation.method, operation.path)
            if operation.path.startswith("/api/health"):
                assert answer.status == 200
            else:
                assert_problem(answer, "too-many-requests", operation.path)


def test_waiting_as_long_as_is_said_helps(limited: list[DifferentialClient]) -> None:
    for client in limited:
        for _ in range(LIMIT):
            client.request("GET", "/api/products?limit=1")
        answer = client.request("GET", "/api/products?limit=1")
        assert answer.status == 429
        time.sleep(int(answer.headers["retry-after"]))
        answer = client.request("GET", "/api/products?limit=1")
        assert answer.status == 200
        assert_counted(answer, LIMIT - 1)


def test_health_is_not_counted(limited: list[DifferentialClient]) -> None:
    for client in limited:
        for target in ("/api/health", "/api/health/ready") * LIMIT:
            answer = client.request("GET", target)
            assert answer.status == 200
            assert_uncounted(answer)
        assert_counted(client.request("GET", "/api/products?limit=1"), LIMIT - 1)


def test_what_is_refused_before_is_not_counted(limited: list[DifferentialClient]) -> None:
    for client in limited:
        for method, target, headers, status in (
            ("GET", "/api/nowhere", {}, 404),
            ("GET", "/api/todos/1", {}, 404),
            ("PATCH", "/api/products", {}, 405),
            ("OPTIONS", "/api/products", {}, 204),
            ("GET", "/api/products", {"Accept": "image/png"}, 406),
        ):
            answer = client.request(method, target, headers=headers)
            assert answer.status == status
            assert_uncounted(answer)
        assert_counted(client.request("GET", "/api/products?limit=1"), LIMIT - 1)


def test_what_is_refused_later_is_counted(limited: list[DifferentialClient]) -> None:
    for client in limited:
        for left, (method, target, status) in zip(
            (3, 2, 1, 0),
            (
                ("GET", "/api/todos", 401),
                ("HEAD", "/api/products?limit=0", 400),
                ("POST", "/api/users", 415),
                ("GET", f"/api/products/{NOWHERE}", 404),
            ),
            strict=True,
        ):
            answer = client.request(method, target)
            assert answer.status == status
            assert_counted(answer, left)
