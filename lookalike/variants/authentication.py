"""Who asks: nobody, somebody ill-announced, somebody else (RFC 9110, section 11)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lookalike.calls import Call
from lookalike.client import Exchange
from lookalike.openapi import Contract
from lookalike.variants.parameters import set_to
from lookalike.variants.places import with_json
from lookalike.variants.source import Variants


def is_secured(contract: Contract, call: Call) -> bool:
    """Tell whether the file says that an operation heeds credentials."""
    return bool(call.operation.raw.get("security", contract.raw.get("security")))


def authentication(contract: Contract, exchange: Exchange) -> Variants:
    """Ask without credentials, with ill-formed ones, and with the scheme written otherwise."""
    call = exchange.call
    if not is_secured(contract, call):
        if call.actor is None:
            yield from unknown(call)
        return
    yield replace(call, actor=None, why="without credentials (RFC 9110, section 11.6.1)")
    if call.actor is not None:
        for scheme in ("bearer", "BEARER", "Basic", "Token"):
            why = f"the scheme as {scheme!r} (RFC 9110, section 11.1)"
            yield replace(call, scheme=scheme, why=why)
    yield from unknown(replace(call, actor=None))
    yield replace(call, actor=None, method="HEAD", why="HEAD without credentials")
    if with_json(call):
        yield replace(call, actor=None, body=b"{", why="neither credentials nor JSON")
    odd = [*call.query, ("x", "1")]
    yield replace(call, actor=None, query=odd, why="without credentials, an unknown parameter")


def unknown(call: Call) -> Iterator[Call]:
    """Yield calls with credentials of nobody."""
    for value in (
        *("Bearer nonsense", "Basic bm9ib2R5Om5vbnNlbnNl", "Bearer eyJhbGciOiJub25lIn0.e30."),
        *("Basic nonsense", "nonsense", 'Digest username="a"'),
    ):
        fields = set_to(call.fields, "Authorization", value)
        yield replace(call, fields=fields, why=f"Authorization: {value} (RFC 9110, section 11.6.2)")


def by_others(exchange: Exchange, actors: Iterable[str]) -> Iterator[Call]:
    """Yield the call as others send it: what belongs to one may be out of their reach."""
    for actor in actors:
        if actor != exchange.call.actor:
            yield replace(exchange.call, actor=actor, why=f"asked by {actor}")
