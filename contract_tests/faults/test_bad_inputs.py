"""The worst inputs, and thousands of generated ones: both twins refuse them quickly."""

from collections import Counter
from contextlib import closing
from itertools import islice

import pytest

from contract_tests.cast import log_in
from contract_tests.client import Request
from contract_tests.differential_client import DifferentialClient
from contract_tests.faults.conftest import Much, Note, log
from contract_tests.faults.nonsense import dearest_good, generated, worst
from contract_tests.faults.outages import BUSY, timed
from contract_tests.faults.systems import Fleet, Server

pytestmark = pytest.mark.own_servers

SECOND = 1  # the bound for any refusal, where nothing else runs; BUSY is the one beside other tests
RATIO = 2  # of processor time, to the largest good request
AGAIN = 3  # times that a slow one is measured anew, alone
SHOWN = 300  # characters of a request that fails


def refused(fleet: Fleet, request: Request, within: int) -> tuple[int, float]:
    """Hold each server to refusing a request in time; return a status and the longest time."""
    slowest, status = 0.0, 0
    for name, server in fleet.servers.items():
        answer, seconds = timed(server, request)
        status = answer.status
        assert 400 <= status < 500, (name, status, request.curl("")[:SHOWN])
        if seconds > within:
            seconds = min(alone(server, request) for _ in range(AGAIN))
            assert seconds < within, (name, seconds, request.curl("")[:SHOWN])
        slowest = max(slowest, seconds)
    return status, slowest


def token(fleet: Fleet) -> str:
    """Log in Sam; the servers share one database, so each of them knows the token."""
    [server, *_] = fleet.servers.values()
    with closing(DifferentialClient([server.base_url])) as client:
        return log_in(client, "sam", "sam-demo-password").token or ""


def alone(server: Server, request: Request) -> float:
    """Measure a server alone: the time that it works, as others may use the machine too."""
    found = []
    for _ in range(AGAIN):
        before = server.worked()
        _, seconds = timed(server, request)
        found.append(min(seconds, server.worked() - before))
    return min(found)


def test_the_worst_inputs(
    fleet: Fleet, base: str, note: Note, much: Much, request: pytest.FixtureRequest
) -> None:
    if not (fleet.is_on_sqlite or request.config.option.full):
        pytest.skip("few of them ever reach a database, so one will do: make faults takes both")
    slowest, which, number = 0.0, "", 0
    for name, asked in worst(token(fleet)):
        _, seconds = refused(fleet, asked, within=much(BUSY, SECOND))
        number += 1
        if seconds > slowest:
            slowest, which = seconds, name
    note(base, inputs=number, slowest_in_seconds=round(slowest, 2), which=which)


def test_no_input_costs_more_than_large_good_ones(
    fleet: Fleet, base: str, note: Note, request: pytest.FixtureRequest
) -> None:
    if not (fleet.is_on_sqlite or request.config.option.full):
        pytest.skip("few of them ever reach a database, so one will do: make faults takes both")
    sams = token(fleet)
    for server in fleet.servers.values():
        good = min(work(server, dearest_good(sams)) for _ in range(AGAIN))
        slowest, which = 0.0, ""
        for name, bad in worst(sams):
            spent = work(server, bad)
            if spent > RATIO * good:
                spent = min(work(server, bad) for _ in range(AGAIN))
            slowest, which = max((slowest, which), (spent, name))
        note(
            f"{server.name}, {base}",
            ten_thousand_items_in_seconds=round(good, 2),
            slowest_in_seconds=round(slowest, 2),
            which=which,
        )
        assert slowest < RATIO * good, (server.name, which, slowest, good)


def work(server: Server, request: Request) -> float:
    """Return how much processor time a server uses for a request."""
    before = server.worked()
    timed(server, request)
    return server.worked() - before


def test_generated_bad_inputs(fleet: Fleet, base: str, note: Note, seed: int, much: Much) -> None:
    statuses, slowest, number = Counter[int](), 0.0, much(150, 6000)
    for request in islice(generated(seed, token(fleet)), number):
        status, seconds = refused(fleet, request, within=much(BUSY, SECOND))
        statuses[status] += 1
        slowest = max(slowest, seconds)
        if statuses.total() % 1000 == 0:
            log(f"{base}: {statuses.total()} refused")
    note(
        base,
        inputs=number,
        seed=str(seed),  # no quantity
        answers=", ".join(f"{count} × {status}" for status, count in sorted(statuses.items())),
        slowest_in_seconds=round(slowest, 2),
    )
