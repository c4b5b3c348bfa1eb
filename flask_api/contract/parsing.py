"""Request bodies: JSON objects and merge patches (contract: Media types, Strict input)."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from flask import request

from flask_api.contract.errors import Problem

CHARSET = r'[ \t]*(;[ \t]*charset=(utf-8|"utf-8")[ \t]*)?'
JSON = re.compile(f"application/json{CHARSET}", re.IGNORECASE)
JSON_OR_MERGE_PATCH = re.compile(f"application/(merge-patch[+])?json{CHARSET}", re.IGNORECASE)
MAX_BODY = 1_048_576  # bytes
MAX_DEPTH = 32  # levels of arrays and objects

View = Callable[..., Any]


def json_body(view: View) -> View:
    """Decode the body, a JSON object, which the handler gets as `body`."""
    return with_body(JSON, view)


def merge_patch_body(view: View) -> View:
    """Decode the body, a JSON merge patch (RFC 7396), which the handler gets as `body`."""
    return with_body(JSON_OR_MERGE_PATCH, view)


def with_body(media_types: re.Pattern[str], view: View) -> View:
    """Check the body's media type, size and form, in this order."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not media_types.fullmatch(request.headers.get("Content-Type", "")) or (
            request.headers.get("Content-Encoding", "identity").lower() != "identity"
        ):
            raise Problem("unsupported-media-type")
        return view(*args, **kwargs, body=decoded_body(body_bytes()))

    return wrapper


def body_bytes() -> bytes:
    """Read the body, and of what is beyond the limit at most one byte."""
    request.max_content_length = MAX_BODY
    announced = request.content_length
    if (announced or 0) > MAX_BODY:
        raise Problem("content-too-large")
    try:
        body = request.get_data()
        is_longer = announced is None and len(body) == MAX_BODY and goes_on()
    except Exception:  # noqa: BLE001 - each server has exceptions of its own for broken chunks
        raise Problem("malformed-body") from None
    if is_longer:
        raise Problem("content-too-large")
    if announced is not None and len(body) < announced:
        raise Problem("malformed-body")  # the client has gone away
    return body


def goes_on() -> bool:
    """Tell whether a chunked body has another byte; werkzeug cuts it off without an error."""
    # gunicorn's read() would wait until 1,024 have come, but for a line only as long as it must.
    return bool(request.environ["wsgi.input"].readline(1))


def decoded_body(body: bytes) -> dict[str, Any]:
    """Decode JSON; orjson refuses NaN, byte order marks, lone surrogates and what isn't UTF-8."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem("malformed-body") from None
    if not isinstance(data, dict) or is_deep(data, MAX_DEPTH):
        raise Problem("malformed-body")
    return data


def is_deep(value: Any, levels: int) -> bool:
    """Tell whether a value has more than so many levels of arrays and objects.

    Goes through all of a level at once: a body may hold 350,000 arrays, and a call for each of them
    would take far longer than to decode it.
    """
    level = [value]
    for _ in range(levels):
        if not level:
            break
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
    return bool(level)
