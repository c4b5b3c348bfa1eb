"""What a source of variants is, and how its calls are sent."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import wraps
from itertools import count
from string import ascii_lowercase, digits
from typing import Any

from lookalike.calls import Call, Fresh, Raw, Text
from lookalike.client import Exchange
from lookalike.openapi import Contract

# A source may be told what came of a call, as some need to go on: a page has a link to the next
# one. Who only iterates gets the calls that need no answers.
Variants = Generator[Call, Exchange | None, None]
Source = Callable[[Contract, Exchange], Variants]

SOURCES, CALLS = 32, 1024  # how many sources, and calls of one, have texts of their own


def asked(calls: Variants, send: Callable[[Call], Exchange]) -> Iterator[Exchange]:
    """Send each call of a source, and let the source know what came of it."""
    try:
        call = next(calls)
        while True:
            exchange = send(call)
            yield exchange
            call = calls.send(exchange)
    except StopIteration:
        return


def renewing(source: Source, index: int) -> Source:
    """Return a source in each of whose calls the texts that must be new are others.

    Else all but the first would be refused for what is taken, whatever else is special about them.
    The index tells it from other sources.
    """

    @wraps(source)
    def renewed_source(contract: Contract, exchange: Exchange) -> Variants:
        calls = source(contract, exchange)
        seen = None
        for number in count():
            try:
                call = calls.send(seen)
            except StopIteration:
                return
            suffix = code((exchange.step * SOURCES + index) * CALLS + number)
            seen = yield replace(call, body=renewed(call.body, suffix))

    return renewed_source


def renewed(value: Any, suffix: str) -> Any:
    """Return a value in which each text that must be new is another new one."""
    if isinstance(value, Fresh):
        return Fresh(f"{value.text}{suffix}")
    if isinstance(value, Text | Raw):
        return value._replace(parts=tuple(renewed(part, suffix) for part in value.parts))
    if isinstance(value, dict):
        return {name: renewed(inner, suffix) for name, inner in value.items()}
    if isinstance(value, list):
        return [renewed(inner, suffix) for inner in value]
    return value


def code(number: int) -> str:
    """Write a number in few letters and digits."""
    letters = digits + ascii_lowercase
    text = ""
    while number:
        number, rest = divmod(number, len(letters))
        text = letters[rest] + text
    return text or "0"


def spread(
    calls: Sequence[Call], contract: Contract, among: int, always: int = 0
) -> Iterator[Call]:
    """Yield some of an operation's calls, so that several operations together are asked all.

    What most servers do in one place, such as reading `Host`, needn't be asked of each operation;
    the first few, how many `always` says, are.
    """
    if calls:
        share = contract.operations.index(calls[0].operation) % among
        # A generator: a source hands on to it what came of a call, which a list can't be given.
        yield from (call for call in (*calls[:always], *calls[always:][share::among]))
