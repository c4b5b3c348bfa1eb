"""Bodies near one that was accepted: wrong members, and what is hardly JSON any more."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, zip_longest
from typing import Any

from lookalike.calls import Call, Raw, Resolver
from lookalike.client import Exchange
from lookalike.openapi import Contract
from lookalike.schemas import Schema
from lookalike.variants.misses import EMOJI, ESCAPED, Miss, interleaved, misses, plain
from lookalike.variants.places import (
    Spot,
    body_schema,
    dropped,
    put,
    spots,
    with_json,
    with_members,
)
from lookalike.variants.source import Variants
from lookalike.variants.valid import others

# What libraries call an object as a whole: marshmallow, REST framework, Django, Pydantic.
WHOLE = ("_schema", "non_field_errors", "__all__", "__root__")
UNKNOWN = ("x", *ESCAPED, "", "__proto__", EMOJI, *WHOLE)
MANY = 150  # members: more errors than most servers list
MEGABYTE = 1_000_000
LARGE = 1_048_577  # bytes: a mebibyte, which is many a server's limit, and one more
SMALL = 5_000  # characters of one value among others
DEEP = (31, 32, 63, 64, 99, 100, 127, 128, 511, 512, 999, 1000, 100_000)  # levels


def near_misses(contract: Contract, exchange: Exchange) -> Variants:
    """Replace each member and item of a JSON body, or of a form, by values near it."""
    call = with_members(exchange.call)
    if call is None:
        return
    found = [spot for spot in spots(body_schema(contract, call), call.body) if is_written(spot)]
    calls = (
        replace(call, body=put(call.body, spot.path, miss.value), why=f"{spot.pointer}: {miss.why}")
        for spot, miss in interleaved(*(near(spot) for spot in found))
    )
    yield from others_as_sent(call, calls) if call.form else calls


def together(contract: Contract, exchange: Exchange) -> Variants:
    """Replace all members at once by values near them, then all within them, and so on.

    Most servers list everything that is wrong, so that one answer tells of each member; those that
    stop at the first error are asked of each alone later.
    """
    call = with_members(exchange.call)
    if call is None:
        return
    found = [spot for spot in spots(body_schema(contract, call), call.body) if is_written(spot)]
    depths = sorted({len(spot.path) for spot in found})
    bodies = interleaved(
        *(
            at_once(call.body, [spot for spot in found if len(spot.path) == depth])
            for depth in depths
        )
    )
    calls = (
        replace(call, body=body, why=f"each member is wrong, in way {number}")
        for number, body in enumerate(bodies, start=1)
    )
    yield from others_as_sent(call, calls) if call.form else calls


def at_once(body: Any, found: Sequence[Spot]) -> Iterator[Any]:
    """Yield bodies with the first miss of each place, the second of each, and so on.

    The places are of one depth, so that none is within another.
    """
    every = [[each for each in near(spot) if is_readable(each[1].value)] for spot in found]
    for row in zip_longest(*every):
        wrong = [each for each in row if each is not None]
        if len(wrong) == 1:  # which is asked alone anyway
            return
        changed = body
        for spot, miss in wrong:
            changed = put(changed, spot.path, miss.value)
        yield changed


def is_readable(value: Any) -> bool:
    """Tell whether a value leaves a body small, and JSON to every parser."""
    given = plain(value)
    try:
        text = json.dumps(given, allow_nan=False, ensure_ascii=False, default=str)
        text.encode()
    except ValueError:
        return False
    return len(text) < SMALL and not (given is None and isinstance(value, Raw))


def others_as_sent(call: Call, calls: Iterable[Call]) -> Iterator[Call]:
    """Leave out calls that send what another one has sent: in a form all values are texts."""
    resolve = Resolver({})
    seen = {call.request(resolve).body}
    for each in calls:
        body = each.request(resolve).body
        if body not in seen:
            seen.add(body)
            yield each


def is_written(spot: Spot) -> bool:
    """Tell whether a client may send what stands at a place."""
    return not spot.schema.raw.get("readOnly")


def near(spot: Spot) -> Iterator[tuple[Spot, Miss]]:
    """Yield what is near the value at a place, or near one that could be there."""
    value = spot.value
    if not spot.is_there:
        value = next(iter(others(spot.schema, None)), None)
        if value is not None:
            yield spot, Miss(value, "another member")
    for miss in misses(spot.schema, value):
        yield spot, miss


def members(contract: Contract, exchange: Exchange) -> Variants:
    """Leave members out, add unknown ones, send some twice, and make several wrong at once."""
    call = with_members(exchange.call)
    if call is None or not isinstance(call.body, dict):
        return
    schema = body_schema(contract, call)
    found = [*spots(schema, call.body)]
    bodies = interleaved(
        without_members(call.body, found),
        several(schema, call.body, found),
        unknown(call.body, found),
        read_only(call.body, found),
        twice_in_form(call.body) if call.form else twice(call.body),
    )
    calls = (replace(call, body=body, why=why) for body, why in bodies)
    yield from others_as_sent(call, calls) if call.form else calls


Bodies = Iterator[tuple[Any, str]]


def without_members(body: Any, found: list[Spot]) -> Bodies:
    """Yield bodies of which something is missing."""
    for spot in found:
        if spot.is_there:
            yield dropped(body, spot.path), f"{spot.pointer} is missing"
    needed = {spot.path[0] for spot in found if len(spot.path) == 1}
    yield {name: body[name] for name in body if name not in needed}, "all members are missing"


def several(schema: Schema, body: Any, found: list[Spot]) -> Bodies:
    """Yield bodies of which more than one thing is wrong: servers say which, in some order."""
    wrong: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for spot in found:
        if len(spot.path) == 1 and is_written(spot):
            all_of_it = [miss.value for _, miss in near(spot)]
            wrong[str(spot.path[0])] = next((each for each in all_of_it if each is not None), None)
            other[str(spot.path[0])] = all_of_it[2 % len(all_of_it)] if all_of_it else None
    yield {**body, **wrong}, "each member is wrong"
    for name, value in body.items():
        if isinstance(value, list):
            both = {**body, f"{name}-old": 1, name: [{"x": 1}, *value, None]}
            yield both, f"errors in and beside /{name}"
    yield {**body, **other, **dict.fromkeys(UNKNOWN)}, "each member is wrong, and some are unknown"
    backwards = dict(reversed({**body, **wrong}.items()))
    yield backwards, "each member is wrong, in another order"
    yield dict(reversed(body.items())), "the members in another order"
    names = [*wrong]
    for one, two in pairwise(names):
        both = {**body, one: wrong[one], two: other[two]}
        yield both, f"/{one} and /{two} are wrong"
    for name in sorted(schema.required)[:5]:
        rest = {key: value for key, value in body.items() if key != name}
        yield {**rest, "x": 1}, f"/{name} is missing, and another is unknown"


def unknown(body: Any, found: list[Spot]) -> Bodies:
    """Yield bodies with a member that nobody knows, at the top and in each object within."""
    many = dict.fromkeys((f"x{number}" for number in range(MANY)), 1)
    inner = next((spot for spot in found if isinstance(spot.value, dict)), None)
    if inner:
        both = put(body, inner.path, {**inner.value, **many})
        yield {**both, **many}, "many unknown members, and as many within"
    else:
        yield {**body, **many}, "many unknown members"
    for name in UNKNOWN:
        yield {**body, name: None}, f"an unknown member {name!r}"
    yield {**body, **dict.fromkeys(reversed(UNKNOWN), 1)}, "several unknown members"
    for name in list(body)[:2]:
        yield {**body, name.swapcase(): body[name]}, f"/{name} in another case as well"
    for spot in found:
        if isinstance(spot.value, dict):
            yield put(body, (*spot.path, "x"), 1), f"an unknown member in {spot.pointer}"
            odd = {**spot.value, **dict.fromkeys(UNKNOWN, 1)}
            yield put(body, spot.path, odd), f"several unknown members in {spot.pointer}"


def read_only(body: Any, found: list[Spot]) -> Bodies:
    """Yield bodies with members that only the server may set."""
    for spot in found:
        if not is_written(spot):
            for value in (*others(spot.schema, None), None, [5]):
                yield put(body, spot.path, value), f"{spot.pointer} is read-only"


def twice(body: Any) -> Bodies:
    """Yield bodies with a name that comes twice (RFC 8259, section 4)."""
    for name, value in [*body.items()][:3]:
        again = f", {json.dumps(name)}: "
        for first, last in (("null", part(value)), (part(value), "null")):
            yield {**body, name: Raw((first, again, last))}, f"/{name} twice (RFC 8259, section 4)"


def twice_in_form(body: Any) -> Bodies:
    """Yield forms with a name that comes twice, or as some languages write arrays."""
    for name, value in [*body.items()][:3]:
        if not isinstance(value, list):
            yield {**body, name: [value, ""]}, f"/{name} twice, and empty"
            yield {**body, name: ["", value]}, f"/{name} empty, and again"
            yield {**body, name: [value, value]}, f"/{name} twice"
            rest = {key: inner for key, inner in body.items() if key != name}
            yield {**rest, f"{name}[]": value}, f"/{name}[]"


def part(value: Any) -> Any:
    """Return a value as a part of raw JSON, in which a text stands for itself."""
    return json.dumps(value) if isinstance(value, str) else value


def broken(contract: Contract, exchange: Exchange) -> Variants:
    """Send what is no JSON, is JSON by some parsers only, or is JSON of another type."""
    call = with_json(exchange.call)
    if call is None:
        return
    for body, why in interleaved(hardly_json(call.body), other_types(call.body)):
        yield replace(call, body=body, why=why)
    yield replace(call, body=None, why="no body")
    yield replace(call, body=None, media_type="", why="neither body nor type")
    for depth in DEEP:
        nested = Raw(("[" * depth + "]" * depth,))
        if isinstance(call.body, dict):
            yield replace(
                call, body={**call.body, "x": nested}, why=f"nested {depth + 1} levels deep"
            )
        else:
            yield replace(call, body=nested, why=f"nested {depth} levels deep")
    yield replace(call, body=b" " * LARGE, why="a mebibyte of spaces, and one")
    for size in (MEGABYTE, LARGE):
        if isinstance(call.body, dict):
            large = {**call.body, "x": "x" * size}
            yield replace(call, body=large, why=f"more than {size:,} bytes")


def hardly_json(body: Any) -> Bodies:
    """Yield texts that only some parsers read."""
    yield b"{", "JSON that is cut off"
    if isinstance(body, dict) and body:
        yield Raw((*members_of(body), ",}")), "a trailing comma (RFC 8259, section 4)"
        yield Raw((*members_of(body), ', "x": NaN}')), "NaN (RFC 8259, section 6)"
        yield Raw((*members_of(body), "/* */}")), "a comment"
        name = next(iter(body))
        odd = {**body, name: "caf\u00e9"}
        yield Raw((odd,), "latin-1"), "no UTF-8 (RFC 8259, section 8.1)"
        yield Raw((*members_of(body), ', "\\ud800": 1}')), "half a surrogate pair in a name"
        yield Raw((*members_of(body), ', "a\\u0000b": 1}')), "NUL in a name"
        yield (
            Raw((*members_of(body), ', "x": "a\tb"}')),
            "a tab in a text (RFC 8259, section 7)",
        )
        yield Raw((*members_of(body), f', "x": {"9" * 5000}}}')), "a number of 5,000 digits"
        yield Raw((*members_of(body), ', "x": 1e-1000000}')), "a number too small to tell from 0"
        yield Raw((*members_of(body), ", x: 1}")), "a name without quotes"
    yield Raw(("\ufeff", body)), "a byte order mark (RFC 8259, section 8.1)"
    yield Raw((body, "x")), "something behind it"
    yield Raw((body, body)), "the same twice"
    yield Raw((body,), "utf-16"), "UTF-16"
    yield Raw((body,), "utf-16-le"), "UTF-16 without a byte order mark"
    yield Raw((body,), "utf-32-be"), "UTF-32"
    yield Raw((body, "\0")), "NUL behind it"
    yield Raw((" \n\t\r", body, " \n\t\r")), "white space around it"
    yield Raw(("\u00a0", body)), "a no-break space before it"
    yield b"\xff\xfe", "no text at all"


def members_of(body: dict[str, Any]) -> Iterator[Any]:
    """Yield the parts of an object's text but for the last brace."""
    for number, (name, value) in enumerate(body.items()):
        yield f"{', ' if number else '{'}{json.dumps(name)}: "
        yield part(value)


def other_types(body: Any) -> Bodies:
    """Yield JSON values of other types."""
    yield b"", "an empty body"
    yield {}, "an empty object"
    yield [], "an empty array"
    yield [body], "in an array"
    yield b"null", "null"
    for text in (b'"a"', b"5", b"true", b" ", b"''", b"a=b", b"<a/>"):
        yield text, "of another type"
    yield Raw((json.dumps(json.dumps(plain(body))),)), "a text of JSON"


def content_types(contract: Contract, exchange: Exchange) -> Variants:
    """Call a body what it isn't (RFC 9110, section 8.3), or by another name."""
    call = exchange.call
    if call.body is None:
        return
    declared = [name.lower() for name in contract.contents(call.operation)]
    own = call.media_type or "application/json"
    names = [
        *("", "text/plain", f"{own}; charset=utf-8", own.upper(), "application/xml"),
        *(name for name in COMMON if name not in declared),
        *(f"{own};charset=UTF-8", f"{own}; charset=latin-1", f"{own}; charset=utf-16"),
        *("application/octet-stream", "application/vnd.api+json", f'{own}; charset="utf-8"'),
        *(f"{own}; version=1", "application/json5"),
    ]
    for name in dict.fromkeys(names):
        why = f"Content-Type: {name}" if name else "no Content-Type"
        yield replace(call, media_type=name, why=f"{why} (RFC 9110, section 8.3)")
    wrong = b"{" if with_json(call) else call.body
    yield replace(call, body=wrong, media_type="text/plain", why="wrong type and wrong content")
    yield from codings(call)


COMMON = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/merge-patch+json",
    "application/json-patch+json",
    "application/json",
    "application/problem+json",
)


def codings(call: Call) -> Iterator[Call]:
    """Yield a body that is coded, or is said to be (RFC 9110, section 8.4)."""
    for coding in ("identity", "gzip", "x-nonsense"):
        fields = [*call.fields, ("Content-Encoding", coding)]
        why = f"Content-Encoding: {coding} (RFC 9110, section 8.4)"
        yield replace(call, fields=fields, why=why)
    if not isinstance(call.body, bytes) and call.body == plain(call.body) and not call.form:
        zipped = gzip.compress(json.dumps(call.body).encode(), mtime=0)
        fields = [*call.fields, ("Content-Encoding", "gzip")]
        yield replace(call, body=zipped, fields=fields, why="gzip (RFC 9110, section 8.4.1)")
