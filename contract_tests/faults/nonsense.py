"""Invalid requests: generated ones, and the worst known ones."""

import json
from collections.abc import Iterator
from copy import deepcopy
from itertools import islice, product
from random import Random
from typing import Any
from uuid import UUID

from contract_tests.client import Request
from contract_tests.operations.expected import NOWHERE, a_product, a_todo, a_user, an_adjustment

JSON = {"Content-Type": "application/json"}
MANY = 90_000  # unknown properties that fit into a body of 1 MiB
LIMIT = 1_048_576  # bytes
FIELDS = 60  # of one name, which add up to half a megabyte

# Where bodies go, and good ones. Nothing of this is ever stored: each request has a flaw.
BODIES = [
    ("POST", "/api/users", a_user()),
    ("POST", "/api/tokens", {"username": "alice", "password": "wrong"}),
    ("POST", "/api/todos", a_todo(tags=["a", "b"], items=[{"text": "a", "done": True}])),
    ("POST", "/api/todos/bulk", {"todos": [a_todo(), a_todo(tags=["a"])]}),
    ("PUT", f"/api/todos/{NOWHERE}", a_todo()),
    ("PATCH", f"/api/todos/{NOWHERE}", {"due_at": "2027-01-01T00:00:00Z"}),
    ("POST", "/api/products", a_product(attributes={"a": "b"})),
    ("PATCH", f"/api/products/{NOWHERE}", {"price": "1.00"}),
    ("POST", f"/api/products/{NOWHERE}/stock-adjustments", an_adjustment()),
    ("PATCH", "/api/users/me", {"email": "a@example.com"}),
]
LISTS = ["/api/todos", "/api/products", "/api/tokens", "/api/products/summary"]
NAMES = ["limit", "sort", "cursor", "q", "tag", "completed", "category", "due_before", "x", ""]

WRONG_VALUES: list[Any] = [
    *(None, True, [], {}, 0, -1, 2**31, 2**63, -(2**63) - 1, 2**64, 10**400, 1e308, 5e-324, 0.1),
    *("", " ", "\0", "\u2028", "😀" * 50, "x" * 5000, "1e-1000000", "NaN", "-0", "٣"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "20240203", "1e400.00"),
    *([[[]]] * 3, {"a": {"b": {}}}, ["a", "a"], [None], [{"text": None}], {"\0": "\0"}),
    *("a@" + "a." * 100 + "a", "-" * 500, "a-" * 250, "'; DROP TABLE users; --", "%00", "../" * 9),
]
WRONG_TEXTS = [str(value) for value in WRONG_VALUES if not isinstance(value, str)]
WRONG_TEXTS += [value for value in WRONG_VALUES if isinstance(value, str)]
WRONG_HEADERS = [
    {"Content-Type": "text/plain"},
    {"Content-Type": "application/json; charset=latin-1"},
    {"Content-Encoding": "gzip"},
    {"Accept": "image/png"},
    {"If-Match": "x"},
    {"Idempotency-Key": "ä"},
    {"Authorization": "Bearer " + "x" * 4000},
    {"Host": "elsewhere.example"},
]


def dearest_good(token: str) -> Request:
    """Return as much work as a client may ask for rightly: 10,000 items in almost 1 MiB."""
    items = [{"text": "x" * 70}] * 100
    return post(
        "/api/todos/bulk", token, encoded({"todos": [{"title": "x", "items": items}] * 100})
    )


def worst(token: str) -> Iterator[tuple[str, Request]]:
    """Yield what broke or slowed down naive programs, each with its name."""
    bodies = {
        "nested 1,000 deep": b'{"title": ' + b"[" * 1000 + b"]" * 1000 + b"}",
        "nested 500,000 deep": b'{"title": ' + b"[" * 500_000 + b"]" * 500_000 + b"}",
        "objects nested 100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "an integer of 63 bits and one": b'{"title": "a", "priority": 9223372036854775808}',
        "an integer of a million digits": b'{"title": ' + b"9" * 1_000_000 + b"}",
        "a number of a million digits": b'{"title": 0.' + b"9" * 1_000_000 + b"}",
        "NaN": b'{"title": NaN}',
        "an exponent out of range": b'{"title": 1e999999999}',
        "a lone surrogate": b'{"title": "\\ud800"}',
        "no UTF-8": b'{"title": "' + b"\xff" * 1000 + b'"}',
        "many unknown properties": encoded(dict.fromkeys(numbered(MANY), 1)),
        "many unknown properties of an item": encoded(
            {"title": "a", "items": [dict.fromkeys(numbered(MANY), 1)]}
        ),
        "many names that are escaped": encoded({"/~" * 400 + name: 1 for name in numbered(1200)}),
        "many arrays in what is ignored": repeated("progress", "[]"),
        "many objects in what is ignored": repeated("progress", "{}"),
        "many deep arrays in what is ignored": repeated("progress", "[" * 29 + "]" * 29),
        "many numbers in what is ignored": repeated("progress", "1e308"),
        "many arrays as a title": repeated("title", "[]"),
        "many arrays as tags": repeated("tags", "[]"),
        "many arrays as items": repeated("items", "[[]]"),
        "many escapes": b'{"title": "' + rb"\u00e9" * 170_000 + b'"}',
        "many equal names": b'{"x": 1' + b', "x": 1' * 100_000 + b"}",
        "many items": encoded({"title": "a", "items": [{}] * 300_000}),
        "many equal tags": encoded({"title": "a", "tags": ["a"] * 200_000}),
        "a long title": encoded({"title": "x" * 1_000_000}),
        "long notes of white space": encoded({"title": " " * 1_000_000}),
        "a calendar's end": encoded({"title": "a", "due_at": "9999-12-31T23:59:59-12:00"}),
        "a calendar's beginning": encoded({"title": "a", "due_at": "0001-01-01T00:00:00+14:00"}),
    }
    for name, body in bodies.items():
        yield name, post("/api/todos", token, body)
    items = [{"a": 1, "b": 1}] * 70
    wrong = {"todos": [{"title": "x", "items": items}] * 100}
    yield "7,000 wrong items in bulk", post("/api/todos/bulk", token, encoded(wrong))
    empty = {"todos": [{"title": "x", "items": [{}] * 100}] * 100}
    yield "10,000 empty items in bulk", post("/api/todos/bulk", token, encoded(empty))
    surrogate = b'{"username": "\\udfff", "password": "x"}'
    yield "a surrogate in a login", post("/api/tokens", token, surrogate)
    prices = (
        b'"1e-1000000"',
        b'"' + b"9" * 900_000 + b'"',
        b"1e-1000000",
        b'"-' + b"0" * 9000 + b'"',
    )
    for price in prices:
        body = encoded(a_product(price="?")).replace(b'"?"', price)
        yield f"a price {price[:12]!r}", post("/api/products", token, body)
    for text in ("-" * 900_000, "a-" * 400_000, "a" * 900_000 + "!"):
        body = encoded(a_product(category=text))
        yield f"a category {text[:4]}…", post("/api/products", token, body)
    email = {**a_user(), "email": "a@" + "a." * 400_000}
    yield "an email of many labels", post("/api/users", token, encoded(email))
    bearer = {"Authorization": f"Bearer {token}"}
    paths = {
        "an integer in the path": f"/api/todos/{2**64}",
        "a long path": "/api/todos/" + "9" * 7000,
        # Without /api Flask may read them as one slash, which is the catalogue's path.
        "slashes": "/api" + "/" * 7000,
        "percent signs": "/api/%" + "%25" * 2000,
        "a long search": "/api/products?q=" + "%25" * 2600,
        "many parameters": "/api/products?" + "&".join(numbered(1000)),
        "a large limit": "/api/products?limit=" + "9" * 5000,
        "a long cursor": "/api/products?cursor=" + "A" * 4001,
    }
    for name, path in paths.items():
        yield name, Request("GET", path, bearer)
    for text in (
        *('\\"' * 4000, "a/b," * 2000, "a/b" + " ;" * 4000, "a/b;" + " " * 8000),
        *('"' * 8000, "a/b" + ';a="b"' * 1300, "a/b;a=" + "a" * 8000 + "@"),
    ):
        # A cursor is wrong as well: an Accept that admits nothing is no flaw if it is ill-formed.
        accept = {**bearer, **dict.fromkeys(spellings("accept", FIELDS), text)}
        yield (
            f"half a megabyte of Accept: {text[:9]}",
            Request("GET", paths["a long cursor"], accept),
        )
    tags = {**bearer, "If-None-Match": ", ".join(['"' + "a" * 30 + '"'] * 200) + ","}
    yield "many entity tags", Request("GET", "/api/products?x=1", tags)


def generated(seed: int, token: str) -> Iterator[Request]:
    """Yield requests with at least one flaw, for ever; a seed decides which."""
    random = Random(seed)  # noqa: S311 – repeatable on purpose
    while True:
        make = random.choice([flawed_body, flawed_body, flawed_body, flawed_bytes, flawed_query])
        request = make(random)
        headers = {**request.headers}
        if random.random() < 0.9:
            headers["Authorization"] = f"Bearer {token}"
        if random.random() < 0.1:
            headers |= random.choice(WRONG_HEADERS)
        # Both servers are to give it back.
        headers["X-Request-ID"] = str(UUID(int=random.getrandbits(128)))
        yield Request(request.method, request.target, headers, request.body)


def flawed_body(random: Random) -> Request:
    """Return a body with wrong values, and with a property that nobody knows."""
    method, target, good = random.choice(BODIES)
    body = json.loads(json.dumps(good))
    for _ in range(random.randint(0, 3)):
        mutate(body, random)
    if random.random() < 0.02:
        body |= dict.fromkeys(numbered(random.randint(100, 5000)), 1)
    body[random.choice(["unknown", "Title", "id ", "é", "a/b~c"])] = wrong_value(random)
    return Request(method, target, JSON, encoded(body))


def wrong_value(random: Random) -> Any:
    """Return a wrong value, which may itself be mutated."""
    return deepcopy(random.choice(WRONG_VALUES))


def mutate(value: Any, random: Random) -> None:
    """Put a wrong value somewhere into a body."""
    places = [*value] if isinstance(value, dict) else [*range(len(value))]
    if not places:
        return
    place = random.choice(places)
    if isinstance(value[place], dict | list) and random.random() < 0.7:
        mutate(value[place], random)
    else:
        value[place] = wrong_value(random)


def flawed_bytes(random: Random) -> Request:
    """Return a body whose bytes are no JSON object: it never ends."""
    method, target, good = random.choice(BODIES)
    body = bytearray(encoded({**good, "unknown": 1}))
    for _ in range(random.randint(0, 4)):
        body[random.randrange(len(body))] = random.randrange(256)
    return Request(method, target, JSON, bytes(body[: random.randrange(1, len(body))]))


def flawed_query(random: Random) -> Request:
    """Return a query with a parameter that nobody knows."""
    names = [random.choice(NAMES) for _ in range(random.randint(0, 4))]
    texts = [random.choice(WRONG_TEXTS)[:300] for _ in names]
    pairs = [f"{name}={percent(text, random)}" for name, text in zip(names, texts, strict=True)]
    random.shuffle(pairs := [*pairs, "unknown=%ff" if random.random() < 0.1 else "unknown="])
    return Request("GET", f"{random.choice(LISTS)}?{'&'.join(pairs)}")


def percent(text: str, random: Random) -> str:
    """Encode a text as a query does, more or less."""
    return "".join(f"%{byte:02{random.choice('xX')}}" for byte in text.encode())


def post(target: str, token: str, body: bytes) -> Request:
    """Return a POST of somebody's."""
    assert len(body) <= LIMIT + 100_000
    return Request("POST", target, {**JSON, "Authorization": f"Bearer {token}"}, body)


def repeated(name: str, value: str) -> bytes:
    """Return a body that is wrong, with an array of as many values as fit."""
    number = (LIMIT - 100) // (len(value) + 1)
    return f'{{"{name}": [{",".join([value] * number)}], "unknown": 1}}'.encode()


def spellings(name: str, number: int) -> list[str]:
    """Return a header's name in so many spellings, all of which are sent."""
    cases = product(*((letter.lower(), letter.upper()) for letter in name))
    return ["".join(letters) for letters in islice(cases, number)]


def encoded(value: Any) -> bytes:
    """Return JSON without spaces."""
    return json.dumps(value, separators=(",", ":")).encode()


def numbered(number: int) -> list[str]:
    """Return so many short names."""
    return [f"p{n}" for n in range(number)]
