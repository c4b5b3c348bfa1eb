"""The slowest searches that a user can cause, compared with ordinary pages."""

import time
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from contract_tests.client import Request, send
from contract_tests.faults.conftest import Much, Note
from contract_tests.faults.systems import Fleet, Server

pytestmark = pytest.mark.own_servers

# A text of one repeated character (here of one byte, there of four), and a character that ends all
# hope late: matching character by character takes the product of the two lengths.
REPEATED = {"a": "b", "😀": "😁"}
SEARCHES = [
    pattern.format(many=repeated * 99, half=repeated * 49, other=other)
    for repeated, other in REPEATED.items()
    for pattern in ("{many}{other}", "{other}{many}", "{half}{other}{half}", "{other}")
]
BULK = 90  # of such todos fit into 1 MiB
TIMES = 5  # each is asked this often, and the fastest answers are compared


@dataclass(frozen=True)
class Owner:
    """A user who is logged in."""

    headers: dict[str, str]

    def seconds(self, server: Server, target: str) -> float:
        """Return how long a server takes for an answer."""
        start = time.monotonic()
        answer = send(server.base_url, Request("GET", target, self.headers))
        seconds = time.monotonic() - start
        assert answer.status == 200
        return seconds


def somebody(server: Server, name: str) -> Owner:
    """Register a user and log in."""
    given = {"username": name, "password": f"{name}-password"}
    registration = {**given, "email": f"{name}@example.com"}
    assert post(server, "/api/users", registration, {}) == 201
    answer = send(server.base_url, Request.with_json("POST", "/api/tokens", given))
    return Owner({"Authorization": f"Bearer {answer.json['token']}"})


def post(server: Server, target: str, body: object, headers: dict[str, str]) -> int:
    """Send a write, and return its status."""
    request = Request.with_json("POST", target, body)
    merged = {**request.headers, **headers}
    return send(server.base_url, Request("POST", target, merged, request.body)).status


def test_the_slowest_search(fleet: Fleet, base: str, note: Note, much: Much) -> None:
    number, bound = much(990, 9_990), much(50, 100)
    servers = [*fleet.servers.values()]
    owner = somebody(servers[0], "hoarder")
    for first in range(0, number, BULK):
        repeated = [*REPEATED][first // BULK % 2]
        todo = {"title": repeated * 200, "notes": "a" * 10_000}
        assert post(servers[0], "/api/todos/bulk", {"todos": [todo] * BULK}, owner.headers) == 201
    for server in servers:
        pages, searches = [], dict.fromkeys(SEARCHES, float("inf"))
        for _ in range(TIMES):
            for text, fastest in searches.items():
                pages.append(owner.seconds(server, "/api/todos"))
                took = owner.seconds(server, f"/api/todos?q={quote(text)}")
                searches[text] = min(fastest, took)
        page, (slowest, text) = min(pages), max((took, text) for text, took in searches.items())
        note(
            f"{server.name}, {base}",
            todos=number,
            ordinary_page_in_milliseconds=round(page * 1000, 1),
            slowest_search_in_milliseconds=round(slowest * 1000, 1),
            ordinary_pages=round(slowest / page, 1),
        )
        assert slowest < bound * page, (server.name, f"q={text[:2]}…{text[-2:]}", slowest, page)
