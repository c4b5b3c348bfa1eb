"""Shared by tests of lists: walking through pages, and the contract's order."""

from collections.abc import Callable, Iterable
from typing import Any

from contract_tests.cast import Actor

Row = dict[str, Any]

PRIORITIES = ["low", "normal", "high", "urgent"]


def pages(actor: Actor, target: str) -> list[Any]:
    """Return all pages of a list, from the first."""
    found = [actor.get(target).json]
    while found[-1]["next"]:
        found.append(actor.get(found[-1]["next"]).json)
    return found


def joined(found: list[Any]) -> list[Row]:
    """Return the rows of all pages."""
    return [row for page in found for row in page["items"]]


def in_order(rows: Iterable[Row], sort: str) -> list[Row]:
    """Return rows as `sort` prescribes; ties are broken by id in the same direction."""
    name = sort.removeprefix("-")
    value: Callable[[Any], Any] = PRIORITIES.index if name == "priority" else str
    if name in {"stock", "price"}:
        value = float

    def place(row: Row) -> tuple[bool, Any, str]:
        # A null is greater than any value.
        return row[name] is None, "" if row[name] is None else value(row[name]), row["id"]

    return sorted(rows, key=place, reverse=sort.startswith("-"))
