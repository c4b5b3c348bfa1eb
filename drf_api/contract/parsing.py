"""Request bodies: JSON objects and merge patches (contract: Media types, Strict input)."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import LimitedStream, WSGIRequest
from django.http import HttpRequest
from django.http.request import split_domain_port
from rest_framework import parsers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

MAX_DEPTH = 32


class ChunkedStream(LimitedStream):
    """A body whose end the server finds."""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self.limit if size is None or size < 0 else size
        try:
            # For the last byte, which shows that a body is too large, gunicorn would wait until
            # 1,024 have come; in a line it waits for none beyond what is wanted.
            return super().read(max(0, wanted - 1)) + super().readline(min(1, wanted))
        except Exception as error:
            # Servers have exceptions of their own for broken chunks; Django knows of OSError.
            raise OSError("The chunked body is ill-formed.") from error


class ContractRequest(WSGIRequest):
    """A request whose path and body are what the client sent."""

    def __init__(self, environ: dict[str, Any]) -> None:
        # Django keeps of the path what it could decode as UTF-8 and overwrites the rest.
        self.raw_path = environ.get("PATH_INFO", "").encode("latin-1")
        super().__init__(environ)
        # Django takes a body without Content-Length, as a chunked one is, for an empty one.
        if "CONTENT_LENGTH" not in environ and environ.get("wsgi.input_terminated"):
            limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
            self._stream = ChunkedStream(environ["wsgi.input"], limit)  # type: ignore[assignment]

    def get_host(self) -> str:
        # Without a Host header Django takes the server's own name for it.
        if "HTTP_HOST" not in self.META:
            raise DisallowedHost("The request has no Host header.")
        host = super().get_host()
        # Where any host is allowed, Django takes "a..b" for one.
        labels = split_domain_port(host)[0].split(".")
        if not all(0 < len(label) < 64 for label in labels):  # noqa: PLR2004 - RFC 1035
            raise DisallowedHost("The Host header is no name.")
        return host


class BodyRequest(Request):
    """DRF's request, for operations whose body is never optional."""

    @property
    def stream(self) -> HttpRequest:
        # DRF takes a request without Content-Length for one without a body, and never looks at
        # the media type of an empty one.
        return self._request


class JSONParser(parsers.JSONParser):
    """Takes exactly one JSON object in UTF-8, nested at most 32 levels deep."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read()
        announced = (parser_context or {})["request"].META.get("CONTENT_LENGTH")
        if len(body) < int(announced or 0):
            raise ParseError  # the client has gone away
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError from error
        if not isinstance(value, dict) or is_deeper(value, MAX_DEPTH):
            raise ParseError
        return value


class MergePatchParser(JSONParser):
    """The same for a JSON merge patch (RFC 7396)."""

    media_type = "application/merge-patch+json"


def is_deeper(value: Any, limit: int) -> bool:
    """Tell whether arrays and objects are nested more than so many levels deep.

    Looks at one level after the other, as a function that calls itself for each of the 350,000
    arrays of a large body takes several times as long as decoding them.
    """
    found = [value]
    while found and limit:
        entries = chain.from_iterable(
            each.values() if isinstance(each, dict) else each for each in found
        )
        found = [entry for entry in entries if isinstance(entry, (dict, list))]
        limit -= 1
    return bool(found)
