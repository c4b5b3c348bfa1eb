"""Request bodies: JSON objects and merge patches (contract: Media types, Strict input)."""

from functools import wraps
from typing import Any

import orjson
from flask import request
from flask.typing import RouteCallable

from flask_api.contract.errors import ProblemError

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
MAX_BODY = 1_048_576  # bytes


def json_body(view: RouteCallable) -> RouteCallable:
    """Decode the body, a JSON object, which the handler gets as `body`."""
    return with_body({JSON}, view)


def merge_patch_body(view: RouteCallable) -> RouteCallable:
    """Decode the body, a JSON merge patch (RFC 7396), which the handler gets as `body`."""
    return with_body({JSON, MERGE_PATCH}, view)


def with_body(media_types: set[str], view: RouteCallable) -> RouteCallable:
    """Check the body's media type, size and form, in this order."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        encoding = request.headers.get("Content-Encoding", "identity")
        if request.mimetype not in media_types or encoding.lower() != "identity":
            raise ProblemError("unsupported-media-type")
        return view(*args, **kwargs, body=parse_object(read_body()))

    return wrapper


def read_body() -> bytes:
    """Read the body, and of what is beyond the limit at most one byte."""
    announced = request.content_length or 0
    if announced > MAX_BODY:
        raise ProblemError("content-too-large")
    request.max_content_length = MAX_BODY + 1  # where werkzeug cuts a chunked body off
    try:
        body = request.get_data()
    except Exception:  # noqa: BLE001 – each server has exceptions of its own for broken chunks
        raise ProblemError("malformed-body") from None
    if len(body) > MAX_BODY:
        raise ProblemError("content-too-large")
    if len(body) < announced:  # the client has gone away
        raise ProblemError("malformed-body")
    return body


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse JSON; orjson refuses NaN, byte order marks, lone surrogates and what isn't UTF-8."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ProblemError("malformed-body") from None
    if not isinstance(data, dict):
        raise ProblemError("malformed-body")
    return data
