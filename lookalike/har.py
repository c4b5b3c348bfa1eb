"""Recordings of a browser or a proxy (HAR 1.2) as calls that can be made to other servers.

What the servers made is recognised in what they answered before, so that each server is sent its
own: ids, links, entity tags. Credentials are left out; who asked is an actor's name.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from lookalike.alignment import Place
from lookalike.calls import Call, Made, Text, linked
from lookalike.comparison import escaped
from lookalike.openapi import Contract, Operation
from lookalike.values import parts

# What browsers and proxies add, and what belongs to a connection or has a place of its own.
ADDED = re.compile(
    r"""(?ix) :.* | sec-.* | accept-(encoding|language) | cache-control | connection
    | content-(length|type) | dnt | host | keep-alive | origin | pragma | priority | proxy-.*
    | referer | te | transfer-encoding | upgrade-insecure-requests | user-agent | via
    | x-forwarded-.* | .*(csrf|xsrf).*"""
)
CREDENTIALS = frozenset({"authorization", "cookie", "x-api-key", "x-auth-token"})
TELLING = 8  # characters of a text that hardly stands in two places by chance


class RecordingError(ValueError):
    """A file that is no HAR file."""


@dataclass(frozen=True)
class Recording:
    """What was recorded, and what of it is of no use here."""

    calls: list[Call] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)  # such as "GET /logo.png: not in the file"


class Seen(NamedTuple):
    """A value that a server made, and the member's name under which it was answered."""

    name: str
    made: Made


class Entry(NamedTuple):
    """A recorded request and its answer."""

    method: str
    url: str
    fields: list[tuple[str, str]]
    body: str | None
    media_type: str
    status: int
    answer_fields: list[tuple[str, str]]
    answer: Any  # the JSON value, if it is one


def read(contract: Contract, text: str, actors: Sequence[str] = ("recorded",)) -> Recording:
    """Read a HAR file's text; raise a RecordingError where it is none.

    The first credentials that were recorded are the first actor's, and so on; any further ones are
    the last actor's.
    """
    return Reader(contract, actors).read(entries(text))


def entries(text: str) -> list[Entry]:
    """Return what was recorded, in the order in which it was asked."""
    try:
        found = json.loads(text.removeprefix("\ufeff"))["log"]["entries"]
        ordered = sorted(found, key=lambda each: str(each.get("startedDateTime", "")))
        return [entry(each) for each in ordered]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RecordingError(f"no HAR file: {type(error).__name__}: {error}") from error


def entry(raw: Mapping[str, Any]) -> Entry:
    """Read one entry."""
    request, response = raw["request"], raw.get("response") or {}
    posted = request.get("postData") or {}
    body = posted.get("text")
    if body is None and posted.get("params"):
        body = "&".join(f"{each['name']}={each.get('value', '')}" for each in posted["params"])
    return Entry(
        request["method"].upper(),
        request["url"],
        pairs(request.get("headers")),
        body,
        posted.get("mimeType", ""),
        int(response.get("status") or 0),
        pairs(response.get("headers")),
        answered(response.get("content") or {}),
    )


def pairs(given: Any) -> list[tuple[str, str]]:
    """Return names and values of a list of HAR's."""
    return [(each["name"], each.get("value", "")) for each in given or []]


def answered(content: Mapping[str, Any]) -> Any:
    """Return the JSON value of an answer, if it is one and was kept."""
    text = content.get("text") or ""
    try:
        if content.get("encoding") == "base64":
            text = base64.b64decode(text).decode()
        return json.loads(text)
    except (ValueError, binascii.Error, RecursionError):
        return None


class Reader:
    """Makes calls of entries, one after the other."""

    def __init__(self, contract: Contract, actors: Sequence[str]) -> None:
        self._contract = contract
        self._actors = actors
        self._secrets: list[str] = []  # credentials, in the order of their first use
        self._seen: dict[str, list[Seen]] = {}  # by text
        self._sent: set[str] = set()  # texts that the client sent before any server did
        self._links: dict[str, Made | Text] = {}  # by path and query
        servers = contract.raw.get("servers") or []
        bases = [urlsplit(str(each.get("url", ""))).path.rstrip("/") for each in servers]
        self._bases = sorted({"", *bases}, key=len, reverse=True)
        schemes = (contract.raw.get("components") or {}).get("securitySchemes") or {}
        resolved = map(contract.resolved, schemes.values())
        self._keys = {
            (each.get("in"), str(each.get("name")).lower())
            for each in resolved
            if each.get("type") == "apiKey"
        }

    def read(self, recorded: Sequence[Entry]) -> Recording:
        """Make calls of all that is an operation of the file."""
        recording = Recording()
        logins = self._logins(recorded)
        for index, each in enumerate(recorded):
            path = urlsplit(each.url).path
            name = f"{each.method} {path}"
            found = self._operation(each)
            if each.status == 0:
                recording.skipped.append(f"{name}: it was not answered")
            elif found is None:
                recording.skipped.append(f"{name}: not in the file")
            elif index in logins:
                recording.skipped.append(f"{name}: actors sign in by themselves")
            else:
                operation, values = found
                recording.calls.append(self._call(each, operation, values))
                self._note(len(recording.calls) - 1, operation, each)
        return recording

    def _operation(self, each: Entry) -> tuple[Operation, dict[str, str]] | None:
        """Find what an entry asks for, below any base path that the file names."""
        path = urlsplit(each.url).path
        for base in self._bases:
            if path.startswith(base):
                operation = self._contract.find(each.method, path[len(base) :])
                if operation is not None:
                    return operation, operation.matches(path[len(base) :]) or {}
        return None

    # Credentials

    def _logins(self, recorded: Sequence[Entry]) -> set[int]:
        """Return which entries were answered with a token that was used afterwards."""
        used = {word for each in recorded for word in self._secret(each).split()[-1:]}
        return {
            index
            for index, each in enumerate(recorded)
            if each.method == "POST"
            and any(str(value) in used for _, _, value in scalars(each.answer))
        }

    def _secret(self, each: Entry) -> str:
        """Return the credentials of a request, "" if it has none."""
        for name, value in each.fields:
            lowered = name.lower()
            if lowered != "cookie" and (
                lowered in CREDENTIALS or ("header", lowered) in self._keys
            ):
                return value
            if lowered == "cookie":
                for key, cookie in cookies(value):
                    if ("cookie", key.lower()) in self._keys:
                        return cookie
        for key, value in parse_qsl(urlsplit(each.url).query):
            if ("query", key.lower()) in self._keys:
                return value
        return ""

    def _actor(self, each: Entry) -> str | None:
        secret = self._secret(each)
        if not secret or not self._actors:
            return None
        if secret not in self._secrets:
            self._secrets.append(secret)
        return self._actors[min(self._secrets.index(secret), len(self._actors) - 1)]

    # Requests

    def _call(self, each: Entry, operation: Operation, values: Mapping[str, str]) -> Call:
        split = urlsplit(each.url)
        fields = [
            (name, self._made(name, value))
            for name, value in each.fields
            if not ADDED.fullmatch(name)
            and name.lower() not in CREDENTIALS
            and ("header", name.lower()) not in self._keys
        ]
        body, media_type = self._body(each)
        path = {name: self._made(name, value, is_id=True) for name, value in values.items()}
        query = [
            (name, self._made(name, value))
            for name, value in parse_qsl(split.query, keep_blank_values=True)
            if ("query", name.lower()) not in self._keys
        ]
        link = self._links.get(f"{split.path}?{split.query}") if split.query else None
        return Call(
            operation,
            path,
            () if link else query,
            fields,
            body,
            media_type,
            actor=self._actor(each),
            address=link,
            why="recorded",
        )

    def _body(self, each: Entry) -> tuple[Any, str]:
        if each.body is None:
            return None, ""
        media_type = each.media_type or next(
            (value for name, value in each.fields if name.lower() == "content-type"), ""
        )
        if "json" in media_type.lower():
            try:
                return self._inside("", json.loads(each.body)), media_type
            except (ValueError, RecursionError):
                pass  # it was sent as it is: it goes on so
        return each.body.encode(), media_type

    def _inside(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._inside(key, inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._inside(name, inner) for inner in value]
        if isinstance(value, bool) or value is None:
            return value
        return self._made(name, value)

    def _made(self, name: str, value: Any, *, is_id: bool = False) -> Any:
        """Return where a value came from, if a server made it; else the value.

        What is short may be there by chance: it counts as made where the names say so.
        """
        text = str(value)
        found = [] if text in self._sent else self._seen.get(text, [])
        if len(text) < TELLING or not re.search(r"\d|[/+=-]", text):
            found = [each for each in found if is_named_alike(name, each.name, is_id=is_id)]
        if found:
            # An answer about one thing is surer than a place in a list.
            return min(found, key=lambda each: "/*" in each.made.place.pointer).made
        if text not in self._seen:
            self._sent.add(text)
        return value

    # Answers

    def _note(self, step: int, operation: Operation, each: Entry) -> None:
        """Remember what an answer holds."""
        place = Place(operation.name, each.status, "body")
        for pointer, name, value in scalars(each.answer):
            pattern = re.sub(r"/\d+(?=/|$)", "/*", pointer)
            made = Made(step, "body", pointer, place._replace(pointer=pattern), value)
            self._remember(name, made)
            if isinstance(value, str) and re.match(r"https?://|/", value):
                self._links.setdefault(without_host(value), made)
        for name, text in each.answer_fields:
            lowered = name.lower()
            made = Made(step, lowered, "", Place(operation.name, each.status, lowered), text)
            if lowered == "etag":
                self._remember("etag", made)
            elif lowered == "location":
                self._note_location(made)
            elif lowered == "link":
                for relation in ("next", "prev", "first", "last"):
                    if address := linked(text, relation):
                        link = Text((made,), f"link {relation}")
                        self._links.setdefault(without_host(address), link)

    def _note_location(self, made: Made) -> None:
        """Remember the parts of an address, the last of which most often is an id."""
        for number, text in enumerate(parts(str(made.value))[::2]):
            pointer = f"#{number}"
            place = made.place._replace(pointer=pointer)
            self._remember("id", made._replace(pointer=pointer, place=place, value=text))

    def _remember(self, name: str, made: Made) -> None:
        self._seen.setdefault(str(made.value), []).append(Seen(name, made))


def is_named_alike(target: str, source: str, *, is_id: bool) -> bool:
    """Tell whether a member's value may be meant by a parameter's or another member's name."""
    one, two = (re.sub(r"[^a-z0-9]", "", name.lower()) for name in (target, source))
    return one == two or (two == "id" and (is_id or one.endswith("id")))


def without_host(address: str) -> str:
    """Return the path and query of an address."""
    split = urlsplit(address)
    return f"{split.path}?{split.query}"


def cookies(text: str) -> Iterator[tuple[str, str]]:
    """Yield the cookies of a `Cookie` field (RFC 6265, section 4.2.1)."""
    try:
        yield from ((name, morsel.value) for name, morsel in SimpleCookie(text).items())
    except CookieError:
        return


def scalars(value: Any, pointer: str = "", name: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield each text and number of a JSON value with its pointer and its member's name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from scalars(inner, f"{pointer}/{escaped(key)}", key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from scalars(inner, f"{pointer}/{index}", name)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield pointer, name, value
