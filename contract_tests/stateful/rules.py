"""What a value must be: the contract's schemas and error codes as small functions.

A rule takes a value and yields what is wrong with it, as flaws. A flaw's `at` is where: a JSON
Pointer within the value, so that the rule of an array or an object can put its own part before it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from contract_tests.contract import CONTRACT

SCHEMAS: dict[str, Any] = CONTRACT["components"]["schemas"]
CODES: dict[str, Any] = CONTRACT["x-error-codes"]


@dataclass(frozen=True)
class Flaw:
    """One entry of a problem's `errors`."""

    code: str
    detail: str
    at: str = ""
    kind: str = "pointer"


Rule = Callable[[Any], Iterable[Flaw]]


def flaw(code: str, *values: object, form: str = "", at: str = "", kind: str = "pointer") -> Flaw:
    """Return a flaw with the detail that the contract lists for its code, `{…}` filled in."""
    template = CODES[code][form] if form else CODES[code]
    filled = iter(values)
    return Flaw(code, re.sub(r"\{.*?\}", lambda _: str(next(filled)), template), at, kind)


def inside(name: object, flaws: Iterable[Flaw]) -> Iterator[Flaw]:
    """Put a name (RFC 6901: with ~ and / escaped) before where each flaw is."""
    step = "/" + str(name).replace("~", "~0").replace("/", "~1")
    return (replace(found, at=step + found.at) for found in flaws)


# Single values


def anything(_: Any) -> Iterable[Flaw]:
    """Read-only: accepted in any form and ignored (Strict input)."""
    return ()


def text(
    least: int = 0, most: int = 10_000, *, form: str = "", schema: str = "", blank: bool = True
) -> Rule:
    """Return the rule of a text of so many code points, perhaps of a schema's pattern."""
    pattern = SCHEMAS[schema]["pattern"] if schema else ""

    def rule(value: Any) -> Iterator[Flaw]:
        if not isinstance(value, str):
            yield flaw("invalid_type", "a string")
        elif "\0" in value:
            yield flaw("null_character")
        elif len(value) < least:
            yield flaw("too_short", least)
        elif len(value) > most:
            yield flaw("too_long", most)
        elif not blank and not value.strip():
            yield flaw("blank")
        elif pattern and not re.fullmatch(pattern, value):
            yield flaw("invalid_format", form=form)

    return rule


def formatted(form: str, schema: str) -> Rule:
    """Return the rule of a text that stands for a value of another type, by a schema's pattern."""

    def rule(value: Any) -> Iterator[Flaw]:
        if not isinstance(value, str):
            yield flaw("invalid_type", "a string")
        elif not re.fullmatch(SCHEMAS[schema]["pattern"], value):
            yield flaw("invalid_format", form=form)

    return rule


def choice(*choices: str) -> Rule:
    """Return the rule of a text that must be one of a few."""

    def rule(value: Any) -> Iterator[Flaw]:
        if not isinstance(value, str):
            yield flaw("invalid_type", "a string")
        elif value not in choices:
            yield flaw("invalid_choice", ", ".join(choices))

    return rule


def boolean(value: Any) -> Iterator[Flaw]:
    """Neither `"yes"` nor `1` is a boolean."""
    if not isinstance(value, bool):
        yield flaw("invalid_type", "a boolean")


def integer(least: int, most: int, *, zero: bool = True) -> Rule:
    """Return the rule of an integer; `3.0` is one, `True` is none."""

    def rule(value: Any) -> Iterator[Flaw]:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            yield flaw("invalid_type", "an integer")
        elif value == 0 and not zero:
            yield flaw("zero")
        elif not least <= value <= most:
            yield flaw("out_of_range", least, most, form="number")

    return rule


def moment(value: Any) -> Iterator[Flaw]:
    """RFC 3339 with an offset, on the calendar, and still on it in UTC."""
    if not isinstance(value, str):
        yield flaw("invalid_type", "a string")
    elif not re.fullmatch(SCHEMAS["DateTimeInput"]["pattern"], value):
        yield flaw("invalid_format", form="date-time")
    else:
        try:
            in_utc(value)
        except ValueError:
            yield flaw("invalid_format", form="date-time")
        except OverflowError:
            yield flaw("out_of_range", form="date-time")


def in_utc(value: str) -> str:
    """Return a date-time as responses give it."""
    point = datetime.fromisoformat(value).astimezone(UTC)
    return point.isoformat(timespec="microseconds").replace("+00:00", "Z")


def reference(known: Iterable[str]) -> Rule:
    """Return the rule of an id that must refer to something that exists."""

    def rule(value: Any) -> Iterator[Flaw]:
        if ill_formed := list(ID(value)):
            yield from ill_formed
        elif value not in known:
            yield flaw("not_found")

    return rule


# Compound values


def nullable(rule: Rule) -> Rule:
    """Return the rule of a value that may be `null` as well."""
    return lambda value: () if value is None else rule(value)


def named(rule: Rule, value: Any) -> Iterable[Flaw]:
    """Hold an entry to its rule; `null` is an error of its own unless the rule takes it."""
    flaws = list(rule(value))
    return [flaw("null_not_allowed")] if value is None and flaws else flaws


def array(rule: Rule, least: int = 0, most: int = 100, *, distinct: bool = False) -> Rule:
    """Return the rule of an array; with too few or too many entries, these aren't looked at."""

    def check(value: Any) -> Iterator[Flaw]:
        if not isinstance(value, list):
            yield flaw("invalid_type", "an array")
        elif len(value) < least:
            yield flaw("too_few_items", least)
        elif len(value) > most:
            yield flaw("too_many_items", most)
        else:
            flaws = [list(named(rule, entry)) for entry in value]
            if distinct and not any(flaws):
                repeated = [entry in value[:place] for place, entry in enumerate(value)]
                flaws = [[flaw("duplicate")] if each else [] for each in repeated]
            for place, found in enumerate(flaws):
                yield from inside(place, found)

    return check


def thing(required: str, optional: Mapping[str, Rule], **rules: Rule) -> Rule:
    """Return the rule of an object: the names that must be there, and the rule of each name."""
    rules = {**optional, **rules}

    def check(value: Any) -> Iterator[Flaw]:
        if not isinstance(value, dict):
            yield flaw("invalid_type", "an object")
            return
        for name in {*required.split()} - {*value}:
            yield from inside(name, [flaw("required")])
        for name, entry in value.items():
            flaws = named(rules[name], entry) if name in rules else [flaw("unknown_property")]
            yield from inside(name, flaws)

    return check


def attributes(value: Any) -> Iterator[Flaw]:
    """Up to 20 texts of up to 200 characters, named by 1 to 50 characters."""
    if not isinstance(value, dict):
        yield flaw("invalid_type", "an object")
    elif len(value) > 20:
        yield flaw("too_many_items", 20)
    else:
        for name, entry in value.items():
            well_named = 1 <= len(name) <= 50 and "\0" not in name
            flaws = named(text(most=200), entry) if well_named else [flaw("invalid_name")]
            yield from inside(name, flaws)


# The schemas, by the names that they have in openapi.yaml

ID = formatted("uuid", "Id")
SLUG = text(most=50, form="slug", schema="Slug")
TITLE = text(1, 200, blank=False)
PASSWORD = text(8, 128)
GIVEN_PASSWORD = text(1, 128)
PRIORITIES = ("low", "normal", "high", "urgent")
PRICE = formatted("price", "Price")
CURRENCY = choice(*SCHEMAS["Currency"]["enum"])
REASON = choice("received", "sold", "returned", "damaged", "corrected")

READ_ONLY_USER = dict.fromkeys(["id", "is_staff", "created_at"], anything)
USER = {
    "username": text(3, 30, form="username", schema="Username"),
    "email": text(most=254, form="email", schema="Email"),
}
USER_INPUT = thing("username email password", READ_ONLY_USER, **USER, password=PASSWORD)
USER_PATCH = thing("", READ_ONLY_USER, **USER)
PASSWORD_CHANGE = thing(
    "current_password new_password", {}, current_password=GIVEN_PASSWORD, new_password=PASSWORD
)
CREDENTIALS = thing("username password", {}, username=text(1, 30), password=GIVEN_PASSWORD)

CHECKLIST_ITEM = thing("text", {"id": anything}, text=TITLE, done=boolean)


def todo_rule(required: str, products: Iterable[str]) -> Rule:
    """Return the rule of TodoInput (`title` is required) or of TodoPatch (nothing is)."""
    return thing(
        required,
        dict.fromkeys(["id", "completed_at", "progress", "created_at", "updated_at"], anything),
        title=TITLE,
        notes=text(),
        completed=boolean,
        priority=choice(*PRIORITIES),
        due_at=nullable(moment),
        tags=array(SLUG, most=20, distinct=True),
        items=array(CHECKLIST_ITEM),
        product_id=nullable(reference(products)),
    )


def product_rule(required: str) -> Rule:
    """Return the rule of ProductInput, or of ProductPatch after merging (nothing is required)."""
    return thing(
        required,
        dict.fromkeys(["id", "stock", "created_at", "updated_at"], anything),
        sku=text(most=32, form="sku", schema="Sku"),
        name=TITLE,
        description=text(),
        category=SLUG,
        price=PRICE,
        currency=CURRENCY,
        attributes=attributes,
        active=boolean,
    )


PRODUCT_INPUT = product_rule("sku name category price currency")
PRODUCT_PATCH = product_rule("")

ADJUSTMENT_INPUT = thing(
    "delta reason",
    dict.fromkeys(["id", "balance", "created_by", "created_at"], anything),
    delta=integer(-1_000_000, 1_000_000, zero=False),
    reason=REASON,
    note=text(most=500),
)

# Parameters: in a query every value is a text


def written_integer(least: int, most: int) -> Rule:
    """Return the rule of an integer in a query: decimal digits without leading zeros."""
    number = integer(least, most)

    def rule(value: str) -> Iterable[Flaw]:
        well_formed = re.fullmatch(r"-?(0|[1-9][0-9]*)", value)
        return number(int(value)) if well_formed else [flaw("invalid_type", "an integer")]

    return rule


def sort_by(*names: str) -> Rule:
    """Return the rule of `sort`: each name in both directions."""
    return choice(*(direction + name for name in names for direction in ("", "-")))


WRITTEN_BOOLEAN = choice("true", "false")
SEARCH = text(1, 100)
PAGING: dict[str, Rule] = {"limit": written_integer(1, 100), "cursor": anything}

TODO_QUERY: dict[str, Rule] = {
    **PAGING,
    "completed": WRITTEN_BOOLEAN,
    "priority": choice(*PRIORITIES),
    "tag": SLUG,
    "product_id": ID,
    "due_before": moment,
    "due_after": moment,
    "overdue": WRITTEN_BOOLEAN,
    "q": SEARCH,
    "sort": sort_by("created_at", "updated_at", "due_at", "priority", "title"),
}
PRODUCT_QUERY: dict[str, Rule] = {
    **PAGING,
    "category": SLUG,
    "currency": CURRENCY,
    "min_price": PRICE,
    "max_price": PRICE,
    "in_stock": WRITTEN_BOOLEAN,
    "active": WRITTEN_BOOLEAN,
    "q": SEARCH,
    "sort": sort_by("created_at", "name", "sku", "price", "stock"),
}


def entity_tags(value: str) -> Iterator[Flaw]:
    """`*`, or a list of quoted tags."""
    pattern = SCHEMAS["EntityTags"]["pattern"]
    if len(value) > 4000 or not re.fullmatch(pattern, value):
        yield flaw("invalid_format", form="entity-tags")


def idempotency_key(value: str) -> Iterator[Flaw]:
    """From 1 to 255 visible ASCII characters."""
    if not re.fullmatch("[!-~]{1,255}", value):
        yield flaw("invalid_format", form="idempotency-key")
