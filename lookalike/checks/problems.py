"""Problem details (RFC 9457), where the file declares application/problem+json."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lookalike.checks.api import Api
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack
from lookalike.checks.schemas import responses
from lookalike.checks.where import asked
from lookalike.openapi import Operation

PACK = Pack("problems", "Problem details")
MEDIA_TYPE = "application/problem+json"
ASKS = "what the packs before this one ask, an unknown id, no credentials, and wrong bodies"
MEMBERS: dict[str, type] = {
    "type": str,
    "title": str,
    "status": int,
    "detail": str,
    "instance": str,
}
INTERNALS = re.compile(
    rb"Traceback \(most recent call last\)|\.java:\d+\)|\.py\", line \d+|\.js:\d+:\d+\)"
    rb"|\.go:\d+ \+0x|\.cs:line \d+|\.rb:\d+:in "
)
URI_REFERENCE = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")


def declaring(api: Api) -> list[Operation]:
    """Select each operation that declares problem details and was answered with an error."""
    return [
        operation
        for operation in asked(api)
        if any(
            MEDIA_TYPE in (each.get("content") or {})
            for each in responses(api.contract, operation).values()
        )
        and any(errors(api, operation))
    ]


def errors(api: Api, operation: Operation) -> Iterator[Seen]:
    """Yield answers with 4xx for which the file declares problem details."""
    for seen in api.seen(operation, besides=("robustness",)):
        declared = api.declared(seen)
        if (
            400 <= seen.status < 500  # noqa: PLR2004 - RFC 9110, section 15.5
            and declared
            and MEDIA_TYPE in (declared.get("content") or {})
        ):
            yield seen


def problem(api: Api) -> list[Operation]:
    """Select each operation that was answered with problem details."""
    return [o for o in asked(api) if any(problems(api, o))]


def problems(api: Api, operation: Operation) -> Iterator[Seen]:
    """Yield answers that are problem details by their media type, and JSON objects."""
    for seen in api.seen(operation):
        if seen.answer.media_type == MEDIA_TYPE and isinstance(seen.value, dict):
            yield seen


OTHERWISE = "no answer was application/problem+json"


@PACK.check(
    "rfc9457-3-errors-have-the-media-type",
    "An error for which the file declares application/problem+json has that media type.",
    asks=ASKS,
    oracle="the Content-Type of each such 4xx",
    on=declaring,
    otherwise="no operation declares application/problem+json, or none was answered with an error",
)
def media_type(api: Api, operation: Operation) -> Faults:
    for seen in errors(api, operation):
        if seen.answer.media_type != MEDIA_TYPE:
            found = seen.answer.media_type or "no Content-Type"
            yield Fault(f"{seen.status} comes with {found}", (seen,))


@PACK.check(
    "rfc9457-3.1-members-have-their-types",
    "type, title, detail and instance are strings, and status is a number.",
    asks=ASKS,
    oracle="the members of each problem document",
    on=problem,
    otherwise=OTHERWISE,
)
def member_types(api: Api, operation: Operation) -> Faults:
    for seen in problems(api, operation):
        for name, kind in MEMBERS.items():
            value = seen.value.get(name)
            if name in seen.value and (not isinstance(value, kind) or isinstance(value, bool)):
                yield Fault(f"the member {name} is {value.__class__.__name__}", (seen,))


@PACK.check(
    "rfc9457-3.1.2-status-is-the-answers",
    "The member status is the status code of the answer.",
    asks=ASKS,
    oracle="both are equal, where the member is there",
    on=problem,
    otherwise=OTHERWISE,
)
def status(api: Api, operation: Operation) -> Faults:
    for seen in problems(api, operation):
        if seen.value.get("status", seen.status) != seen.status:
            yield Fault(f"the member status is {seen.value['status']} in a {seen.status}", (seen,))


@PACK.check(
    "rfc9457-3.1.1-type-is-a-uri-reference",
    "The member type is a URI reference.",
    asks=ASKS,
    oracle="the characters that RFC 3986 allows",
    on=problem,
    otherwise=OTHERWISE,
)
def type_is_uri(api: Api, operation: Operation) -> Faults:
    yield from uri_references(api, operation, "type")


@PACK.check(
    "rfc9457-3.1.5-instance-is-a-uri-reference",
    "The member instance is a URI reference.",
    asks=ASKS,
    oracle="the characters that RFC 3986 allows",
    on=problem,
    otherwise=OTHERWISE,
)
def instance_is_uri(api: Api, operation: Operation) -> Faults:
    yield from uri_references(api, operation, "instance")


def uri_references(api: Api, operation: Operation, name: str) -> Faults:
    """Yield where a member is a text, and no URI reference (RFC 3986, section 4.1)."""
    for seen in problems(api, operation):
        value = seen.value.get(name)
        if isinstance(value, str) and not is_reference(value):
            yield Fault(f"the member {name} is no URI reference", (seen,), value)


def is_reference(text: str) -> bool:
    """Tell whether a text is a URI reference."""
    if not URI_REFERENCE.fullmatch(text):
        return False
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


@PACK.check(
    "rfc9457-3.1.3-title-belongs-to-the-type",
    "Problems of one type have one title, but for its language.",
    asks=ASKS,
    oracle="the titles of all problems with one type other than about:blank",
    on=problem,
    otherwise=OTHERWISE,
)
def title(api: Api, operation: Operation) -> Faults:
    titles: dict[str, Seen] = api.notes.setdefault(("titles", ""), {})
    for seen in problems(api, operation):
        kind, text = seen.value.get("type", "about:blank"), seen.value.get("title")
        if kind == "about:blank" or not isinstance(kind, str) or not isinstance(text, str):
            continue
        first = titles.setdefault(kind, seen)
        if first.value.get("title") != text:
            what = f"{first.value.get('title')!r} and {text!r}"
            yield Fault(f"the type {kind} has several titles", (first, seen), what)


@PACK.check(
    "rfc9457-5-errors-show-no-internals",
    "An error doesn't show the inside of the program.",
    asks=ASKS,
    oracle="no stack trace of a known language in an answer with 4xx or 5xx",
    on=asked,
    otherwise="nothing was asked",
)
def internals(api: Api, operation: Operation) -> Faults:
    for seen in api.seen(operation):
        if seen.status >= 400 and INTERNALS.search(seen.answer.body):  # noqa: PLR2004 - errors
            yield Fault("an error shows a stack trace", (seen,))
