"""Servers at URLs, behind proxies, with certificates, and applications in this process."""

import asyncio
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.targets import (
    AddressError,
    AsgiTarget,
    HttpTarget,
    Target,
    WsgiTarget,
    tls_context,
)

HERE = "lookalike.tests.applications"


class Echo(BaseHTTPRequestHandler):
    """Answers with the request's head."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = json.dumps([self.path, [*self.headers.items()]]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815 - http.server's names

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.answer()  # as if it were the server behind

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serving(context: ssl.SSLContext | None = None) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def port() -> Iterator[int]:
    yield from serving()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate of an authority of its own; both are in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes a certificate, is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    command = [
        *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "certificate.pem"


@pytest.fixture
def secure_port(certificate: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    yield from serving(context)


def echo(target: Target, request: Request | None = None) -> tuple[str, dict[str, str]]:
    outcome = target.send(request or Request("GET", "/todos?a=1"))
    target.close()
    assert isinstance(outcome, Answer), outcome
    path, fields = json.loads(outcome.body)
    assert len(dict(fields)) == len(fields)
    return path, dict(fields)


@pytest.mark.parametrize(
    ("given", "base_url"),
    [
        ("http://a.test", "http://a.test"),
        ("a.test:8000/", "http://a.test:8000"),
        ("https://a.test:8443/api/v1/", "https://a.test:8443/api/v1"),
        ("http://me:secret@a.test/x", "http://a.test/x"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_base_urls(given: str, base_url: str) -> None:
    assert HttpTarget(given).base_url == base_url


@pytest.mark.parametrize(
    "given",
    ["", "ftp://a.test", "http://", "http://a.test?x=1", "http://a.test#x", "http://a:b", "http://[x"],
)  # fmt: skip
def test_no_base_urls(given: str) -> None:
    with pytest.raises(AddressError):
        HttpTarget(given)


def test_what_a_request_has_goes_before_what_the_server_has(port: int) -> None:
    fields = (("X-Key", "server"), ("Host", "name.test"))
    target = HttpTarget(f"http://me:p%40ss@127.0.0.1:{port}/api", fields=fields)
    path, sent = echo(target, Request("POST", "/todos", (("x-key", "request"),)))
    assert path == "/api/todos"
    assert sent == {
        "x-key": "request",
        "Host": "name.test",
        "Authorization": "Basic bWU6cEBzcw==",
        "Content-Length": "0",
    }


def test_certificates(secure_port: int, certificate: Path) -> None:
    url = f"https://127.0.0.1:{secure_port}"
    distrusted = HttpTarget(url)
    outcome = distrusted.send(Request("GET", "/"))
    distrusted.close()
    assert isinstance(outcome, NoAnswer)
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.detail
    for context in (
        tls_context(str(certificate), insecure=False),
        tls_context(None, insecure=True),
    ):
        assert echo(HttpTarget(url, context=context))[0] == "/todos?a=1"


def test_a_proxy(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://me:pass@127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "direct.test")
    path, sent = echo(HttpTarget("http://far.test/api"))
    assert path == "http://far.test/api/todos?a=1"
    assert sent == {"Host": "far.test", "Proxy-Authorization": "Basic bWU6cGFzcw=="}
    assert HttpTarget("http://direct.test").send(Request("GET", "/")) == NoAnswer("unknown host")
    assert echo(HttpTarget(f"http://127.0.0.1:{port}"))[0] == "/todos?a=1"


def test_a_tunnel_through_a_proxy(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
    target = HttpTarget("https://far.test", timeout=5)
    outcome = target.send(Request("GET", "/"))
    target.close()
    assert isinstance(outcome, NoAnswer)
    assert "SSL" in outcome.detail  # the tunnel was there, and no TLS behind it


def test_threads_have_connections_of_their_own(port: int) -> None:
    target = HttpTarget(f"http://127.0.0.1:{port}")
    outcomes: list[Outcome] = []

    def ask(number: int) -> None:
        outcomes.extend(target.send(Request("GET", f"/{number}")) for _ in range(5))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    target.close()
    bodies = [json.loads(each.body)[0] for each in outcomes if isinstance(each, Answer)]
    assert sorted(bodies) == sorted(f"/{number}" for number in [*range(4)] * 5)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"{HERE}:wsgi", WsgiTarget),
        (f"wsgi:{HERE}:make_wsgi()", WsgiTarget),
        (f"{HERE}:asgi", AsgiTarget),
        (f"asgi:{HERE}:asgi", AsgiTarget),
        (f"{HERE}:Asgi()", AsgiTarget),
    ],
)
def test_applications(path: str, kind: type) -> None:
    target = Target.of(path, fields=(("X-A", "server"),))
    assert isinstance(target, kind)
    fields = (("Content-Type", "text/plain"), ("Cookie", "a=1"), ("Cookie", "b=2"))
    outcome = target.send(Request("PATCH", "/a%20b/%C3%A4?q=%C3%A4", fields, b"text"))
    head = target.send(Request("HEAD", "/"))
    target.close()
    assert isinstance(outcome, Answer), outcome
    assert [value for name, value in outcome.fields if name.lower() == "a"] == ["1", "2"]
    asked = json.loads(outcome.body)
    asked["fields"] = {
        name: value for name, value in asked["fields"].items() if name in {"x_a", "host"}
    }
    assert asked == {
        "method": "PATCH",
        "path": "/a b/ä",
        "query": "q=%C3%A4",
        "fields": {"host": "localhost", "x_a": "server"},
        "type": "text/plain",
        "body": "text",
    }
    assert isinstance(head, Answer)
    assert head.body == b""


@pytest.mark.parametrize(
    "path", ["nowhere:app", f"{HERE}:nothing", f"{HERE}:NOTHING", f"{HERE}:asgi()"]
)
def test_what_is_no_application(path: str) -> None:
    with pytest.raises(AddressError, match=path.replace("()", "")):
        Target.of(path)


def test_a_url_is_a_target() -> None:
    assert isinstance(Target.of("localhost:8000/api"), HttpTarget)
    assert isinstance(Target.of("http://a.test"), HttpTarget)


def raising(*_: Any) -> Any:
    raise RuntimeError("no")


def exiting(*_: Any) -> Any:
    raise SystemExit(3)


def without_start(*_: Any) -> Any:
    return []


def without_end(_: Any, start_response: Callable[..., Any]) -> Iterator[bytes]:
    start_response("200 OK", [])
    while True:
        yield b"x" * 1000


def breaking(_: Any, start_response: Callable[..., Any]) -> Iterator[bytes]:
    start_response("200 OK", [])
    yield b"x"
    raise RuntimeError("no")


def slow(_: Any, start_response: Callable[..., Any]) -> Iterator[bytes]:
    start_response("200 OK", [])
    while True:
        yield b""


@pytest.mark.parametrize(
    ("application", "why"),
    [
        (raising, "raised"),
        (exiting, "raised"),
        (without_start, "raised"),
        (breaking, "raised"),
        (without_end, "too large"),
        (slow, "timed out"),
    ],
)
def test_wrong_wsgi_applications(application: Callable[..., Any], why: str) -> None:
    target = WsgiTarget(application, timeout=0.5 if why == "timed out" else 30, max_body=10_000)
    outcome = target.send(Request("GET", "/"))
    assert outcome == NoAnswer(why)
    assert isinstance(outcome, NoAnswer)
    assert outcome.detail


START = {"type": "http.response.start", "status": 200, "headers": []}


async def raising_later(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    raise RuntimeError("no")


async def exiting_later(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    raise SystemExit(3)


async def returning(scope: Any, receive: Any, send: Any) -> None:
    """Send nothing."""


async def stopping(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"x", "more_body": True})


async def endless(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    while True:
        await send({"type": "http.response.body", "body": b"x", "more_body": True})


async def sleeping(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(60)


async def trickling(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    while True:
        await send({"type": "http.response.body", "body": b"", "more_body": True})


@pytest.mark.parametrize(
    ("application", "why"),
    [
        (raising_later, "raised"),
        (exiting_later, "raised"),
        (returning, "raised"),
        (stopping, "closed"),
        (endless, "too large"),
        (sleeping, "timed out"),
        (trickling, "timed out"),
    ],
)
def test_wrong_asgi_applications(application: Callable[..., Any], why: str) -> None:
    target = AsgiTarget(application, timeout=0.5 if why == "timed out" else 30, max_body=10_000)
    outcomes = [target.send(Request("GET", "/")) for _ in range(2)]
    target.close()
    assert outcomes == [NoAnswer(why)] * 2


async def working_on(scope: Any, receive: Any, send: Any) -> None:
    """Answer, wait until the client is gone, and then fail."""
    await send(START)
    await send({"type": "http.response.body", "body": b"x"})
    assert (await receive())["type"] == "http.request"
    assert (await receive())["type"] == "http.disconnect"
    raise RuntimeError("no")


def test_what_fails_after_an_answer_is_answered() -> None:
    target = AsgiTarget(working_on)
    assert target.send(Request("GET", "/")) == Answer(200, (), b"x")
    target.close()


class WithLifespan:
    """Counts its starts and ends."""

    def __init__(self, failure: str = "") -> None:
        self.events: list[str] = []
        self._failure = failure

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            scope["state"]["pool"] = "open"
            for event in ("startup", "shutdown"):
                assert (await receive())["type"] == f"lifespan.{event}"
                self.events.append(event)
                end = "failed" if self._failure else "complete"
                await send({"type": f"lifespan.{event}.{end}", "message": self._failure})
            return
        await send(START)
        await send({"type": "http.response.body", "body": scope["state"]["pool"].encode()})


def test_a_lifespan_is_begun_once_and_ended() -> None:
    application = WithLifespan()
    target = AsgiTarget(application)
    for _ in range(2):
        assert target.send(Request("GET", "/")) == Answer(200, (), b"open")
    assert application.events == ["startup"]
    target.close()
    target.close()
    assert application.events == ["startup", "shutdown"]
    assert target.send(Request("GET", "/")) == Answer(200, (), b"open")
    target.close()
    assert application.events == ["startup", "shutdown"] * 2


def test_an_application_that_does_not_start() -> None:
    target = AsgiTarget(WithLifespan("no database"))
    with pytest.raises(AddressError, match="no database"):
        target.send(Request("GET", "/"))
    target.close()


def test_requests_of_many_threads_meet_in_one_loop() -> None:
    met: list[int] = []

    async def meeting(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        met.append(1)
        while len(met) < 3:  # noqa: ASYNC110 - each waits for the others
            await asyncio.sleep(0.001)
        await send(START)
        await send({"type": "http.response.body", "body": b"together"})

    target = AsgiTarget(meeting)
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(target.send(Request("GET", "/"))))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    target.close()
    assert outcomes == [Answer(200, (), b"together")] * 3
