"""Requests as input: the query, the declared headers and the body are decoded here, strictly."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from flask import g, request
from marshmallow import ValidationError

from flask_api.contract import strict as fields
from flask_api.contract.errors import Code, InputError, Problem
from flask_api.contract.schemas import Schema

ENTITY_TAG = r'(W/)?"[!#-~]*"'
CHARSET = r'[ \t]*(;[ \t]*charset=(utf-8|"utf-8")[ \t]*)?'
JSON = re.compile(f"application/json{CHARSET}", re.IGNORECASE)
JSON_OR_MERGE_PATCH = re.compile(f"application/(merge-patch[+])?json{CHARSET}", re.IGNORECASE)
MAX_BODY = 1_048_576  # bytes
MAX_DEPTH = 32  # levels of arrays and objects

View = Callable[..., Any]


class HeaderField(fields.Formatted):
    """A header: whatever is wrong with it is its format."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return self.parse(value)


class EntityTags(HeaderField):
    """`*`, or entity tags joined by commas (RFC 9110, section 8.8.3)."""

    format = "entity-tags"
    pattern = re.compile(rf"(?!.{{4001}})(\*|{ENTITY_TAG}([ \t]*,[ \t]*{ENTITY_TAG})*)")


class Key(HeaderField):
    """A key that names a request."""

    format = "idempotency-key"
    pattern = re.compile(r"[!-~]{1,255}")


class Nothing(Schema):
    """No parameters."""


class IfMatch(Schema):
    """Write only if the current representation has one of these entity tags."""

    if_match = EntityTags(data_key="If-Match")


class IfNoneMatch(Schema):
    """Send only if the current representation has none of these entity tags."""

    if_none_match = EntityTags(data_key="If-None-Match")


class IdempotencyKey(Schema):
    """Makes it safe to repeat the request."""

    idempotency_key = Key(data_key="Idempotency-Key")


def parameters(
    query: type[Schema] = Nothing, headers: type[Schema] = Nothing
) -> Callable[[View], View]:
    """Check the query and the declared headers; the handler gets a declared query as `query`.

    Every operation has this decorator, as none may be sent parameters that it doesn't declare.
    """
    query_schema, header_schema = query(), headers()

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            g.parameters = decoded_query()
            found, errors = checked_query(query_schema, g.parameters)
            g.headers, header_errors = checked_headers(header_schema)
            if errors or header_errors:
                raise Problem("invalid-parameters", errors + header_errors)
            return view(*args, **kwargs, **({} if query is Nothing else {"query": found}))

        return wrapper

    return decorator


def decoded_query() -> list[tuple[str, str]]:
    """Decode the query as a form; percent-encoding that isn't UTF-8 can't be decoded."""
    pieces = request.environ.get("QUERY_STRING", "").encode("latin-1").split(b"&")
    pairs = (piece.replace(b"+", b" ").partition(b"=") for piece in pieces if piece)
    try:
        return [
            (unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode())
            for name, _, value in pairs
        ]
    except UnicodeDecodeError:
        raise Problem("malformed-request") from None


def checked_query(
    schema: Schema, pairs: list[tuple[str, str]]
) -> tuple[dict[str, Any], list[InputError]]:
    """Load the parameters by a schema, with one error for each name."""
    counts = Counter(name for name, _ in pairs)
    messages = {
        name: Code("repeated_parameter" if name in schema.load_fields else "unknown_parameter")
        for name, count in counts.items()
        if count > 1 or name not in schema.load_fields
    }
    found, invalid = loaded(schema, {name: text for name, text in pairs if name not in messages})
    return found, [InputError("parameter", *item) for item in {**messages, **invalid}.items()]


def checked_headers(schema: Schema) -> tuple[dict[str, Any], list[InputError]]:
    """Load the declared headers by a schema."""
    names = [str(field.data_key) for field in schema.load_fields.values()]
    sent = {name: request.headers[name] for name in names if name in request.headers}
    found, invalid = loaded(schema, sent)
    return found, [InputError("header", *item) for item in invalid.items()]


def loaded(schema: Schema, texts: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Code]]:
    """Load a flat map, and give the first code of each name that is wrong."""
    if not texts:
        return defaults(schema), {}
    try:
        return schema.load(texts), {}
    except ValidationError as error:
        return {}, {name: messages[0] for name, messages in error.messages_dict.items()}


@cache
def defaults(schema: Schema) -> dict[str, Any]:
    """Load nothing, which most requests send: none of the parameters is required."""
    return dict(schema.load({}))


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
