"""Bodies that break one rule each, and what is said about them.

Each table maps the name of a case to what is changed in a correct body and to the errors that
this causes.
"""

from typing import Any

from contract_tests.operations.expected import (
    A_BOOLEAN,
    A_STRING,
    AN_ARRAY,
    AN_INTEGER,
    AN_OBJECT,
    FORMATS,
    NOWHERE,
    error,
)

Case = tuple[dict[str, Any], list[dict[str, str]]]
Cases = dict[str, Case]

TRUE_OR_FALSE = "Must be one of: true, false."  # in a query
PRIORITIES = "Must be one of: low, normal, high, urgent."
CURRENCIES = "Must be one of: AUD, CAD, CHF, DKK, EUR, GBP, NOK, NZD, PLN, SEK, USD."
OUT_OF_THE_CALENDAR = "Must lie in the years 0001 to 9999 in UTC."
REASONS = "Must be one of: received, sold, returned, damaged, corrected."


def at_least(number: int) -> str:
    """Return the detail of a text that is too short."""
    return f"Must have {number} or more characters."


def at_most(number: int) -> str:
    """Return the detail of a text that is too long."""
    return f"Must have {number} or fewer characters."


def one(pointer: str, value: Any, code: str, detail: str | None = None) -> Case:
    """Return a case: a top-level property has this value, which is wrong."""
    return {pointer[1:]: value}, [error(pointer, code, detail)]


def no_time(value: str) -> Case:
    """Return a case: `due_at` is no date-time."""
    return one("/due_at", value, "invalid_format", FORMATS["date-time"])


UNKNOWN: Cases = {
    "an unknown property": one("/colour", "red", "unknown_property"),
    "an unknown property without a name": one("/", 1, "unknown_property"),
    "an unknown property that libraries use for themselves": one("/_schema", 1, "unknown_property"),
    "an unknown property whose name a pointer escapes": (
        {"a/b~c": None},
        [error("/a~1b~0c", "unknown_property")],
    ),
}

NAMES: dict[str, tuple[Any, str, str | None]] = {
    "null": (None, "null_not_allowed", None),
    "a number": (5, "invalid_type", A_STRING),
    "an array": (["a"], "invalid_type", A_STRING),
    "with NUL": ("a\0b", "null_character", None),
    "with NUL and too long": ("\0" * 201, "null_character", None),
    "empty": ("", "too_short", at_least(1)),
    "too long": ("x" * 201, "too_long", at_most(200)),
    "too long and blank": (" " * 201, "too_long", at_most(200)),
    "blank": (" \t\u3000", "blank", None),
    "of separators only": ("\x1c\x1d\x1e\x1f\x85\u2028", "blank", None),
}

DATE_TIMES = {
    "a word": "tomorrow",
    "empty": "",
    "a date": "2026-03-01",
    "without offset": "2026-03-01T10:00:00",
    "with a space": "2026-03-01 10:00:00Z",
    "in lower case": "2026-03-01t10:00:00z",
    "without seconds": "2026-03-01T10:00Z",
    "with seven fractional digits": "2026-03-01T10:00:00.1234567Z",
    "with a comma": "2026-03-01T10:00:00,5Z",
    "in basic format": "20260301T100000Z",
    "on 30 February": "2026-02-30T10:00:00Z",
    "in month 13": "2026-13-01T10:00:00Z",
    "at 24 o'clock": "2026-03-01T24:00:00Z",
    "in a leap second": "2016-12-31T23:59:60Z",
    "with a day as offset": "2026-03-01T10:00:00+24:00",
    "with a short offset": "2026-03-01T10:00:00+0100",
    "with other digits": "٢٠٢٦-03-01T10:00:00Z",
    "with white space": " 2026-03-01T10:00:00Z",
    "in the year 0": "0000-06-01T00:00:00Z",
}
BEYOND_THE_CALENDAR = {
    "before it": "0001-01-01T00:00:00+00:01",
    "after it": "9999-12-31T23:59:59.999999-00:01",
}

WRONG_TODO: Cases = {
    **UNKNOWN,
    **{f"title {case}": one("/title", *wrong) for case, wrong in NAMES.items()},
    "notes null": one("/notes", None, "null_not_allowed"),
    "notes a number": one("/notes", 5, "invalid_type", A_STRING),
    "notes with NUL": one("/notes", "\0", "null_character"),
    "notes too long": one("/notes", "x" * 10001, "too_long", at_most(10000)),
    "completed null": one("/completed", None, "null_not_allowed"),
    "completed a word": one("/completed", "yes", "invalid_type", A_BOOLEAN),
    "completed a boolean's name": one("/completed", "true", "invalid_type", A_BOOLEAN),
    "completed 1": one("/completed", 1, "invalid_type", A_BOOLEAN),
    "completed 0": one("/completed", 0, "invalid_type", A_BOOLEAN),
    "priority null": one("/priority", None, "null_not_allowed"),
    "priority a number": one("/priority", 3, "invalid_type", A_STRING),
    "priority with NUL": one("/priority", "low\0", "invalid_choice", PRIORITIES),
    "priority unknown": one("/priority", "critical", "invalid_choice", PRIORITIES),
    "priority in upper case": one("/priority", "HIGH", "invalid_choice", PRIORITIES),
    "priority empty": one("/priority", "", "invalid_choice", PRIORITIES),
    "due_at a number": one("/due_at", 1772359200, "invalid_type", A_STRING),
    "due_at with NUL": no_time("2026-03-01T10:00:00Z\0"),
    "due_at too long": no_time(f"2026-03-01T10:00:00.{'0' * 13}"),
    **{f"due_at {case}": no_time(value) for case, value in DATE_TIMES.items()},
    **{
        f"due_at {case}": one("/due_at", value, "out_of_range", OUT_OF_THE_CALENDAR)
        for case, value in BEYOND_THE_CALENDAR.items()
    },
    "tags null": one("/tags", None, "null_not_allowed"),
    "tags a string": one("/tags", "restock", "invalid_type", AN_ARRAY),
    "tags an object": one("/tags", {"0": "restock"}, "invalid_type", AN_ARRAY),
    "tags too many": one("/tags", ["A"] * 21, "too_many_items", "Must have 20 or fewer entries."),
    "tags wrong each in its way": (
        {"tags": ["a", 5, None, "a\0", "x" * 51, "", "A", "a-", "-a", "a--b", "é", "A", "a"]},
        [
            error("/tags/1", "invalid_type", A_STRING),
            error("/tags/10", "invalid_format", FORMATS["slug"]),
            error("/tags/11", "invalid_format", FORMATS["slug"]),
            error("/tags/2", "null_not_allowed"),
            error("/tags/3", "null_character"),
            error("/tags/4", "too_long", at_most(50)),
            error("/tags/5", "invalid_format", FORMATS["slug"]),
            error("/tags/6", "invalid_format", FORMATS["slug"]),
            error("/tags/7", "invalid_format", FORMATS["slug"]),
            error("/tags/8", "invalid_format", FORMATS["slug"]),
            error("/tags/9", "invalid_format", FORMATS["slug"]),
        ],
    ),
    "items null": one("/items", None, "null_not_allowed"),
    "items an object": one("/items", {}, "invalid_type", AN_ARRAY),
    "items too many": one("/items", [5] * 101, "too_many_items", "Must have 100 or fewer entries."),
    "items wrong each in its way": (
        {
            "items": [
                "milk",
                None,
                [],
                {},
                {"text": None, "done": None},
                {"text": "\0", "done": "yes"},
                {"text": "", "done": 1},
                {"text": "x" * 201, "colour": "red"},
                {"text": "\u2003", "progress": 1},
                {"text": 5, "id": 5},
            ]
        },
        [
            error("/items/0", "invalid_type", AN_OBJECT),
            error("/items/1", "null_not_allowed"),
            error("/items/2", "invalid_type", AN_OBJECT),
            error("/items/3/text", "required"),
            error("/items/4/done", "null_not_allowed"),
            error("/items/4/text", "null_not_allowed"),
            error("/items/5/done", "invalid_type", A_BOOLEAN),
            error("/items/5/text", "null_character"),
            error("/items/6/done", "invalid_type", A_BOOLEAN),
            error("/items/6/text", "too_short", at_least(1)),
            error("/items/7/colour", "unknown_property"),
            error("/items/7/text", "too_long", at_most(200)),
            error("/items/8/progress", "unknown_property"),
            error("/items/8/text", "blank"),
            error("/items/9/text", "invalid_type", A_STRING),
        ],
    ),
    "product_id a number": one("/product_id", 5, "invalid_type", A_STRING),
    "product_id with NUL": one("/product_id", "\0" * 36, "invalid_format", FORMATS["uuid"]),
    "product_id too short": one("/product_id", "abc", "invalid_format", FORMATS["uuid"]),
    "product_id too long": one("/product_id", NOWHERE + "0", "invalid_format", FORMATS["uuid"]),
    "product_id in upper case": one(
        "/product_id",
        "019B8D49-3204-73BF-8E08-6130BB92870B",
        "invalid_format",
        FORMATS["uuid"],
    ),
    "product_id of nothing": one("/product_id", NOWHERE, "not_found"),
    "product_id of nothing, and more": (
        {"product_id": NOWHERE, "priority": 1},
        [error("/priority", "invalid_type", A_STRING), error("/product_id", "not_found")],
    ),
    "pointers that begin alike": (  # a hyphen comes before a slash
        {"tags": [5], "tags-old": []},
        [error("/tags-old", "unknown_property"), error("/tags/0", "invalid_type", A_STRING)],
    ),
}

WRONG_ACCOUNT: Cases = {
    **UNKNOWN,
    "username null": one("/username", None, "null_not_allowed"),
    "username a number": one("/username", 12345, "invalid_type", A_STRING),
    "username with NUL": one("/username", "al\0ice", "null_character"),
    "username empty": one("/username", "", "too_short", at_least(3)),
    "username too short": one("/username", "AB", "too_short", at_least(3)),
    "username too long": one("/username", "a" * 31, "too_long", at_most(30)),
    "username in upper case": one("/username", "Alice", "invalid_format", FORMATS["username"]),
    "username with a hyphen": one("/username", "al-ice", "invalid_format", FORMATS["username"]),
    "username with a line feed": one("/username", "alice\n", "invalid_format", FORMATS["username"]),
    "username with other digits": one("/username", "alice٣", "invalid_format", FORMATS["username"]),
    "email null": one("/email", None, "null_not_allowed"),
    "email a number": one("/email", 5, "invalid_type", A_STRING),
    "email with NUL": one("/email", "a\0@example.com", "null_character"),
    "email too long": one(
        "/email", f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 62}", "too_long", at_most(254)
    ),
    **{
        f"email {value!r}": one("/email", value, "invalid_format", FORMATS["email"])
        for value in (
            "",
            "alice",
            "@example.com",
            "alice@",
            "alice@localhost",
            "alice@example..com",
            "alice@-example.com",
            "alice@example.com.",
            "alice @example.com",
            "alice@example.com\n",
            "älice@example.com",
            "alice@exämple.com",
            "a@b@example.com",
        )
    },
    "email with 65 characters before the @": one(
        "/email", f"{'a' * 65}@example.com", "invalid_format", FORMATS["email"]
    ),
    "email with a label of 64 characters": one(
        "/email", f"alice@{'a' * 64}.com", "invalid_format", FORMATS["email"]
    ),
}

WRONG_USER: Cases = {
    **WRONG_ACCOUNT,
    "password null": one("/password", None, "null_not_allowed"),
    "password a number": one("/password", 12345678, "invalid_type", A_STRING),
    "password with NUL": one("/password", "1234567\0", "null_character"),
    "password too short": one("/password", "1234567", "too_short", at_least(8)),
    "password too long": one("/password", "é" * 129, "too_long", at_most(128)),
}

WRONG_PRODUCT: Cases = {
    **UNKNOWN,
    "sku null": one("/sku", None, "null_not_allowed"),
    "sku a number": one("/sku", 12345, "invalid_type", A_STRING),
    "sku with NUL": one("/sku", "AB\0C", "null_character"),
    "sku too long": one("/sku", "A" * 33, "too_long", at_most(32)),
    **{
        f"sku {value!r}": one("/sku", value, "invalid_format", FORMATS["sku"])
        for value in ("", "AB", "-ABC", "mug", "MUG_RED", "MUG RED", "MUG\n", "MÜG", "MUG٣")
    },
    **{f"name {case}": one("/name", *wrong) for case, wrong in NAMES.items()},
    "description null": one("/description", None, "null_not_allowed"),
    "description a number": one("/description", 5, "invalid_type", A_STRING),
    "description with NUL": one("/description", "\0", "null_character"),
    "description too long": one("/description", "x" * 10001, "too_long", at_most(10000)),
    "category null": one("/category", None, "null_not_allowed"),
    "category an array": one("/category", ["jugs"], "invalid_type", A_STRING),
    "category with NUL": one("/category", "a\0", "null_character"),
    "category too long": one("/category", "a" * 51, "too_long", at_most(50)),
    **{
        f"category {value!r}": one("/category", value, "invalid_format", FORMATS["slug"])
        for value in ("", "Jugs", "a b", "-a", "a-", "a--b", "a_b", "é", "a\n")
    },
    "price null": one("/price", None, "null_not_allowed"),
    "price a number": one("/price", 19.9, "invalid_type", A_STRING),
    "price with NUL": one("/price", "1.0\0", "invalid_format", FORMATS["price"]),
    "price too long": one("/price", "100000000.00", "invalid_format", FORMATS["price"]),
    **{
        f"price {value!r}": one("/price", value, "invalid_format", FORMATS["price"])
        for value in (
            "",
            "19",
            "19.9",
            "19.900",
            "019.90",
            ".90",
            "-1.00",
            "+1.00",
            "1e3",
            "1,90",
            " 1.90",
            "1.90\n",
            "NaN",
            "\u0661.\u0669\u0660",
        )
    },
    "currency null": one("/currency", None, "null_not_allowed"),
    "currency a number": one("/currency", 978, "invalid_type", A_STRING),
    "currency with NUL": one("/currency", "EUR\0", "invalid_choice", CURRENCIES),
    "currency unknown": one("/currency", "JPY", "invalid_choice", CURRENCIES),
    "currency in lower case": one("/currency", "eur", "invalid_choice", CURRENCIES),
    "attributes null": one("/attributes", None, "null_not_allowed"),
    "attributes an array": one("/attributes", [], "invalid_type", AN_OBJECT),
    "attributes too many": one(
        "/attributes",
        {f"name {number}": "a" for number in range(21)},
        "too_many_items",
        "Must have 20 or fewer entries.",
    ),
    "attributes wrong each in its way": (
        {
            "attributes": {
                "": "no name",
                "a/b": "\0",
                "n" * 50: "fine",
                "n" * 51: "name too long",
                "number": 5,
                "object": {},
                "value too long": "x" * 201,
            }
        },
        [
            error("/attributes/", "invalid_name"),
            error("/attributes/a~1b", "null_character"),
            error(f"/attributes/{'n' * 51}", "invalid_name"),
            error("/attributes/number", "invalid_type", A_STRING),
            error("/attributes/object", "invalid_type", A_STRING),
            error("/attributes/value too long", "too_long", at_most(200)),
        ],
    ),
    "attributes with NUL in a name": (
        {"attributes": {"a\0b": "a"}},
        [error("/attributes/a\0b", "invalid_name")],
    ),
    "active null": one("/active", None, "null_not_allowed"),
    "active a word": one("/active", "no", "invalid_type", A_BOOLEAN),
    "active 1": one("/active", 1, "invalid_type", A_BOOLEAN),
}

INTEGERS: dict[str, tuple[Any, str, str | None]] = {
    "null": (None, "null_not_allowed", None),
    "a string": ("3", "invalid_type", AN_INTEGER),
    "a fraction": (3.7, "invalid_type", AN_INTEGER),
    "a boolean": (True, "invalid_type", AN_INTEGER),
}

WRONG_ADJUSTMENT: Cases = {
    **UNKNOWN,
    **{f"delta {case}": one("/delta", *wrong) for case, wrong in INTEGERS.items()},
    "delta zero": one("/delta", 0, "zero"),
    **{
        f"delta {value}": one("/delta", value, "out_of_range", "Must be from -1000000 to 1000000.")
        for value in (1000001, -1000001, 2**63, -(2**63) - 1)
    },
    "reason null": one("/reason", None, "null_not_allowed"),
    "reason a number": one("/reason", 1, "invalid_type", A_STRING),
    "reason with NUL": one("/reason", "sold\0", "invalid_choice", REASONS),
    "reason unknown": one("/reason", "stolen", "invalid_choice", REASONS),
    "note null": one("/note", None, "null_not_allowed"),
    "note a number": one("/note", 5, "invalid_type", A_STRING),
    "note with NUL": one("/note", "\0", "null_character"),
    "note too long": one("/note", "x" * 501, "too_long", at_most(500)),
}
