"""What a source of variants is, and how its calls are sent."""

from collections.abc import Callable, Generator, Iterator, Sequence

from lookalike.calls import Call
from lookalike.client import Exchange
from lookalike.openapi import Contract

# A source may be told what came of a call, as some need to go on: a page has a link to the next
# one. Who only iterates gets the calls that need no answers.
Variants = Generator[Call, Exchange | None, None]
Source = Callable[[Contract, Exchange], Variants]


def spread(calls: Sequence[Call], contract: Contract, among: int) -> Iterator[Call]:
    """Yield some of an operation's calls, so that several operations together are asked all.

    What most servers do in one place, such as reading `Host`, needn't be asked of each operation.
    """
    if calls:
        share = contract.operations.index(calls[0].operation) % among
        yield from (call for call in calls[share::among])  # which, unlike a list, can be sent to


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
