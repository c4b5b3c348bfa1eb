"""A small API that keeps all the rules that `check` knows, to be broken in one place at a time."""

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, quote

import jsonschema_rs

from lookalike.actors import Actor
from lookalike.login import Recipe

ORIGIN = "https://lookalike.example"
JSON, PROBLEM, PATCH, TEXT = (
    "application/json",
    "application/problem+json",
    "application/merge-patch+json",
    "text/plain",
)
USERS = {"token-of-ann": "ann", "token-of-ben": "ben"}
LARGEST = 1_000_000  # bytes of a body
TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    412: "Precondition failed",
    413: "Content too large",
    415: "Unsupported media type",
    422: "Unprocessable content",
    428: "Precondition required",
}


def problem(*statuses: int, **more: Any) -> dict[str, Any]:
    """Declare errors."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        str(status): {"description": "An error", "content": {PROBLEM: {"schema": schema}}, **more}
        for status in statuses
    }


def content(name: str, *types: str) -> dict[str, Any]:
    """Declare a body by the name of its schema."""
    return {each: {"schema": {"$ref": f"#/components/schemas/{name}"}} for each in types or [JSON]}


TAGGED = {"ETag": {"required": True, "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'}}}
PLACED = {**TAGGED, "Location": {"required": True, "schema": {"type": "string"}}}
KEY = {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string"}}
IF_MATCH = {"in": "header", "name": "If-Match", "schema": {"type": "string"}}
READS = problem(400, 401, 404, 406) | {"304": {"description": "Not modified"}}
WRITES = problem(400, 401, 404, 406, 412, 413, 415, 422)
NOTE = {
    "title": {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[^\\n]*$"},
    "label": {"enum": ["home", "work"], "default": "home"},
    "count": {"type": "integer", "minimum": 0, "maximum": 100, "default": 0},
    "is_done": {"type": "boolean", "default": False},
    "due": {"type": ["string", "null"], "format": "date-time"},
    "tags": {
        "type": "array",
        "items": {"type": "string", "maxLength": 10},
        "maxItems": 3,
        "uniqueItems": True,
    },
    "extra": {"type": "object", "additionalProperties": {"type": "integer"}},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "security": [{"bearer": []}],
    "paths": {
        "/words": {
            "get": {
                "security": [],
                "parameters": [
                    {
                        "in": "query",
                        "name": "loud",
                        "schema": {"type": "boolean"},
                        "example": True,
                    }
                ],
                "responses": READS
                | {
                    "200": {
                        "description": "A few words",
                        "headers": TAGGED,
                        "content": {**content("Words"), TEXT: {"schema": {"type": "string"}}},
                    }
                },
            }
        },
        "/notes": {
            "get": {
                "parameters": [
                    {
                        "in": "query",
                        "name": "limit",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
                    },
                    {"in": "query", "name": "cursor", "schema": {"type": "string"}},
                    {"in": "query", "name": "label", "schema": {"enum": ["home", "work"]}},
                ],
                "responses": READS
                | {
                    "200": {
                        "description": "Notes",
                        "headers": TAGGED | {"Link": {"schema": {"type": "string"}}},
                        "content": content("Notes"),
                    }
                },
            },
            "post": {
                "parameters": [KEY],
                "requestBody": {
                    "content": {
                        JSON: {
                            "schema": {"$ref": "#/components/schemas/NewNote"},
                            "example": {
                                "title": "Water the plants",
                                "label": "work",
                                "count": 3,
                                "due": "2031-02-03T04:05:06Z",
                                "tags": ["green"],
                                "extra": {"a": 1, "b": 2},
                                "secret": "shhh",
                            },
                        }
                    }
                },
                "responses": WRITES
                | {"201": {"description": "Made", "headers": PLACED, "content": content("Note")}},
            },
        },
        "/notes/{note_id}": {
            "parameters": [
                {
                    "in": "path",
                    "name": "note_id",
                    "required": True,
                    "schema": {"type": "string", "format": "uuid"},
                }
            ],
            "get": {
                "responses": READS
                | {"200": {"description": "A note", "headers": TAGGED, "content": content("Note")}}
            },
            "put": {
                "parameters": [IF_MATCH],
                "requestBody": {"content": content("NewNote")},
                "responses": WRITES
                | {"200": {"description": "Put", "headers": TAGGED, "content": content("Note")}},
            },
            "patch": {
                "parameters": [IF_MATCH],
                "requestBody": {"content": content("NotePatch", PATCH)},
                "responses": WRITES
                | {"200": {"description": "Done", "headers": TAGGED, "content": content("Note")}}
                | problem(415, headers={"Accept-Patch": {"schema": {"type": "string"}}}),
            },
            "delete": {
                "parameters": [IF_MATCH],
                "responses": WRITES | {"204": {"description": "Gone"}},
            },
        },
        "/settings": {
            "get": {
                "responses": READS
                | {
                    "200": {
                        "description": "Settings",
                        "headers": TAGGED,
                        "content": content("Words"),
                    }
                },
            },
            "put": {
                "parameters": [IF_MATCH | {"required": True, "example": "*"}],
                "requestBody": {"content": content("Words")},
                "responses": WRITES
                | problem(428)
                | {"200": {"description": "Put", "headers": TAGGED, "content": content("Words")}},
            },
        },
        "/orders": {
            "post": {
                "parameters": [KEY | {"required": True}],
                "requestBody": {"content": content("Words")},
                "responses": WRITES | {"201": {"description": "Made", "content": content("Words")}},
            }
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Words": {
                "type": "object",
                "required": ["words"],
                "additionalProperties": False,
                "properties": {"words": {"type": "string", "maxLength": 100}},
            },
            "NewNote": {
                "type": "object",
                "required": ["title"],
                "additionalProperties": False,
                "properties": NOTE | {"secret": {"type": "string", "writeOnly": True}},
            },
            "NotePatch": {
                "type": "object",
                "additionalProperties": False,
                "properties": NOTE
                | {
                    "extra": {
                        "type": "object",
                        "additionalProperties": {"type": ["integer", "null"]},
                    }
                },
            },
            "Note": {
                "type": "object",
                "required": ["id", "made_at", *NOTE],
                "properties": NOTE
                | {
                    "id": {"type": "string", "format": "uuid"},
                    "made_at": {"type": "string", "format": "date-time"},
                    "secret": {"type": "string", "writeOnly": True},
                },
            },
            "Notes": {
                "type": "object",
                "required": ["items", "next"],
                "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}},
                    "next": {"type": ["string", "null"]},
                },
            },
            "Problem": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "instance"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "instance": {"type": "string"},
                },
            },
        },
    },
}


@dataclass
class Ask:
    """A request, its header fields' names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    fields: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's value; refuse what isn't JSON."""
        if len(self.body) > LARGEST:
            raise RefusedError(413)
        try:
            return json.loads(self.body.decode(), parse_constant=float.fromhex, parse_float=finite)
        except (ValueError, RecursionError):
            raise RefusedError(400) from None


@dataclass
class Say:
    """An answer."""

    status: int
    fields: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """Return the body's value."""
        return json.loads(self.body)

    def saying(self, value: Any) -> "Say":
        """Return the answer with another body."""
        return replace(self, body=json.dumps(value).encode())

    def having(self, **fields: str | None) -> "Say":
        """Return the answer with other header fields; `_` in a name stands for `-`."""
        new = {name.replace("_", "-"): value for name, value in fields.items()}
        kept = {**self.fields, **new}
        return replace(
            self, fields={name: value for name, value in kept.items() if value is not None}
        )


class RefusedError(Exception):
    """The server refuses a request."""

    def __init__(self, status: int, **fields: str) -> None:
        self.status = status
        self.fields = fields


def finite(text: str) -> float:
    """Read a number that a double can hold."""
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


@dataclass
class Note:
    """What is stored."""

    owner: str
    number: int
    id: str
    value: dict[str, Any]
    made_at: str = "2030-01-02T03:04:05.000000Z"

    def shown(self) -> dict[str, Any]:
        """Return what a client sees."""
        rest = {name: value for name, value in self.value.items() if name != "secret"}
        return {"id": self.id, "made_at": self.made_at, **rest}


DEFAULTS = {
    "label": "home",
    "count": 0,
    "is_done": False,
    "due": None,
    "tags": [],
    "extra": {},
}


class RightServer:
    """The application; `before` and `after` change requests and answers, to break it."""

    def __init__(self) -> None:
        self.before: Callable[[Ask], Ask] = lambda ask: ask
        self.after: Callable[[Ask, Say], Say] = lambda _, say: say
        self.notes: dict[str, Note] = {}
        self.settings: dict[str, dict[str, Any]] = {}
        self.replays: dict[tuple[str, str, str], tuple[bytes, Say]] = {}
        self.count = 0
        self.modified = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
        self.validators = {
            name: jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
            for name, schema in DOCUMENT["components"]["schemas"].items()
            if name in {"NewNote", "NotePatch", "Words"}
        }

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        fields = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
        }
        length = int(environ.get("CONTENT_LENGTH") or 0)
        ask = Ask(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)),
            fields,
            environ["wsgi.input"].read(length),
        )
        say = self.after(ask, self.answer(self.before(ask)))
        lines = [
            (f"{name}".title(), value.encode().decode("latin-1"))
            for name, value in say.fields.items()
        ]
        start_response(f"{say.status} {TITLES.get(say.status, 'Fine')}", lines)
        return [say.body]

    def answer(self, ask: Ask) -> Say:
        """Answer a request, errors included."""
        try:
            say = self.route(ask)
        except RefusedError as error:
            say = self.problem(ask, error.status).having(**error.fields)
        say = say.having(Vary="Accept, Origin", Cache_Control="no-cache")
        if ask.fields.get("origin") == ORIGIN:
            say = say.having(Access_Control_Allow_Origin=ORIGIN)
        return say

    def problem(self, ask: Ask, status: int) -> Say:
        """Return problem details."""
        title = TITLES[status]
        value = {
            "type": f"/problems/{title.lower().replace(' ', '-')}",
            "title": title,
            "status": status,
            "detail": title,
            "instance": quote(ask.path),
        }
        return Say(status, {"Content-Type": PROBLEM}).saying(value)

    def route(self, ask: Ask) -> Say:  # noqa: PLR0911 - one for each operation
        """Find what a path leads to, and look at what all requests have in common."""
        match = re.fullmatch(r"/notes/([^/]*)", ask.path)
        path = "/notes/{note_id}" if match else ask.path
        operations = DOCUMENT["paths"].get(path)
        if operations is None:
            raise RefusedError(404)
        methods = [name.upper() for name in operations if name != "parameters"]
        allow = ", ".join(sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}))
        if ask.method == "OPTIONS":
            return self.options(ask, allow)
        method = "GET" if ask.method == "HEAD" else ask.method
        if method not in methods:
            raise RefusedError(405, Allow=allow)
        operation = operations[method.lower()]
        kind = self.negotiated(ask, operation)
        user = "" if operation.get("security") == [] else self.user(ask)
        if match is not None:
            return self.note(ask, method, match[1], user)
        match method, path:
            case "GET", "/words":
                if ask.query.get("loud", "true") not in {"true", "false"}:
                    raise RefusedError(400)
                words = "HELLO" if ask.query.get("loud") == "true" else "hello"
                text = words if kind == TEXT else json.dumps({"words": words})
                return self.got(ask, text.encode(), kind)
            case "GET", "/settings":
                return self.got(ask, self.settings_of(user), JSON)
            case "PUT", "/settings":
                return self.set(ask, user)
            case "GET", _:
                return self.listed(ask, user)
            case _:
                return self.post(ask, path, user)

    def options(self, ask: Ask, allow: str) -> Say:
        """Answer OPTIONS, preflight requests among them."""
        say = Say(204, {"Allow": allow})
        if ask.fields.get("origin") == ORIGIN:
            return say.having(
                Access_Control_Allow_Methods=allow,
                Access_Control_Allow_Headers="Authorization, Content-Type",
            )
        return say

    def negotiated(self, ask: Ask, operation: dict[str, Any]) -> str:
        """Return the media type to be sent (RFC 9110, section 12.5.1)."""
        [success] = [each for status, each in operation["responses"].items() if status < "300"]
        offered = [*(success.get("content") or [JSON])]
        ranges = []
        for part in ask.fields.get("accept", "*/*").split(","):
            name, *parameters = [each.strip() for each in part.split(";")]
            weight = next((float(each[2:]) for each in parameters if each.startswith("q=")), 1.0)
            ranges.append((name.lower(), weight))

        def weight_of(kind: str) -> float:
            family = f"{kind.partition('/')[0]}/*"
            for wanted in (kind, family, "*/*"):
                for name, weight in ranges:
                    if name == wanted:
                        return weight
            return 0

        best: str = max(offered, key=weight_of)
        if weight_of(best) == 0:
            raise RefusedError(406)
        return best

    def user(self, ask: Ask) -> str:
        """Return who asks (RFC 6750)."""
        scheme, _, token = ask.fields.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise RefusedError(401, WWW_Authenticate="Bearer")
        if token not in USERS:
            raise RefusedError(401, WWW_Authenticate='Bearer error="invalid_token"')
        return USERS[token]

    def got(self, ask: Ask, body: bytes, kind: str, **fields: str) -> Say:
        """Answer GET: whole, or with 304."""
        tag = self.tag(body)
        date = format_datetime(self.modified, usegmt=True)
        say = Say(200, {"Content-Type": kind, "Content-Length": str(len(body)), **fields}, body)
        say = say.having(ETag=tag, Last_Modified=date)
        condition = ask.fields.get("if-none-match")
        since = ask.fields.get("if-modified-since")
        if condition is not None:
            tags = [each.strip().removeprefix("W/") for each in condition.split(",")]
            is_same = condition.strip() == "*" or tag in tags
        else:
            is_same = since is not None and parsedate_to_datetime(since) >= self.modified
        if is_same:
            return replace(say, status=304, body=b"").having(Content_Type=None, Content_Length=None)
        return say

    def tag(self, body: bytes) -> str:
        """Return the entity tag of a body."""
        return f'"{hashlib.sha256(body).hexdigest()[:32]}"'

    def guard(self, ask: Ask, body: bytes) -> None:
        """Let a write through if its condition holds (RFC 9110, section 13.1.1)."""
        condition = ask.fields.get("if-match")
        tags = [each.strip() for each in (condition or "*").split(",")]
        if tags != ["*"] and self.tag(body) not in tags:
            raise RefusedError(412)

    def valid(self, ask: Ask, name: str, kind: str = JSON) -> Any:
        """Return a body that the file allows."""
        given, _, rest = ask.fields.get("content-type", "").partition(";")
        if given.strip().lower() != kind or rest.strip().lower() not in {"", "charset=utf-8"}:
            more = {"Accept_Patch": PATCH} if kind == PATCH else {}
            raise RefusedError(415, **more)
        value = ask.json()
        try:
            json.dumps(value, ensure_ascii=False).encode()
            is_valid = self.validators[name].is_valid(value)
        except ValueError:  # half a surrogate pair, or a number that is too long
            is_valid = False
        if not is_valid:
            raise RefusedError(422)
        return value

    def settings_of(self, user: str) -> bytes:
        """Return a user's settings."""
        return json.dumps(self.settings.get(user, {"words": "none"})).encode()

    def set(self, ask: Ask, user: str) -> Say:
        """Replace a user's settings."""
        if "if-match" not in ask.fields:
            raise RefusedError(428)
        value = self.valid(ask, "Words")
        self.guard(ask, self.settings_of(user))
        self.settings[user] = value
        return self.got(replace(ask, fields={}), self.settings_of(user), JSON)

    def post(self, ask: Ask, path: str, user: str) -> Say:
        """Create something, or answer as before."""
        key = ask.fields.get("idempotency-key")
        if key is None and path == "/orders":
            raise RefusedError(400)
        known = self.replays.get((user, path, key or ""))
        if key is not None and known is not None:
            if known[0] != ask.body:
                raise RefusedError(422)
            return known[1]
        value = self.valid(ask, "NewNote" if path == "/notes" else "Words")
        if path == "/notes":
            self.count += 1
            note = Note(user, self.count, str(uuid.uuid4()), {**DEFAULTS, **value})
            self.notes[note.id] = note
            text = json.dumps(note.shown()).encode()
            say = self.got(replace(ask, fields={}), text, JSON, Location=f"/notes/{note.id}")
        else:
            say = Say(201, {"Content-Type": JSON}).saying(value)
        say = replace(say, status=201)
        if key is not None:
            self.replays[user, path, key] = (ask.body, say)
        return say

    def listed(self, ask: Ask, user: str) -> Say:
        """Return a page of a user's notes."""
        own = [note for note in self.notes.values() if note.owner == user]
        for name, values in (("label", {"home", "work"}),):
            if name in ask.query:
                if ask.query[name] not in values:
                    raise RefusedError(400)
                own = [note for note in own if note.value[name] == ask.query[name]]
        limit = ask.query.get("limit", "20")
        if not re.fullmatch(r"[1-9]|[1-4]\d|50", limit):
            raise RefusedError(400)
        page, cursor = self.page(own, ask.query.get("cursor"), int(limit))
        fields = {}
        link = None
        if cursor:
            rest = "".join(f"{k}={v}&" for k, v in ask.query.items() if k != "cursor")
            link = f"/notes?{rest}cursor={cursor}"
            fields["Link"] = f'<{link}>; rel="next"'
        value = {"items": [note.shown() for note in page], "next": link}
        return self.got(ask, json.dumps(value).encode(), JSON, **fields)

    def page(self, notes: list[Note], cursor: str | None, limit: int) -> tuple[list[Note], str]:
        """Return a page and the cursor of the next one."""
        if cursor is not None and not re.fullmatch(r"[0-9]{1,9}", cursor):
            raise RefusedError(400)
        left = [note for note in notes if note.number > int(cursor or 0)]
        return left[:limit], str(left[limit - 1].number) if len(left) > limit else ""

    def note(self, ask: Ask, method: str, name: str, user: str) -> Say:
        """Answer for a single note."""
        note = self.notes.get(name)
        if note is None or note.owner != user:
            raise RefusedError(404)
        text = json.dumps(note.shown()).encode()
        if method == "GET":
            return self.got(ask, text, JSON)
        self.guard(ask, text)
        if method == "DELETE":
            del self.notes[name]
            return Say(204)
        if method == "PUT":
            note.value = {**DEFAULTS, **self.valid(ask, "NewNote")}
        else:
            note.value = self.merged(note.value, self.valid(ask, "NotePatch", PATCH))
        return self.got(replace(ask, fields={}), json.dumps(note.shown()).encode(), JSON)

    def merged(self, value: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
        """Apply a merge patch (RFC 7396, section 2)."""
        result = {**value}
        for name, inner in patch.items():
            if isinstance(inner, dict):
                result[name] = self.merged(value.get(name) or {}, inner)
            elif inner is None and name not in DEFAULTS:
                result.pop(name, None)
            else:
                result[name] = inner
        return result


ACTORS = tuple(
    Actor(name, Recipe({"Authorization": f"Bearer {token}"})) for token, name in USERS.items()
)
