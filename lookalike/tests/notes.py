"""A server for notes that keeps them in memory, and ways in which another may be wrong."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from lookalike.calls import Call, Made
from lookalike.evidence import Evidence
from lookalike.openapi import Operation
from lookalike.places import Place
from lookalike.targets import WsgiTarget
from lookalike.telling import Teller

LIST, CREATE, READ, PATCH, DELETE = (
    Operation(method, path, {}, (), line)
    for line, (method, path) in enumerate(
        [
            ("GET", "/notes"),
            ("POST", "/notes"),
            ("GET", "/notes/{note_id}"),
            ("PATCH", "/notes/{note_id}"),
            ("DELETE", "/notes/{note_id}"),
        ],
        1,
    )
)
OLD_BASE, NEW_BASE = 10, 500  # so that no id of one server is one of the other


class Notes:
    """The WSGI application; `bug` names what is wrong with it."""

    def __init__(self, first_id: int, bug: str = "") -> None:
        self.bug = bug
        self.first_id = first_id
        self.requests = 0
        self.reset()

    def reset(self) -> None:
        self.next_id = self.first_id
        self.notes: dict[int, dict[str, Any]] = {}
        self.stale: set[int] = set()  # notes that were there when another was deleted
        self.keys: dict[str, list[dict[str, Any]]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.requests += 1
        raw = environ["wsgi.input"].read()
        query = dict(parse_qsl(environ["QUERY_STRING"]))
        status, body = self.answer(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"].split("/")[2:],
            query,
            json.loads(raw) if raw else {},
            environ.get("HTTP_IDEMPOTENCY_KEY", ""),
        )
        start_response(f"{status} -", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def answer(
        self, method: str, path: list[str], query: dict[str, str], body: Any, key: str
    ) -> tuple[int, Any]:
        if not path:
            return self.create(body, key) if method == "POST" else (200, self.listed(query))
        note = self.notes.get(int(path[0])) if path[0].isdecimal() else None
        if note is None:
            return 404, {"detail": "No such note."}
        if method == "DELETE":
            del self.notes[note["id"]]
            self.stale |= {*self.notes}
            return 200, {}
        if method == "PATCH" and not (
            self.bug == "patch lost" and note["id"] in self.stale and "pinned" in body
        ):
            note |= body
        return 200, self.shown(note)

    def create(self, body: Any, key: str) -> tuple[int, Any]:
        if not isinstance(body, dict) or not isinstance(body.get("title"), str):
            return 422, {"errors": [{"pointer": "/title", "detail": "Not a text."}]}
        replays = self.keys.setdefault(key, []) if key else []
        if replays and not (self.bug == "replayed twice" and len(replays) > 1):
            replays.append(replays[0])
            return 201, replays[0]
        note = {"pinned": False, "tags": [], **body, "id": self.next_id}
        self.next_id += 1
        self.notes[note["id"]] = note
        replays.append(self.shown(note))
        return 201, replays[-1]

    def listed(self, query: dict[str, str]) -> Any:
        notes = [*map(self.shown, self.notes.values())]
        if self.bug == "pinned in lists":
            notes = [note | {"tags": ["pin"]} if note["pinned"] else note for note in notes]
        if query.get("sort") == "title":
            notes.sort(key=lambda note: str(note["title"]))
        if "first" in query and self.bug != "no pages":
            notes = notes[: int(query["first"])]
        if self.bug == "two parameters" and {"sort", "pinned"} <= query.keys():
            return {"items": notes, "count": -1}
        return {"items": notes, "count": len(notes)}

    def shown(self, note: dict[str, Any]) -> dict[str, Any]:
        wrong: dict[str, Any] = {}
        if self.bug == "long titles" and len(note["title"]) > 32:
            wrong = {"title": note["title"][:32]}
        if self.bug == "sharp s":
            wrong = {"title": note["title"].replace("ß", "ss")}
        if self.bug == "large ranks" and note.get("rank", 0) > 1_000:
            wrong = {"rank": 1_000}
        if self.bug == "red tags" and any(tag.get("color") == "red" for tag in note["tags"]):
            wrong = {"tags": []}
        if self.bug == "pinned anywhere" and note["pinned"]:
            wrong = {"tags": ["pin"]}
        if self.bug == "every third answer" and self.requests % 3 == 0:
            wrong = {"pinned": None}
        return note | wrong


def evidence() -> Evidence:
    """Return what repeats would show: both servers make ids."""
    known = Evidence()
    for operation, status, pointer in (
        ("POST /notes", 201, "/id"),
        ("GET /notes", 200, "/items/*/id"),
        ("GET /notes/{note_id}", 200, "/id"),
        ("PATCH /notes/{note_id}", 200, "/id"),
    ):
        for server in ("old", "new"):
            known.add(server, Place(operation, status, "body", pointer))
    return known


def teller(bug: str, *, is_reset: bool = False) -> Teller:
    """Build what tells stories to a right server and to one with a bug."""
    old, new = Notes(OLD_BASE), Notes(NEW_BASE, bug)

    def reset() -> None:
        if is_reset:
            old.reset()
            new.reset()

    return Teller(WsgiTarget(old), WsgiTarget(new), evidence(), reset=reset)


def note_of(step: int, value: int = OLD_BASE) -> Made:
    """Return the id of the note that a step created."""
    return Made(step, "body", "/id", Place("POST /notes", 201, "body", "/id"), value)


def create(title: Any = "a", **members: Any) -> Call:
    return Call(CREATE, body={"title": title, **members}, media_type="application/json")


def read(step: int) -> Call:
    return Call(READ, {"note_id": note_of(step)})


def patch(step: int, **members: Any) -> Call:
    return Call(PATCH, {"note_id": note_of(step)}, body=members, media_type="application/json")


def delete(step: int) -> Call:
    return Call(DELETE, {"note_id": note_of(step)})


def listed(**query: Any) -> Call:
    return Call(LIST, query=[*query.items()])
