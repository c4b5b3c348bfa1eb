"""Each peer answers the measured operations as a twin does, so nobody wins by doing less."""

import http.client
import json
import re
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest

from comparison.bench.filling import product_id, todo_id
from comparison.bench.operations import NEW_TODO, OPERATIONS, Operation, Request, get, own
from comparison.bench.programs import PROGRAMS
from comparison.bench.servers import Server

# What doesn't depend on the database is tested on the one that every program knows.
on_one = pytest.mark.parametrize("servers", ["postgresql"], indirect=True)
PEERS = [name for name, program in PROGRAMS.items() if not program.is_twin]
# What the server adds by itself, and what names the request.
SERVERS_OWN = {"server", "date", "connection"}
MADE_UP = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
    rb"|20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z"
)
READS = [operation for operation in OPERATIONS if operation.status != 201]
NOWHERE = "00000000-0000-7000-8000-000000000000"
TODO = f"/api/todos/{todo_id(5)}"
MOVEMENTS = f"/api/products/{product_id(5)}/stock-adjustments"


@dataclass(frozen=True)
class Answer:
    """What can be compared of an answer."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return a header field."""
        return dict(self.fields).get(name)


def ask(server: Server, request: Request, **headers: str) -> Answer:
    """Send a request, under a name that the answer repeats."""
    sent = {"X-Request-ID": "a-test", **dict(request.headers), **headers}
    body = None
    if request.body is not None:
        body = json.dumps(request.body)
        sent = {"Content-Type": "application/json", **sent}
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        connection.request(request.method, request.target, body, sent)
        response = connection.getresponse()
        # uvicorn writes the names in lower case; each framework has an order of its own.
        fields = sorted((name.lower(), value) for name, value in response.getheaders())
        fields = [field for field in fields if field[0] not in SERVERS_OWN]
        return Answer(response.status, fields, response.read())


def alike(servers: dict[str, Server], request: Request, **headers: str) -> Answer:
    """Ask the twin and every peer, and insist on one answer."""
    expected = ask(servers["flask_api"], request, **headers)
    for peer in servers.keys() - {"flask_api"}:
        assert (peer, ask(servers[peer], request, **headers)) == (peer, expected)
    return expected


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)
def test_reads_are_the_same(servers: dict[str, Server], operation: Operation) -> None:
    for request in operation.requests()[:3]:
        if request.method != "GET":
            continue
        answer = alike(servers, request)
        assert answer.status == 200
        tag = answer.header("etag")
        assert tag == f'"{sha256(answer.body).hexdigest()[:32]}"'
        for condition in (tag, f'W/"x", W/{tag}', "*"):
            assert alike(servers, request, **{"If-None-Match": condition}).status == 304
        assert alike(servers, request, **{"If-None-Match": '"x"'}).status == 200


@pytest.mark.parametrize(
    "target",
    [
        *(f"/api/todos?limit=70&sort={sort}" for sort in ("-created_at", "title", "-priority")),
        "/api/todos?completed=false&tag=bench-count&sort=updated_at",
        "/api/todos?priority=high&completed=true&limit=7&sort=-title",
        *(f"/api/products?limit=90&sort={sort}" for sort in ("-created_at", "price", "-price")),
        "/api/products?category=bench-office&sort=-name&active=true",
        "/api/products?currency=EUR&limit=100&sort=sku",
        "/api/products?limit=100&sort=stock",
    ],
)
def test_pages_are_the_same(servers: dict[str, Server], target: str) -> None:
    for _ in range(4):
        page = json.loads(alike(servers, own("GET", target)).body)
        if page["next"] is None:
            return
        target = page["next"]
    assert page["items"]


WRITES = [
    pytest.param(own("POST", "/api/todos", NEW_TODO), id="create"),
    pytest.param(own("POST", "/api/todos", {"title": "x", "completed": True}), id="defaults"),
    pytest.param(own("PATCH", TODO, {"title": "New", "priority": "low"}), id="update"),
    pytest.param(own("PATCH", TODO, {}), id="update nothing"),
    pytest.param(
        own("PATCH", TODO, {"tags": ["z", "a"], "items": [{"text": "é", "done": True}]}),
        id="update lists",
    ),
    pytest.param(
        own("PATCH", TODO, {"completed": True, "due_at": None, "product_id": None}),
        id="update to null",
    ),
    pytest.param(own("PATCH", TODO, {"completed": False, "id": 5}), id="update read-only"),
    pytest.param(own("POST", MOVEMENTS, {"delta": 3.0, "reason": "sold"}), id="stock"),
]


def shape(answer: Answer) -> Answer:
    """Leave out what each server makes up by itself: ids, times, and what follows from them."""
    fields = [(name, value) for name, value in answer.fields if name != "etag"]
    masked = [(name, MADE_UP.sub(b"?", value.encode()).decode()) for name, value in fields]
    body = re.sub(rb'"balance":[0-9]+', b'"balance":?', MADE_UP.sub(b"?", answer.body))
    return Answer(answer.status, masked, body)


@pytest.mark.parametrize("request_", WRITES)
def test_writes_are_the_same(servers: dict[str, Server], request_: Request) -> None:
    expected = ask(servers["flask_api"], request_)
    for name, server in servers.items():
        answer = ask(server, request_)
        assert answer.status in (200, 201)
        assert (name, shape(answer)) == (name, shape(expected))
        assert answer.header("etag") == f'"{sha256(answer.body).hexdigest()[:32]}"'
        if location := answer.header("location"):
            assert ask(servers["flask_api"], own("GET", location)).body == answer.body


def test_stock_is_the_sum(servers: dict[str, Server]) -> None:
    path = f"/api/products/{product_id(6)}"
    before = json.loads(ask(servers["flask_api"], get(path)).body)["stock"]
    for server in servers.values():
        movement = own("POST", f"{path}/stock-adjustments", {"delta": 2, "reason": "returned"})
        before += 2
        made = json.loads(ask(server, movement).body)
        shown = json.loads(ask(servers["flask_api"], get(path)).body)
        assert (made["balance"], shown["stock"]) == (before, before)
        assert shown["updated_at"] == made["created_at"]


WRONG_TODOS: list[dict[str, Any]] = [
    {},
    {"title": ""},
    {"title": None},
    {"title": 5},
    {"title": " \u2003"},
    {"title": "x\0"},
    {"title": "x" * 201, "zebra": 1, "notes": None, "completed": "yes", "priority": "HIGH"},
    {"title": "x", "priority": 1, "due_at": "tomorrow"},
    {"title": "x", "due_at": 5, "tags": "a", "items": {}},
    {"title": "x", "due_at": "0001-01-01T00:00:00+01:00"},
    {"title": "x", "tags": ["A", 5, None, "x" * 51]},
    {"title": "x", "tags": ["a", "b", "a"]},
    {"title": "x", "tags": ["a"] * 21},
    {"title": "x", "items": [{}, {"text": "", "done": 1}, None, "milk", {"text": "x", "y": 1}]},
    {"title": "x", "product_id": "abc"},
    {"title": "x", "product_id": NOWHERE},
]
WRONG = [
    *(own("POST", "/api/todos", body) for body in WRONG_TODOS),
    *(own("PATCH", TODO, body) for body in WRONG_TODOS[1:]),
    *(
        own("POST", MOVEMENTS, body)
        for body in (
            {},
            {"delta": 0, "reason": "sold"},
            {"delta": "3", "reason": "stolen", "note": 5},
            {"delta": 3.7, "reason": None},
            {"delta": True, "reason": 1},
            {"delta": 10**7, "reason": "sold", "note": "x" * 501},
            {"delta": -1_000_000, "reason": "sold", "x": 1},
        )
    ),
    own("PATCH", f"/api/todos/{NOWHERE}", {}),
    own("GET", f"/api/todos/{NOWHERE}"),
    get(f"/api/products/{NOWHERE}"),
    own("POST", f"/api/products/{NOWHERE}/stock-adjustments", {"delta": 1, "reason": "sold"}),
    own("GET", "/api/todos?limit=0"),
    own("GET", "/api/todos?limit=x&priority=HIGH&completed=1&tag=A"),
    own("GET", "/api/todos?limit=5&unknown=1&id=5"),
    own("GET", "/api/todos?cursor=x"),
    get("/api/products?limit=101&currency=JPY&active=maybe"),
    get("/api/health?x=1"),
    get("/api/nowhere"),
    own("GET", "/api/todos/5"),
    get("/api/todos"),
    Request("DELETE", "/api/health"),
    Request("POST", "/api/todos", NEW_TODO, (("Authorization", "Basic x"),)),
    Request("PATCH", TODO, {}, (("Authorization", "Bearer unknown"),)),
]


def described(request: Request) -> str:
    """Name a request."""
    target = re.sub("[0-9a-f-]{36}", "…", request.target)
    return f"{request.method} {target} {request.body!r} {request.headers}"[:90]


@on_one
@pytest.mark.parametrize("request_", WRONG, ids=described)
def test_refusals_are_the_same(servers: dict[str, Server], request_: Request) -> None:
    assert alike(servers, request_).status >= 400


@on_one
@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/html"},
        {"Accept": "text/html, application/*;q=0.1"},
        {"Accept": "application/json;q=0"},
        {"Host": "elsewhere.example"},
        {"X-Request-ID": "other-1"},
    ],
    ids=str,
)
def test_headers_are_looked_at(servers: dict[str, Server], headers: dict[str, str]) -> None:
    alike(servers, get("/api/products?limit=1"), **headers)


@on_one
@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("text/plain", 415),
        ("application/merge-patch+json", 415),
        ('Application/JSON;charset="UTF-8"', 201),
    ],
)
def test_the_media_type_is_looked_at(
    servers: dict[str, Server], peer: str, media_type: str, status: int
) -> None:
    request = own("POST", "/api/todos", {"title": "x"})
    assert ask(servers[peer], request, **{"Content-Type": media_type}).status == status
    assert ask(servers["flask_api"], request, **{"Content-Type": media_type}).status == status
