"""What a program of this contract needs whatever its framework: texts, tags, cursors, headers.

The peers share it, so that they differ in nothing but their framework. The names in capitals are
from openapi.yaml, which a test compares.
"""

import hmac
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from uuid_utils.compat import uuid7

SECRET_KEY = os.environ.get("SECRET_KEY", "").encode()
HOSTS = frozenset((os.environ.get("ALLOWED_HOSTS") or "localhost,127.0.0.1,[::1]").split(","))
DATABASE_URL = os.environ.get("DATABASE_URL", "")
JSON, PROBLEM = "application/json", "application/problem+json"
MAC_BYTES, MAX_BODY, MAX_DEPTH = 16, 1_048_576, 32

PRIORITIES = ["low", "normal", "high", "urgent"]
CURRENCIES = ["AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "NOK", "NZD", "PLN", "SEK", "USD"]
REASONS = ["received", "sold", "returned", "damaged", "corrected"]
TODO_SORTS = ["created_at", "updated_at", "due_at", "priority", "title"]
PRODUCT_SORTS = ["created_at", "name", "sku", "price", "stock"]

PROBLEMS: Mapping[str, tuple[int, str, str]] = {
    "malformed-request": (400, "Malformed request", "The query string is not UTF-8."),
    "bad-host": (400, "Bad host", "The Host header names no host that is served here."),
    "invalid-parameters": (
        400,
        "Invalid parameters",
        "Query parameters or headers break the contract.",
    ),
    "malformed-body": (400, "Malformed body", "The body is not a JSON object in UTF-8."),
    "authentication-required": (
        401,
        "Authentication required",
        "This operation needs a bearer token.",
    ),
    "invalid-token": (401, "Invalid token", "The bearer token is unknown, expired or revoked."),
    "forbidden": (403, "Forbidden", "This operation is for staff."),
    "not-found": (404, "Not found", "Nothing is found at this address."),
    "method-not-allowed": (
        405,
        "Method not allowed",
        "The Allow header names the methods that are answered here.",
    ),
    "not-acceptable": (
        406,
        "Not acceptable",
        "The Accept header admits nothing that this operation sends.",
    ),
    "insufficient-stock": (
        409,
        "Insufficient stock",
        "The adjustment would take the stock below zero.",
    ),
    "content-too-large": (413, "Content too large", "The body is larger than 1,048,576 bytes."),
    "unsupported-media-type": (
        415,
        "Unsupported media type",
        "The body's media type or encoding is not supported by this operation.",
    ),
    "invalid-body": (422, "Invalid body", "The body is well-formed but breaks the contract."),
}
CODES: Mapping[str, str] = {
    "required": "This property is required.",
    "unknown_property": "This property is not known here.",
    "unknown_parameter": "This parameter is not known here.",
    "repeated_parameter": "This parameter may be given only once.",
    "null_not_allowed": "Must not be null.",
    "null_character": "Must not contain the NUL character (U+0000).",
    "blank": "Must have a character other than white space.",
    "zero": "Must not be zero.",
    "duplicate": "Must not repeat an earlier entry.",
    "not_found": "Must refer to something that exists.",
    "invalid_cursor": "Must be a cursor that this list gave for these parameters.",
    "insufficient_stock": "Must not take the stock below zero.",
}
FORMATS: Mapping[str, str] = {
    "slug": "Must be lower-case letters and digits, in parts joined by single hyphens.",
    "price": "Must be a decimal number from 0.00 to 99999999.99, as a string with two places.",
    "date-time": "Must be an RFC 3339 date-time with an offset and at most six fractional digits.",
    "uuid": "Must be a UUID in canonical lower-case form.",
    "entity-tags": "Must be * or a list of quoted entity tags.",
}
CALENDAR = "Must lie in the years 0001 to 9999 in UTC."

FIXED = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PRICE = re.compile(r"(0|[1-9][0-9]{0,7})\.[0-9]{2}")
TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
ENTITY_TAGS = re.compile(r'(?!.{4001})(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)', re.DOTALL)
MEDIA_TYPE = re.compile(
    r'application/json[ \t]*(;[ \t]*charset=(utf-8|"utf-8")[ \t]*)?', re.IGNORECASE
)
PATCH_MEDIA_TYPE = re.compile(
    MEDIA_TYPE.pattern.replace("json", "(merge-patch[+])?json"), re.IGNORECASE
)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
HOST = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]+)?")
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a grammar's token
QUOTED = r'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
ELEMENT = re.compile(rf"(?:{QUOTED}|[^,])+")
RANGE = re.compile(rf"({TOKEN}/{TOKEN})((?:[ \t]*;(?:[ \t]*{TOKEN}=(?:{TOKEN}|{QUOTED}))?)*)")
WEIGHT = re.compile(rf";[ \t]*q=({TOKEN}|{QUOTED})|{QUOTED}", re.IGNORECASE)
QVALUE = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")

Error = tuple[str, str, str, str]  # `pointer`, `parameter` or `header`; where; code; detail


class ProblemError(Exception):
    """An answer that is an error: one of PROBLEMS by name."""

    def __init__(self, name: str, *errors: Error, **headers: str) -> None:
        super().__init__(name)
        self.status = PROBLEMS[name][0]
        self.name = name
        self.errors = sorted(errors)
        self.headers = {field.replace("_", "-"): value for field, value in headers.items()}

    def body(self, path: str) -> bytes:
        """Write the problem document (RFC 9457) of a request for a path."""
        status, title, detail = PROBLEMS[self.name]
        document: dict[str, Any] = {
            "type": f"/api/problems/{self.name}",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": quote(path, safe="/!$&'()*+,-.;=:@_~"),
        }
        if self.errors:
            document["errors"] = [
                {kind: where, "code": code, "detail": text}
                for kind, where, code, text in self.errors
            ]
        return orjson.dumps(document)


def parameter_error(name: str, code: str, detail: str | None = None) -> Error:
    """Say what is wrong about a query parameter."""
    return ("parameter", name, code, detail or CODES[code])


def pointer_error(path: Iterable[object], code: str, detail: str | None = None) -> Error:
    """Say what is wrong about a value in the body (RFC 6901)."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return ("pointer", "".join(f"/{step}" for step in steps), code, detail or CODES[code])


def new_id() -> Any:
    """Make a UUID of version 7 (RFC 9562)."""
    return uuid7()


def check_request(host: str, accept: str) -> None:
    """Look at what comes before everything else: the host and `Accept`."""
    match = HOST.fullmatch(host.lower())
    if not match or match[1].removesuffix(".") not in HOSTS:
        raise ProblemError("bad-host")
    ranges = list(media_ranges(accept))
    if ranges and not any(admits(ranges, each) for each in (JSON, PROBLEM)):
        raise ProblemError("not-acceptable")


def media_ranges(accept: str) -> Iterable[tuple[str, float]]:
    """Yield each well-formed range with its weight (RFC 9110, section 12.5.1)."""
    for element in ELEMENT.findall(accept):
        match = RANGE.fullmatch(element.strip(" \t"))
        if match:
            weights = [each[1] for each in WEIGHT.finditer(match[2]) if each[1]] or ["1"]
            if len(weights) == 1 and QVALUE.fullmatch(weights[0]):
                yield match[1].lower(), float(weights[0])


def admits(ranges: list[tuple[str, float]], media_type: str) -> bool:
    """Let the most specific of the ranges decide, of equal ones the first."""
    for candidate in (media_type, "application/*", "*/*"):
        for media_range, weight in ranges:
            if media_range == candidate:
                return weight > 0
    return False


def token_digest(authorization: str) -> str:
    """Return what is stored of the bearer token that a request was sent with (RFC 6750)."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise ProblemError("authentication-required", WWW_Authenticate="Bearer")
    return sha256(token.lstrip(" ").encode("latin-1")).hexdigest()


def invalid_token() -> ProblemError:
    """Refuse a token that stands for nobody."""
    return ProblemError("invalid-token", WWW_Authenticate='Bearer error="invalid_token"')


def check_media_type(method: str | None, content_type: str) -> None:
    """Look at what a body says it is."""
    pattern = PATCH_MEDIA_TYPE if method == "PATCH" else MEDIA_TYPE
    if not pattern.fullmatch(content_type):
        raise ProblemError("unsupported-media-type")


def decoded_body(body: bytes) -> dict[str, Any]:
    """Decode a JSON object; orjson refuses NaN, byte order marks and what isn't UTF-8."""
    if len(body) > MAX_BODY:
        raise ProblemError("content-too-large")
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ProblemError("malformed-body") from None
    if not isinstance(data, dict) or is_deep(data, MAX_DEPTH):
        raise ProblemError("malformed-body")
    return data


def is_deep(value: Any, levels: int) -> bool:
    """Tell whether a value has more than so many levels of arrays and objects."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(is_deep(each, levels - 1) for each in inner)


def check_condition(condition: str | None) -> list[Error]:
    """Check the form of an `If-None-Match`."""
    if condition is None or ENTITY_TAGS.fullmatch(condition):
        return []
    return [("header", "If-None-Match", "invalid_format", FORMATS["entity-tags"])]


def entity_tag(body: bytes) -> str:
    """Make the strong tag of a body."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def headers(
    status: int, body: bytes, sent_id: str, condition: str | None, more: Mapping[str, str]
) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Complete an answer: its entity tag, the fixed header fields, and 304."""
    fields = {
        **FIXED,
        "Cache-Control": "no-store",
        "X-Request-ID": sent_id if REQUEST_ID.fullmatch(sent_id) else str(uuid7()),
        **more,
    }
    if status in {200, 201}:
        fields["Content-Type"] = JSON
        fields["ETag"] = tag = entity_tag(body)
        if condition and status == 200 and (condition == "*" or tag in condition):  # noqa: PLR2004 – OK
            status, body = 304, b""
            del fields["Content-Type"]
        else:
            fields["Content-Length"] = str(len(body))
    else:
        fields.update({"Content-Type": PROBLEM, "Content-Length": str(len(body))})
    return status, body, list(fields.items())


PUBLIC = {"Cache-Control": "public, no-cache"}


def context(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Name the list that a cursor belongs to."""
    return f"{path}?{urlencode(sorted(p for p in pairs if p[0] not in {'limit', 'cursor'}))}"


def mac(payload: bytes) -> bytes:
    """Sign a cursor."""
    return hmac.digest(SECRET_KEY, payload, "sha256")[:MAC_BYTES]


def encode_cursor(bound_to: str, value: Any, row_id: str) -> str:
    """Make the cursor of the page that follows a row."""
    payload = orjson.dumps([bound_to, value, row_id])
    return urlsafe_b64encode(payload + mac(payload)).rstrip(b"=").decode()


def decode_cursor(text: str, bound_to: str) -> tuple[Any, str] | None:
    """Return the value and the id that a cursor holds, if it is one of this list."""
    try:
        packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    payload, sent = packed[:-MAC_BYTES], packed[-MAC_BYTES:]
    if not hmac.compare_digest(sent, mac(payload)):
        return None
    owner, value, row_id = orjson.loads(payload)
    return (value, row_id) if owner == bound_to else None


def following(path: str, pairs: list[tuple[str, str]], value: Any, row_id: str) -> str:
    """Refer to the page that follows a row."""
    cursor = encode_cursor(context(path, pairs), value, row_id)
    kept = sorted(pair for pair in pairs if pair[0] != "cursor")
    return f"{path}?{urlencode([*kept, ('cursor', cursor)])}"


def page(items: list[Any], following: str | None) -> tuple[bytes, dict[str, str]]:
    """Write a page, and say where the next one is."""
    link = {"Link": f'<{following}>; rel="next"'} if following else {}
    return orjson.dumps({"items": items, "next": following}), link


def shown_time(moment: datetime) -> str:
    """Write a time in UTC as responses do."""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def parsed_time(text: str) -> datetime | None:
    """Read an RFC 3339 date-time, or None where it leaves the calendar in UTC.

    Raises ValueError for what is none.
    """
    if not TIME.fullmatch(text):
        raise ValueError
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        return None
