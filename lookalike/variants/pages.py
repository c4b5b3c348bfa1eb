"""Lists: pages to the end, orders, filters one by one and in pairs, and the borders of filters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

from lookalike.calls import Call, Made, Text
from lookalike.client import Exchange
from lookalike.openapi import Contract
from lookalike.places import role_of
from lookalike.schemas import Schema, is_number
from lookalike.values import looks_made, moment
from lookalike.variants.answers import Found, document, next_address, next_cursor, values
from lookalike.variants.misses import interleaved, plain
from lookalike.variants.parameters import declared, schema_of, sent, set_to, valid_texts
from lookalike.variants.source import Variants

LIMIT = re.compile(r"(?i)limit|(page|batch)_?-?size|per_?-?page|count|first|take|max_?results")
OFFSET = re.compile(r"(?i)offset|skip|start|from_?index")
PAGE = re.compile(r"(?i)^page(_?-?(no|num|number|index))?$")
SORT = re.compile(r"(?i)sort|order")
PAGES = 8  # of one walk
WALKS = 12
SOME = 4  # pages of what is known of a list, in each order
VALUES = 4  # of one filter, in pairs


def walks(contract: Contract, exchange: Exchange) -> Variants:
    """Walk through a list page by page, in each order; then ask for pages that aren't there."""
    call = exchange.call
    if call.operation.method != "GET" or call.address:
        return
    parameters = declared(call, "query")
    limits = [name for name in parameters if LIMIT.search(name)]
    call = whole(call, parameters)
    orders = [
        (name, value)
        for name in parameters
        if SORT.search(name)
        for value in valid_texts(schema_of(contract, parameters[name]))
        if role_of(str(value).strip("+-")) != "id"  # which may be random: pages say nothing then
    ][:WALKS]
    if limits:
        exchange = (yield call) or exchange
        for size in (1, 2):
            start = replace(call, query=set_to(call.query, limits[0], size), why=f"pages of {size}")
            yield from walk(start, {*parameters}, is_odd=size == 1)
        for number, order in enumerate(orders):
            ordered = replace(
                call, query=set_to(call.query, *order), why=f"the whole list by {order[1]}"
            )
            # Some pages that reach the end, so that what is equal, or is null, is divided as well.
            # What each server sorts by ids of its own shows that by more than a few entries.
            size = longest(document((yield ordered) or exchange)) // SOME
            if size:
                sized = set_to(ordered.query, limits[0], size)
                start = replace(ordered, query=sized, why=f"pages of {size} by {order[1]}")
                # A cursor of another order is read by the same code.
                yield from walk(start, {*parameters}, is_odd=number == 0)
                if number == 0:
                    backwards = replace(
                        start, query=sized[::-1], why=f"{start.why}, given in reverse"
                    )
                    yield from walk(backwards, {*parameters}, is_odd=False)
        if size := longest(document(exchange)):
            full = set_to(call.query, limits[0], size)
            yield replace(call, query=full, why="a page that is exactly full")
    elif next_address(exchange) or next_cursor(exchange, {*parameters}):
        yield from walk(replace(call, why="page by page"), {*parameters})
    yield from numbered(call, parameters, limits)


def whole(call: Call, parameters: Mapping[str, Mapping[str, Any]]) -> Call:
    """Return the call for a list as it is without filters."""
    needed = {name for name, parameter in parameters.items() if parameter.get("required")}
    query = [pair for pair in call.query if pair[0] in needed or pair[0] not in parameters]
    return replace(call, query=query, why="the whole list")


def longest(value: Any) -> int:
    """Return the length of the longest array in an answer, at its top or one name below."""
    inner = value.values() if isinstance(value, dict) else [value]
    return max((len(each) for each in inner if isinstance(each, list)), default=0)


def walk(start: Call, parameters: set[str], *, is_odd: bool = True) -> Variants:
    """Ask for a page and, as long as there is one, for the next; perhaps for odd ones as well."""
    call = start
    for number in range(PAGES):
        exchange = yield call
        if exchange is None:
            return
        address = next_address(exchange)
        cursor = next_cursor(exchange, parameters)
        if address:
            call = replace(start, query=(), address=address, why=f"{start.why}: the next one")
        elif cursor:
            query = set_to(start.query, *cursor)
            call = replace(start, query=query, why=f"{start.why}: the next one")
        else:
            return
        if number == 0 and is_odd:
            yield from odd_cursors(start, address, cursor, parameters)


def odd_cursors(
    start: Call, address: Made | Text | None, cursor: tuple[str, Made] | None, parameters: set[str]
) -> Variants:
    """Ask for a page by a cursor that is changed, or that was given for other parameters."""
    found: list[tuple[str, Any]] = []
    if cursor:
        found = [cursor]
    elif address:
        names = sorted(name for name in parameters if not sent(start.query, name))
        names = [name for name in names if re.search(r"(?i)cursor|token|after|marker", name)]
        found = [(name, Text((address,), f"query {name}")) for name in names[:1]]
    for name, value in found:
        alone = replace(start, query=[(name, value)])
        yield replace(alone, why="the cursor alone")
        if not re.fullmatch(r"\d+", str(plain(value))):  # which may be another row's on one server
            for form in ("flipped", "flipped 90", "shortened", "swapped"):
                yield replace(alone, query=[(name, Text((value,), form))], why="a changed cursor")
        yield replace(alone, query=[(name, Text((value, "A")))], why="a longer cursor")
        yield replace(alone, query=[(name, "nonsense")], why="no cursor")
        yield replace(alone, query=[(name, "")], why="an empty cursor")
        yield replace(alone, query=[*start.query, (name, value)], why="a cursor beside all else")
        for other in sorted(parameters - {name}):
            odd = [*set_to(start.query, other, "2"), (name, value)]
            yield replace(alone, query=odd, why=f"a cursor with another {other}")
        yield replace(alone, actor=None, why="a cursor without credentials")


def numbered(call: Call, parameters: Mapping[str, Any], limits: list[str]) -> Iterator[Call]:
    """Yield calls for pages by number or offset: the second, one that isn't there, none at all."""
    sized = replace(call, query=set_to(call.query, limits[0], 1)) if limits else call
    for name in parameters:
        if OFFSET.search(name) or PAGE.search(name):
            for value in (1, 2, 3, 0, 1_000_000, -1, 2**63):
                query = set_to(sized.query, name, value)
                yield replace(sized, query=query, why=f"the page at {name}={value}")


def filters(contract: Contract, exchange: Exchange) -> Variants:
    """Ask for each part of a list, also for what lies just on a border, and for both of two."""
    call = exchange.call
    if call.operation.method != "GET" or call.address:
        return
    parameters = {
        name: parameter
        for name, parameter in declared(call, "query").items()
        if not (LIMIT.search(name) or OFFSET.search(name) or PAGE.search(name))
    }
    if not parameters:
        return
    call = whole(call, declared(call, "query"))
    found = [*values((yield call) or exchange)]
    telling = {
        name: [*of_filter(name, schema_of(contract, parameter), found)]
        for name, parameter in parameters.items()
    }
    single = [
        [
            replace(call, query=set_to(call.query, name, value), why=f"?{name}: {why}")
            for value, why in options
        ]
        for name, options in telling.items()
    ]
    yield from interleaved(*single)
    yield from pairs(call, telling)


def pairs(call: Call, telling: Mapping[str, list[tuple[Any, str]]]) -> Iterator[Call]:
    """Yield calls with two filters that both must admit."""
    every = []
    for one, two in combinations(telling, 2):
        both = [
            replace(
                call,
                query=set_to(set_to(call.query, one, mine), two, yours),
                why=f"?{one} and {two} together",
            )
            for mine, _ in telling[one][:VALUES]
            for yours, _ in telling[two][:VALUES]
        ]
        every.append(both[:: VALUES + 1] + both[1 :: VALUES + 1])
    yield from interleaved(*every)


def of_filter(name: str, schema: Schema, found: list[Found]) -> Iterator[tuple[Any, str]]:
    """Yield values of a filter that leave some things out, most of them seen in the list."""
    seen: set[str] = set()
    related = [each for each in found if is_about(name, each.name)]
    if schema.type in {"string", ""} and not schema.choices and not related:
        related = [each for each in found if isinstance(each.made.value, str)]
    for each in related:
        if is_alike(schema, each.made.value) and str(each.made.value) not in seen:
            seen.add(str(each.made.value))
            yield each.made, f"the {each.name} of something in the list"
            if len(seen) >= VALUES:
                break
    for value in valid_texts(schema):
        if str(value) not in seen:
            seen.add(str(value))
            yield value, "a value that is allowed"
    # A part of what servers made, such as an id, may be found in another text on one of them.
    texts = [each.made for each in related if is_content(each.made.value)]
    if schema.type == "string" and not schema.choices and not schema.format:
        for made in texts[:2]:
            yield Text((made,), "swapped"), "the same in another case"
            yield Text((made,), "slice 1:4"), "a part of a text"
            yield Text((made,), "slice 0:1"), "the first letter of a text"
        for text in ("%", "_", "\\", "'", "*", " ", "Ü", "ü", "ß", "SS", "u\u0308"):
            yield text, "what a search may take for a pattern, or fold"


def is_content(value: Any) -> bool:
    """Tell whether a value is a text that a client may have written."""
    return isinstance(value, str) and not looks_made(value) and moment(value) is None


def is_about(parameter: str, member: str) -> bool:
    """Tell whether a parameter's name speaks of a member: `min_price` of `price`."""
    one, two = words(parameter), words(member)
    return bool(one and two) and (two <= one or one <= two)


def words(name: str) -> set[str]:
    """Return the words of a name, in lower case and without a plural's s."""
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)
    return {word.lower().removesuffix("s") for word in found} - {"id", "at", "on", "by", "is"}


def is_alike(schema: Schema, value: Any) -> bool:
    """Tell whether a value of an answer may be one of a parameter."""
    match schema.type:
        case "integer" | "number":
            return is_number(value)
        case "array":
            return is_alike(schema.items(), value)
        case "boolean":
            return False
    if schema.choices:
        return value in schema.choices
    return isinstance(value, str) and schema.matches_pattern(value)
