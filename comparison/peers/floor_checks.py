"""The floor's checks of what is sent: plain functions, and tables of them."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from comparison.peers import contract

REQUIRED = object()
Rules = Mapping[str, tuple[Callable[[Any], Any], Any]]


class WrongError(Exception):
    """A value that breaks a rule, or several within it."""

    def __init__(self, code: str, detail: str | None = None) -> None:
        super().__init__(code)
        self.found: list[tuple[tuple[object, ...], str, str | None]] = [((), code, detail)]

    @classmethod
    def within(cls, errors: Mapping[Any, "WrongError"]) -> "WrongError":
        """Say where in a value the wrong ones are."""
        outer = cls("")
        outer.found = [
            ((step, *path), code, detail)
            for step, error in errors.items()
            for path, code, detail in error.found
        ]
        return outer


def text(low: int, high: int) -> Callable[[Any], str]:
    """Take a text of so many characters."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongError("invalid_type", "Must be a string.")
        if "\0" in value:
            raise WrongError("null_character")
        if len(value) < low:
            raise WrongError("too_short", f"Must have {low} or more characters.")
        if len(value) > high:
            raise WrongError("too_long", f"Must have {high} or fewer characters.")
        return value

    return check


def formatted(
    name: str, pattern: re.Pattern[str], read: Callable[[Any], str]
) -> Callable[[Any], str]:
    """Take a text of a format, which is read before."""

    def check(value: Any) -> str:
        if not pattern.fullmatch(read(value)):
            raise WrongError("invalid_format", contract.FORMATS[name])
        return str(value)

    return check


def any_text(value: Any) -> str:
    """Take any text."""
    if not isinstance(value, str):
        raise WrongError("invalid_type", "Must be a string.")
    return value


def choice(choices: list[str]) -> Callable[[Any], str]:
    """Take one of a few texts."""
    detail = f"Must be one of: {', '.join(choices)}."

    def check(value: Any) -> str:
        if any_text(value) not in choices:
            raise WrongError("invalid_choice", detail)
        return str(value)

    return check


line = text(1, 200)


def title(value: Any) -> str:
    """Take a text that isn't blank."""
    if line(value).isspace():
        raise WrongError("blank")
    return str(value)


def boolean(value: Any) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise WrongError("invalid_type", "Must be a boolean.")
    return value


def time(value: Any) -> datetime:
    """Take a date-time."""
    try:
        moment = contract.parsed_time(any_text(value))
    except ValueError:
        raise WrongError("invalid_format", contract.FORMATS["date-time"]) from None
    if moment is None:
        raise WrongError("out_of_range", contract.CALENDAR)
    return moment


def delta(value: Any) -> int:
    """Take a movement of stock."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
        raise WrongError("invalid_type", "Must be an integer.")
    if value == 0:
        raise WrongError("zero")
    if not -1_000_000 <= value <= 1_000_000:  # noqa: PLR2004 - the contract's
        raise WrongError("out_of_range", "Must be from -1000000 to 1000000.")
    return int(value)


def listed(check: Callable[[Any], Any], most: int, *, distinct: bool) -> Callable[[Any], Any]:
    """Take an array."""

    def check_all(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise WrongError("invalid_type", "Must be an array.")
        if len(value) > most:
            raise WrongError("too_many_items", f"Must have {most} or fewer entries.")
        found: list[Any] = []
        errors: dict[int, WrongError] = {}
        for index, each in enumerate(value):
            try:
                found.append(not_null(each, check))
            except WrongError as error:
                errors[index] = error
        if distinct and not errors:
            repeated = [index for index, each in enumerate(found) if each in found[:index]]
            errors = {index: WrongError("duplicate") for index in repeated}
        if errors:
            raise WrongError.within(errors)
        return found

    return check_all


def not_null(value: Any, check: Callable[[Any], Any]) -> Any:
    """Check anything but null."""
    if value is None:
        raise WrongError("null_not_allowed")
    return check(value)


def checked(value: Any, rules: Rules, ignored: set[str], *, partial: bool = False) -> Any:
    """Check an object by the rules of its properties, each with a default."""
    if not isinstance(value, dict):
        raise WrongError("invalid_type", "Must be an object.")
    found, errors = {}, {}
    for name, (check, default) in rules.items():
        if name in value:
            given = value[name]
            try:
                is_null = given is None and default is None
                found[name] = None if is_null else not_null(given, check)
            except WrongError as error:
                errors[name] = error
        elif default is REQUIRED and not partial:
            errors[name] = WrongError("required")
        elif not partial:
            found[name] = default
    for name in value.keys() - rules.keys() - ignored:
        errors[name] = WrongError("unknown_property")
    if errors:
        raise WrongError.within(errors)
    return found


slug = formatted("slug", contract.SLUG, text(0, 50))
uuid = formatted("uuid", contract.ID, any_text)
ITEM: Rules = {"text": (title, REQUIRED), "done": (boolean, False)}
TODO: Rules = {
    "title": (title, REQUIRED),
    "notes": (text(0, 10_000), ""),
    "completed": (boolean, False),
    "priority": (choice(contract.PRIORITIES), "normal"),
    "due_at": (time, None),
    "tags": (listed(slug, 20, distinct=True), []),
    "items": (listed(lambda item: checked(item, ITEM, {"id"}), 100, distinct=False), []),
    "product_id": (uuid, None),
}
TODO_IGNORED = {"id", "completed_at", "progress", "created_at", "updated_at"}
ADJUSTMENT: Rules = {
    "delta": (delta, REQUIRED),
    "reason": (choice(contract.REASONS), REQUIRED),
    "note": (text(0, 500), ""),
}
ADJUSTMENT_IGNORED = {"id", "balance", "created_by", "created_at"}


def limit(value: str) -> int:
    """Take the length of a page."""
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)", value):
        raise WrongError("invalid_type", "Must be an integer.")
    if not 1 <= int(value[:20]) <= 100:  # noqa: PLR2004 - the contract's
        raise WrongError("out_of_range", "Must be from 1 to 100.")
    return int(value)


def sorts(names: list[str]) -> Callable[[Any], str]:
    """Take the name of an order."""
    return choice([sign + name for name in names for sign in ("", "-")])


boolean_word = choice(["true", "false"])
Checks = Mapping[str, Callable[[Any], Any]]
LIST: Checks = {"limit": limit, "cursor": str}
TODO_QUERY: Checks = {
    **LIST,
    "completed": boolean_word,
    "priority": choice(contract.PRIORITIES),
    "tag": slug,
    "sort": sorts(contract.TODO_SORTS),
}
PRODUCT_QUERY: Checks = {
    **LIST,
    "category": slug,
    "currency": choice(contract.CURRENCIES),
    "active": boolean_word,
    "sort": sorts(contract.PRODUCT_SORTS),
}
