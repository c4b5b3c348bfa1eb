"""Servers stopped under load answer the requests that they have accepted."""

import http.client
import json
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from contract_tests.faults.conftest import Much, Note
from contract_tests.faults.systems import Fleet, Server, fleet_on
from contract_tests.faults.test_writing_at_once import somebody
from contract_tests.faults.writers import at_once
from contract_tests.fleet.databases import select
from contract_tests.operations.expected import a_todo

pytestmark = pytest.mark.own_servers

CLIENTS = 8
STOP_SECONDS = 15  # gunicorn gives what is running ten


@dataclass
class Ends:
    """How requests ended."""

    counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, end: str) -> None:
        """Count one."""
        with self.lock:
            self.counts[end] += 1


def sent(server: Server, token: str, title: str) -> str:
    """Send a write over a connection of its own, and tell how that ended."""
    address = urlsplit(server.base_url)
    body = json.dumps(a_todo(title=title)).encode()
    head = (
        f"POST /api/todos HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    try:
        connection = socket.create_connection((address.hostname, address.port), timeout=30)
    except ConnectionRefusedError:
        return "refused"
    with connection:
        try:
            connection.sendall(head.encode() + body)
            response = http.client.HTTPResponse(connection)
            response.begin()
        except (ConnectionError, http.client.RemoteDisconnected):
            return "not taken up"  # which is held against the database below
        except http.client.HTTPException:
            return "torn"
        try:
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            return "torn"
    return "answered" if (response.status, answer["title"]) == (201, title) else "torn"


def stop_amid_work(server: Server, token: str, run: str) -> tuple[Ends, float]:
    """Let clients write, stop the server amid it, and return how requests ended, and its time."""
    ends = Ends()

    def write(client: int) -> None:
        number, end = 0, ""
        while end != "refused":
            end = sent(server, token, f"{run} {client}-{number}")
            ends.note(end)
            number += 1

    def stop() -> float:
        while ends.counts["answered"] < CLIENTS * 3:
            time.sleep(0.01)
        start = time.monotonic()
        server.process.terminate()
        server.process.wait(STOP_SECONDS)
        return time.monotonic() - start

    *_, seconds = at_once(CLIENTS + 1, lambda n: write(n) if n < CLIENTS else stop())
    return ends, seconds


@pytest.mark.parametrize("name", ["flask_api", "drf_api"])
def test_a_server_that_is_stopped_amid_its_work(
    fleet: Fleet, base: str, name: str, note: Note, much: Much
) -> None:
    total, slowest = Counter[str](), 0.0
    for _ in range(much(1, 10)):
        with fleet_on(fleet.url, only=name) as running:
            alice, run = somebody(running.places()[0]), uuid4().hex
            server = running.servers[name]
            ends, seconds = stop_amid_work(server, alice.token or "", run)
        written = f"SELECT count(*) FROM todos WHERE title LIKE '{run}%'"  # noqa: S608 – made here
        assert select(fleet.url, written) == [(ends.counts["answered"],)]
        assert ends.counts["torn"] == 0, ends.counts
        total += ends.counts
        slowest = max(slowest, seconds)
    note(
        f"{name}, {base}",
        stops=much(1, 10),
        taken_up_and_answered=total["answered"],
        taken_up_and_not_answered=0,
        torn_answers=total["torn"],
        not_taken_up=total["not taken up"],
        slowest_stop_in_seconds=round(slowest, 2),
    )
