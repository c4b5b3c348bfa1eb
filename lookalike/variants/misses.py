"""Values near one that was accepted: what a parser takes or refuses by a hair.

They are ordered by how often they tell two implementations apart, and hold both what a schema
allows and what it doesn't: an end of a range is as telling as what lies beyond it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any, NamedTuple

from lookalike.calls import Fresh, Made, Own, Raw, Text, formed, made_in
from lookalike.form_data import File
from lookalike.schemas import Number, Schema, is_number

# Names that have to be escaped where errors point at them (RFC 6901), in a query, or in HTML.
ESCAPED = ("a/b~c", "a&b=c%20+d", "<b>\"'</b>")
EMOJI = "\U0001f34b"  # one code point, two units of UTF-16, four bytes of UTF-8
LONGEST_TRIED = 100_000  # characters or items, above which an end of a range isn't tried
MANY = 300  # items, as above


class Miss(NamedTuple):
    """A value to be sent in place of an accepted one, and what is special about it."""

    value: Any
    why: str


def interleaved(*sources: Iterable[Any]) -> Iterator[Any]:
    """Yield the first of each, then the second of each: whoever stops early has seen of all."""
    nothing = object()
    for row in zip_longest(*sources, fillvalue=nothing):
        yield from (each for each in row if each is not nothing)


def plain(value: Any) -> Any:  # noqa: PLR0911 - one for each kind of value
    """Return a value as the old server would get it, without what makes it new or its own."""
    match value:
        case Made():
            return value.value
        case Fresh() | Own():
            return value.text
        case Text():
            return formed("".join(str(plain(part)) for part in value.parts), value.form)
        case Raw():
            try:
                return json.loads("".join(str(plain(part)) for part in value.parts))
            except ValueError:
                return None
        case dict():
            return {name: plain(inner) for name, inner in value.items()}
        case list():
            return [*map(plain, value)]
    return value


def raw(text: str, why: str) -> Miss:
    """Return a miss that is written in JSON as no encoder would."""
    return Miss(Raw((text,)), why)


def misses(schema: Schema, value: Any) -> Iterator[Miss]:
    """Yield JSON values near one, of its own type and of others."""
    if isinstance(value, File):
        yield from files(value)
        return
    given = plain(value)
    kind = schema.type or type_of(given)
    own: Iterator[Miss]
    match kind:
        case "integer" | "number":
            own = numbers(schema, given if is_number(given) else 1)
        case "boolean":
            own = booleans(given)
        case "array":
            own = arrays(schema, value if isinstance(value, list) else [])
        case "object":
            own = objects(schema, value if isinstance(value, dict) else {})
        case _:
            own = interleaved(of_text(schema, given), other_than_text(given))
    null = [] if given is None else [Miss(None, "null")]
    found: Iterable[Miss] = [*null, *own]
    if isinstance(value, Made | Fresh | Own | Text):
        found = (
            Miss(of_size(miss, value) or with_own(miss.value, value, given), miss.why)
            for miss in found
            if not is_lost(miss.value, given)
        )
    yield from unique(found, value)


def files(file: File) -> Iterator[Miss]:
    """Yield files near one, and what is none (RFC 7578, sections 4.2 and 4.4)."""
    yield Miss(file.content, "a text for a file")
    yield Miss(file._replace(content=""), "an empty file")
    yield Miss(file._replace(name=""), "a file with an empty name")
    for name in ("../sample.txt", "ü \U0001f34b.txt", 'a"b.txt', "a" * 300, "sample", "SAMPLE.TXT"):
        yield Miss(file._replace(name=name), "another name of a file")
    for media_type in ("", "application/octet-stream", "text/html", "nonsense"):
        yield Miss(file._replace(media_type=media_type), "another media type of a file")
    yield Miss([file, file._replace(content="another")], "two files for one")
    yield Miss(file._replace(content="x" * 1_048_577), "a file of a mebibyte, and one byte")
    yield Miss("", "an empty text for a file")


def unique(found: Iterable[Miss], value: Any) -> Iterator[Miss]:
    """Leave out what comes again, and the value itself."""
    seen = {repr(value)}
    for miss in found:
        if repr(miss.value) not in seen:
            seen.add(repr(miss.value))
            yield miss


def of_size(miss: Miss, value: Any) -> Any:
    """Return a text of the very length of one that is all about its length, where it is so."""
    if miss.why not in SIZES or [*made_in(value)]:
        return None
    if not isinstance(value, Fresh):
        return miss.value
    return Text((value, str(miss.value)[-1:] * len(miss.value)), f"slice 0:{len(miss.value)}")


def with_own(near: Any, value: Any, given: Any) -> Any:
    """Return what is near a server's own or a new value, made of that and not of what it was."""
    if near == given and type(near) is type(given):
        return value
    if isinstance(near, list):
        return [with_own(each, value, given) for each in near]
    if isinstance(near, Raw):
        return Raw(tuple(part for each in near.parts for part in split(each, value, str(given))))
    if not isinstance(near, str):
        return near
    for form in ("", "upper", "lower", "swapped", "compact", "shortened"):
        text = formed(str(given), form)
        own = Text((value,), form) if form else value
        if text and (text in near) and len(text) >= min(len(near), SURE):
            return Text(tuple(split(near, own, text)))
    return near


SURE = 3  # characters of a value that aren't in another text by chance


def split(near: Any, value: Any, text: str) -> list[Any]:
    """Return the parts of a text, a value in place of where its text stands first."""
    if not isinstance(near, str) or not text or text not in near:
        return [near]
    before, _, after = near.partition(text)
    return [part for part in (before, value, after) if part != ""]


def is_lost(near: Any, given: Any) -> bool:
    """Tell whether raw JSON holds so much of a text that it can't be made of another one."""
    raw_text = "".join(map(str, near.parts)) if isinstance(near, Raw) else ""
    return isinstance(given, str) and len(given) > 1 and given[1:] in raw_text


def type_of(value: Any) -> str:
    """Return the type of a value that no schema tells one of."""
    names = {bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "string")


def numbers(schema: Schema, value: Number) -> Iterator[Miss]:
    """Yield what is near a number."""
    yield Miss(str(value), "a number as a text")
    if schema.type == "integer":
        yield Miss(value + 0.5, "no whole number")
    yield from ends(schema)
    yield raw(f"{value:g}e0", "an exponent")
    if isinstance(value, int):
        yield raw(f"{value}.0", "a whole number with a fraction (JSON Schema, section 6.1.1)")
    for wrong, what in ((True, "true"), ("", "an empty text"), ([value], "an array")):
        yield Miss(wrong, f"{what} for a number")
    for number in (0, -1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64):
        yield Miss(number, "a number at the end of a machine's range")
    yield raw("-0", "minus zero")
    yield raw("1E400", "a number beyond a double (RFC 8259, section 6)")
    yield raw("NaN", "NaN, which is no JSON (RFC 8259, section 6)")
    yield raw("0.1000000000000000055511151231257827", "more digits than a double has")
    yield raw("1" + "0" * 400, "a number of 401 digits")
    yield raw("01", "a zero in front (RFC 8259, section 6)")
    yield Miss({}, "an object for a number")


def ends(schema: Schema) -> Iterator[Miss]:
    """Yield numbers on both sides of each end of a range, and what is no multiple."""
    low, high = schema.ends()
    if high is not None:
        yield Miss(neat(high + schema.step), "just above the maximum")
        yield Miss(neat(high), "the maximum")
    if low is not None:
        yield Miss(neat(low - schema.step), "just below the minimum")
        yield Miss(neat(low), "the minimum")
    if "multipleOf" in schema.raw:
        base = 0 if low is None else low
        yield Miss(neat(base + schema.step / 2), "half a multiple")
    elif schema.type == "integer" and high is not None:
        yield raw(f"{high + 1}.0", "just above the maximum, with a fraction")


def neat(number: Number) -> Number:
    """Return a number as somebody would write it."""
    rounded = round(number, 6)
    return int(rounded) if isinstance(number, int) else rounded


def booleans(value: Any) -> Iterator[Miss]:
    """Yield what some parsers take for true or false."""
    for text in ("true", "false", "yes", "on", ""):
        yield Miss(text, "a text for a boolean")
    for number in (1, 0):
        yield Miss(number, "a number for a boolean")
    yield raw("1.0", "a number for a boolean")
    yield Miss(not value, "the other boolean")
    yield Miss([], "an array for a boolean")
    yield Miss({}, "an object for a boolean")


def other_than_text(value: Any) -> Iterator[Miss]:
    """Yield what is no text, though some parsers make one of it."""
    yield Miss(5, "a number for a text")
    yield Miss([value], "an array for a text")
    yield Miss(True, "true for a text")  # noqa: FBT003 - a value among others
    yield Miss({}, "an object for a text")
    yield Miss(5.5, "a number for a text")


def of_text(schema: Schema, value: Any) -> Iterator[Miss]:
    """Yield texts near one."""
    text = value if isinstance(value, str) else ""
    if schema.choices:
        yield from choices(schema)
        return
    yield from interleaved(sizes(schema, text), formats(schema, text), characters(text))
    yield raw('"\\ud800"', "half a surrogate pair (RFC 8259, section 8.2)")
    if text[:1].isascii() and text:
        rest = json.dumps(text[1:])[1:]
        yield raw(f'"\\u{ord(text[0]):04x}{rest}', "a letter that is escaped")


def choices(schema: Schema) -> Iterator[Miss]:
    """Yield what is near the values of an `enum`, and each of them."""
    texts = [choice for choice in schema.choices if isinstance(choice, str)]
    first = texts[0] if texts else "a"
    yield Miss(first.swapcase(), "a choice in another case")
    for choice in schema.choices[1:9]:
        yield Miss(choice, "another choice")
    yield Miss("", "an empty text")
    yield Miss(f"{first} ", "a choice with a space")
    yield Miss(f"{first}\n", "a choice with a line feed")
    yield Miss("nonsense", "no choice")
    yield Miss(first[:-1], "the beginning of a choice")
    yield Miss(f"{first}\0", "a choice with NUL")
    yield Miss(0, "a number for a choice")


SIZES = ("a character too long", "the longest", "a character too short", "the shortest")


def sizes(schema: Schema, text: str) -> Iterator[Miss]:
    """Yield texts at both ends of the lengths, which count code points."""
    most, least = schema.raw.get("maxLength"), schema.raw.get("minLength", 0)
    if most is not None and most < LONGEST_TRIED:
        yield Miss(stretched(schema, text, most + 1), SIZES[0])
        yield Miss(stretched(schema, text, most), SIZES[1])
    if least:
        yield Miss(stretched(schema, text, least - 1), SIZES[2])
        yield Miss(stretched(schema, text, least), SIZES[3])
    yield Miss("", "an empty text")
    if most is not None and most < LONGEST_TRIED:
        yield Miss(EMOJI * most, "the longest, of characters beyond the basic plane")
        yield Miss("ä" * most, "the longest, of characters of two bytes")
        yield Miss(" " * (most + 1), "blanks, one too many")
        yield Miss(f"{stretched(schema, text, most)} ", "the longest, and a space")
        yield Miss("\0" * (most + 1), "NUL, once too often")
        if "@" in text and most > LONG_LOCAL_PART:
            yield Miss(long_email(most + 1), "a character too long for an address")
            yield Miss(long_email(most), "the longest address")
    else:
        yield Miss("a" * 5000, "5,000 letters")


LONG_LOCAL_PART = 200  # characters, above which a long domain fits in as well


def long_email(length: int) -> str:
    """Return an email address of a length, each of its parts short enough (RFC 1035)."""
    address = f"{'a' * 64}@"
    while len(address) < length - 63:
        address += f"{'b' * min(60, length - len(address) - 5)}."
    return address + "c" * (length - len(address))


def stretched(schema: Schema, text: str, length: int) -> str:
    """Return a text of a length, with the pattern of another if that can be."""
    if length <= len(text):
        return text[:length]
    more = length - len(text)
    for index in range(len(text) - 1, -1, -1):
        longer = text[:index] + text[index] * more + text[index:]
        if schema.matches_pattern(longer) and text[index].isalnum():
            return longer
    return text + "a" * more


def characters(text: str) -> Iterator[Miss]:
    """Yield a text with what some implementations strip, fold, refuse or misread."""
    yield Miss(f" {text} ", "white space around it")
    yield Miss(" \t", "nothing but white space")
    yield Miss(f"{text}\n", "a line feed at the end, which `$` allows")
    yield Miss(f"{text}\0", "NUL, which PostgreSQL can't store")
    if re.search(r"[a-zA-Z]", text):
        yield Miss(text.swapcase(), "another case")
    yield Miss(f"{text}é", "a letter beyond ASCII")
    yield Miss("\u00a0\u2003\u3000", "nothing but white space beyond ASCII")
    yield Miss(f"{text}\u0663", "an Arabic digit")
    yield Miss(f"{text}e\u0301", "a combining character, which NFC would join")
    yield Miss(f"\u200b{text}\ufeff", "invisible characters")
    yield Miss(f"{text}\x1b\x7f", "control characters")
    yield Miss("<b>&amp;\"'\\/%00", "what is escaped in HTML, SQL and addresses")
    yield Miss(f"{text}\uff21\u0130\u00df", "letters whose case is not one to one")
    yield Miss("null", "null as a text")


def formats(schema: Schema, text: str) -> Iterator[Miss]:
    """Yield what is near a text of a format, whether it is declared or seen."""
    found = schema.format or seen_format(text)
    near = NEAR.get(found, [])
    yield from (Miss(each, f"almost {found}") for each in near)
    if found in {"uuid", "decimal", "slug"}:
        yield from (Miss(each, f"almost {found}") for each in around(found, text))
    if not near and "pattern" in schema.raw and text:
        for each in (text[1:], text[:-1], f"-{text}", f"{text}-", f"{text}_", f"{text} {text}"):
            yield Miss(each, "near the pattern")


LOOKS = {
    "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "date-time": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*",
    "date": r"\d{4}-\d\d-\d\d",
    "decimal": r"-?\d+(\.\d+)?",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "uri": r"[a-z]+://\S+",
    "slug": r"[a-z0-9]+(-[a-z0-9]+)+",
}


def seen_format(text: str) -> str:
    """Return the format that a text seems to have."""
    found = (name for name, form in LOOKS.items() if re.fullmatch(form, text, re.ASCII))
    return next(found, "")


def around(found: str, text: str) -> list[str]:
    """Return what is near this very text."""
    match found:
        case "uuid":
            return [
                *(text.upper(), text.replace("-", ""), f"{{{text}}}", f"urn:uuid:{text}"),
                *(text[:-1], f"{text}0", f"{text[:-1]}g", f"{text[:-1]}\u0663", f"{text}\n"),
            ]
        case "decimal":
            whole, _, fraction = text.partition(".")
            last = text[:-1]
            return [
                *(f"{whole}.{fraction}0", whole, f"+{text}", f"0{text}", f" {text}", f"{whole}."),
                *(f"{text}e0", f"{whole},{fraction}", f"{last}\u0663", f"-{text}", f"{text}\n"),
                *(f".{fraction or '5'}", "1e2", "1_0.00", "NaN", "Infinity", "1e-1000000"),
                *("0.00", "-0.00", "9" * 30 + ".00", f"{whole}.{fraction[:1]}"),
            ]
        case _:
            return [
                *(text.upper(), f"-{text}", f"{text}-", text.replace("-", "--"), f"{text}.a"),
                *(text.replace("-", "_"), text.replace("-", " "), f"{text}\n", f"{text}\u0661"),
            ]


NEAR: dict[str, list[str]] = {
    "date-time": [
        *("2024-02-03", "20240203T120000Z", "2024-02-03T12:00:00", "2024-02-03 12:00:00Z"),
        *("2024-02-03T12:00:00.1234567Z", "2024-02-03T12:00:00+05:30", "2024-02-03T12:00Z"),
        *("2024-02-03t12:00:00z", "2024-02-30T12:00:00Z", "2016-12-31T23:59:60Z"),
        *("2024-02-03T12:00:00.123457Z", "2024-02-03T12:00:00.5Z", "2024-02-03T24:00:00Z"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59", "2024-02-03T12:00:00-00:00"),
        *("2024-02-03T12:00:00,5Z", "2024-W05-6T12:00:00Z", "2024-034T12:00:00Z", "1706961600"),
        *("2024-02-03T12:00:00+0000", "2024-02-03T12:00:00+24:00", "2024-02-03T12:00:00\n"),
        *("2024-02-03T12:00:00Z\n", " 2024-02-03T12:00:00Z", "2024-02-03T12:00:0\u0660Z"),
        *("0000-06-01T00:00:00Z", "10000-01-01T00:00:00Z", "1900-02-29T12:00:00Z", "now"),
        *("Sat, 03 Feb 2024 12:00:00 GMT", "2024-2-3T12:00:00Z", "2024-02-03T12:00:00.Z"),
    ],
    "date": [
        *("20240203", "2024-2-3", "2023-02-29", "2024-02-03T00:00:00Z", "2024-W05-6"),
        *("2024-02-29", "2024/02/03", "03.02.2024", "0000-01-01", "0001-01-01", "9999-12-31"),
        *("2024-02-0\u0663", "2024-02-03\n", " 2024-02-03", "10000-01-01", "1706961600"),
    ],
    "time": [
        *("12:00", "12:00:00", "12:00:00Z", "24:00:00Z", "12:00:60Z", "120000Z", "12:00:00.5Z"),
        *("12:00:00+05:30", "25:00:00Z", "12:00:0\u0660Z", "12"),
    ],
    "duration": ["P1D", "P1W", "PT1H", "1 day", "P", "PT", "-P1D", "P1Y2M", "P0.5D", "01:00:00"],
    "email": [
        *("alice", "alice@localhost", "Alice@Example.com", "alice@example.com\n"),
        *("alice@example..com", "alice@-example.com", "Alice <alice@example.com>", "@example.com"),
        *('"al ice"@example.com', "alice@[127.0.0.1]", "alice+tag@example.com", "alice@"),
        *("alic\u00e9@example.com", "alice@ex\u00e4mple.com", " alice@example.com", "a@b@c.com"),
        *("a" * 65 + "@example.com", f"alice@{'a' * 64}.com", "alice@exa_mple.com"),
    ],
    "uuid": ["1", "00000000-0000-0000-0000-000000000000", "null"],
    "uri": [
        *("example.com", "//example.com/a", "/a", "http://", "http:///a", "javascript:alert(1)"),
        *("http://example.com", "HTTP://EXAMPLE.COM/", "http://example.com:99999", "http://[::1"),
        *("http://ex\u00e4mple.com/", "http://example.com/ a", "http://localhost", "ftp://a.b/c"),
    ],
    "hostname": ["-a.example", "a_b.example", "EXAMPLE", "a..b", "a.", "1.2.3.4", "\u00e4.example"],
    "ipv4": ["1.2.3", "256.1.1.1", "01.2.3.4", "1.2.3.4/8", "0x1.2.3.4", "::1", "1.2.3.4\n"],
    "ipv6": ["::1", "::ffff:1.2.3.4", ":::1", "1::2::3", "fe80::1%eth0", "1.2.3.4", "[::1]"],
    "byte": ["YQ==", "YQ", "YQ=", "Y Q==", "-_-_", "YQ==\n", "\u00e4"],
}
NEAR["url"] = NEAR["uri-reference"] = NEAR["uri"]


def arrays(schema: Schema, value: list[Any]) -> Iterator[Miss]:
    """Yield arrays near one, and what some parsers take for an array."""
    if value:
        yield Miss(value[0], "an item without its array")
    yield Miss([*value, None], "a null among the items")
    most, least = schema.raw.get("maxItems"), schema.raw.get("minItems", 0)
    if value:
        yield Miss([*value, value[0]], "an item twice")
        yield Miss([*value, value[0], value[0], *value], "items again and again")
    if most is not None and most <= MANY:
        yield Miss(filled(schema, value, most + 1), "an item too many")
        yield Miss(filled(schema, value, most), "as many items as there may be")
    if least:
        yield Miss(filled(schema, value, least - 1), "an item too few")
        yield Miss(filled(schema, value, least), "as few items as there may be")
    yield Miss([], "an empty array")
    if len(value) > 1:
        yield Miss(value[::-1], "the items in another order")
    yield Miss({"0": value[0] if value else 1}, "an object for an array")
    yield Miss("a", "a text for an array")
    yield Miss([value], "an array in the array")
    yield Miss([{}], "an empty object among the items")


def objects(schema: Schema, value: dict[str, Any]) -> Iterator[Miss]:
    """Yield what is no object, and maps of other names and sizes."""
    yield Miss([], "an array for an object")
    most, least = schema.raw.get("maxProperties"), schema.raw.get("minProperties", 0)
    extra = schema.raw.get("additionalProperties")
    if isinstance(extra, dict) or most is not None:
        some = next(iter(value.values()), "a")
        for count in (most + 1, most) if most is not None and most <= MANY else ():
            names = [*value, *(f"name{number}" for number in range(count))]
            yield Miss(dict.fromkeys(names[:count], some), f"{count} members")
        for name in ("", "a\0", " ", EMOJI * 51, "a" * 300, *ESCAPED):
            yield Miss({**value, name: some}, f"a member named {name[:3]!r}")
        yield Miss({**dict(reversed(value.items())), "z": some, "b": some}, "members in disorder")
    if least:
        yield Miss({}, "a member too few")
    yield Miss("a", "a text for an object")
    yield Miss([value], "an object in an array")


def filled(schema: Schema, value: list[Any], length: int) -> list[Any]:
    """Return an array of a length, of items that differ if they can."""
    if length <= len(value):
        return value[:length]
    first = plain(value[0]) if value else None
    items = schema.items(first)
    more = range(length - len(value))
    if first is None and items.type not in {"string", "integer", "number"}:
        return [*value, *([{}] * len(more))]
    if items.type == "string" and not items.choices:
        stem = str(first or "a")
        longest = items.raw.get("maxLength", LONGEST_TRIED)
        return [*value, *(f"{stem[: max(0, longest - 4)]}{number}" for number in more)]
    if items.type in {"integer", "number"}:
        return [*value, *((first or 0) + number + 1 for number in more)]
    return [*value, *([value[0] if value else None] * len(more))]


# Parameters


def text_misses(schema: Schema, value: Any) -> Iterator[Miss]:
    """Yield texts near the value of a parameter."""
    if isinstance(value, File):
        yield from files(value)
        return
    given = plain(value)
    kind = schema.type or type_of(given)
    own: Iterable[Miss]
    match kind:
        case "integer" | "number":
            own = number_texts(schema, given)
        case "boolean":
            texts = ("True", "1", "yes", "", "FALSE", "0", "on", "t", "null", '"true"', " true")
            both = (Miss(text, "a boolean") for text in ("true", "false"))
            own = [*both, *(Miss(text, "almost a boolean") for text in texts)]
        case "array":
            inner = schema.items()
            first = given[0] if isinstance(given, list) and given else given
            own = text_misses(inner, first)
        case _:
            own = (
                miss
                for miss in of_text(schema, "" if given is None else str(given))
                if isinstance(miss.value, str) and "\ud800" not in miss.value
            )
    yield from unique(own, given)


def number_texts(schema: Schema, value: Any) -> Iterator[Miss]:
    """Yield how a number is written in an address by mistake, and the ends of its range."""
    low, _ = schema.ends()
    number = value if is_number(value) else low if low is not None else 1
    yield from ends_as_texts(schema)
    texts = (
        *("", f"{number}.0"),
        *(f"0{number}", f"+{number}", f" {number}", f"{number} ", f"{number}\n", f"{number}e0"),
        *("\u0663", "-1", "0", "1_0", "0x5", f"{number},{number}", f'"{number}"', "abc", "\uff15"),
        *("9" * 5000, str(2**31), str(2**63), f"{number}.5", "NaN", "Infinity", "true", "null"),
        *("-", "\u00b2", "-0", f"{number}\0", f"{number}."),
    )
    yield from (Miss(text, "almost a number") for text in texts)


def ends_as_texts(schema: Schema) -> Iterator[Miss]:
    """Yield the ends of a range, and what lies beyond them."""
    for miss in ends(schema):
        if is_number(miss.value):
            yield Miss(str(miss.value), miss.why)
