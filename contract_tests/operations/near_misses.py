"""Invalid values, mostly near misses, for every schema of the contract.

One table serves bodies and queries, of every operation: what a schema says of itself – its type,
lengths, choices – decides which values are wrong there and what is said about them. Only texts that
have a format of their own are listed, by the schema that names the format.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from contract_tests.contract import CONTRACT
from contract_tests.operations.expected import NOWHERE, UPPER, detail

EMOJI = "\U0001f34b"  # one code point, two units of UTF-16, four bytes of UTF-8
LONG = 256  # a text that is longer than any value with a format

Error = tuple[str, str, str]  # where in the value, as a JSON Pointer; the code; what is said


class Miss(NamedTuple):
    """A wrong value as JSON text, and its errors in their order."""

    text: str
    errors: tuple[Error, ...]


FORMATS = {
    "Id": "uuid",
    "DateTimeInput": "date-time",
    "Slug": "slug",
    "Username": "username",
    "Email": "email",
    "Sku": "sku",
    "Price": "price",
}
# What can't be parsed has no other fault than that: whatever its length and characters.
PARSED = {"Id", "DateTimeInput", "Price"}

NEAR_MISSES: dict[str, list[str]] = {
    "Id": [
        *("", "1", "null", NOWHERE[:-1], f"{NOWHERE}0", f"{NOWHERE[:-1]}g", f"{NOWHERE}\n"),
        *(f"{NOWHERE[:-1]}\0", f"{NOWHERE[:-1]}\u0663", UPPER, NOWHERE.replace("-", "")),
        *(f"{{{NOWHERE}}}", f"urn:uuid:{NOWHERE}", "019b8d493-204-73bf-8e08-6130bb92870b"),
        NOWHERE.replace("-", "_"),
    ],
    "DateTimeInput": [
        *("", " ", "now", "1706961600", "Sat, 03 Feb 2024 12:00:00 GMT"),
        # forms of ISO 8601 that RFC 3339 doesn't have
        *("2024-02-03", "20240203", "20240203T120000Z", "2024-W05-6", "2024-W05-6T12:00:00Z"),
        *("2024-034T12:00:00Z", "2024-02-03T12:00Z", "2024-02-03T12Z", "2024-02-03T12:00:00"),
        *("2024-02-03T12:00:00,5Z", "2024-02-03T24:00:00Z", "+2024-02-03T12:00:00Z"),
        # and what is near
        *("2024-02-03 12:00:00Z", "2024-02-03t12:00:00Z", "2024-02-03T12:00:00z"),
        *("2024-02-03_12:00:00Z", "2024-02-03T12:00:00 Z", " 2024-02-03T12:00:00Z"),
        *("2024-02-03T12:00:00Z ", "2024-02-03T12:00:00Z\n", "2024-02-03T12:00:00Z\0"),
        *("2024-02-03T12:00:00.Z", "2024-02-03T12:00:00.1234567Z", "2024-02-03T12:00:00.5.5Z"),
        *("2024-02-03T12:00:00+0000", "2024-02-03T12:00:00+00", "2024-02-03T12:00:00+0:00"),
        *("2024-02-03T12:00:00+00:00:00", "2024-02-03T12:00:00+24:00"),
        *("2024-02-03T12:00:00+05:60", "2024-02-03T12:00:00+-5:00"),
        *("2024-02-03T12:00:00\u221205:00", "2024-02-03T12:00:00 +05:00"),
        *("2024-02-03T12:00:00UTC", "2024-02-03T12:00:00Z+00:00", "2024-02-03T25:00:00Z"),
        *("2024-02-03T12:60:00Z", "2024-02-03T12:00:60Z", "2016-12-31T23:59:60Z"),
        *("2023-02-29T12:00:00Z", "1900-02-29T12:00:00Z", "2024-02-30T12:00:00Z"),
        *("2024-13-01T12:00:00Z", "2024-00-01T12:00:00Z", "2024-01-00T12:00:00Z"),
        *("2024-1-01T12:00:00Z", "24-01-01T12:00:00Z", "10000-01-01T00:00:00Z"),
        *("0000-06-01T00:00:00Z", "-2024-02-03T12:00:00Z", "2024/02/03T12:00:00Z"),
        *("2024-02-03T12.00.00Z", "\u0662\u0660\u0662\u0664-02-03T12:00:00Z"),
        *("2024-02-03T12:00:0\u0660Z", "2024-02-0\uff13T12:00:00Z"),
        *("2024-02-03T12:00:00.\u0661Z", f"2024-02-03T12:00:00.{'0' * 13}Z"),
    ],
    "Slug": [
        *("", "A", "a b", "a_b", "a.b", "a/b", "-a", "a-", "a--b", "-", " a", "a\n", "\u00e9"),
        *("\u0661", "\uff41", "a\u200b"),
    ],
    "Username": [
        *("Alice", "al ice", "al-ice", "al.ice", " alice", "alice\n", "\u0430lice", "al\u0131ce"),
        *("alice\u0661", "   "),
    ],
    "Email": [
        *("", "alice", "alice@", "@example.com", "alice@example", "alice@localhost"),
        *("alice@example.com\n", " alice@example.com", "alice@example.com."),
        *("alice@.example.com", "alice@example..com", "alice@-example.com"),
        *("alice@example-.com", "alice@exa_mple.com", "alice@[127.0.0.1]"),
        *("al ice@example.com", '"al ice"@example.com', "alice@bob@example.com"),
        *("alice,bob@example.com", "Alice <alice@example.com>", "alic\u00e9@example.com"),
        *("alice@ex\u00e4mple.com", "a" * 65 + "@example.com", f"alice@{'a' * 64}.com"),
    ],
    "Sku": [
        *("", "AB", "mug-red", "-MUG", "MUG_RED", "MUG RED", "MUG-RED\n", "M\u00dcG", "MUG\uff11"),
        "MUG\u0663",
    ],
    "Price": [
        *("", "1", "1.", "1.0", "1.000", "01.00", "00.00", ".50", "+1.00", "-1.00", "-0.00"),
        *("1e2", "1.00e0", "1e-1000000", "1,00", "1,000.00", "1_000.00", " 1.00", "1.00 "),
        *("1.00\n", "1.00\0", "\u0661.00", "1.\u0660\u0660", "\uff11.00", "1.00€", "0x1.00"),
        *("NaN", "sNaN", "Infinity", "-Infinity", "100000000.00", "9" * 5000 + ".00"),
    ],
}
OUT_OF_THE_CALENDAR = [
    *("0001-01-01T00:00:00+00:01", "0001-01-01T00:00:00+14:00"),
    *("9999-12-31T23:59:59.999999-00:01", "9999-12-31T23:59:59-23:59"),
]
TOO_LONG = {  # where a format allows only some characters
    "Slug": "a" * 51,
    "Username": "a" * 31,
    "Email": f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 62}",
    "Sku": "A" * 33,
}
BLANKS = [
    *(" ", "\t\n\v\f\r ", "\u00a0", "\u0085", "\u1680", "\u2000\u200a\u2028\u2029\u202f\u205f"),
    *("\u3000", "\x1c\x1d\x1e\x1f"),
]
NO_STRINGS = ["5", "5.5", "true", '["a"]', '{"a":1}']
NO_BOOLEANS = ["1", "0", "1.0", '"true"', '"yes"', '""', "[]", "{}"]
NO_INTEGERS = ['"3"', '""', "3.5", "true", "false", "[3]", "{}"]
ZEROS = ["0", "-0", "0.0", "0e5"]


def resolved(schema: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the name of what a schema refers to, and what is said there and here."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found = CONTRACT["components"]["schemas"][name] if name else {}
    return name, {**found, **schema}


def misses(schema: dict[str, Any]) -> Iterator[Miss]:
    """Yield what is wrong in a body where a schema is declared."""
    alternatives = schema.get("oneOf", [])
    if {"type": "null"} in alternatives:
        [only] = [each for each in alternatives if each != {"type": "null"}]
        yield from typed(*resolved(only))
    else:
        yield one("null", "null_not_allowed")
        yield from typed(*resolved(schema))


def one(text: str, code: str, *fills: object) -> Miss:
    """Return a miss with one error, at the value itself."""
    return Miss(text, (("", code.partition(".")[0], detail(code, *fills)),))


def typed(name: str, schema: dict[str, Any]) -> Iterator[Miss]:
    """Yield what is wrong but null."""
    match schema["type"]:
        case "string":
            yield from (one(text, "invalid_type", "a string") for text in NO_STRINGS)
            for value, code, fills in wrong_texts(name, schema):
                yield one(json.dumps(value), code, *fills)
        case "boolean":
            yield from (one(text, "invalid_type", "a boolean") for text in NO_BOOLEANS)
        case "integer":
            yield from (one(text, "invalid_type", "an integer") for text in NO_INTEGERS)
            if "not" in schema:
                yield from (one(text, "zero") for text in ZEROS)
            low, high = schema["minimum"], schema["maximum"]
            beyond = [low - 1, high + 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 2**64]
            for text in (*map(str, beyond), f"{high + 1}.0", "2E6"):
                yield one(text, "out_of_range.number", low, high)
        case "array":
            yield from (one(text, "invalid_type", "an array") for text in ('"a"', '{"0":"a"}'))
            yield from wrong_entries(schema)
        case "object":
            yield from (one(text, "invalid_type", "an object") for text in ("[]", '"a"', "5"))
            yield from wrong_map(schema) if "propertyNames" in schema else wrong_members(schema)


def wrong_texts(name: str, schema: dict[str, Any]) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """Yield texts that are wrong, with code and fills."""
    if choices := schema.get("enum"):
        said = (", ".join(choices),)
        for text in ("", choices[0].swapcase(), f"{choices[0]} ", f"{choices[0]}\n", "nonsense"):
            yield text, "invalid_choice", said
        yield f"{choices[0]}\0", "invalid_choice", said
        return
    least, most = schema.get("minLength", 0), schema.get("maxLength", LONG)
    if name not in PARSED:
        yield "a\0b", "null_character", ()
        yield "\0" * (most + 1), "null_character", ()
        if least:
            yield "a" * (least - 1), "too_short", (least,)
        yield TOO_LONG.get(name, EMOJI * (most + 1)), "too_long", (most,)
    if name == "Title":
        yield " " * (most + 1), "too_long", (most,)
        yield from ((blank, "blank", ()) for blank in BLANKS)
    for text in NEAR_MISSES.get(name, []):
        yield text, f"invalid_format.{FORMATS[name]}", ()
    if name == "DateTimeInput":
        yield from ((text, "out_of_range.date-time", ()) for text in OUT_OF_THE_CALENDAR)


def within(place: str, text: str, miss: Miss) -> Miss:
    """Return a miss whose wrong value is part of a larger one."""
    return Miss(text, tuple((place + at, code, said) for at, code, said in miss.errors))


def wrong_entries(schema: dict[str, Any]) -> Iterator[Miss]:
    """Yield arrays that are too short or too long, and those of which the second entry is wrong."""
    most = schema["maxItems"]
    yield one(f"[{','.join(['5'] * (most + 1))}]", "too_many_items", most)
    if least := schema.get("minItems"):
        yield one("[]", "too_few_items", least)
    _, entry = resolved(schema["items"])
    good = '"a"' if entry["type"] == "string" else json.dumps(smallest(entry))
    for miss in misses(schema["items"]):
        yield within("/1", f"[{good},{miss.text}]", miss)
    if schema.get("uniqueItems"):
        again = ("duplicate", detail("duplicate"))
        yield Miss('["a","a","b","a"]', (("/1", *again), ("/3", *again)))
        # Duplicates are looked for once all entries are right by themselves.
        miss = next(iter(misses(schema["items"])))
        yield within("/1", f"[{good},{miss.text},{good}]", miss)
        yield one(f"[{','.join([good] * 260_000)}]", "too_many_items", most)


def smallest(schema: dict[str, Any]) -> dict[str, str]:
    """Return an object with what it must have, which is a text wherever objects are nested."""
    return dict.fromkeys(schema.get("required", []), "a")


def wrong_members(schema: dict[str, Any]) -> Iterator[Miss]:
    """Yield objects with one member that is missing, unknown or wrong."""
    good = smallest(schema)
    if good:
        missing = ((f"/{name}", "required", detail("required")) for name in sorted(good))
        yield Miss("{}", tuple(missing))
    for name, place in (("x", "/x"), ("a/b~c", "/a~1b~0c"), ("", "/"), ("_schema", "/_schema")):
        yield Miss(
            json.dumps({**good, name: None}),
            ((place, "unknown_property", detail("unknown_property")),),
        )
    for name, member in schema["properties"].items():
        if not member.get("readOnly"):
            others = "".join(f',"{other}":"a"' for other in good if other != name)
            for miss in misses(member):
                yield within(f"/{name}", f'{{"{name}":{miss.text}{others}}}', miss)


def wrong_map(schema: dict[str, Any]) -> Iterator[Miss]:
    """Yield maps with too many entries, or with one whose name or value is wrong."""
    if most := schema.get("maxProperties"):
        yield one(json.dumps({f"n{n}": n for n in range(most + 1)}), "too_many_items", most)
    for name in ("", "a\0", EMOJI * 51):
        said = (f"/{name}", "invalid_name", detail("invalid_name"))
        yield Miss(json.dumps({name: "a"}), (said,))
    for miss in misses(schema["additionalProperties"]):
        yield within("/a~1b", f'{{"a/b":{miss.text}}}', miss)
        yield within("/_schema", f'{{"_schema":{miss.text}}}', miss)


# Queries

NO_QUERY_INTEGERS = [
    *(
        "",
        "ten",
        "05",
        "+5",
        " 5",
        "5 ",
        "5\n",
        "1e1",
        "5.0",
        "5.",
        "0x5",
        "1_0",
        "--5",
        "-",
        "NaN",
    ),
    *("\u0663", "1\u0663", "\uff15", "\u00b2", "true", "null", '"5"', "5,6"),
]


def query_misses(schema: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield texts that a query's parameter may not have, encoded, with code and detail."""
    name, schema = resolved(schema)
    found: Iterator[tuple[str, str, tuple[object, ...]]]
    match schema["type"]:
        case "integer":
            low, high = schema["minimum"], schema["maximum"]
            beyond = map(str, (low - 1, high + 1, -1, 2**31, 2**63, 10**30))
            found = iter(
                [
                    *((text, "invalid_type", ("an integer",)) for text in NO_QUERY_INTEGERS),
                    *((text, "out_of_range.number", (low, high)) for text in beyond),
                ]
            )
        case "boolean":
            texts = ("", "True", "FALSE", "1", "0", "yes", "on", "t", "null", '"true"', " true")
            found = ((text, "invalid_choice", ("true, false",)) for text in texts)
        case _:
            found = wrong_texts(name, schema)
    for text, code, fills in found:
        yield quote(text, safe=""), code.partition(".")[0], detail(code, *fills)
