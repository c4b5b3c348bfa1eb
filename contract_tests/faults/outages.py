"""Requests to servers while their database fails."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from contract_tests.client import Answer, Request, send
from contract_tests.faults.systems import Fleet, Server
from contract_tests.operations.expected import assert_problem

SOON = 2  # seconds: the contract's bound for an answer without the database
BUSY = 3 * SOON  # the bound where other tests run at the same time; the full form runs alone
BACK = 5.0  # seconds: the bound for being back after the database's return
OFTEN = 16


@dataclass(frozen=True)
class Outage:
    """How long answers took."""

    slowest: float
    answers: int


def timed(server: Server, request: Request) -> tuple[Answer, float]:
    """Send a request over a connection of its own, and measure how long its answer takes."""
    start = time.monotonic()
    answer = send(server.base_url, request)
    return answer, time.monotonic() - start


def post_of(target: str, token: str, body: object) -> Request:
    """Return a write of somebody's."""
    request = Request.with_json("POST", target, body)
    return Request(
        "POST", target, {**request.headers, "Authorization": f"Bearer {token}"}, request.body
    )


def assert_unavailable(answer: Answer, target: str) -> None:
    """Hold an answer to the contract's words about a failing database."""
    assert_problem(answer, "service-unavailable", target.partition("?")[0])
    assert answer.headers["retry-after"] == "5"


def assert_unavailable_soon(server: Server, requests: list[Request], within: float) -> Outage:
    """Hold a server to refusing each of these in time, while its process is healthy."""
    slowest = 0.0
    for request in requests:
        answer, seconds = timed(server, request)
        assert_unavailable(answer, request.target)
        slowest = max(slowest, seconds)
    assert slowest < within, f"{server.name}: {slowest:.1f} s"
    healthy, seconds = timed(server, Request("GET", "/api/health"))
    assert (healthy.status, healthy.json) == (200, {"status": "healthy"})
    assert seconds < within
    return Outage(round(slowest, 2), len(requests))


def wait_until_back(server: Server, since: float) -> float:
    """Return after how many seconds all workers are ready again; fail when it takes too long."""
    ready = Request("GET", "/api/health/ready")
    while {answer.status for answer in all_workers(server, ready)} != {200}:
        assert time.monotonic() - since < BACK, f"{server.name} is not back"
        time.sleep(0.02)
    return round(time.monotonic() - since, 2)


def all_workers(server: Server, request: Request) -> list[Answer]:
    """Send a request often enough, and at once, that each worker is likely to get one."""
    with ThreadPoolExecutor(OFTEN) as pool:
        return list(pool.map(lambda _: send(server.base_url, request), range(OFTEN)))


def assert_serving(fleet: Fleet, write: Request) -> None:
    """Hold all servers to reading and writing as ever."""
    for server in fleet.servers.values():
        reads = all_workers(server, Request("GET", "/api/products?limit=1"))
        assert {answer.status for answer in reads} == {200}
        assert send(server.base_url, write).status == 201
