"""A small API in process: notes of users who have tokens, integers as ids, unique names."""

import html
import json
import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from lookalike.actors import Actor
from lookalike.findings import Finding, Observer
from lookalike.login import Recipe, Step
from lookalike.openapi import Contract
from lookalike.targets import WsgiTarget

NOTE = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 40},
        "stars": {"type": "integer", "minimum": 1, "maximum": 5},
        "about": {"type": ["string", "null"]},
    },
}
JSON_BODY = {"content": {"application/json": {"schema": NOTE}}}
USER = {
    "type": "object",
    "required": ["user", "password"],
    "properties": {
        "user": {"type": "string", "minLength": 1, "maxLength": 40},
        "password": {"type": "string", "minLength": 8, "maxLength": 40},
    },
}
USER_BODY = {"content": {"application/json": {"schema": USER}}}
ID = {"name": "note_id", "in": "path", "required": True, "schema": {"type": "integer"}}
ANSWERS = {"default": {"description": "An answer"}}
CONTRACT = Contract(
    {
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "1"},
        "security": [{"bearer": []}],
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/notes": {
                "get": {
                    "parameters": [
                        {"name": "stars", "in": "query", "schema": {"type": "integer"}},
                        {"name": "q", "in": "query", "schema": {"type": "string"}},
                    ],
                    "responses": ANSWERS,
                },
                "post": {"requestBody": JSON_BODY, "responses": ANSWERS},
            },
            "/notes/{note_id}": {
                "parameters": [ID],
                "get": {"responses": ANSWERS},
                "put": {"requestBody": JSON_BODY, "responses": ANSWERS},
                "delete": {"responses": ANSWERS},
            },
            "/users": {"post": {"security": [], "requestBody": USER_BODY, "responses": ANSWERS}},
            "/sessions": {
                "get": {"responses": ANSWERS},
                "post": {"security": [], "requestBody": USER_BODY, "responses": ANSWERS},
            },
            "/sessions/current": {"delete": {"responses": ANSWERS}},
        },
    }
)

KEYS = [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}]
WITH_KEYS = deepcopy(CONTRACT.raw)
WITH_KEYS["paths"]["/notes"]["post"]["parameters"] = KEYS
KEYED = Contract(WITH_KEYS)  # requests may be repeated under keys

Reply = tuple[int, Any]


class Notes:
    """The server; `faults` name what is wrong with it."""

    def __init__(self, *faults: str, first_id: int = 1) -> None:
        self.faults = {*faults}
        self.requests: list[tuple[str, str, bytes]] = []
        self._ids = count(first_id)
        self._notes: dict[int, dict[str, Any]] = {}
        self._users: dict[str, str] = {}  # by token
        self._passwords: dict[str, str] = {}
        self._tokens = count(first_id * 7 + 100_000)
        self._sessions: dict[str, int] = {}  # their ids by token
        self._kept: dict[tuple[str, str], Reply] = {}  # by who sent a key, and the key

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        body = environ["wsgi.input"].read()
        self.requests.append((method, f"{path}?{environ['QUERY_STRING']}", body))
        self._token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        user = self._users.get(self._token)
        asked = method, path, environ["QUERY_STRING"], body, user
        status, value = self._once(environ.get("HTTP_IDEMPOTENCY_KEY"), *asked)
        text = b"" if value is None else json.dumps(value).encode()
        start_response(f"{status} Status", [("Content-Type", "application/json")])
        return [text]

    def _once(self, key: str | None, *asked: Any) -> Reply:
        """Answer, but a key that somebody has sent before as then."""
        method, *_, user = asked
        if key is None or user is None or method != "POST":
            return self._reply(*asked)
        holder = self._token if "keys of sessions" in self.faults else user
        known = ("" if "keys of everybody" in self.faults else holder), key
        if known not in self._kept:
            self._kept[known] = self._reply(*asked)
        return self._kept[known]

    def _reply(self, method: str, path: str, query: str, body: bytes, user: str | None) -> Reply:
        if method == "POST" and path in {"/sessions", "/users"}:
            return self._enter(body, is_new=path == "/users")
        if user is None:
            return 401, {"error": "who are you?"}
        if (method, path) in {("DELETE", "/sessions/current"), ("GET", "/sessions")}:
            return self._of_sessions(method, user)
        if path == "/notes":
            return self._collection(method, query, body, user)
        if match := re.fullmatch(r"/notes/(\d{1,9})", path):
            return self._item(method, int(match[1]), body, user)
        return 404, {"error": "nothing here"}

    def _of_sessions(self, method: str, user: str) -> Reply:
        """End all of a user's sessions, or show them, the newest first."""
        mine = [token for token, name in self._users.items() if name == user]
        if method == "GET":
            newest = mine if "oldest session first" in self.faults else mine[::-1]
            return 200, {"sessions": [{"id": self._sessions[token]} for token in newest]}
        if "logs nobody out" not in self.faults:
            for token in [self._token] if "ends one session" in self.faults else mine:
                del self._users[token]
        return 204, None

    def _enter(self, body: bytes, *, is_new: bool) -> Reply:
        """Register somebody, or log them in; who isn't registered is a guest."""
        value = decoded(body)
        if not isinstance(value, dict) or {*value} != {"user", "password"}:
            return 422, {"error": "not a user"}
        user, password = value["user"], value["password"]
        if not isinstance(user, str) or not isinstance(password, str) or len(password) < 8:
            return 422, {"error": "user"}
        if is_new:
            if user in self._passwords:
                return 409, {"error": "user is taken"}
            self._passwords[user] = password
            return 201, {"user": user}
        unknown = "" if "knows no guests" in self.faults else password
        if self._passwords.get(user, unknown) != password:
            return 401, {"error": "wrong password"}
        token = f"t{next(self._tokens)}"
        self._users[token] = user
        self._sessions[token] = next(self._ids)
        return 201, {"id": self._sessions[token], "token": token}

    def _collection(self, method: str, query: str, body: bytes, user: str) -> Reply:
        if method == "GET":
            names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
            if unknown := {*names} - {"stars", "q"}:
                return 400, {"error": self._unknown(unknown)}
            found = [note for note in self._notes.values() if note["owner"] == user]
            if match := re.search(r"(?:^|&)stars=(\d+)", query):
                wanted = int(match[1])
                found = [note for note in found if note["stars"] == wanted]
                if "filters too much" in self.faults:
                    found = [note for note in found if note["stars"] > 1]
            return 200, {"notes": [shown(note) for note in found]}
        if method != "POST":
            return 405, {"error": "method"}
        note = self._valid(body)
        if isinstance(note, str):
            return 422, {"error": note}
        if any(each["name"] == note["name"] for each in self._notes.values()):
            return 409, {"error": "name is taken"}
        note |= {"id": next(self._ids), "owner": user}
        self._notes[note["id"]] = note
        return 201, shown(note)

    def _item(self, method: str, key: int, body: bytes, user: str) -> Reply:
        note = self._notes.get(key)
        if note is None or (note["owner"] != user and "anybody reads" not in self.faults):
            return 404, {"error": "no such note"}
        if method == "GET":
            return 200, shown(note)
        if method == "DELETE":
            if "keeps" not in self.faults:
                del self._notes[key]
            return 204, None
        return self._replace(note, body) if method == "PUT" else (405, {"error": "method"})

    def _replace(self, note: dict[str, Any], body: bytes) -> Reply:
        changed = self._valid(body)
        if isinstance(changed, str):
            return 422, {"error": changed}
        others = [each["name"] for each in self._notes.values() if each is not note]
        if changed["name"] in others:
            if "writes what it refuses" in self.faults:
                note["stars"] = changed["stars"]
            return 409, {"error": "name is taken"}
        answer = shown(note | changed)
        if "loses" not in self.faults:
            note |= changed
        return 200, answer

    def _unknown(self, names: Iterable[str]) -> str:
        """Point at what is unknown (RFC 6901)."""
        escapes = [("~", "~0"), ("/", "~1")]
        if "escapes backwards" in self.faults:
            escapes.reverse()
        pointers = []
        for name in sorted(names):
            text = unquote_plus(name) if "decodes twice" in self.faults else name
            text = html.escape(text) if "escapes as in HTML" in self.faults else text
            for letter, escape in escapes:
                text = text.replace(letter, escape)
            pointers.append(f"/{text}")
        return f"unknown: {pointers}"

    def _valid(self, body: bytes) -> Any:
        value = decoded(body)
        if not isinstance(value, dict):
            return "not a note"
        if unknown := {*value} - {"name", "stars", "about"}:
            return self._unknown(unknown)
        name, stars, about = value.get("name"), value.get("stars", 3), value.get("about")
        if not isinstance(name, str) or not 1 <= len(name) <= 40:
            return "name"
        most = 6 if "one star more" in self.faults else 5
        if not isinstance(stars, int) or isinstance(stars, bool) or not 1 <= stars <= most:
            return "stars"
        if about is not None and not isinstance(about, str):
            return "about"
        return {"name": name, "stars": stars, "about": about}


class Slashed:
    """Has an application's paths with a slash, but for some, and answers others as it is told."""

    def __init__(
        self, application: Any, *, redirects: bool = True, besides: Iterable[str] = ()
    ) -> None:
        self.application = application
        self.redirects = redirects
        self.besides = {*besides}

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path in self.besides:
            return self.application(environ, start)  # type: ignore[no-any-return]
        if path.endswith("/"):
            return self.application({**environ, "PATH_INFO": path[:-1]}, start)  # type: ignore[no-any-return]
        if self.redirects:
            start("301 Moved Permanently", [("Location", f"{path}/")])
        else:
            start("404 Not Found", [("Content-Type", "text/html")])
        return [b"elsewhere"]


def shown(note: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in note.items() if name != "owner"}


def decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def newcomer(name: str) -> Actor:
    """Return somebody who registers anew for each story."""
    user = {"user": "u{fresh}", "password": "pw-{fresh}-pw"}
    return Actor(
        name,
        Recipe(
            {"Authorization": "Bearer {token}"},
            register=Step("POST /users", json=user),
            login=Step("POST /sessions", json=user),
            token="/token",
        ),
    )


def actor(name: str) -> Actor:
    """Return somebody who logs in by a name of their own for each run."""
    login = Step("POST /sessions", json={"user": name, "password": "of a guest"})
    return Actor(name, Recipe({"Authorization": "Bearer {token}"}, login=login, token="/token"))


class Until(Observer):
    """Ends a run with the first finding that is sought, which then is not shrunk."""

    def __init__(self, is_sought: Callable[[Finding], bool] = lambda _: True) -> None:
        self._is_sought = is_sought

    def finding(self, finding: Finding) -> None:
        if self._is_sought(finding):
            raise KeyboardInterrupt


def pair(*faults: str, both: str = "") -> tuple[WsgiTarget, WsgiTarget]:
    """Return a right server and one with faults, whose ids differ; `both` have one habit."""
    return WsgiTarget(Notes(both)), WsgiTarget(Notes(*faults, both, first_id=4000))
