"""A small API, in process, of which two instances answer alike but for values of their own.

It has todos and notes, whose ids are of one kind and collide. `wrong` is called with each request
and its reply before that is sent, and may spoil it.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count
from typing import Any
from uuid import uuid4


@dataclass
class Reply:
    """An answer before it is written; `body` is a JSON value, or bytes as they are."""

    status: int
    body: Any = None
    fields: list[tuple[str, str]] = field(default_factory=list)

    def set(self, name: str, value: str) -> None:
        """Put a header field in place of any of its name."""
        self.fields = [pair for pair in self.fields if pair[0] != name]
        self.fields.append((name, value))

    def drop(self, name: str) -> None:
        """Leave a header field out."""
        self.fields = [pair for pair in self.fields if pair[0] != name]


@dataclass
class Asked:
    """A request as the API reads it."""

    method: str
    path: str
    query: str
    body: Any
    number: int  # of the requests to this server, from 1

    @property
    def what(self) -> str:
        """The operation without ids: `GET /todos/*`."""
        collection, _, rest = self.path.strip("/").partition("/")
        return f"{self.method} /{collection}{'/*' if rest else ''}"


Wrong = Callable[[Asked, Reply], None]


def right(asked: Asked, reply: Reply) -> None:
    """Leave every reply as it is."""


def now() -> str:
    """Write the time as most servers do."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def numbers(first: int) -> Callable[[str, dict[str, Any]], int]:
    """Return a maker of ids that counts, each collection by itself."""
    counters: dict[str, Iterator[int]] = {}
    return lambda collection, _: next(counters.setdefault(collection, count(first)))


def uuids(collection: str, sent: dict[str, Any]) -> str:
    """Make an id as most servers do that don't count."""
    return str(uuid4())


def slugs(collection: str, sent: dict[str, Any]) -> str:
    """Make an id of a title and what keeps it apart from others of that title."""
    return f"{str(sent.get('title', '')).lower().replace(' ', '-')}-{secrets.token_hex(2)}"


def ulids(collection: str, sent: dict[str, Any]) -> str:
    """Make an id of 26 letters and digits (Crockford's base 32)."""
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "01J" + "".join(secrets.choice(letters) for _ in range(23))


def short(collection: str, sent: dict[str, Any]) -> str:
    """Make an id that is random, and too short to look it."""
    return "".join(secrets.choice("abcdefghkmnpqrstuvwxyzABCDEFGH") for _ in range(7))


@dataclass
class Api:
    """The WSGI application."""

    make_id: Callable[[str, dict[str, Any]], Any] = uuids
    wrong: Wrong = right
    now: Callable[[], str] = now
    things: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {"todos": {}, "notes": {}}
    )
    requests: int = 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        sent = environ["wsgi.input"].read()
        self.requests += 1
        asked = Asked(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            environ["QUERY_STRING"],
            json.loads(sent) if sent else None,
            self.requests,
        )
        reply = self.reply(asked)
        reply.fields.append(("X-Request-ID", uuid4().hex))
        if not isinstance(reply.body, bytes):
            reply.set("Content-Type", "application/json")
        self.wrong(asked, reply)
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", reply.fields)
        return [body]

    def reply(self, asked: Asked) -> Reply:  # noqa: PLR0911 - one for each operation
        """Do what is asked."""
        collection, _, key = asked.path.strip("/").partition("/")
        things = self.things.get(collection)
        if things is None or (key and key not in things):
            return Reply(404, {"error": "not found"})
        match asked.method, bool(key):
            case "POST", False:
                return self.create(collection, things, asked.body)
            case "GET", False:
                return self.list(collection, things)
            case "GET", True:
                return shown(things[key])
            case "PATCH", True:
                things[key] |= {**asked.body, "updated_at": self.now()}
                things[key]["version"] += 1
                return shown(things[key])
            case "DELETE", True:
                del things[key]
                return Reply(204, b"")
        return Reply(405, {"error": "no such method"})

    def create(
        self, collection: str, things: dict[str, dict[str, Any]], sent: dict[str, Any]
    ) -> Reply:
        """Make a thing of what was sent."""
        key = self.make_id(collection, sent)
        moment = self.now()
        thing = {
            "id": key,
            **sent,
            "version": 1,
            "remark": None,
            "created_at": moment,
            "updated_at": moment,
            "token": secrets.token_urlsafe(24),
        }
        things[str(key)] = thing
        reply = shown(thing, 201)
        reply.set("Location", f"/{collection}/{key}")
        return reply

    def list(self, collection: str, things: dict[str, dict[str, Any]]) -> Reply:
        """Show all things, in the order in which they were made."""
        items = [*things.values()]
        after = f"/{collection}?after={items[-1]['id']}&page=2" if items else None
        return Reply(200, {"items": items, "count": len(items), "next": after})


def shown(thing: dict[str, Any], status: int = 200) -> Reply:
    """Show a thing, with an entity tag of its version, which no other thing has."""
    return Reply(status, dict(thing), [("ETag", f'"{thing["token"]}.{thing["version"]}"')])


def sorted_by_id(longest: int | None = None, *, backwards: bool = False) -> Wrong:
    """List things by their ids, and no more of them than a page has."""

    def sort(asked: Asked, reply: Reply) -> None:
        if asked.method == "GET" and "items" in reply.body:
            items = sorted(reply.body["items"], key=lambda each: each["id"], reverse=backwards)
            reply.body["items"] = items[:longest]

    return sort
