"""Throttles count by the connection's address, whatever address a client claims.

Nobody escapes a limit by claiming to be elsewhere, and nobody is shut out by what others claim.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count

import pytest

from contract_tests.cast import register
from contract_tests.client import Connection, Request
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import a_name
from contract_tests.servers import twins

pytestmark = pytest.mark.own_servers

LIMIT = 3
# How a client may claim an address, as proxies and hosts of all kinds write it.
CLAIMS = {
    "X-Forwarded-For": "{}",
    "X-Forwarded-For, of two": "{}, 10.0.0.1",
    "X-Forwarded-For, the last": "10.0.0.1, {}",
    "Forwarded": "for={}",
    "Forwarded, with more": 'for="{}:4711";proto=https;by=10.0.0.1',
    "X-Real-IP": "{}",
    "X-Client-IP": "{}",
    "X-Cluster-Client-IP": "{}",
    "X-Originating-IP": "{}",
    "X-Remote-Addr": "{}",
    "Remote-Addr": "{}",
    "REMOTE_ADDR": "{}",
    "X-ProxyUser-Ip": "{}",
    "Client-IP": "{}",
    "CF-Connecting-IP": "{}",
    "Fastly-Client-IP": "{}",
    "True-Client-IP": "{}",
    "Via": "1.1 {}",
}
# Addresses of this machine (macOS needs an `ifconfig lo0 alias` for each), each used once.
ADDRESSES = (f"127.0.{number // 200 + 1}.{number % 200 + 1}" for number in count())

READ = Request("GET", "/api/products?limit=1")

every_claim = pytest.mark.parametrize("claim", [*CLAIMS])


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Return servers that answer three requests of an address in an hour."""
    with twins(tmp_path_factory.mktemp("limited"), RATE_LIMIT=f"{LIMIT}/3600") as base_urls:
        yield base_urls


@pytest.fixture(scope="module")
def throttled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Return servers that allow three failed logins in an hour."""
    with twins(tmp_path_factory.mktemp("throttled"), LOGIN_THROTTLE=f"{LIMIT}/3600") as base_urls:
        yield base_urls


def claiming(claim: str, address: str) -> dict[str, str]:
    """Return the header field that claims an address."""
    return {claim.partition(",")[0]: CLAIMS[claim].format(address)}


def ask(base_url: str, source: str, request: Request, headers: dict[str, str]) -> int:
    """Send a request from an address, and return the answer's status."""
    with closing(Connection(base_url, source)) as connection:
        connection.begin(replace(request, headers={**request.headers, **headers}))
        return connection.finish().status


@every_claim
def test_nobody_escapes_the_general_limit(limited: list[str], claim: str) -> None:
    for base_url in limited:
        source = next(ADDRESSES)
        statuses = [
            ask(base_url, source, READ, claiming(claim, f"203.0.113.{number}"))
            for number in range(LIMIT + 2)
        ]
        assert statuses == [200] * LIMIT + [429] * 2


@every_claim
def test_nobody_uses_up_the_general_limit_of_others(limited: list[str], claim: str) -> None:
    for base_url in limited:
        source, other = next(ADDRESSES), next(ADDRESSES)
        statuses = [ask(base_url, source, READ, claiming(claim, other)) for _ in range(LIMIT + 1)]
        assert statuses == [200] * LIMIT + [429]
        assert ask(base_url, other, READ, {}) == 200


def login(username: str, password: str) -> Request:
    """Return a request to log in."""
    return Request.with_json("POST", "/api/tokens", {"username": username, "password": password})


@every_claim
def test_nobody_escapes_the_throttle_on_logins(throttled: list[str], claim: str) -> None:
    for base_url in throttled:
        source, wrong = next(ADDRESSES), login(a_name("nobody_"), "wrong")
        statuses = [
            ask(base_url, source, wrong, claiming(claim, f"203.0.113.{number}"))
            for number in range(LIMIT + 2)
        ]
        assert statuses == [401] * LIMIT + [429] * 2


@every_claim
def test_nobody_shuts_others_out_of_their_account(throttled: list[str], claim: str) -> None:
    for base_url in throttled:
        with closing(DifferentialClient([base_url])) as client:
            alice = register(client, "alice")
        source, other = next(ADDRESSES), next(ADDRESSES)
        wrong = login(alice.username, "wrong")
        statuses = [ask(base_url, source, wrong, claiming(claim, other)) for _ in range(LIMIT + 1)]
        assert statuses == [401] * LIMIT + [429]
        assert ask(base_url, other, login(alice.username, alice.password), {}) == 201
