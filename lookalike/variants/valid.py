"""Other values that a schema allows, so that a write is seen to write."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lookalike.calls import flipped
from lookalike.schemas import Schema, is_number
from lookalike.variants.misses import neat, plain

DEPTH = 4  # of members and entries that are varied; schemas may refer to themselves
TEXTS = ("Grüße, 東京 \U0001f34b", "Other text", "other")
FORMATTED: dict[str, tuple[str, ...]] = {
    "date-time": ("2031-02-03T04:05:06.789Z", "2031-02-03T23:05:06+05:30"),
    "date": ("2031-02-03", "2024-02-29"),
    "time": ("04:05:06Z",),
    "duration": ("P1DT2H",),
    "email": ("Someone.Else+tag@example.org", "someone@example.org"),
    "uri": ("https://example.org/a?b=c#d",),
    "url": ("https://example.org/a?b=c#d",),
    "hostname": ("example.org",),
    "ipv4": ("192.0.2.7",),
    "ipv6": ("2001:db8::7",),
    "byte": ("YWJj",),
}


def others(schema: Schema, value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield further values that a schema allows, the most different first."""
    given = plain(value)
    seen = [given]
    for candidate in candidates(schema, value, depth):
        bare = plain(candidate)
        if bare is None and not schema.nullable:
            continue
        if bare not in seen and (bare is None or schema.allows(bare)):
            seen.append(bare)
            yield candidate
    if schema.nullable and given is not None:
        yield None


def candidates(schema: Schema, value: Any, depth: int) -> Iterator[Any]:
    """Yield values that may be allowed; what servers made inside a value is kept as it is."""
    yield from schema.choices
    yield from examples(schema.raw)
    match schema.type:
        case "boolean":
            yield from (True, False)
        case "integer" | "number":
            yield from number_candidates(schema, plain(value))
        case "array" if depth < DEPTH:
            yield from array_candidates(schema, value if isinstance(value, list) else [], depth)
        case "object" if depth < DEPTH:
            yield from object_candidates(schema, value if isinstance(value, dict) else {}, depth)
        case "string" | "":
            given = plain(value)
            yield from text_candidates(schema, given if isinstance(given, str) else "")


def examples(raw: Any) -> Iterator[Any]:
    """Yield the examples and the default of a schema or a parameter."""
    given = raw.get("examples")
    if isinstance(given, list):
        yield from given
    if isinstance(given, dict):  # of a parameter: names, each with an example object
        yield from (each["value"] for each in given.values() if "value" in each)
    yield from (raw[name] for name in ("example", "default") if name in raw)


def number_candidates(schema: Schema, value: Any) -> Iterator[Any]:
    """Yield the ends of a range, and what is next to a number."""
    low, high = schema.ends()
    number = value if is_number(value) else low or 0
    found = (number + schema.step, number - schema.step, high, low, 1, 0)
    yield from (neat(each) for each in found if each is not None)


def array_candidates(schema: Schema, value: list[Any], depth: int) -> Iterator[Any]:
    """Yield longer, shorter and reversed arrays."""
    first = value[0] if value else None
    items = schema.items(plain(first))
    more = [other for other in others(items, first, depth + 1) if other is not None][:2]
    yield from ([*value, *more], value[::-1], value[1:], more, [])


def object_candidates(schema: Schema, value: dict[str, Any], depth: int) -> Iterator[Any]:
    """Yield objects with another member, and with fewer."""
    for name in schema.properties:
        for other in first(others(schema.member(name), value.get(name), depth + 1)):
            yield {**value, name: other}
    if isinstance(extra := schema.raw.get("additionalProperties"), dict) and extra:
        for other in first(others(schema.member("x"), None, depth + 1)):
            yield {**value, "x": other}
            yield {"z": other, "b": other, **value}
    yield {}


def text_candidates(schema: Schema, value: str) -> Iterator[str]:
    """Yield texts of the declared format, others of the same pattern, and quite other ones."""
    yield from FORMATTED.get(schema.format, ())
    if not schema.format:
        yield from TEXTS
        most = schema.raw.get("maxLength")
        if most is not None:
            yield from (text[:most] for text in TEXTS)
    if re.fullmatch(r"\d+\.\d+", value):
        yield from ("0.29", "1000.00", "0.00", "99999.99", "0.01")
    yield flipped(value)
    yield from ("A1", "a1", "1", "1.00", "a" * int(schema.raw.get("minLength", 1)))


def first(found: Iterable[Any]) -> list[Any]:
    """Return the first of what there is, if any."""
    return next(([each] for each in found), [])
