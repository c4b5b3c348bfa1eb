"""Limits that all workers of both twins count together in Redis (openapi.yaml, Authentication)."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import redis

from contract_tests.client import Answer, Request, send
from contract_tests.faults.conftest import Much, Note
from contract_tests.faults.outages import BUSY, SOON, timed
from contract_tests.faults.redis_server import Redis, running_redis
from contract_tests.faults.systems import Fleet, Place, fleet_on, sqlite_in
from contract_tests.faults.writers import at_once
from contract_tests.operations.expected import a_name

pytestmark = pytest.mark.own_servers

LIMIT, LOGINS, AT_ONCE = 60, 10, 40
WINDOW = 600  # seconds: none ends amid a test
READ = Request("GET", "/api/products?limit=1")


@dataclass(frozen=True)
class Limited:
    """The twins, whose limits are counted in one Redis."""

    fleet: Fleet
    redis: Redis

    @property
    def in_turn(self) -> Place:
        """All servers in turn."""
        return self.fleet.places()[-1]

    def forget(self) -> None:
        """Begin to count anew."""
        with redis.Redis(port=self.redis.port) as client:
            client.flushall()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Limited]:
    """Run them."""
    url = sqlite_in(tmp_path_factory.mktemp("limited"))
    limits = {"RATE_LIMIT": f"{LIMIT}/{WINDOW}", "LOGIN_THROTTLE": f"{LOGINS}/{WINDOW}"}
    with running_redis() as server, fleet_on(url, REDIS_URL=server.url, **limits) as fleet:
        yield Limited(fleet, server)


@pytest.fixture
def limited(running: Limited) -> Limited:
    """Return them with nothing counted."""
    running.forget()
    return running


def statuses_of(place: Place, number: int, request: Request) -> Counter[int]:
    """Send a request many times at once to the servers in turn."""
    answers: list[Answer] = at_once(number, lambda _: send(place.next().base_url, request))
    return Counter(answer.status for answer in answers)


def test_the_general_limit_over_all_workers(limited: Limited, note: Note) -> None:
    statuses = Counter[int]()
    for _ in range(3):
        statuses += statuses_of(limited.in_turn, AT_ONCE, READ)
    assert statuses == {200: LIMIT, 429: 3 * AT_ONCE - LIMIT}
    for server in limited.fleet.servers.values():  # each knows what all have counted
        answer = send(server.base_url, READ)
        assert answer.headers["ratelimit"].startswith('"default";r=0;t=')
        assert WINDOW - 60 < int(answer.headers["retry-after"]) <= WINDOW
    note(limited.in_turn.name, limit=LIMIT, sent=3 * AT_ONCE, admitted=statuses[200])


def test_failed_logins_over_all_workers(limited: Limited, note: Note) -> None:
    wrong = {"username": a_name("nobody_"), "password": "wrong"}
    login = Request.with_json("POST", "/api/tokens", wrong)
    statuses = statuses_of(limited.in_turn, AT_ONCE, login)
    assert statuses == {401: LOGINS, 429: AT_ONCE - LOGINS}
    note(limited.in_turn.name, limit=LOGINS, sent=AT_ONCE, admitted=statuses[401])


def test_right_logins_in_flight_together_are_no_failures(limited: Limited) -> None:
    """With one failure left, each twin has a right login under way."""
    right = {"username": "sam", "password": "sam-demo-password"}
    wrong = Request.with_json("POST", "/api/tokens", {**right, "password": "wrong"})
    login = Request.with_json("POST", "/api/tokens", right)
    for _ in range(3):
        for _ in range(LOGINS - 1):
            assert send(limited.in_turn.next().base_url, wrong).status == 401
        assert statuses_of(limited.in_turn, 4, login) == {201: 4}


def test_a_login_here_forgets_the_failures_there(limited: Limited) -> None:
    servers = [*limited.fleet.servers.values()]
    for one, other in zip(servers, [*servers[1:], servers[0]], strict=True):
        for server, password, expected in [
            *[(one, "wrong", 401)] * (LOGINS - 1),
            (other, "sam-demo-password", 201),
            *[(one, "wrong", 401)] * (LOGINS - 1),
            (other, "sam-demo-password", 201),
        ]:
            body = {"username": "sam", "password": password}
            answer = send(server.base_url, Request.with_json("POST", "/api/tokens", body))
            assert answer.status == expected
        limited.forget()


def test_without_redis_each_process_counts(limited: Limited, note: Note, much: Much) -> None:
    slowest = 0.0
    for fail, mend in (("stop", "start"), ("freeze", "thaw")):
        getattr(limited.redis, fail)()
        try:
            answers = [timed(limited.in_turn.next(), READ) for _ in range(8)]
        finally:
            getattr(limited.redis, mend)()
        assert {answer.status for answer, _ in answers} == {200}
        assert all("ratelimit" in answer.headers for answer, _ in answers)
        slowest = max(slowest, *(seconds for _, seconds in answers))
        assert slowest < much(BUSY, SOON)
        limited.forget()
        time.sleep(0.1)
        statuses = statuses_of(limited.in_turn, LIMIT + 20, READ)
        assert statuses == {200: LIMIT, 429: 20}  # once it is back, it counts for all again
        limited.forget()
    note(limited.in_turn.name, slowest_answer_in_seconds=round(slowest, 2))
