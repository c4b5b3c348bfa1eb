"""One request, one answer, nothing hidden: no redirect followed, no cookie kept, no field lost."""

import json
import re
import shlex
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from lookalike import form_data

Fields = tuple[tuple[str, str], ...]

GZIP = 16 + zlib.MAX_WBITS  # as zlib names the format


@dataclass(frozen=True)
class Request:
    """An HTTP request; `target` is in origin-form (RFC 9112, section 3.2.1), below a base path."""

    method: str
    target: str
    fields: Fields = ()
    body: bytes | None = None

    @classmethod
    def json(cls, method: str, target: str, value: Any, fields: Fields = ()) -> "Request":
        """Build a request whose body is a JSON value."""
        body = json.dumps(value, ensure_ascii=False).encode()
        return cls(method, target, (("Content-Type", "application/json"), *fields), body)

    def header(self, name: str) -> str | None:
        """Return the first value of a header field, whose name's case doesn't count."""
        return first(self.fields, name)

    def with_fields(self, *fields: tuple[str, str]) -> "Request":
        """Return the request with header fields in place of those of the same names."""
        names = {name.lower() for name, _ in fields}
        kept = tuple(pair for pair in self.fields if pair[0].lower() not in names)
        return replace(self, fields=(*kept, *fields))

    @property
    def texts(self) -> frozenset[str]:
        """All texts that are sent: parts of the path, parameters, header fields, JSON's texts."""
        path, _, query = self.target.partition("?")
        found = {unquote(part) for part in path.split("/")}
        found |= {value for _, value in parse_qsl(query, keep_blank_values=True)}
        found |= {value for _, value in self.fields}
        try:
            found |= {*texts_in(json.loads(self.body or b"null"))}
        except (ValueError, RecursionError):
            content_type = self.header("content-type") or ""
            found |= {value for _, value in form_data.decoded(content_type, self.body or b"")}
        return frozenset(found)

    def curl(self, base_url: str, mask: Callable[[str], str] = str) -> str:
        """Return a command line that repeats the request.

        Secrets are masked before quotes are put around and into them.
        """
        url = base_url + self.target
        words = ["curl", "-i"]
        if self.method == "HEAD":
            words += ["--head"]
        elif self.method != "GET" or self.body is not None:
            words += ["-X", self.method]
        if re.search(r"[\[\]{}]", url):
            words += ["--globoff"]
        if "/." in self.target:
            words += ["--path-as-is"]
        words.append(url)
        for name, value in self.fields:
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
        if self.body is not None:
            if self.header("content-type") is None:
                words += ["-H", "Content-Type:"]  # curl would send a form's
            words += ["--data-raw", self.body.decode("utf-8", "backslashreplace")]
        return shlex.join(map(mask, words))


@dataclass(frozen=True)
class Answer:
    """An HTTP response as it came, its body without content-coding."""

    status: int
    fields: Fields
    body: bytes
    reason: str = field(default="", compare=False)
    seconds: float = field(default=0, compare=False)

    def header(self, name: str) -> str | None:
        """Return the first value of a header field, whose name's case doesn't count."""
        return first(self.fields, name)

    @property
    def media_type(self) -> str:
        """The media type of the body, in lower case and without parameters."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        """Whether the body says that it is JSON (RFC 6839, section 3.1)."""
        return is_json(self.media_type)


@dataclass(frozen=True)
class NoAnswer:
    """What came in place of an answer."""

    # "refused", "unknown host", "timed out", "closed", "too large", "not HTTP", "not sent" or
    # "raised"
    why: str
    detail: str = field(default="", compare=False)


Outcome = Answer | NoAnswer


def is_json(media_type: str) -> bool:
    """Tell whether a media type is one of JSON (RFC 6839, section 3.1)."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json")


def texts_in(value: Any) -> Iterator[str]:
    """Yield each text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def first(fields: Fields, name: str) -> str | None:
    """Return the first value of a header field, whose name's case doesn't count."""
    return next((value for key, value in fields if key.lower() == name.lower()), None)


class TooLargeError(Exception):
    """A body has no end, or one that is too far."""


def decoded(body: bytes, codings: str | None, limit: int) -> bytes:
    """Undo content-codings (RFC 9110, section 8.4), as far as they are known.

    Raises a TooLargeError as soon as more than `limit` bytes come of it, and a ValueError where a
    body isn't what is said of it.
    """
    for coding in reversed((codings or "").lower().split(",")):
        match coding.strip():
            case "" | "identity":
                continue
            case "gzip" | "x-gzip":
                found = inflated(body, GZIP, limit)
            case "deflate":  # which is zlib's format, though some leave its header out
                found = inflated(body, zlib.MAX_WBITS, limit)
                found = inflated(body, -zlib.MAX_WBITS, limit) if found is None else found
            case _:
                return body
        if found is None:
            raise ValueError(f"the body is not in {coding.strip()}")
        body = found
    return body


def inflated(body: bytes, window: int, limit: int) -> bytes | None:
    """Decompress a body, which may have several members; None where that isn't possible."""
    found = bytearray()
    while body:
        reader = zlib.decompressobj(window)
        try:
            found += reader.decompress(body, limit + 1 - len(found))
        except zlib.error:
            return None
        if len(found) > limit:
            raise TooLargeError
        if not reader.eof:
            return None
        body = reader.unused_data
    return bytes(found)
