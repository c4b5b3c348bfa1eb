"""Answers as the file declares them (OpenAPI's Responses, Header and Schema Objects)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.checks.api import Api
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack
from lookalike.checks.schemas import responses
from lookalike.checks.where import asked
from lookalike.http import Answer
from lookalike.openapi import Operation

PACK = Pack("responses", "Answers as declared")
HOSTILE = ("robustness",)  # what is hardly HTTP or JSON may be refused before the API is reached
NOTHING = "nothing was asked"
ASKS = "what the packs before this one ask, an unknown id, no credentials, and wrong bodies"
NO_CONTENT = 204
BOM = b"\xef\xbb\xbf"


def seen(api: Api, operation: Operation) -> Iterator[Seen]:
    """Yield exchanges of an operation in which its own program most likely answered."""
    for each in api.seen(operation, besides=HOSTILE):
        if isinstance(each.outcome, Answer):
            yield each


def declared(api: Api, operation: Operation) -> Iterator[tuple[Seen, Mapping[str, Any]]]:
    """Yield answers with what the file says of their status."""
    for each in seen(api, operation):
        if (found := api.declared(each)) is not None:
            yield each, found


@PACK.check(
    "openapi-responses-object-success-is-declared",
    "A status below 400 is one that the file declares.",
    asks=ASKS,
    oracle="the status itself, its range such as 2XX, or default is there; 304 follows from"
    " If-None-Match",
    on=asked,
    otherwise=NOTHING,
)
def success_declared(api: Api, operation: Operation) -> Faults:
    for each in seen(api, operation):
        if 0 < each.status < 400 and each.status != 304 and api.declared(each) is None:  # noqa: PLR2004 - RFC 9110, section 15
            yield Fault(f"{each.status} isn't declared", (each,))


@PACK.check(
    "openapi-responses-object-errors-are-declared",
    "Known errors are declared.",
    asks=ASKS,
    oracle="the status of each 4xx itself, its range, or default is there; 405 and 406 never reach"
    " an operation",
    on=asked,
    otherwise=NOTHING,
)
def errors_declared(api: Api, operation: Operation) -> Faults:
    for each in seen(api, operation):
        is_known = each.status // 100 != 4 or each.status in {405, 406, 429}  # noqa: PLR2004 - as above
        if not is_known and api.declared(each) is None:
            yield Fault(f"{each.status} isn't declared", (each,))


@PACK.check(
    "openapi-response-object-media-type-is-declared",
    "The media type of an answer is one that the file declares for its status.",
    asks=ASKS,
    oracle="Content-Type is among the declared content, as such or within a range",
    on=asked,
    otherwise=NOTHING,
)
def media_type_declared(api: Api, operation: Operation) -> Faults:
    for each, found in declared(api, operation):
        content = found.get("content")
        if content and each.answer.body and media(each, content) is None:
            said = each.answer.media_type or "no Content-Type"
            yield Fault(f"{each.status} comes with {said}, which isn't declared", (each,))


def media(each: Seen, content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what is declared of an answer's media type."""
    kind = each.answer.media_type.partition("/")[0]
    for wanted in (each.answer.media_type, f"{kind}/*", "*/*"):
        for name, described in content.items():
            if name.partition(";")[0].strip().lower() == wanted:
                return described or {}
    return None


@PACK.check(
    "openapi-response-object-content-is-declared",
    "A body comes only where the file declares content.",
    asks=ASKS,
    oracle="no JSON body where the declared response of a success has no content",
    on=asked,
    otherwise=NOTHING,
)
def content_declared(api: Api, operation: Operation) -> Faults:
    for each, found in declared(api, operation):
        is_whole = str(each.status) in responses(api.contract, operation)
        if is_whole and each.is_success and not found.get("content") and each.value is not None:
            yield Fault(f"{each.status} has a body, and no content is declared", (each,))


@PACK.check(
    "openapi-schema-object-answers-are-valid",
    "The body of an answer is valid by the schema that the file declares for it.",
    asks=ASKS,
    oracle="JSON Schema 2020-12, or 3.0's form of it; formats are another check's",
    on=asked,
    otherwise=NOTHING,
)
def bodies(api: Api, operation: Operation) -> Faults:
    for each, pointer, keyword, message in violations(api, operation):
        if keyword != "format":
            place = pointer or "the body"
            yield Fault(f"{place} breaks {keyword} in a {each.status}", (each,), message)


@PACK.check(
    "openapi-schema-object-formats-are-kept",
    "A text of a declared format has that format.",
    asks=ASKS,
    oracle="JSON Schema's format: date-time has an offset, uuid has its hyphens",
    on=asked,
    otherwise=NOTHING,
)
def formats(api: Api, operation: Operation) -> Faults:
    for each, pointer, keyword, message in violations(api, operation):
        if keyword == "format":
            yield Fault(f"{pointer or 'the body'} lacks its format", (each,), message)


def violations(api: Api, operation: Operation) -> Iterator[tuple[Seen, str, str, str]]:
    """Yield what is wrong with JSON bodies, which is found out once for each body."""
    done: set[bytes] = api.notes.setdefault(("validated", operation.name), set())
    known: list[tuple[Seen, str, str, str]] = api.notes.setdefault(("wrong", operation.name), [])
    for each, found in declared(api, operation):
        described = media(each, found.get("content") or {}) or {}
        key = bytes([each.status % 256]) + each.answer.body
        if "schema" not in described or not each.answer.is_json or key in done:
            continue
        done.add(key)
        try:
            value = json.loads(each.answer.body)
        except (ValueError, RecursionError):
            continue  # another check's
        found_now = api.schemas.violations(described["schema"], value, "writeOnly")
        known.extend((each, *violation) for violation in found_now)
    yield from known


@PACK.check(
    "openapi-schema-object-write-only-is-not-shown",
    "A property that is writeOnly is in no answer.",
    asks=ASKS,
    oracle="no such property of the declared schema, at any depth",
    on=asked,
    otherwise=NOTHING,
)
def write_only(api: Api, operation: Operation) -> Faults:
    for each, found in declared(api, operation):
        described = media(each, found.get("content") or {}) or {}
        for name in secrets(api, described.get("schema"), each.value):
            yield Fault(f"{name}, which is writeOnly, is shown", (each,))


def secrets(api: Api, schema: Any, value: Any, depth: int = 0) -> Iterator[str]:
    """Yield names of properties that are there, and writeOnly."""
    merged = api.schemas.merged(schema) if isinstance(value, dict | list) and depth < 9 else {}  # noqa: PLR2004 - schemas may have no end
    if isinstance(value, dict):
        for name, inner in (merged.get("properties") or {}).items():
            if name in value:
                if api.schemas.resolved(inner).get("writeOnly"):
                    yield str(name)
                yield from secrets(api, inner, value[name], depth + 1)
    elif isinstance(value, list):
        for entry in value[:3]:
            yield from secrets(api, merged.get("items"), entry, depth + 1)


@PACK.check(
    "openapi-header-object-required-is-there",
    "A header field that the file requires is there.",
    asks=ASKS,
    oracle="each field with `required: true` of the declared response",
    on=asked,
    otherwise=NOTHING,
)
def headers_there(api: Api, operation: Operation) -> Faults:
    for each, found in declared(api, operation):
        for name, header in headers(api, found):
            if header.get("required") and each.field(name) is None:
                yield Fault(f"{each.status} comes without {name}", (each,))


@PACK.check(
    "openapi-header-object-values-are-valid",
    "The value of a header field is valid by the schema that the file declares for it.",
    asks=ASKS,
    oracle="JSON Schema, numbers and booleans read from the text",
    on=asked,
    otherwise=NOTHING,
)
def headers_valid(api: Api, operation: Operation) -> Faults:
    for each, found in declared(api, operation):
        for name, header in headers(api, found):
            value = each.field(name)
            if value is None or "schema" not in header or name.lower() == "set-cookie":
                continue
            types = api.schemas.types(header["schema"])
            if types & {"array", "object"}:
                continue
            if not any(api.schemas.accepts(header["schema"], read) for read in readings(value)):
                yield Fault(f"{name} isn't valid in a {each.status}", (each,), value)


def headers(api: Api, found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the declared header fields; Content-Type is no matter of them."""
    for name, given in (found.get("headers") or {}).items():
        header = api.contract.resolved(given)
        if isinstance(header, dict) and str(name).lower() != "content-type":
            yield str(name), header


def readings(text: str) -> Iterator[Any]:
    """Yield what a text may stand for: itself, a number, a boolean."""
    yield text
    try:
        yield json.loads(text)
    except ValueError:
        return


@PACK.check(
    "rfc8259-8.1-json-is-json",
    "A body that says that it is JSON is JSON in UTF-8, without a byte order mark.",
    asks=ASKS,
    oracle="a JSON parser that takes neither NaN nor Infinity",
    on=asked,
    otherwise=NOTHING,
)
def is_well_formed(api: Api, operation: Operation) -> Faults:
    for each in api.seen(operation):
        body = each.answer.body
        if not body or not each.answer.is_json:
            continue
        if body.startswith(BOM):
            yield Fault("JSON begins with a byte order mark", (each,))
            continue
        try:
            json.loads(body.decode("utf-8"), parse_constant=refuse)
        except (ValueError, RecursionError) as error:
            yield Fault("a body is no JSON, and says that it is", (each,), str(error))


def refuse(name: str) -> None:
    """Refuse NaN and Infinity (RFC 8259, section 6)."""
    raise ValueError(f"{name} is no JSON")


@PACK.check(
    "rfc9110-8.3-content-has-a-type",
    "An answer with a body has Content-Type.",
    asks=ASKS,
    oracle="Content-Type is there where there is a body",
    on=asked,
    otherwise=NOTHING,
)
def has_type(api: Api, operation: Operation) -> Faults:
    for each in api.seen(operation):
        if each.answer.body and not each.answer.media_type:
            yield Fault(f"{each.status} has a body without Content-Type", (each,))


def emptied(api: Api) -> list[Operation]:
    """Select each operation that was answered with 204."""
    return [o for o in asked(api) if any(each.status == NO_CONTENT for each in api.seen(o))]


@PACK.check(
    "rfc9110-8.6-204-has-no-content-length",
    "A 204 has no content, and no Content-Length.",
    asks=ASKS,
    oracle="neither a body nor Content-Length",
    on=emptied,
    otherwise="nothing was answered with 204",
)
def no_content(api: Api, operation: Operation) -> Faults:
    for each in api.seen(operation):
        if each.status == NO_CONTENT:
            if each.answer.body:
                yield Fault("204 has a body", (each,))
            elif each.field("content-length") is not None:
                yield Fault("204 has Content-Length", (each,))
