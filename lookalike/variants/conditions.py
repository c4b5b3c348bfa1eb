"""Conditional requests and ranges (RFC 9110, sections 13 and 14)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lookalike.calls import Call, Made, Text
from lookalike.client import Exchange
from lookalike.openapi import Contract
from lookalike.variants.answers import in_field
from lookalike.variants.parameters import declared, set_to
from lookalike.variants.source import Variants

OTHER = '"lookalike"'


def conditions(contract: Contract, exchange: Exchange) -> Variants:
    """Make requests conditional on the entity tag and the time that were read."""
    call = exchange.call
    if call.operation.method in {"GET", "HEAD"}:
        tag = in_field(exchange, "ETag")
        yield from reads(call, tag, in_field(exchange, "Last-Modified"))
        if tag:
            yield from unmet(contract, exchange)
        return
    reading = read_of(contract, call)
    seen = (yield reading) if reading else None
    tag = in_field(seen, "ETag") if seen else None
    if reading is None or tag is None:
        return
    refused = [*unmatched(tag)] if heeds_tags(call) else [*unmatched(tag)][:FEW]
    for field, value, why in refused:
        yield replace(call, fields=set_to(call.fields, field, value), why=why)
    if not heeds_tags(call):
        return
    for condition in CONDITIONS_MET:
        seen = yield reading
        tag = in_field(seen, "ETag") if seen else None
        if tag is None:
            return
        field, value, why = condition(tag)
        yield replace(call, fields=set_to(call.fields, field, value), why=why)
    stale = set_to(call.fields, "If-Match", tag)
    yield replace(call, fields=stale, why="a tag from before a write (RFC 9110, section 13.1.1)")


FEW = 3  # conditions, where the file doesn't say that they are heeded


def heeds_tags(call: Call) -> bool:
    """Tell whether the file declares `If-Match` for an operation."""
    return "if-match" in {name.lower() for name in declared(call, "header")}


def read_of(contract: Contract, call: Call) -> Call | None:
    """Return the call that reads what another one changes."""
    for operation in contract.operations:
        if operation.path == call.operation.path and operation.method == "GET":
            return Call(operation, path=call.path, actor=call.actor, why="the state before")
    return None


def reads(call: Call, tag: Made | None, modified: Made | None) -> Iterator[Call]:
    """Yield reads on conditions."""
    for field, value, why in (*(if_none_match(tag) if tag else ()), *dates(modified)):
        yield replace(call, fields=set_to(call.fields, field, value), why=why)
    if tag:
        same = set_to(call.fields, "If-None-Match", tag)
        yield replace(call, fields=same, method="HEAD", why="HEAD on a condition")
        both = [*same, ("If-Modified-Since", EPOCH)]
        yield replace(call, fields=both, why="a tag before a time (RFC 9110, section 13.2.2)")
        for field, value, why in (
            *(condition(tag) for condition in CONDITIONS_MET),
            *unmatched(tag),
        ):
            if field == "If-Match":
                yield replace(call, fields=set_to(call.fields, field, value), why=why)
        ranged = [*set_to(call.fields, "Range", "bytes=0-0"), ("If-Range", tag)]
        yield replace(call, fields=ranged, why="If-Range (RFC 9110, section 13.1.5)")
    for value in RANGES:
        fields = set_to(call.fields, "Range", value)
        yield replace(call, fields=fields, why=f"Range: {value} (RFC 9110, section 14.2)")


Condition = tuple[str, Any, str]


def if_none_match(tag: Made) -> Iterator[Condition]:
    """Yield conditions under which a read is answered with 304, and near ones."""
    section = "(RFC 9110, section 13.1.2)"
    name = "If-None-Match"
    yield name, tag, f"the tag that was read {section}"
    yield name, Text((f"{OTHER} \t,\t", tag)), f"the tag in a list, behind a tab {section}"
    yield name, Text(("W/", tag)), f"the tag, weak {section}"
    yield name, "*", f"any tag {section}"
    yield name, OTHER, f"another tag {section}"
    yield name, Text((tag, ",", OTHER)), f"the tag in a list {section}"
    yield name, Text((tag,), "flipped"), f"almost the tag {section}"
    yield name, Text((tag,), "swapped"), f"the tag in another case {section}"


CONDITIONS_MET: list[Callable[[Made], Condition]] = [
    lambda tag: (
        *("If-Match", Text((f"{OTHER} \t,  ", tag, ', W/"b"'))),
        "the tag in a list (RFC 9110, section 13.1.1)",
    ),
    lambda _: ("If-Match", "*", "whatever there is (RFC 9110, section 13.1.1)"),
    lambda _: ("If-None-Match", OTHER, "another tag than there is (RFC 9110, section 13.1.2)"),
    lambda tag: ("If-Match", tag, "the tag that was read (RFC 9110, section 13.1.1)"),
]


def unmatched(tag: Made) -> Iterator[Condition]:
    """Yield conditions under which a write must not be done."""
    section = "(RFC 9110, section 13.1.1)"
    yield "If-Match", OTHER, f"another tag than there is {section}"
    yield "If-None-Match", tag, "the tag that was read (RFC 9110, section 13.1.2)"
    yield "If-None-Match", "*", "unless there is something (RFC 9110, section 13.1.2)"
    yield "If-Match", Text(("W/", tag)), f"a weak tag, which never matches {section}"
    yield "If-Match", Text((tag,), "flipped"), f"almost the tag {section}"
    yield "If-Match", Text((tag,), "swapped"), f"the tag in another case {section}"
    yield "If-Match", f'"a", W/{OTHER}, "b"', f"other tags than there is {section}"
    yield "If-Match", '"*", ""', f"tags that look like none {section}"
    yield "If-Unmodified-Since", EPOCH, "a time before (RFC 9110, section 13.1.4)"


EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT"
LATER = "Fri, 01 Jan 2100 00:00:00 GMT"
RANGES = ("bytes=0-0", "bytes=-1", "bytes=999999-", "bytes=1-0", "items=0-1", "bytes=0-0,2-2")


def dates(modified: Made | None) -> Iterator[Condition]:
    """Yield conditions on times (RFC 9110, sections 13.1.3 and 13.1.4)."""
    for field in ("If-Modified-Since", "If-Unmodified-Since"):
        if modified:
            yield field, modified, f"{field}: the time that was read"
        for value in (EPOCH, LATER, "2024-02-03T12:00:00Z", "nonsense"):
            yield field, value, f"{field}: {value}"


def unmet(contract: Contract, exchange: Exchange) -> Iterator[Call]:
    """Yield writes of what was read, on conditions that it doesn't meet, where these are declared.

    A DELETE can be tried so before it is done.
    """
    call, tag = exchange.call, in_field(exchange, "ETag")
    for operation in contract.operations:
        write = Call(operation, path=call.path, actor=call.actor)
        if operation.path != call.operation.path or operation.is_safe or not heeds_tags(write):
            continue
        for field, value, why in unmatched(tag) if tag else ():
            if field == "If-Match":
                yield replace(with_body(contract, write), fields=[(field, value)], why=why)


def with_body(contract: Contract, call: Call) -> Call:
    """Give a call an empty object as its body, if it takes one."""
    media_type = next(iter(contract.contents(call.operation)), "")
    return replace(call, body={}, media_type=media_type) if media_type else call
