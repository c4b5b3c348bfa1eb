"""Forms are varied member by member: each wrong server is found, a right one never differs."""

import json
from collections.abc import Callable, Iterable
from email import message_from_bytes
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest

from lookalike import form_data
from lookalike.calls import Call, Fresh, Made, Raw, Resolver
from lookalike.diff import Options, diff
from lookalike.findings import Observer, Run
from lookalike.form_data import BOUNDARY, MULTIPART, URLENCODED, File
from lookalike.openapi import Contract
from lookalike.places import Place
from lookalike.samples import samples
from lookalike.stories import decoded, encoded
from lookalike.targets import WsgiTarget
from lookalike.tests.notebook import Until

TEXT = {"type": "string", "minLength": 1, "maxLength": 20}
MEMBERS = {
    "name": TEXT,
    "stars": {"type": "integer", "minimum": 1, "maximum": 5},
    "is_new": {"type": "boolean"},
    "tags": {"type": "array", "items": TEXT, "maxItems": 3},
}
FORM = {"type": "object", "required": ["name"], "properties": MEMBERS}
PICTURE = {
    "type": "object",
    "required": ["name", "picture"],
    "properties": {**MEMBERS, "picture": {"type": "string", "format": "binary"}},
}
ANSWERS = {"default": {"description": "An answer"}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


def contract(media_type: str) -> Contract:
    schema = PICTURE if media_type == MULTIPART else FORM
    body = {"content": {media_type: {"schema": schema}}}
    return Contract(
        {
            "openapi": "3.1.0",
            "info": {"title": "Things", "version": "1"},
            "paths": {
                "/things": {
                    "get": {"responses": ANSWERS},
                    "post": {"requestBody": body, "responses": ANSWERS},
                },
                "/things/{id}": {"parameters": [ID], "get": {"responses": ANSWERS}},
            },
        }
    )


class Sent(NamedTuple):
    """What a part of a form says."""

    name: str
    text: str
    file: str | None = None
    media_type: str = ""


class RefusedError(Exception):
    """A form that isn't taken, and why."""


class Things:
    """The server; `fault` names what is wrong with it."""

    def __init__(self, media_type: str, fault: str = "", first_id: int = 1) -> None:
        self._media_type = media_type
        self._fault = fault
        self._ids = count(first_id)
        self._things: dict[str, dict[str, Any]] = {}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        try:
            status, value = self._reply(environ, body)
        except RefusedError as error:
            status, value = 422, {"error": str(error)}
        start_response(f"{status} Status", [("Content-Type", "application/json")])
        return [json.dumps(value).encode()]

    def _reply(self, environ: dict[str, Any], body: bytes) -> tuple[int, Any]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/things" and method == "GET":
            return 200, [*self._things.values()]
        if path == "/things" and method == "POST":
            content_type = environ.get("CONTENT_TYPE", "")
            if content_type.partition(";")[0] != self._media_type:
                return 415, {"error": "media type"}
            read = parts if self._media_type == MULTIPART else pairs
            thing = {"id": next(self._ids), **self._valid([*read(content_type, body)])}
            self._things[f"/things/{thing['id']}"] = thing
            return 201, thing
        if path in self._things and method == "GET":
            return 200, self._things[path]
        return (404, {"error": "no such thing"}) if method == "GET" else (405, {"error": "method"})

    def _valid(self, sent: list[Sent]) -> dict[str, Any]:
        fault = self._fault
        by_name = {each.name: each.text for each in sent}
        if fault == "takes the first of two":
            by_name = {each.name: each.text for each in reversed(sent)}
        known = {*MEMBERS, "picture"}
        if {*by_name} - known and fault != "ignores unknown members":
            raise RefusedError("unknown")
        name = by_name.get("name", "" if fault != "needs no name" else "nameless")
        if fault == "strips names":
            name = name.strip()
        if not 1 <= len(name) <= (21 if fault == "takes longer names" else 20):
            raise RefusedError("name")
        stars = by_name.get("stars", "3")
        if not stars.isdecimal() or not stars.isascii() or not 1 <= int(stars) <= 5:
            if fault != "takes a fraction" or stars.count(".") != 1:
                raise RefusedError("stars")
            stars = stars.partition(".")[0]
        truths = {"true": True, "false": False}
        truths |= {"on": True, "yes": True} if fault == "takes yes" else {}
        if by_name.get("is_new", "false") not in truths:
            raise RefusedError("is_new")
        tags = [each.text for each in sent if each.name == "tags"]
        if fault == "takes one tag":
            tags = tags[-1:]
        thing = {"name": name, "stars": int(stars), "tags": tags}
        thing["is_new"] = truths[by_name.get("is_new", "false")]
        return thing | (self._picture(sent) if self._media_type == MULTIPART else {})

    def _picture(self, sent: list[Sent]) -> dict[str, Any]:
        found = [each for each in sent if each.name == "picture"]
        if not found or (found[0].file is None and self._fault != "takes a text for a file"):
            raise RefusedError("picture")
        picture = found[0]
        if not picture.text and self._fault == "wants no empty file":
            raise RefusedError("picture")
        file = picture.file
        if file and self._fault == "keeps the folder":
            return {"file": file, "size": len(picture.text), "type": picture.media_type}
        file = file and file.rpartition("/")[2]
        kind = "image/png" if self._fault == "guesses the type" else picture.media_type
        return {"file": file, "size": len(picture.text), "type": kind}


def pairs(_: str, body: bytes) -> Iterable[Sent]:
    for name, text in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        yield Sent(name, text)


def parts(content_type: str, body: bytes) -> Iterable[Sent]:
    message = message_from_bytes(f"Content-Type: {content_type}\n\n".encode() + body)
    for part in message.get_payload() if message.is_multipart() else ():
        assert not isinstance(part, str)
        payload = part.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
        name = str(part.get_param("name", "", "content-disposition"))
        yield Sent(name, text, part.get_filename(), part.get("content-type", ""))


def run(media_type: str, fault: str = "", observer: Observer | None = None) -> Run:
    old, new = Things(media_type), Things(media_type, fault, first_id=4000)
    options = Options(seconds=None, requests=500)
    targets = WsgiTarget(old), WsgiTarget(new)
    return diff(contract(media_type), *targets, options=options, observer=observer)


ANY = [
    "takes the first of two",
    "ignores unknown members",
    "needs no name",
    "strips names",
    "takes longer names",
    "takes a fraction",
    "takes yes",
    "takes one tag",
]
FILES = ["takes a text for a file", "wants no empty file", "keeps the folder", "guesses the type"]


@pytest.mark.parametrize(
    ("media_type", "fault"),
    [
        *((URLENCODED, fault) for fault in ANY),
        *((MULTIPART, fault) for fault in [*ANY[:2], *FILES]),
    ],
)
def test_wrong_servers_are_found(media_type: str, fault: str) -> None:
    operations = {"POST /things", "GET /things/{id}", "GET /things"}
    # one of each kind is looked for to the end, and so made short
    is_whole = fault in {"needs no name", "keeps the folder"}
    until = None if is_whole else Until(lambda finding: finding.operation in operations)
    assert {each.operation for each in run(media_type, fault, until).findings} & operations


@pytest.mark.parametrize("media_type", [URLENCODED, MULTIPART])
def test_equal_servers_have_no_difference(media_type: str) -> None:
    found = run(media_type)
    assert found.findings == []
    assert found.unconfirmed == []
    assert found.hidden == []


def test_a_form_is_sent_with_each_servers_own_values() -> None:
    [call, *_] = samples(contract(MULTIPART), contract(MULTIPART).operations[1])
    made = Made(0, "body", "/id", Place("", 0, ""), 7)
    body = {"id": made, "name": Fresh("a"), "tags": ["x", "y"], "stars": Raw(("1e0",)), "more": {}}
    request = Call(call.operation, body=body, media_type=URLENCODED, form=URLENCODED).request(
        Resolver({}, "99")
    )
    assert request.body == b"id=7&name=a99&tags=x&tags=y&stars=1e0&more=%7B%7D"
    assert {"7", "a99", "x", "y"} <= request.texts
    assert isinstance(call.body["picture"], File)
    sent = call.request(Resolver({}))
    assert sent.header("content-type") == f"multipart/form-data; boundary={BOUNDARY}"
    assert form_data.decoded(sent.header("content-type") or "", sent.body or b"") == [
        ("name", "Sample"),
        ("stars", "1"),
        ("is_new", "true"),
        ("tags", "Sample"),
        ("picture", "Sample"),
    ]
    assert "Sample" in sent.texts


def test_what_would_end_a_name_is_escaped() -> None:
    written = form_data.encoded(MULTIPART, [('a"b', File("c", 'd"\r\n', ""))])
    assert b'name="a%22b"; filename="d%22%0D%0A"\r\n\r\nc\r\n' in written


def test_stories_keep_files() -> None:
    file = File("content", None, "text/plain")
    assert decoded(json.loads(json.dumps(encoded({"picture": [file]})))) == {"picture": [file]}
