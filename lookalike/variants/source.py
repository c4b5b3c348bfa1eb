"""What a source of variants is, and how its calls are sent."""

from collections.abc import Callable, Generator, Iterator

from lookalike.calls import Call
from lookalike.client import Exchange
from lookalike.openapi import Contract

# A source may be told what came of a call, as some need to go on: a page has a link to the next
# one. Who only iterates gets the calls that need no answers.
Variants = Generator[Call, Exchange | None, None]
Source = Callable[[Contract, Exchange], Variants]


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
