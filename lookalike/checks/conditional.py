"""Conditional requests (RFC 9110, section 13), wherever entity tags or dates are sent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lookalike.calls import Call
from lookalike.checks.api import Api
from lookalike.checks.client import Seen
from lookalike.checks.pack import Fault, Faults, Pack, Select, UnjudgedError
from lookalike.checks.schemas import renewed, responses
from lookalike.checks.where import item_written, read
from lookalike.openapi import Operation

PACK = Pack("conditional", "Conditional requests")
TAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')  # RFC 9110, section 8.8.3
OK, NOT_MODIFIED, PRECONDITION_FAILED, PRECONDITION_REQUIRED = 200, 304, 412, 428
# RFC 9110, section 15.4.5: what a 200 would have had, a 304 has.
REPEATED = ("cache-control", "content-location", "etag", "expires", "vary")
NO_TAG = "no successful GET was answered with an ETag"


def tagged(api: Api) -> list[Operation]:
    """Select each GET whose answer has an entity tag."""
    return [o for o in read(api) if (seen := api.accepted(o)) and seen.field("etag")]


def well_tagged(api: Api) -> list[Operation]:
    """Select each GET that promises to look at If-None-Match: by its tags, or in the file."""
    return [o for o in tagged(api) if TAG.fullmatch(tag(api.accepted(o)))]


def tag(seen: Seen | None) -> str:
    """Return the entity tag of an answer."""
    return (seen.field("etag") if seen else None) or ""


def when(call: Call, name: str, value: str) -> Call:
    """Return a call with a condition."""
    kept = [pair for pair in call.fields if pair[0].lower() != name.lower()]
    return replace(call, fields=[*kept, (name, value)])


def opaque(value: str) -> str:
    """Return a tag without its mark of weakness, as weak comparison reads it."""
    return value.removeprefix("W/")


def steady(api: Api, operation: Operation) -> Seen:
    """Return an answer whose tag doesn't vary by itself, so that a later one can match."""
    first, second = api.got(operation), api.got(operation)
    if tag(first) != tag(second):
        raise UnjudgedError("the entity tag varies by itself")
    return second


@PACK.check(
    "rfc9110-8.8.3-etag-is-well-formed",
    "An entity tag is a quoted text, with W/ before it where it is weak.",
    asks="each GET",
    oracle="the grammar of ETag",
    on=tagged,
    otherwise=NO_TAG,
)
def well_formed(api: Api, operation: Operation) -> Faults:
    seen = api.got(operation)
    if not TAG.fullmatch(tag(seen)):
        yield Fault("ETag is no entity tag", (seen,), tag(seen))


@PACK.check(
    "rfc9110-8.8.1-same-state-has-the-same-etag",
    "While nothing changes, the entity tag doesn't.",
    asks="GET twice",
    oracle="equal bodies have equal tags",
    on=tagged,
    otherwise=NO_TAG,
)
def same_tag(api: Api, operation: Operation) -> Faults:
    first, second = api.got(operation), api.got(operation)
    if first.answer.body == second.answer.body and tag(first) != tag(second):
        yield Fault("equal bodies have unequal entity tags", (first, second))


def changed(api: Api) -> list[Operation]:
    """Select PUT and PATCH on what GET answers with an entity tag."""
    found = []
    for operation in item_written("PUT", "PATCH")(api):
        reader = api.sibling(operation, "GET")
        if reader and tag(api.accepted(reader)):
            found.append(operation)
    return found


@PACK.check(
    "rfc9110-8.8.1-etag-changes-with-the-state",
    "When a representation changes, its entity tag does.",
    asks="GET, a PUT or PATCH of something new, and GET",
    oracle="unequal bodies have unequal strong tags",
    on=changed,
    otherwise="no PUT or PATCH succeeds on what GET answers with an ETag",
    writes=True,
)
def tag_changes(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    before = reading(api, operation, path)
    write = api.ask(api.write(operation, path))
    after = reading(api, operation, path)
    is_strong = not tag(after).startswith("W/")  # a weak one may say that they are as good as equal
    if is_strong and before.answer.body != after.answer.body and tag(before) == tag(after):
        yield Fault("the body has changed, and the entity tag hasn't", (before, write, after))


def reading(api: Api, operation: Operation, path: Mapping[str, Any]) -> Seen:
    """GET what an operation writes to, and see it succeed with a tag."""
    reader = api.sibling(operation, "GET")
    call = api.accepted(reader) if reader else None
    if call is None:
        raise UnjudgedError("there is no GET")
    seen = api.ask(replace(call.call, path=path))
    if not seen.is_success:
        raise UnjudgedError(f"GET is answered {seen}")
    return seen


def not_modified(
    name: str, statement: str, asks: str, condition: Callable[[str], str], what: str
) -> None:
    """Add a check that If-None-Match holds 304 back, or doesn't."""

    def judge(api: Api, operation: Operation) -> Faults:
        got = steady(api, operation)
        seen = api.ask(when(got.call, "If-None-Match", condition(tag(got))))
        if seen.status != NOT_MODIFIED:
            yield Fault(f"If-None-Match with {what} is answered {seen}, not 304", (got, seen))

    PACK.check(name, statement, asks=asks, oracle="304", on=well_tagged, otherwise=NO_TAG)(judge)


not_modified(
    "rfc9110-13.1.2-current-tag-is-304",
    "GET with If-None-Match of the current entity tag is answered with 304 (Not Modified).",
    "GET with the tag of the GET before",
    lambda tag: tag,
    "the current tag",
)
not_modified(
    "rfc9110-13.1.2-star-is-304",
    "GET with `If-None-Match: *` of what there is is answered with 304.",
    "GET with `*`",
    lambda _: "*",
    "`*`",
)
not_modified(
    "rfc9110-13.1.2-comparison-is-weak",
    "If-None-Match compares weakly: W/ makes no difference.",
    "GET with the current tag, W/ put before it or taken away",
    lambda tag: opaque(tag) if tag.startswith("W/") else f"W/{tag}",
    "the current tag in its weak or strong form",
)
not_modified(
    "rfc9110-13.1.2-any-tag-of-a-list-is-304",
    "If-None-Match takes a list of entity tags.",
    "GET with another tag and the current one",
    lambda tag: f'"lookalike", {tag}',
    "a list that has the current tag",
)


@PACK.check(
    "rfc9110-13.1.2-other-tag-is-200",
    "GET with If-None-Match of another entity tag is answered as without it.",
    asks="GET with a tag that has one other letter, and with a part of the current tag",
    oracle="the status of GET",
    on=well_tagged,
    otherwise=NO_TAG,
)
def other_tag(api: Api, operation: Operation) -> Faults:
    got = steady(api, operation)
    inner = opaque(tag(got))[1:-1]
    for other in (f'"{renewed(inner, api.chance)}x"', f'"{inner[:-1]}"'):
        seen = api.ask(when(got.call, "If-None-Match", other))
        if seen.status != got.status and opaque(tag(got)) != other:
            yield Fault(f"If-None-Match of another tag is answered {seen}", (got, seen), other)


def matching(api: Api) -> list[Operation]:
    """Select each GET that is answered with 304."""
    found = []
    for operation in well_tagged(api):
        key = ("304", operation.name)
        if key not in api.notes:
            got = api.got(operation)
            api.notes[key] = api.ask(when(got.call, "If-None-Match", tag(got)))
        if api.notes[key].status == NOT_MODIFIED:
            found.append(operation)
    return found


@PACK.check(
    "rfc9110-15.4.5-304-has-the-fields-of-200",
    "A 304 has Cache-Control, Content-Location, ETag, Expires and Vary, where the 200 has them.",
    asks="GET, GET with the tag of the first one, and GET again",
    oracle="the same values, where both GETs agree",
    on=matching,
    otherwise="nothing was answered with 304",
)
def fields_of_304(api: Api, operation: Operation) -> Faults:
    got = api.got(operation)
    seen = api.ask(when(got.call, "If-None-Match", tag(got)))
    again = api.got(operation)
    if seen.status != NOT_MODIFIED:
        return
    for name in REPEATED:
        if got.field(name) == again.field(name) != seen.field(name):
            yield Fault(f"304 has another {name} than 200, or none", (got, seen))


@PACK.check(
    "rfc9110-15.4.5-304-has-no-content",
    "A 304 has no content, and so nothing that describes it.",
    asks="GET with the current tag",
    oracle="no body, and no Content-Length but the one that 200 would have",
    on=matching,
    otherwise="nothing was answered with 304",
)
def no_content_in_304(api: Api, operation: Operation) -> Faults:
    seen: Seen = api.notes["304", operation.name]
    length = seen.field("content-length")
    if seen.answer.body:
        yield Fault("304 comes with a body", (seen,))
    elif length == "0" and (got := api.got(operation)).answer.body:
        yield Fault("304 says that the content has 0 bytes, and 200 has more", (got, seen))


def guarded(*methods: str) -> Select:
    """Select writes to what GET tags, where the file declares If-Match, 412 or 428."""

    def select(api: Api) -> list[Operation]:
        found = []
        for operation in item_written(*methods)(api):
            reader = api.sibling(operation, "GET")
            declares = api.parameter(operation, "header", "If-Match") or (
                {"412", "428"} & responses(api.contract, operation).keys()
            )
            if declares and reader and tag(api.accepted(reader)):
                found.append(operation)
        return found

    return select


GUARDED = guarded("PUT", "PATCH", "DELETE")
UNGUARDED = (
    "no PUT, PATCH or DELETE that succeeds declares If-Match or 412 on what GET answers with an"
    " ETag"
)


def stale(name: str, statement: str, asks: str, condition: Callable[[str], str], what: str) -> None:
    """Add a check that If-Match lets no write through."""

    def judge(api: Api, operation: Operation) -> Faults:
        path = api.item(operation)
        before = reading(api, operation, path)
        value = condition(tag(before))
        if not value:
            return
        seen = api.ask(when(api.write(operation, path), "If-Match", value))
        if seen.status != PRECONDITION_FAILED:
            yield Fault(f"If-Match with {what} is answered {seen}, not 412", (before, seen))
            return
        reader = api.sibling(operation, "GET")
        after = api.ask(replace(before.call)) if reader else before
        if after.answer.body != before.answer.body:
            yield Fault("412 was answered, and yet something has changed", (before, seen, after))

    PACK.check(
        name,
        statement,
        asks=asks,
        oracle="412 (Precondition Failed), and GET is answered as before",
        on=GUARDED,
        otherwise=UNGUARDED,
        writes=True,
    )(judge)


stale(
    "rfc9110-13.1.1-other-tag-is-412",
    "A write with If-Match of another entity tag is not done.",
    "PUT, PATCH and DELETE of something new, with a tag that it never had",
    lambda _: '"lookalike"',
    "another tag",
)
stale(
    "rfc9110-13.1.1-comparison-is-strong",
    "If-Match compares strongly: a weak entity tag matches nothing.",
    "PUT, PATCH and DELETE with the current tag, in its weak form",
    lambda tag: tag if tag.startswith("W/") else f"W/{tag}",
    "a weak tag",
)


@PACK.check(
    "rfc9110-13.1.1-old-tag-is-412",
    "The second of two writers who read the same state is told so.",
    asks="GET, PUT or PATCH with its tag, and another write with the same, now old tag",
    oracle="412 for the second one, where the first one has changed the tag",
    on=GUARDED,
    otherwise=UNGUARDED,
    writes=True,
)
def lost_update(api: Api, operation: Operation) -> Faults:
    path = api.item(operation)
    before = reading(api, operation, path)
    changing = api.sibling(operation, "PUT") or api.sibling(operation, "PATCH")
    if changing is None or not api.accepted(changing):
        return
    first = api.ask(when(api.write(changing, path), "If-Match", tag(before)))
    between = reading(api, operation, path)
    if tag(between) == tag(before):
        return  # nothing has changed
    second = api.ask(when(api.write(operation, path), "If-Match", tag(before)))
    if second.status != PRECONDITION_FAILED:
        what = f"If-Match with a tag of the past is answered {second}, not 412"
        yield Fault(what, (before, first, second))


def current(name: str, statement: str, asks: str, condition: Callable[[str], str]) -> None:
    """Add a check that If-Match lets a write through."""

    def judge(api: Api, operation: Operation) -> Faults:
        path = api.item(operation)
        before = reading(api, operation, path)
        if tag(before).startswith("W/") and condition("") != "*":
            return  # a weak tag never matches
        seen = api.ask(when(api.write(operation, path), "If-Match", condition(tag(before))))
        if seen.status == PRECONDITION_FAILED:
            yield Fault(f"If-Match with {condition('the current tag')} is 412", (before, seen))

    PACK.check(
        name,
        statement,
        asks=asks,
        oracle="not 412",
        on=GUARDED,
        otherwise=UNGUARDED,
        writes=True,
    )(judge)


current(
    "rfc9110-13.1.1-current-tag-passes",
    "A write with If-Match of the current entity tag is done.",
    "PUT, PATCH and DELETE of something new, with its tag",
    lambda tag: tag,
)
current(
    "rfc9110-13.1.1-star-passes",
    "A write with `If-Match: *` to what there is is done.",
    "PUT, PATCH and DELETE of something new, with `*`",
    lambda _: "*",
)


def requiring(api: Api) -> list[Operation]:
    """Select writes that declare 428."""
    return [o for o in item_written("PUT", "PATCH", "DELETE")(api) if api.declares(o, 428)]


@PACK.check(
    "rfc6585-3-missing-condition-is-428",
    "Where the file declares 428 (Precondition Required), a write without a condition gets it.",
    asks="PUT, PATCH and DELETE of something new without If-Match",
    oracle="428",
    on=requiring,
    otherwise="no operation that succeeds declares 428",
    writes=True,
)
def required(api: Api, operation: Operation) -> Faults:
    call = api.write(operation)
    kept = [pair for pair in call.fields if pair[0].lower() != "if-match"]
    seen = api.ask(replace(call, fields=kept))
    if seen.status != PRECONDITION_REQUIRED:
        yield Fault(f"a write without a condition is answered {seen}, not 428", (seen,))


def dated(api: Api) -> list[Operation]:
    """Select each GET whose answer has Last-Modified."""
    return [o for o in read(api) if (seen := api.accepted(o)) and seen.field("last-modified")]


@PACK.check(
    "rfc9110-13.1.3-last-modified-is-304",
    "GET with If-Modified-Since of its Last-Modified is answered with 304.",
    asks="GET with the date of the GET before",
    oracle="304",
    on=dated,
    otherwise="no successful GET was answered with Last-Modified",
)
def since(api: Api, operation: Operation) -> Faults:
    got = api.got(operation)
    date = got.field("last-modified") or ""
    seen = api.ask(when(got.call, "If-Modified-Since", date))
    if seen.status != NOT_MODIFIED:
        yield Fault(f"If-Modified-Since of Last-Modified is answered {seen}, not 304", (got, seen))


def both(api: Api) -> list[Operation]:
    """Select each GET whose answer has both validators."""
    dates = {o.name for o in dated(api)}
    return [o for o in well_tagged(api) if o.name in dates]


@PACK.check(
    "rfc9110-13.1.3-if-none-match-goes-first",
    "Where there is If-None-Match, If-Modified-Since is ignored.",
    asks="GET with another tag, and the date of the GET before",
    oracle="the status of GET",
    on=both,
    otherwise="no successful GET was answered with both ETag and Last-Modified",
)
def precedence(api: Api, operation: Operation) -> Faults:
    got = api.got(operation)
    call = when(got.call, "If-Modified-Since", got.field("last-modified") or "")
    seen = api.ask(when(call, "If-None-Match", '"lookalike"'))
    if seen.status == NOT_MODIFIED:
        yield Fault("If-Modified-Since counts, although If-None-Match doesn't match", (got, seen))
