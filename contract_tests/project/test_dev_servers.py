"""`flask run` and `runserver` answer as gunicorn does, in production and in development.

Without `--full` a part of the probes is sent to each of the four servers.
"""

import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from contract_tests.client import Request, send
from contract_tests.project.dev_servers import DIFFERENT
from contract_tests.raw_http.exchange import Received, connect
from contract_tests.raw_http.test_raw_http import TABLES, expected, filler, lawful
from contract_tests.servers import database, environment, free_port, seeded
from deploy.twins import TWINS, Twin, developing, wait_until_healthy

pytestmark = [
    pytest.mark.own_servers,
    pytest.mark.timeout(900),  # a bound against hangs; with --full there are many in one test
]

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
# A list: of one product, DRF takes a ValueError or TypeError of the database for a wrong id, and
# answers 404.
BROKEN = "/api/products?q=mug-red"
PROBES = {
    f"{table.__name__.rpartition('.')[2]}: {probe.name}": probe
    for table in TABLES
    for probe in table.PROBES
}


@dataclass(frozen=True)
class Server:
    """A framework's own server."""

    twin: Twin
    app_env: str
    base_url: str
    folder: Path


@pytest.fixture(
    scope="module",
    params=[(twin, app_env) for twin in TWINS for app_env in ("production", "development")],
    ids=lambda param: f"{param[0].name}-{param[1]}",
)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Run one, with a database of its own."""
    twin, app_env = request.param
    folder, port = tmp_path_factory.mktemp("dev"), free_port()
    shutil.copy(seeded(twin), database(folder, twin))
    env = environment(folder, twin, APP_ENV=app_env)
    with developing(twin, port, env) as process:
        wait_until_healthy(twin.name, port, process)
        yield Server(twin, app_env, f"http://127.0.0.1:{port}", folder)


def answer_to(base_url: str, raw: bytes) -> Received:
    """Send a request and read the whole answer.

    These servers wait for bodies that they have refused before they close the connection.
    """
    start, received = time.monotonic(), Received(b"", 0, closed=False)
    with closing(connect(base_url)) as connection, suppress(ConnectionError):
        connection.sendall(raw)
        while not is_whole(received, raw) and (data := connection.recv(65536)):
            received = replace(received, raw=received.raw + data)
    return replace(received, seconds=time.monotonic() - start)


def is_whole(received: Received, raw: bytes) -> bool:
    """Tell whether all of an answer is there."""
    if b"\r\n\r\n" not in received.answer:
        return False
    if received.status in {204, 304} or raw.startswith(b"HEAD "):
        return True
    length = {name.lower(): value for name, value in received.fields}.get("content-length")
    return length is not None and len(received.body) >= int(length)


def test_it_answers_as_gunicorn_does(server: Server) -> None:
    fill = filler(server.base_url, uuid4().hex[:12])
    faults = {
        name: said
        for name, probe in PROBES.items()
        for answer in [answer_to(server.base_url, fill(probe.request))]
        if (said := [*expected(probe, answer), *lawful(probe, answer)])
    }
    known = {pattern: re.compile(pattern) for pattern in DIFFERENT[server.twin.name]}
    explained = {name for name in faults for each in known.values() if each.fullmatch(name)}
    assert {name: said for name, said in faults.items() if name not in explained} == {}
    # The list has no entry too many.
    assert [each for each in known if not any(map(known[each].fullmatch, faults))] == []


def test_what_is_unexpected(server: Server) -> None:
    """It is a problem for an API's client; a browser is shown the debug page, in development."""
    with closing(sqlite3.connect(database(server.folder, server.twin))) as connection, connection:
        connection.execute("UPDATE products SET price = 'cheap' WHERE sku = 'MUG-RED'")
    target = BROKEN
    for accept in ("application/json", "*/*", None):
        headers = {"Accept": accept} if accept else {}
        answer = send(server.base_url, Request("GET", target, headers))
        assert answer.status == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["type"] == "/api/problems/internal-error"
    answer = send(server.base_url, Request("GET", target, {"Accept": BROWSER}))
    assert answer.status == 500
    if server.app_env == "production":
        assert answer.json["type"] == "/api/problems/internal-error"
    else:
        assert answer.headers["content-type"].startswith("text/html")
        assert b"Traceback" in answer.body
        assert "default-src 'none'" not in answer.headers.get("content-security-policy", "")


def test_errors_are_problems_for_browsers_too(server: Server) -> None:
    """What the contract names is no matter for a debug page."""
    for method, target, status in [
        ("GET", "/api/nowhere", 404),
        ("GET", "/api/todos", 401),
        ("DELETE", "/api/health", 405),
        ("GET", "/api/products?limit=0", 400),
        ("GET", f"/api/products/{uuid4()}", 404),
    ]:
        answer = send(server.base_url, Request(method, target, {"Accept": BROWSER}))
        assert (answer.status, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        )
    bad_host = {"Accept": BROWSER, "Host": "elsewhere.example"}
    answer = send(server.base_url, Request("GET", "/api/health", bad_host))
    assert (answer.status, answer.json["type"]) == (400, "/api/problems/bad-host")
