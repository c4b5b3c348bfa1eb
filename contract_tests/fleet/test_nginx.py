"""nginx passes on requests and responses; a list has the exceptions."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import chain
from uuid import uuid4

import pytest

from contract_tests.client import Request
from contract_tests.client import send as send_request
from contract_tests.faults.redis_server import running_redis
from contract_tests.fleet.nginx_answers import MENDED, REFUSED, UNANSWERED
from contract_tests.fleet.one_address import OneAddress, behind_nginx
from contract_tests.operations.expected import a_name
from contract_tests.raw_http.connections import CONVERSATIONS
from contract_tests.raw_http.exchange import Received, connect, exchange
from contract_tests.raw_http.probe import JSON, Conversation, Probe, Refusal
from contract_tests.raw_http.probe import request as request_bytes
from contract_tests.raw_http.refusals import REFUSALS
from contract_tests.raw_http.test_raw_http import TABLES, bounds, expected, filler, lawful

pytestmark = [
    pytest.mark.own_servers,
    pytest.mark.timeout(900),  # a bound against hangs; with --full there are many in one test
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed"),
]

LOGINS = 3  # failed ones that are allowed
STALLED = 80  # two workers of each twin have 16 threads together
OWN_PAGE = b"<hr><center>nginx</center>"

PROBES = {
    f"{table.__name__.rpartition('.')[2]}: {probe.name}": probe
    for table in TABLES
    for probe in table.PROBES
}
NGINX_REFUSES = {*chain.from_iterable(REFUSED.values())}
NGINX_IS_SILENT = {*chain.from_iterable(UNANSWERED.values())}

Send = Callable[[Probe | Conversation | Refusal], Received]


@pytest.fixture(scope="session")
def send(one_address: OneAddress) -> Send:
    """Return what sends a request to the fleet, and returns all that comes back."""
    fill = filler(one_address.base_url, uuid4().hex[:12])

    def send(asked: Probe | Conversation | Refusal) -> Received:
        slowly, half_close = False, False
        if isinstance(asked, Conversation):
            slowly, half_close = asked.slowly, asked.half_close
        raw = fill(asked.request)
        return exchange(one_address.base_url, raw, slowly=slowly, half_close=half_close)

    return send


def test_the_lists_name_what_there_is() -> None:
    assert {*PROBES} >= NGINX_REFUSES
    assert {each.name for each in CONVERSATIONS} >= NGINX_IS_SILENT
    assert {each.name for each in REFUSALS} >= {*MENDED}


def test_probes(send: Send) -> None:
    chosen = [name for name in PROBES if name not in NGINX_REFUSES]
    assert len(chosen) > 30
    assert [fault for name in chosen for fault in faults(name, send(PROBES[name]))] == []


def faults(name: str, answer: Received) -> Iterator[str]:
    """Hold an answer to all that its probe asks of a twin's."""
    probe = PROBES[name]
    for fault in [*bounds(answer), *expected(probe, answer), *lawful(probe, answer)]:
        yield f"{name}: {fault}"


@pytest.mark.parametrize("name", sorted(NGINX_REFUSES))
def test_nginx_refuses(send: Send, name: str) -> None:
    answer = send(PROBES[name])
    assert (answer.status, OWN_PAGE in answer.body) == (400, True)


def test_stalled_clients_hold_up_nobody(one_address: OneAddress) -> None:
    """More clients than the twins have threads stop halfway: they wait in nginx, and only there."""
    half = request_bytes(
        "POST /api/tokens", "Host: localhost", JSON, "Content-Length: 100", body="{"
    )
    with ExitStack() as stack:
        for number in range(STALLED):
            client = stack.enter_context(closing(connect(one_address.base_url)))
            client.sendall(half if number % 2 else half[:40])
        answer = exchange(one_address.base_url, request_bytes("GET /api/health", "Host: localhost"))
    assert answer.status == 200
    assert answer.seconds < 2


def test_conversations(send: Send) -> None:
    received = {each.name: (each, send(each)) for each in CONVERSATIONS}
    differing = {
        name: answer.statuses
        for name, (each, answer) in received.items()
        if answer.statuses != each.statuses
    }
    assert {name for name, statuses in differing.items() if statuses == ()} <= NGINX_IS_SILENT
    assert {name for name, statuses in differing.items() if statuses != ()} == set()
    assert [fault for _, answer in received.values() for fault in bounds(answer)] == []


@pytest.mark.full
def test_refusals(send: Send) -> None:
    received = {each.name: (each, send(each)) for each in REFUSALS}
    assert {
        name: answer.status
        for name, (each, answer) in received.items()
        if answer.status not in each.statuses
    } == MENDED
    # The request that nginx mends does not ask for its connection to be closed.
    endless = {name for name, (_, answer) in received.items() if [*bounds(answer)]}
    assert endless == {"line feeds alone"}


@pytest.fixture(scope="module")
def throttled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return a fleet that allows few failed logins, which all its workers count in one Redis."""
    folder = tmp_path_factory.mktemp("throttled")
    url, rate = f"sqlite:///{folder}/fleet.sqlite3", f"{LOGINS}/3600"
    with (
        running_redis() as redis,
        behind_nginx(url, folder, REDIS_URL=redis.url, LOGIN_THROTTLE=rate) as fleet,
    ):
        yield fleet.base_url


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_nobody_escapes_a_throttle_by_naming_another_address(throttled: str, name: str) -> None:
    """Behind nginx failures count wherever they come from (docs/operations.md)."""
    wrong = {"username": a_name("nobody_"), "password": "wrong"}
    login = Request.with_json("POST", "/api/tokens", wrong)
    statuses = []
    for number in range(LOGINS + 2):
        claimed = f"for=203.0.113.{number}" if name == "Forwarded" else f"203.0.113.{number}"
        headers = {**login.headers, name: claimed}
        statuses.append(send_request(throttled, replace(login, headers=headers)).status)
    assert statuses == [401] * LOGINS + [429] * 2
