"""Settings whose meaning only a running server shows: hosts, origins, throttles, levels of logging.

contract_tests/project/test_settings.py has every spelling of each variable.
"""

from collections.abc import Iterator

import pytest

from contract_tests.alone import each_alone
from contract_tests.cast import nobody, register
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import assert_problem

pytestmark = pytest.mark.own_servers

HEALTH = "/api/health"


@pytest.fixture(scope="module")
def oddly_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DifferentialClient]]:
    """Return servers whose settings have odd spellings; a blank one is unset."""
    settings = {
        "ALLOWED_HOSTS": " .Example.com,,2001:DB8:0::1 , 127.0.0.1,",
        "CORS_ORIGINS": " HTTPS://Shop.Example:443 ,https://shop.example,http://localhost:3000 ",
        "LOGIN_THROTTLE": " ",
        "RATE_LIMIT": "",
        "DATABASE_TIMEOUT": "\t",
        "LOG_LEVEL": " critical ",
        "THREADS": "",
    }
    with each_alone(tmp_path_factory, **settings) as clients:
        yield clients


@pytest.fixture(scope="module")
def open_to_any_host(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[DifferentialClient]]:
    """Return servers that answer to every name."""
    settings = {"ALLOWED_HOSTS": "*", "CORS_ORIGINS": " ", "LOG_LEVEL": "Critical"}
    with each_alone(tmp_path_factory, **settings) as clients:
        yield clients


def health(client: DifferentialClient, **headers: str) -> Answer:
    """Ask with header fields of one's own."""
    return nobody(client).get(HEALTH, headers=headers)


@pytest.mark.parametrize(
    "host",
    ["example.com", "a.b.example.com:81", "127.0.0.1:80"],
)
def test_a_host_that_is_listed(oddly_set: list[DifferentialClient], host: str) -> None:
    for client in oddly_set:
        assert health(client, Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    ["badexample.com", "example.com.evil", "com", "localhost", "127.0.0.2"],
)
def test_a_host_that_is_not_listed(oddly_set: list[DifferentialClient], host: str) -> None:
    for client in oddly_set:
        assert_problem(health(client, Host=host), "bad-host", HEALTH)


@pytest.mark.parametrize("host", ["anything.example", "localhost:1", "10.0.0.1", "xn--zz"])
def test_an_asterisk_lists_every_host(
    open_to_any_host: list[DifferentialClient], host: str
) -> None:
    for client in open_to_any_host:
        assert health(client, Host=host).status == 200


@pytest.mark.parametrize("host", ["my_host", ".", "a b", "[1]", "::1", "a:b", "user@a", "a/b"])
def test_an_asterisk_lists_no_nonsense(
    open_to_any_host: list[DifferentialClient], host: str
) -> None:
    for client in open_to_any_host:
        assert health(client, Host=host).status == 400


@pytest.mark.parametrize("origin", ["https://shop.example", "http://localhost:3000"])
def test_an_origin_that_is_listed(oddly_set: list[DifferentialClient], origin: str) -> None:
    for client in oddly_set:
        answer = health(client, Origin=origin)
        assert answer.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize(
    "origin",
    ["http://shop.example", "https://shop.example:443", "http://localhost", "null", "*", ""],
)
def test_an_origin_that_is_not_listed(oddly_set: list[DifferentialClient], origin: str) -> None:
    for client in oddly_set:
        assert "access-control-allow-origin" not in health(client, Origin=origin).headers


@pytest.mark.parametrize("origin", ["https://shop.example", "null", "*", ""])
def test_no_origin_is_listed_by_a_blank(
    open_to_any_host: list[DifferentialClient], origin: str
) -> None:
    for client in open_to_any_host:
        assert "access-control-allow-origin" not in health(client, Origin=origin).headers


def test_a_blank_throttle_is_the_usual_one(oddly_set: list[DifferentialClient]) -> None:
    for client in oddly_set:
        wrong = {"username": register(client, "alice").username, "password": "wrong"}
        statuses = [nobody(client).post("/api/tokens", json_body=wrong).status for _ in range(11)]
        assert statuses == [401] * 10 + [429]
