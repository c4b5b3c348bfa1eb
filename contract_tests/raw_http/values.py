"""Values in bodies: nothing is coerced, trimmed or normalised, and near misses are misses."""

import json
from typing import Any

from contract_tests.raw_http.probe import (
    ALICE,
    JSON,
    PRODUCT,
    SAM,
    Error,
    Probe,
    pointer,
    request,
    todo,
)

NO_STRING = ("invalid_type", "a string")
NO_INTEGER = ("invalid_type", "an integer")
NO_BOOLEAN = ("invalid_type", "a boolean")
NO_ARRAY = ("invalid_type", "an array")
NO_OBJECT = ("invalid_type", "an object")
PRIORITIES = "low, normal, high, urgent"
REASONS = "received, sold, returned, damaged, corrected"
CURRENCIES = "AUD, CAD, CHF, DKK, EUR, GBP, NOK, NZD, PLN, SEK, USD"

DEEP = "\U0001f34b"  # a character beyond the basic plane


def invalid(name: str, raw: bytes, *errors: Error) -> Probe:
    """Expect a body's errors."""
    return Probe(name, raw, 422, "invalid-body", errors)


def bad_todo(name: str, body: str, *errors: Error) -> Probe:
    """Expect that a todo, written as JSON text, is refused."""
    return invalid(name, todo(body), *errors)


def made_todo(name: str, body: str, holds: str) -> Probe:
    """Expect that a todo, written as JSON text, is created."""
    return Probe(name, todo(body), 201, holds=holds.encode())


def adjustment(delta: str, *error: str) -> Probe:
    """Expect that a movement of stock is refused for its `delta`, written as JSON text."""
    return invalid(
        f"delta {delta[:40]}",
        request(
            f"POST {PRODUCT}/stock-adjustments",
            SAM,
            JSON,
            body=f'{{"delta":{delta},"reason":"received"}}',
        ),
        pointer("/delta", *error),
    )


MILLION = ("out_of_range.number", "-1000000", "1000000")

INTEGERS = [
    adjustment('"3"', *NO_INTEGER),
    adjustment('""', *NO_INTEGER),
    adjustment("3.5", *NO_INTEGER),
    adjustment("0.0", "zero"),
    adjustment("0e5", "zero"),
    adjustment("1000001.0", *MILLION),
    adjustment("2E6", *MILLION),
    adjustment("true", *NO_INTEGER),
    adjustment("false", *NO_INTEGER),
    adjustment("[3]", *NO_INTEGER),
    adjustment("{}", *NO_INTEGER),
    adjustment("null", "null_not_allowed"),
    adjustment("0", "zero"),
    adjustment("-0", "zero"),
    adjustment("1000001", *MILLION),
    adjustment("-1000001", *MILLION),
    adjustment("2147483648", *MILLION),
    adjustment("9223372036854775807", *MILLION),
    adjustment("-9223372036854775808", *MILLION),
    adjustment("9223372036854775808", *MILLION),
    adjustment("-9223372036854775809", *MILLION),
    adjustment("18446744073709551615", *MILLION),
    adjustment("18446744073709551616", *MILLION),
    *(
        Probe(
            f"delta {delta} is an integer in range, but more than there is",
            request(
                f"POST {PRODUCT}/stock-adjustments",
                SAM,
                JSON,
                body=f'{{"delta":{delta},"reason":"sold"}}',
            ),
            409,
            "insufficient-stock",
            (pointer("/delta", "insufficient_stock"),),
        )
        for delta in ["-1000000", "-1000000.0", "-1e6", "-10.0E+5"]
    ),
    invalid(
        "an adjustment with everything wrong",
        request(
            f"POST {PRODUCT}/stock-adjustments",
            SAM,
            JSON,
            body='{"reason":"Sold","note":null,"balance":"any","stock":1}',
        ),
        pointer("/delta", "required"),
        pointer("/note", "null_not_allowed"),
        pointer("/reason", "invalid_choice", REASONS),
        pointer("/stock", "unknown_property"),
    ),
]

BOOLEANS = [
    bad_todo(
        f"completed {value}", f'{{"title":"A","completed":{value}}}', pointer("/completed", *error)
    )
    for value, error in [
        ("1", NO_BOOLEAN),
        ("0", NO_BOOLEAN),
        ("1.0", NO_BOOLEAN),
        ('"true"', NO_BOOLEAN),
        ('"yes"', NO_BOOLEAN),
        ('""', NO_BOOLEAN),
        ("[]", NO_BOOLEAN),
        ("{}", NO_BOOLEAN),
        ("null", ("null_not_allowed",)),
    ]
]


def title(name: str, text: str, *error: str) -> Probe:
    """Expect that a title, escaped as JSON likes, is refused."""
    return bad_todo(f"title: {name}", json.dumps({"title": text}), pointer("/title", *error))


def kept(name: str, text: str, escaped: str | None = None) -> Probe:
    """Expect that a title comes back as it was sent; `escaped` is how it stands in JSON."""
    sent = json.dumps({"title": text}, ensure_ascii=False)
    return made_todo(
        f"title kept: {name}", sent, '"title":"' + (text if escaped is None else escaped) + '",'
    )


STRINGS = [
    bad_todo("title missing", "{}", pointer("/title", "required")),
    *(
        bad_todo(f"title {value}", f'{{"title":{value}}}', pointer("/title", *error))
        for value, error in [
            ("5", NO_STRING),
            ("5.0", NO_STRING),
            ("true", NO_STRING),
            ('["A"]', NO_STRING),
            ('{"A":1}', NO_STRING),
            ("null", ("null_not_allowed",)),
        ]
    ),
    title("empty", "", "too_short", "1"),
    title("a space", " ", "blank"),
    title("ASCII white space", "\t\n\v\f\r ", "blank"),
    title("no-break space", "\u00a0", "blank"),
    title("next line", "\u0085", "blank"),
    title("Ogham space", "\u1680", "blank"),
    title("quads and spaces", "".join(map(chr, range(0x2000, 0x200B))), "blank"),
    title("line and paragraph separator", "\u2028\u2029", "blank"),
    title("narrow no-break space", "\u202f", "blank"),
    title("mathematical space", "\u205f", "blank"),
    title("ideographic space", "\u3000", "blank"),
    title("information separators", "\x1c\x1d\x1e\x1f", "blank"),
    title("NUL", "A\0B", "null_character"),
    title("nothing but NUL", "\0", "null_character"),
    title("NUL and too long", "\0" * 201, "null_character"),
    title("201 letters", "a" * 201, "too_long", "200"),
    title("201 emoji", DEEP * 201, "too_long", "200"),
    title("201 spaces are too long before they are blank", " " * 201, "too_long", "200"),
    kept("200 letters", "a" * 200),
    kept("200 emoji are 200 characters", DEEP * 200),
    kept("100 letters with an accent of their own are 200 characters", "e\u0301" * 100),
    title("101 of them are 202", "e\u0301" * 101, "too_long", "200"),
    kept("zero-width space is no white space", "\u200b"),
    kept("word joiner is no white space", "\u2060"),
    kept("byte order mark is no white space", "\ufeff"),
    kept("Mongolian vowel separator is no white space", "\u180e"),
    kept("braille blank is no white space", "\u2800"),
    kept("blanks around are kept", "  Wire  "),
    kept("other blanks around are kept", "\u00a0\u3000Wire\u2003"),
    kept("line feeds around are kept", "\nWire\r\n", "\\nWire\\r\\n"),
    kept("an accent of its own", "Wire: e\u0301"),
    kept("an accent within", "Wire: \u00e9"),
    kept("a ligature", "Wire: \ufb01"),
    kept("the Kelvin sign", "Wire: \u212a"),
    kept("Hangul in parts", "Wire: \u1112\u1161\u11ab"),
    kept("right to left", "Wire: \u202e\u05d0\u202c"),
    kept("a family of several code points", "Wire: \U0001f469\u200d\U0001f467"),
    kept("a code point for private use", "Wire: \ue000\U0010fffd"),
    kept("noncharacters", "Wire: \ufffe\uffff\U0010ffff"),
    kept("the replacement character", "Wire: \ufffd"),
    kept("markup", "Wire: <script>alert('&amp;')</script>"),
    kept("a format's place holders", "Wire: %s {0} {} ${x} %(y)s"),
    kept("SQL", "Wire: '; DROP TABLE todos; --"),
]

# How a response escapes (openapi.yaml, Media types): as little as it may.
ESCAPES = [
    kept("quotation mark and backslash", 'Wire: "\\', 'Wire: \\"\\\\'),
    kept("slash", "Wire: a/b </x>"),
    kept("the escapes with a letter", "Wire: \b\t\n\f\r", "Wire: \\b\\t\\n\\f\\r"),
    kept(
        "other control characters", "Wire: \x01\x0b\x1b\x1f", "Wire: \\u0001\\u000b\\u001b\\u001f"
    ),
    kept("DEL and what follows it", "Wire: \x7f\u0080\u009f"),
    kept("line separators", "Wire: \u2028\u2029"),
    kept("non-ASCII", "Wire: caf\u00e9 \u20ac \u6771"),
    kept("beyond the basic plane", f"Wire: {DEEP}"),
    made_todo(
        "what was escaped needlessly",
        '{"title":"Wire: \\u0041\\/\\u00e9\\u000a\\u007f"}',
        '"title":"Wire: A/\u00e9\\n\x7f"',
    ),
    made_todo("an empty text", '{"title":"Wire: notes","notes":""}', '"notes":""'),
    made_todo(
        "a blank text where it may be", '{"title":"Wire: notes","notes":" \\n"}', '"notes":" \\n"'
    ),
    bad_todo(
        "notes of 10,001 characters",
        '{"title":"A","notes":"' + DEEP * 10001 + '"}',
        pointer("/notes", "too_long", "10000"),
    ),
    bad_todo("notes null", '{"title":"A","notes":null}', pointer("/notes", "null_not_allowed")),
    bad_todo(
        "notes with NUL", '{"title":"A","notes":"\\u0000"}', pointer("/notes", "null_character")
    ),
    bad_todo("notes 5", '{"title":"A","notes":5}', pointer("/notes", *NO_STRING)),
]

CHOICES = [
    bad_todo(
        f"priority {value}", f'{{"title":"A","priority":{value}}}', pointer("/priority", *error)
    )
    for value, error in [
        ('"High"', ("invalid_choice", PRIORITIES)),
        ('"high "', ("invalid_choice", PRIORITIES)),
        ('""', ("invalid_choice", PRIORITIES)),
        ('"high\\n"', ("invalid_choice", PRIORITIES)),
        ('"high\\u0000"', ("invalid_choice", PRIORITIES)),
        ("3", NO_STRING),
        ('["high"]', NO_STRING),
        ("{}", NO_STRING),
        ("null", ("null_not_allowed",)),
    ]
]


def due(text: str, *error: str) -> Probe:
    """Expect that a date-time is refused."""
    return bad_todo(
        f"due_at {text!r}",
        json.dumps({"title": "A", "due_at": text}),
        pointer("/due_at", *(error or ("invalid_format.date-time",))),
    )


def dated(text: str, in_utc: str) -> Probe:
    """Expect that a date-time is taken and comes back in UTC."""
    return made_todo(
        f"due_at {text} is {in_utc}",
        json.dumps({"title": "Wire: dated", "due_at": text}),
        f'"due_at":"{in_utc}"',
    )


BEYOND = "out_of_range.date-time"

DATE_TIMES = [
    dated("2024-02-03T12:00:00Z", "2024-02-03T12:00:00.000000Z"),
    dated("2024-02-03T12:00:00.1Z", "2024-02-03T12:00:00.100000Z"),
    dated("2024-02-03T12:00:00.000001Z", "2024-02-03T12:00:00.000001Z"),
    dated("2024-02-03T12:00:00+00:00", "2024-02-03T12:00:00.000000Z"),
    dated("2024-02-03T12:00:00-00:00", "2024-02-03T12:00:00.000000Z"),
    dated("2024-02-03T12:00:00+05:30", "2024-02-03T06:30:00.000000Z"),
    dated("2024-02-03T12:00:00.654321-23:59", "2024-02-04T11:59:00.654321Z"),
    dated("2024-02-03T12:00:00+23:59", "2024-02-02T12:01:00.000000Z"),
    dated("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z"),
    dated("2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z"),
    dated("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
    dated("0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00.000000Z"),
    dated("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    dated("9999-12-31T23:58:59.999999-00:01", "9999-12-31T23:59:59.999999Z"),
    dated("1883-11-18T12:03:58-04:56", "1883-11-18T16:59:58.000000Z"),
    due("0001-01-01T00:00:00+14:00", BEYOND),
    due("0001-01-01T00:00:00+00:01", BEYOND),
    due("9999-12-31T23:59:59.999999-00:01", BEYOND),
    due("9999-12-31T23:59:59-23:59", BEYOND),
    due("0000-01-01T00:00:00Z"),
    due(""),
    due(" "),
    due("2024-02-03"),
    due("20240203"),
    due("20240203T120000Z"),
    due("2024-W05-6"),
    due("2024-W05-6T12:00:00Z"),
    due("2024-034T12:00:00Z"),
    due("2024-02-03T12:00:00"),
    due("2024-02-03 12:00:00Z"),
    due("2024-02-03t12:00:00Z"),
    due("2024-02-03T12:00:00z"),
    due("2024-02-03_12:00:00Z"),
    due("2024-02-03T12:00:00 Z"),
    due(" 2024-02-03T12:00:00Z"),
    due("2024-02-03T12:00:00Z "),
    due("2024-02-03T12:00:00Z\n"),
    due("2024-02-03T12:00:00Z\0"),
    due("2024-02-03T12:00Z"),
    due("2024-02-03T12Z"),
    due("2024-02-03T12:00:00.Z"),
    due("2024-02-03T12:00:00,5Z"),
    due("2024-02-03T12:00:00.1234567Z"),
    due("2024-02-03T12:00:00.5.5Z"),
    due("2024-02-03T12:00:00+0000"),
    due("2024-02-03T12:00:00+00"),
    due("2024-02-03T12:00:00+0:00"),
    due("2024-02-03T12:00:00+00:00:00"),
    due("2024-02-03T12:00:00+24:00"),
    due("2024-02-03T12:00:00+05:60"),
    due("2024-02-03T12:00:00+-5:00"),
    due("2024-02-03T12:00:00\u221205:00"),
    due("2024-02-03T12:00:00 +05:00"),
    due("2024-02-03T12:00:00UTC"),
    due("2024-02-03T12:00:00Z+00:00"),
    due("2024-02-03T24:00:00Z"),
    due("2024-02-03T25:00:00Z"),
    due("2024-02-03T12:60:00Z"),
    due("2024-02-03T12:00:60Z"),
    due("2016-12-31T23:59:60Z"),
    due("2023-02-29T12:00:00Z"),
    due("1900-02-29T12:00:00Z"),
    due("2024-02-30T12:00:00Z"),
    due("2024-04-31T12:00:00Z"),
    due("2024-13-01T12:00:00Z"),
    due("2024-00-01T12:00:00Z"),
    due("2024-01-00T12:00:00Z"),
    due("2024-1-01T12:00:00Z"),
    due("24-01-01T12:00:00Z"),
    due("10000-01-01T00:00:00Z"),
    due("+2024-02-03T12:00:00Z"),
    due("-2024-02-03T12:00:00Z"),
    due("2024/02/03T12:00:00Z"),
    due("2024-02-03T12.00.00Z"),
    due("\u0662\u0660\u0662\u0664-02-03T12:00:00Z"),
    due("2024-02-03T12:00:0\u0660Z"),
    due("2024-02-03T12:00:00.\u0661Z"),
    due("2024-02-0\uff13T12:00:00Z"),
    due("Sat, 03 Feb 2024 12:00:00 GMT"),
    due("1706961600"),
    due("now"),
    due("2024-02-03T12:00:00.1234567+00:00"),
    bad_todo(
        "due_at 1706961600, a number",
        '{"title":"A","due_at":1706961600}',
        pointer("/due_at", *NO_STRING),
    ),
    bad_todo("due_at false", '{"title":"A","due_at":false}', pointer("/due_at", *NO_STRING)),
    made_todo("due_at null", '{"title":"Wire: never due","due_at":null}', '"due_at":null'),
]


def product(**changes: Any) -> bytes:
    """Let Sam create a product, but for its changes a good one whose sku is taken."""
    body = {
        "sku": "MUG-RED",
        "name": "Wire",
        "category": "wire",
        "price": "1.00",
        "currency": "EUR",
        **changes,
    }
    return request("POST /api/products", SAM, JSON, body=json.dumps(body, ensure_ascii=False))


def bad_product(what: str, /, *errors: Error, **changes: Any) -> Probe:
    """Expect that a product is refused."""
    return invalid(f"product: {what}", product(**changes), *errors)


def good_product(name: str, **changes: Any) -> Probe:
    """Expect that nothing is wrong with a product but that its sku is taken, which is seen last."""
    return Probe(
        f"product: {name}", product(**changes), 409, "already-exists", (pointer("/sku", "taken"),)
    )


def price(value: Any, *error: str) -> Probe:
    """Expect that a price is refused."""
    return bad_product(
        f"price {value!r}", pointer("/price", *(error or ("invalid_format.price",))), price=value
    )


PRICES = [
    *(
        good_product(f"price {value}", price=value)
        for value in ["0.00", "0.01", "1.00", "10.00", "99999999.99"]
    ),
    price("1"),
    price("1."),
    price("1.0"),
    price("1.000"),
    price("01.00"),
    price("00.00"),
    price(".50"),
    price("+1.00"),
    price("-1.00"),
    price("-0.00"),
    price("1e2"),
    price("1.00e0"),
    price("1e-1000000"),
    price("1,00"),
    price("1,000.00"),
    price("1_000.00"),
    price("1 000.00"),
    price(" 1.00"),
    price("1.00 "),
    price("1.00\n"),
    price("1.00\0"),
    price("\u0661.00"),
    price("1.\u0660\u0660"),
    price("\uff11.00"),
    price("EUR 1.00"),
    price("1.00€"),
    price("0x1.00"),
    price("NaN"),
    price("sNaN"),
    price("Infinity"),
    price("-Infinity"),
    price(""),
    price("100000000.00"),
    price("0" * 11 + ".00"),
    price("9" * 5000 + ".00"),
    price(1.00, *NO_STRING),
    price(1, *NO_STRING),
    price(True, *NO_STRING),  # noqa: FBT003 (a JSON value)
    price(["1.00"], *NO_STRING),
    price({}, *NO_STRING),
    price(None, "null_not_allowed"),
]


def tag(text: str, *error: str) -> Probe:
    """Expect that a tag is refused."""
    return bad_todo(
        f"tag {text[:20]!r}",
        json.dumps({"title": "A", "tags": ["fine", text]}),
        pointer("/tags/1", *(error or ("invalid_format.slug",))),
    )


TAGS = [
    tag(""),
    tag("A"),
    tag("a b"),
    tag("a_b"),
    tag("a.b"),
    tag("a/b"),
    tag("-a"),
    tag("a-"),
    tag("a--b"),
    tag("-"),
    tag(" a"),
    tag("a\n"),
    tag("a\0", "null_character"),
    tag("\u00e9"),
    tag("\u0661"),
    tag("\uff41"),
    tag("a\u200b"),
    tag("a" * 51, "too_long", "50"),
    tag("A" * 51, "too_long", "50"),
    tag("fine", "duplicate"),
    made_todo(
        "tags are sorted by code points",
        '{"title":"Wire: tags","tags":["b","a1","a-b","10","9"]}',
        '"tags":["10","9","a-b","a1","b"]',
    ),
    bad_todo("tags null", '{"title":"A","tags":null}', pointer("/tags", "null_not_allowed")),
    bad_todo("tags a string", '{"title":"A","tags":"a"}', pointer("/tags", *NO_ARRAY)),
    bad_todo("tags an object", '{"title":"A","tags":{"0":"a"}}', pointer("/tags", *NO_ARRAY)),
    bad_todo(
        "tags that are no strings",
        '{"title":"A","tags":["a",1,null,["b"],{},true,"a"]}',
        pointer("/tags/1", *NO_STRING),
        pointer("/tags/2", "null_not_allowed"),
        pointer("/tags/3", *NO_STRING),
        pointer("/tags/4", *NO_STRING),
        pointer("/tags/5", *NO_STRING),
    ),
    bad_todo(
        "one tag three times",
        '{"title":"A","tags":["a","a","b","a"]}',
        pointer("/tags/1", "duplicate"),
        pointer("/tags/3", "duplicate"),
    ),
    bad_todo(
        "as many tags as there is room for",
        '{"title":"A","tags":["a"' + ',"a"' * 260_000 + "]}",
        pointer("/tags", "too_many_items", "20"),
    ),
    bad_todo(
        "21 tags, whatever they are",
        '{"title":"A","tags":[' + ",".join(["5"] * 21) + "]}",
        pointer("/tags", "too_many_items", "20"),
    ),
]


def about(value: Any, *error: str) -> Probe:
    """Expect that a todo's product is refused."""
    return bad_todo(
        f"product_id {value!r}",
        json.dumps({"title": "A", "product_id": value}),
        pointer("/product_id", *error),
    )


IDS = [
    made_todo(
        "product_id of a product",
        '{"title":"Wire: about","product_id":"019b8d49-3204-73bf-8e08-6130bb92870b"}',
        '"product_id":"019b8d49-3204-73bf-8e08-6130bb92870b"',
    ),
    about("00000000-0000-7000-8000-000000000000", "not_found"),
    about("019c27fa-d4b4-7f89-8e55-045230615ea6", "not_found"),  # a todo's
    about("019B8D49-3204-73BF-8E08-6130BB92870B", "invalid_format.uuid"),
    about("019b8d49-3204-73bf-8e08-6130bb92870g", "invalid_format.uuid"),
    about("019b8d493-204-73bf-8e08-6130bb92870b", "invalid_format.uuid"),
    about("019b8d49-3204-73bf-8e08-6130bb92870\u0663", "invalid_format.uuid"),
    about("019b8d49320473bf8e086130bb92870b", "invalid_format.uuid"),
    about("", "invalid_format.uuid"),
    about("{019b8d49-3204-73bf-8e08-6130bb92870b}", "invalid_format.uuid"),
    about("urn:uuid:019b8d49-3204-73bf-8e08-6130bb92870b", "invalid_format.uuid"),
    about("019b8d49-3204-73bf-8e08-6130bb92870b\n", "invalid_format.uuid"),
    about("019b8d49-3204-73bf-8e08-6130bb92870\0", "invalid_format.uuid"),
    about(5, *NO_STRING),
    about(2**64, *NO_STRING),
    about(False, *NO_STRING),  # noqa: FBT003 (a JSON value)
    about([], *NO_STRING),
]


def sku(text: Any, *error: str) -> Probe:
    """Expect that a sku is refused."""
    return bad_product(
        f"sku {text!r}", pointer("/sku", *(error or ("invalid_format.sku",))), sku=text
    )


def attributes(name: str, value: Any, *errors: Error) -> Probe:
    """Expect that a product's attributes are refused."""
    return bad_product(f"attributes: {name}", *errors, attributes=value)


PRODUCTS = [
    sku(""),
    sku("AB"),
    sku("mug-red"),
    sku("-MUG"),
    sku("MUG_RED"),
    sku("MUG RED"),
    sku("MUG-RED\n"),
    sku("MUG-RED\0", "null_character"),
    sku("M\u00dcG"),
    sku("MUG\uff11"),
    sku("A" * 33, "too_long", "32"),
    sku(123, *NO_STRING),
    sku(None, "null_not_allowed"),
    good_product("active is not a number, but false is a boolean", active=False),
    bad_product("active 0", pointer("/active", *NO_BOOLEAN), active=0),
    bad_product(
        "currency in lower case", pointer("/currency", "invalid_choice", CURRENCIES), currency="eur"
    ),
    bad_product(
        "currency of another list",
        pointer("/currency", "invalid_choice", CURRENCIES),
        currency="JPY",
    ),
    bad_product("category empty", pointer("/category", "invalid_format.slug"), category=""),
    bad_product(
        "category in Greek", pointer("/category", "invalid_format.slug"), category="\u03b1"
    ),
    bad_product("blank name", pointer("/name", "blank"), name="\u3000"),
    good_product(
        "stock is read-only", stock="any", id=[None], created_at={"a": 1}, updated_at=1e300
    ),
    attributes("null", None, pointer("/attributes", "null_not_allowed")),
    attributes("an array", [], pointer("/attributes", *NO_OBJECT)),
    attributes("a string", "a", pointer("/attributes", *NO_OBJECT)),
    attributes(
        "values that are no strings",
        {"a": 1, "b": True, "c": None, "d": [], "e": {}, "f": "fine", "g": 1.5},
        pointer("/attributes/a", *NO_STRING),
        pointer("/attributes/b", *NO_STRING),
        pointer("/attributes/c", "null_not_allowed"),
        pointer("/attributes/d", *NO_STRING),
        pointer("/attributes/e", *NO_STRING),
        pointer("/attributes/g", *NO_STRING),
    ),
    attributes("a value too long", {"a": DEEP * 201}, pointer("/attributes/a", "too_long", "200")),
    attributes("a value with NUL", {"a": "\0"}, pointer("/attributes/a", "null_character")),
    attributes("an empty name", {"": "a"}, pointer("/attributes/", "invalid_name")),
    attributes("a name with NUL", {"a\0": "a"}, pointer("/attributes/a\0", "invalid_name")),
    attributes(
        "a name of 51", {DEEP * 51: "a"}, pointer(f"/attributes/{DEEP * 51}", "invalid_name")
    ),
    attributes(
        "names that a pointer has to escape",
        {"a/b": 1, "c~d": 1, "~1": 1, "%2F": 1, 'e"f': 1, "g h": 1, "i\\j": 1, "\u20ac": 1},
        *(
            pointer(f"/attributes/{each}", *NO_STRING)
            for each in sorted(["a~1b", "c~0d", "~01", "%2F", 'e"f', "g h", "i\\j", "\u20ac"])
        ),
    ),
    attributes(
        "21 of them, whatever they are",
        {str(number): number for number in range(21)},
        pointer("/attributes", "too_many_items", "20"),
    ),
    good_product(
        "20 attributes, some of them odd",
        attributes={
            **{str(number): "" for number in range(17)},
            DEEP * 50: DEEP * 200,
            " ": " ",
            "__proto__": "x",
        },
    ),
]


def user(name: str, *errors: Error, **changes: Any) -> Probe:
    """Expect that a registration is refused."""
    body = {"username": "wire", "email": "wire@example.com", "password": "a password", **changes}
    raw = request("POST /api/users", JSON, body=json.dumps(body, ensure_ascii=False))
    return invalid(f"user: {name}", raw, *errors)


def username(text: str, *error: str) -> Probe:
    """Expect that a username is refused."""
    return user(
        f"username {text!r}",
        pointer("/username", *(error or ("invalid_format.username",))),
        username=text,
    )


def email(text: str, *error: str) -> Probe:
    """Expect that an email address is refused."""
    return user(
        f"email {text[:40]!r}", pointer("/email", *(error or ("invalid_format.email",))), email=text
    )


def taken(name: str, *places: str, **changes: Any) -> Probe:
    """Expect that a registration is refused for what others have."""
    body = {"username": "wire", "email": "wire@example.com", "password": "a password", **changes}
    return Probe(
        f"user: {name}",
        request("POST /api/users", JSON, body=json.dumps(body)),
        409,
        "already-exists",
        tuple(pointer(place, "taken") for place in places),
    )


USERS = [
    username("al", "too_short", "3"),
    username("", "too_short", "3"),
    username("a" * 31, "too_long", "30"),
    username("Alice"),
    username("al ice"),
    username("al-ice"),
    username("al.ice"),
    username(" alice"),
    username("alice\n"),
    username("alice\0", "null_character"),
    username("\u0430lice"),  # a Cyrillic a
    username("al\u0131ce"),
    username("alice\u0661"),
    username("   "),
    email(""),
    email("alice"),
    email("alice@"),
    email("@example.com"),
    email("alice@example"),
    email("alice@localhost"),
    email("alice@example.com\n"),
    email(" alice@example.com"),
    email("alice@example.com."),
    email("alice@.example.com"),
    email("alice@example..com"),
    email("alice@-example.com"),
    email("alice@example-.com"),
    email("alice@exa_mple.com"),
    email("alice@[127.0.0.1]"),
    email("al ice@example.com"),
    email('"al ice"@example.com'),
    email("alice@bob@example.com"),
    email("alice,bob@example.com"),
    email("<alice@example.com>"),
    email("Alice <alice@example.com>"),
    email("alic\u00e9@example.com"),
    email("alice@ex\u00e4mple.com"),
    email("alice@example.com\0", "null_character"),
    email("a" * 65 + "@example.com"),
    email("alice@" + "a" * 64 + ".com"),
    email("alice@" + "a." * 123 + "com", "too_long", "254"),
    user("password too short", pointer("/password", "too_short", "8"), password="\U0001f34b" * 7),
    user("password too long", pointer("/password", "too_long", "128"), password="\U0001f34b" * 129),
    user("password with NUL", pointer("/password", "null_character"), password="a\0password"),
    user("password a number", pointer("/password", *NO_STRING), password=12345678),
    user("password null", pointer("/password", "null_not_allowed"), password=None),
    user(
        "all at once, by pointer",
        pointer("/email", *NO_STRING),
        pointer("/password", "too_short", "8"),
        pointer("/role", "unknown_property"),
        pointer("/username", "too_short", "3"),
        role="admin",
        is_staff=5,
        id=None,
        created_at=[],
        username="",
        email=1,
        password="",
    ),
    taken("username taken", "/username", username="alice"),
    taken("email taken", "/email", email="alice@example.com"),
    taken("email taken in another case", "/email", email="ALICE@Example.COM"),
    taken(
        "both taken, by different people",
        "/email",
        "/username",
        username="sam",
        email="bob@EXAMPLE.com",
    ),
    taken("blanks are a fine password", "/username", username="alice", password=" " * 8),
    taken("128 emoji are a fine password", "/username", username="alice", password=DEEP * 128),
    taken("is_staff is ignored", "/username", username="alice", is_staff="yes, please"),
]


def log_in(name: str, body: str, *errors: Error) -> Probe:
    """Expect that logging in fails: for its form if there are errors, else for the credentials."""
    raw = request("POST /api/tokens", JSON, body=body)
    if errors:
        return invalid(f"login: {name}", raw, *errors)
    return Probe(f"login: {name}", raw, 401, "invalid-credentials")


LOGINS = [
    log_in("wrong password", '{"username":"nobody_1","password":"wrong"}'),
    log_in("username in upper case", '{"username":"ALICE","password":"alice-demo-password"}'),
    log_in("blank behind the username", '{"username":"alice ","password":"alice-demo-password"}'),
    log_in(
        "line feed behind the username", '{"username":"alice\\n","password":"alice-demo-password"}'
    ),
    log_in(
        "email as the username", '{"username":"alice@example.com","password":"alice-demo-password"}'
    ),
    log_in("a username that can't be", '{"username":"\U0001f34b \' OR 1=1 --","password":"x"}'),
    log_in("a username of 30 emoji", '{"username":"' + DEEP * 30 + '","password":"x"}'),
    log_in("password of 128 emoji", '{"username":"nobody_2","password":"' + DEEP * 128 + '"}'),
    log_in(
        "username too long",
        '{"username":"' + "a" * 31 + '","password":"x"}',
        pointer("/username", "too_long", "30"),
    ),
    log_in(
        "both empty",
        '{"username":"","password":""}',
        pointer("/password", "too_short", "1"),
        pointer("/username", "too_short", "1"),
    ),
    log_in(
        "NUL",
        '{"username":"alice\\u0000","password":"\\u0000"}',
        pointer("/password", "null_character"),
        pointer("/username", "null_character"),
    ),
    log_in("nothing", "{}", pointer("/password", "required"), pointer("/username", "required")),
    log_in(
        "of another shape",
        '{"user":"alice","username":null,"password":["x"]}',
        pointer("/password", *NO_STRING),
        pointer("/user", "unknown_property"),
        pointer("/username", "null_not_allowed"),
    ),
]

PASSWORDS = [
    Probe(
        "a wrong current password",
        request(
            "PUT /api/users/me/password",
            ALICE,
            JSON,
            body='{"current_password":"wrong","new_password":"another password"}',
        ),
        422,
        "invalid-body",
        (pointer("/current_password", "incorrect_password"),),
    ),
    invalid(
        "a current password that can't be, and no new one",
        request("PUT /api/users/me/password", ALICE, JSON, body='{"current_password":""}'),
        pointer("/current_password", "too_short", "1"),
        pointer("/new_password", "required"),
    ),
]

UNKNOWN = [
    bad_todo("unknown property", '{"title":"A","done":true}', pointer("/done", "unknown_property")),
    bad_todo(
        "unknown property that is null", '{"title":"A","x":null}', pointer("/x", "unknown_property")
    ),
    bad_todo(
        "property in another case",
        '{"Title":"A"}',
        pointer("/Title", "unknown_property"),
        pointer("/title", "required"),
    ),
    bad_todo(
        "property with a blank",
        '{"title ":"A"}',
        pointer("/title", "required"),
        pointer("/title ", "unknown_property"),
    ),
    bad_todo("empty name", '{"title":"A","":1}', pointer("/", "unknown_property")),
    bad_todo(
        "slash and tilde in names",
        '{"title":"A","a/b":1,"c~d":1,"~1":1,"/":1}',
        pointer("/a~1b", "unknown_property"),
        pointer("/c~0d", "unknown_property"),
        pointer("/~01", "unknown_property"),
        pointer("/~1", "unknown_property"),
    ),
    bad_todo("NUL in a name", '{"title":"A","\\u0000":1}', pointer("/\0", "unknown_property")),
    bad_todo(
        "odd characters in names",
        '{"title":"A","\\"":1,"\\\\":1,"\\n":1,"\u2028":1,"%":1}',
        pointer("/\n", "unknown_property"),
        pointer('/"', "unknown_property"),
        pointer("/%", "unknown_property"),
        pointer("/\\", "unknown_property"),
        pointer("/\u2028", "unknown_property"),
    ),
    bad_todo(
        "names are sorted by code points, not by UTF-16",
        f'{{"title":"A","{DEEP}":1,"\uffee":1,"Z":1,"a":1}}',
        pointer("/Z", "unknown_property"),
        pointer("/a", "unknown_property"),
        pointer("/\uffee", "unknown_property"),
        pointer(f"/{DEEP}", "unknown_property"),
    ),
    bad_todo(
        "a framework's own names",
        '{"title":"A","__class__":1,"self":1,"pk":1,"owner":1,"_id":1}',
        *(
            pointer(f"/{each}", "unknown_property")
            for each in sorted(["__class__", "self", "pk", "owner", "_id"])
        ),
    ),
    bad_todo(
        "2,000 unknown properties",
        json.dumps({"title": "A", **{f"x{n}": n for n in range(2000)}}),
        *(
            pointer(f"/{each}", "unknown_property")
            for each in sorted(f"x{n}" for n in range(2000))[:100]
        ),
    ),
    bad_todo(
        "40,000 unknown properties",
        '{"title":"A",' + ",".join(f'"{n:x}":0' for n in range(40_000)) + "}",
        *(
            pointer(f"/{each}", "unknown_property")
            for each in sorted(f"{n:x}" for n in range(40_000))[:100]
        ),
    ),
    made_todo(
        "read-only properties are ignored in any form",
        '{"title":"Wire: read-only","id":5,"completed_at":[],"progress":"all",'
        '"created_at":{"a":[1]},"updated_at":1e300}',
        '"progress":{"done":0,"total":0}',
    ),
]

DEEPLY = [
    bad_todo(
        "items",
        '{"title":"A","items":[{"text":"a"},{},null,5,{"text":" ","done":1},'
        '{"text":"b","x":1,"id":{}},[]]}',
        pointer("/items/1/text", "required"),
        pointer("/items/2", "null_not_allowed"),
        pointer("/items/3", *NO_OBJECT),
        pointer("/items/4/done", *NO_BOOLEAN),
        pointer("/items/4/text", "blank"),
        pointer("/items/5/x", "unknown_property"),
        pointer("/items/6", *NO_OBJECT),
    ),
    bad_todo("items an object", '{"title":"A","items":{}}', pointer("/items", *NO_ARRAY)),
    bad_todo("items null", '{"title":"A","items":null}', pointer("/items", "null_not_allowed")),
    bad_todo(
        "101 items, whatever they are",
        '{"title":"A","items":[' + ",".join(["5"] * 101) + "]}",
        pointer("/items", "too_many_items", "100"),
    ),
    bad_todo(
        "pointers are sorted as texts: 10 comes before 2",
        '{"title":"A","items":[' + ",".join(["5"] * 12) + "]}",
        *(pointer(f"/items/{n}", *NO_OBJECT) for n in [0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9]),
    ),
    bad_todo(
        "many errors at once",
        '{"title":" ","notes":1,"completed":"yes","priority":"top","due_at":"soon","tags":["A"],'
        '"items":[{}],"product_id":"1","colour":"red"}',
        pointer("/colour", "unknown_property"),
        pointer("/completed", *NO_BOOLEAN),
        pointer("/due_at", "invalid_format.date-time"),
        pointer("/items/0/text", "required"),
        pointer("/notes", *NO_STRING),
        pointer("/priority", "invalid_choice", PRIORITIES),
        pointer("/product_id", "invalid_format.uuid"),
        pointer("/tags/0", "invalid_format.slug"),
        pointer("/title", "blank"),
    ),
    bad_todo(
        "a reference to nothing is one error among others",
        '{"title":"","product_id":"00000000-0000-7000-8000-000000000000"}',
        pointer("/product_id", "not_found"),
        pointer("/title", "too_short", "1"),
    ),
]


def bulk(name: str, body: str, *errors: Error) -> Probe:
    """Expect that todos in bulk are refused."""
    return invalid(
        f"bulk: {name}", request("POST /api/todos/bulk", ALICE, JSON, body=body), *errors
    )


BULK = [
    bulk("nothing", "{}", pointer("/todos", "required")),
    bulk("null", '{"todos":null}', pointer("/todos", "null_not_allowed")),
    bulk("an object", '{"todos":{}}', pointer("/todos", *NO_ARRAY)),
    bulk("none", '{"todos":[]}', pointer("/todos", "too_few_items", "1")),
    bulk(
        "101, whatever they are",
        '{"todos":[' + ",".join(["5"] * 101) + "]}",
        pointer("/todos", "too_many_items", "100"),
    ),
    bulk(
        "errors deep inside",
        '{"todos":[{"title":"A"},5,{},null,{"title":"","tags":["a","a"],"items":[{"text":"a"},{"text":5}]}],'
        '"a/b":1}',
        pointer("/a~1b", "unknown_property"),
        pointer("/todos/1", *NO_OBJECT),
        pointer("/todos/2/title", "required"),
        pointer("/todos/3", "null_not_allowed"),
        pointer("/todos/4/items/1/text", *NO_STRING),
        pointer("/todos/4/tags/1", "duplicate"),
        pointer("/todos/4/title", "too_short", "1"),
    ),
    bulk(
        "references to nothing",
        '{"todos":[{"title":"A","product_id":"00000000-0000-7000-8000-000000000000"},'
        '{"title":"B","product_id":"019b8d49-3204-73bf-8e08-6130bb92870b"},'
        '{"title":"C","product_id":"00000000-0000-7000-8000-000000000000"}]}',
        pointer("/todos/0/product_id", "not_found"),
        pointer("/todos/2/product_id", "not_found"),
    ),
    Probe(
        "bulk: two",
        request(
            "POST /api/todos/bulk",
            ALICE,
            JSON,
            body='{"todos":[{"title":"Wire: one"},'
            '{"title":"Wire: two","items":[{"text":"a","done":true}]}]}',
        ),
        201,
        holds=b'"progress":{"done":1,"total":1}',
        fields={"Location": None},
    ),
]

PROBES = (
    INTEGERS
    + BOOLEANS
    + STRINGS
    + ESCAPES
    + CHOICES
    + DATE_TIMES
    + PRICES
    + TAGS
    + IDS
    + PRODUCTS
    + USERS
    + LOGINS
    + PASSWORDS
    + UNKNOWN
    + DEEPLY
    + BULK
)
