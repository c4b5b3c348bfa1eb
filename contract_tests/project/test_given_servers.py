"""What a given server lacks is reported in one line before the first test."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from contract_tests import given
from contract_tests.address import Address, AddressError
from contract_tests.client import Answer, Request
from contract_tests.conftest import ROOT
from contract_tests.given import PreconditionError
from contract_tests.self_tests.faults import nothing
from contract_tests.self_tests.faulty_server import Ask, Fault, serving
from contract_tests.servers import free_port, twins
from deploy.twins import TWINS

PART = "contract_tests/operations/test_get_contract.py"
USAGE_ERROR, INTERRUPTED = 4, 2  # pytest's exit statuses


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return a twin that lacks nothing."""
    with twins(tmp_path_factory.mktemp("right"), TWINS[:1]) as [base_url]:
        yield base_url


# URLs


@pytest.mark.parametrize(
    ("typed", "used", "authority", "prefix"),
    [
        ("http://localhost:5000", "http://localhost:5000", "localhost:5000", ""),
        ("http://localhost:5000/", "http://localhost:5000", "localhost:5000", ""),
        ("http://shop.example", "http://shop.example", "shop.example", ""),
        ("http://shop.example:80", "http://shop.example", "shop.example", ""),
        ("https://shop.example:443", "https://shop.example", "shop.example", ""),
        ("https://shop.example:80", "https://shop.example:80", "shop.example:80", ""),
        ("HTTP://Shop.Example", "http://shop.example", "shop.example", ""),
        ("http://[::1]:5000", "http://[::1]:5000", "[::1]:5000", ""),
        ("http://h/shop/v1/", "http://h/shop/v1", "h", "/shop/v1"),
    ],
)
def test_an_address_is_what_was_typed(typed: str, used: str, authority: str, prefix: str) -> None:
    address = Address.of(typed)
    assert (address.url, address.authority, address.prefix) == (used, authority, prefix)


@pytest.mark.parametrize(
    "url",
    [
        *("", "localhost:5000", "//localhost:5000", "ftp://localhost", "http://", "http:///api"),
        *("http://localhost:http", "http://localhost:65536", "http://[::1", "http://:5000"),
        *("http://u@localhost", "http://u:p@localhost", "http://@localhost"),
        *("http://localhost?", "http://localhost?a=b", "http://localhost#", "http://localhost#a"),
        *("http://localhost/a b", "http://localhost/a%2Fb", "http://localhost//a", "unix:/run/s"),
    ],
)
def test_a_url_that_says_more_or_less_is_refused_in_a_line(url: str) -> None:
    with pytest.raises(AddressError) as caught:
        Address.of(url)
    assert "\n" not in str(caught.value)


# What all tests need


def refused(status: int, target: str, content_type: str = "text/html") -> Fault:
    """Return what answers requests for a target in another way."""

    def fault(request: Request, ask: Ask) -> Answer:
        if re.fullmatch(target, request.target):
            fields = (("Content-Type", content_type), ("Content-Length", "0"))
            return Answer(status, "Oops", fields, b"")
        return ask(request)

    return fault


def other_host(request: Request, ask: Ask) -> Answer:
    """Name a host that isn't served."""
    return ask(replace(request, headers={**request.headers, "Host": "evil.example"}))


def other_contract(request: Request, ask: Ask) -> Answer:
    """Serve the contract of another version."""
    answer = ask(request)
    if request.target != "/api/openapi.yaml":
        return answer
    return replace(answer, body=answer.body.replace(b"openapi: 3.1", b"openapi: 3.2", 1))


def counts_requests(request: Request, ask: Ask) -> Answer:
    """Limit requests."""
    answer = ask(request)
    return replace(answer, fields=(*answer.fields, ("RateLimit-Policy", '"default";q=9;w=9')))


def short_lived(request: Request, ask: Ask) -> Answer:
    """Make tokens for less than the contract's 30 days."""
    answer = ask(request)
    if request.target != "/api/tokens" or answer.status != 201:
        return answer
    body = json.dumps({**answer.json, "expires_at": answer.json["created_at"]}).encode()
    fields = {**answer.headers, "content-length": str(len(body))}
    return replace(answer, body=body, fields=tuple(fields.items()))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param(refused(404, ".*"), "is this the API of openapi.yaml?", id="another API"),
        pytest.param(refused(200, ".*"), "is this the API of openapi.yaml?", id="a web site"),
        pytest.param(refused(301, ".*"), "is this the API of openapi.yaml?", id="a redirection"),
        pytest.param(other_host, "add it to ALLOWED_HOSTS", id="another host"),
        pytest.param(refused(503, "/api/health"), "is up but not ready", id="unhealthy"),
        pytest.param(refused(503, "/api/health/ready"), "is up but not ready", id="no database"),
        pytest.param(other_contract, "is not this checkout's", id="another version"),
        pytest.param(counts_requests, "start it without RATE_LIMIT", id="a rate limit"),
        pytest.param(refused(401, "/api/tokens"), "of the demo data not log in", id="no data"),
        pytest.param(refused(429, "/api/tokens"), "not log in (429)", id="too many logins"),
        pytest.param(short_lived, "start it without TOKEN_TTL", id="short-lived tokens"),
    ],
)
def test_what_no_test_could_do_without(fault: Fault, said: str, right: str) -> None:
    with serving(right, fault) as base_url, pytest.raises(PreconditionError) as caught:
        given.check([base_url])
    assert said in str(caught.value)
    assert base_url in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_right_server_lacks_nothing(right: str) -> None:
    given.check([right])
    assert [given.lacking(marker, [right]) for marker in given.NEEDED] == [None] * 5


def test_two_addresses_of_one_database(right: str) -> None:
    with (
        serving(right, nothing) as other,
        pytest.raises(PreconditionError, match="have one database"),
    ):
        given.check([right, other])


def test_who_does_not_speak_http(right: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        stranger = f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.close()
        with pytest.raises(PreconditionError, match="gives no HTTP answer"):
            given.check([right, stranger])


# What some tests need


@pytest.fixture(scope="module")
def by_default(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return a twin with the settings that it has by default."""
    folder = tmp_path_factory.mktemp("by_default")
    with twins(folder, TWINS[1:], LOGIN_THROTTLE="10/900", CORS_ORIGINS="") as [base_url]:
        yield base_url


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("unthrottled", "start it with LOGIN_THROTTLE=1000000/900"),
        ("other_origin", "start it with CORS_ORIGINS=https://shop.example"),
    ],
)
def test_what_some_tests_need(marker: str, said: str, right: str, by_default: str) -> None:
    given.check([by_default])
    assert given.lacking(marker, [right]) is None
    reason = given.lacking(marker, [right, by_default])
    assert reason
    assert reason.startswith(f"{by_default} ")
    assert said in reason


def test_servers_with_the_defaults_pass_less_what_they_lack(by_default: str) -> None:
    done = run(
        "contract_tests/operations/test_create_token.py",
        *("contract_tests/operations/test_every_operation.py", "-k", "origin or same_time"),
        *("--base-url", by_default),
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"^1 skipped: http\S+ throttles failed logins", done.stdout, re.MULTILINE)
    assert re.search(
        r"^\d\d skipped: http\S+ refuses https://shop.example", done.stdout, re.MULTILINE
    )


# A run


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def gone(stack: ExitStack, right: str) -> str:
    """Return an address at which nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


def with_a_query(stack: ExitStack, right: str) -> str:
    """Return a URL that names more than a server."""
    return f"{right}?x"


def without_a_product(stack: ExitStack, right: str) -> str:
    """Return a server that has lost a part of the demo data."""
    return stack.enter_context(serving(right, refused(404, given.SEEDED[0])))


@pytest.mark.parametrize(
    ("server", "part"),
    [
        pytest.param(gone, [PART], id="nobody there"),
        pytest.param(with_a_query, [PART], id="a query"),
        pytest.param(without_a_product, ["contract_tests/raw_http"], id="data changed"),
        pytest.param(
            without_a_product, ["contract_tests/raw_http", "-n", "2"], id="data changed, xdist"
        ),
    ],
)
def test_one_missing_precondition_is_one_message(
    server: Callable[[ExitStack, str], str], part: list[str], right: str
) -> None:
    with ExitStack() as stack:
        base_url = server(stack, right)
        done = run(*part, "--base-url", base_url)
    assert done.returncode == USAGE_ERROR, done.stdout
    assert len(re.findall("^ERROR: ", done.stdout, re.MULTILINE)) == 1
    assert base_url in done.stdout
    assert "Traceback" not in done.stdout
    assert "failed" not in done.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_a_server_that_dies_ends_the_run(workers: list[str], tmp_path: Path) -> None:
    with ExitStack() as server:
        [base_url] = server.enter_context(twins(tmp_path, TWINS[:1]))
        command = [
            *(sys.executable, "-m", "pytest", "-v", "--tb=no", "-p", "no:cacheprovider"),
            *("contract_tests/operations", "--base-url", base_url, *workers),
        ]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as tests:
            assert tests.stdout is not None
            while "PASSED" not in tests.stdout.readline():
                assert tests.poll() is None
            server.close()
            rest = tests.stdout.read()
    assert tests.returncode == INTERRUPTED
    assert f"{base_url} is gone" in rest
    assert rest.count("FAILED") + rest.count("ERROR") <= 4 * (1 + len(workers))
