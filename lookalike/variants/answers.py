"""What an answer holds that a further request can use."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lookalike.alignment import Place
from lookalike.calls import Made, Text
from lookalike.client import Exchange
from lookalike.comparison import escaped
from lookalike.http import Answer


class Found(NamedTuple):
    """A value in an answer's body."""

    name: str  # of the member, such as `id`
    parent: str  # the name of what it is a member of, such as `next` in `{"next": {"href": …}}`
    made: Made


def document(exchange: Exchange) -> Any:
    """Return the old server's body, if it is JSON."""
    answer = exchange.outcomes.old
    if not isinstance(answer, Answer) or not answer.is_json:
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def place(exchange: Exchange, part: str, pointer: str = "") -> Place:
    """Return the place of a value in an answer, any index of its pointer as `*`."""
    answer = exchange.outcomes.old
    status = answer.status if isinstance(answer, Answer) else 0
    return Place(exchange.call.operation.name, status, part, re.sub(r"/\d+(?=/|$)", "/*", pointer))


def in_body(exchange: Exchange, pointer: str, value: Any) -> Made:
    """Return a value of an answer's body, so that each server is sent its own."""
    return Made(exchange.step, "body", pointer, place(exchange, "body", pointer), value)


def in_field(exchange: Exchange, name: str) -> Made | None:
    """Return the value of a header field of the answer, if it has one."""
    answer = exchange.outcomes.old
    value = answer.header(name) if isinstance(answer, Answer) else None
    if value is None:
        return None
    return Made(exchange.step, name.lower(), "", place(exchange, name.lower()), value)


def values(exchange: Exchange) -> Iterator[Found]:
    """Yield each text and number in an answer's body."""
    yield from _values(exchange, document(exchange), "", "", "")


def _values(
    exchange: Exchange, value: Any, pointer: str, name: str, parent: str
) -> Iterator[Found]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(exchange, inner, f"{pointer}/{escaped(key)}", key, name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _values(exchange, inner, f"{pointer}/{index}", name, parent)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield Found(name, parent, in_body(exchange, pointer, value))


def mirrored(exchange: Exchange, value: Any, pointer: str = "") -> Any:
    """Return a part of an answer's body with each server's own values in it."""
    if isinstance(value, dict):
        return {
            name: mirrored(exchange, inner, f"{pointer}/{escaped(name)}")
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [
            mirrored(exchange, inner, f"{pointer}/{index}") for index, inner in enumerate(value)
        ]
    if value is None or isinstance(value, bool):
        return value
    return in_body(exchange, pointer, value)


def next_address(exchange: Exchange) -> Made | Text | None:
    """Return the link to the next page: in `Link` (RFC 8288), or in a member that says `next`."""
    link = in_field(exchange, "Link")
    if link and re.search(r'rel\s*=\s*"?[^",;]*\bnext\b', str(link.value)):
        return Text((link,), "link next")
    for name, parent, made in values(exchange):
        is_next = "next" in name.lower() or (name in {"href", "url"} and parent.lower() == "next")
        if is_next and isinstance(made.value, str) and re.match(r"https?://|/", made.value):
            return made
    return None


def next_cursor(exchange: Exchange, parameters: set[str]) -> tuple[str, Made] | None:
    """Return the query parameter and the value that ask for the next page, where no link does."""
    cursors = {name for name in parameters if re.search(CURSOR, name)}
    for name, _, made in values(exchange):
        if made.pointer.count("/") > NEAR_THE_TOP:
            continue
        if name in cursors:
            return name, made
        if re.search(CURSOR, name) and "next" in name.lower() and cursors:
            return min(cursors), made
    return None


CURSOR = r"(?i)cursor|token|after|continu|marker"
NEAR_THE_TOP = 2  # names in a pointer: what is deeper is about an item
