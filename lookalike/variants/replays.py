"""The same request again, as clients and proxies send it when an answer got lost."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lookalike.calls import Call, Fresh, Raw, Text
from lookalike.client import Exchange
from lookalike.openapi import Contract
from lookalike.variants.bodies import members_of
from lookalike.variants.parameters import declared, set_to
from lookalike.variants.places import with_json
from lookalike.variants.source import Variants, code, renewed

KEY = re.compile(r"(?i)idempotency-?key$")
ODD_KEYS = ("", " ", "two words ", '"quoted" ', "\xe9", "a,b", "~")
LENGTHS = (64, 65, 128, 129, 255, 256, 1000)  # of keys: where limits are usual
BODIES = 2048  # of one exchange


def replays(contract: Contract, exchange: Exchange) -> Variants:
    """Send a call again: what is safe or idempotent comes to the same (RFC 9110, section 9.2.2)."""
    call = exchange.call
    names = [name for name in declared(call, "header") if KEY.search(name)]
    if names:
        yield from keyed(contract, exchange, names[0])
        yield from taken(exchange)
        return
    times = 1 if call.operation.is_safe or call.operation.method == "PATCH" else 2
    for _ in range(times):
        yield replace(call, why="the same again (RFC 9110, section 9.2.2)")
    yield from taken(exchange)


def taken(exchange: Exchange) -> Iterator[Call]:
    """Yield calls with texts that must be new and aren't: all, each alone, and beside a fault."""
    call = exchange.call
    if not isinstance(call.body, dict) or call.operation.method != "POST":
        return
    new = renewed(call.body, code(exchange.step * BODIES + 100))
    names = [name for name, value in call.body.items() if new[name] != value]
    if not names:
        return
    yield replace(call, why="all that must be new is taken")
    yield replace(call, body={**call.body, "x": 1}, why="taken, and an unknown member")
    for name in names:
        yield replace(call, body={**new, name: call.body[name]}, why=f"/{name} is taken")
        other_case = Text((call.body[name],), "swapped")
        yield replace(call, body={**new, name: other_case}, why=f"/{name} is taken in another case")
    rest = {name: value for name, value in call.body.items() if name not in names}
    for name in rest:
        yield replace(call, body={**call.body, name: None}, why=f"taken, and /{name} is null")


def keyed(contract: Contract, exchange: Exchange, name: str) -> Iterator[Call]:
    """Yield calls with idempotency keys: new ones, and those of calls before."""
    call = exchange.call
    unkeyed = set_to(call.fields, name)

    def body(number: int) -> Any:
        return renewed(call.body, code(exchange.step * BODIES + number))

    def under(key: Any, content: Any, why: str, **more: Any) -> Call:
        fields = [*unkeyed, (name, key)]
        return replace(call, fields=fields, body=content, why=f"{why} ({name})", **more)

    key = Fresh(f"lookalike-key-{exchange.step}-")
    yield under(key, body(0), "with a key")
    yield under(key, body(0), "the same again")
    if (parsed := with_json(replace(call, body=body(0)))) and isinstance(parsed.body, dict):
        white = Raw((*members_of(parsed.body), " \n}"))
        yield under(key, white, "the same in other white space")
    changed = body(1) if body(1) != body(0) else {"x": 1}
    yield under(key, changed, "the key with another body")
    yield under(key, b"{", "the key with a broken body")
    yield under(key, body(0), "the key at another address", query=[*call.query, ("x", "1")])
    yield under(Fresh(f"LOOKALIKE-key-{exchange.step}-"), body(2), "the key in another case")
    yield under(key, body(0), "once more")
    for operation in others(contract, call, name):
        yield under(key, body(0), "the key for another operation", operation=operation)
    late = Fresh(f"lookalike-late-{exchange.step}-")
    yield under(late, {"x": 1} if parsed else b"", "a key with a wrong body")
    yield under(late, body(3), "the key with the right body")
    yield under(late, body(3), "and again")
    for number, odd in enumerate(ODD_KEYS):
        value = Fresh(f"{odd}{exchange.step}") if odd.strip() else odd
        yield under(value, body(10 + number), f"an odd key {odd!r}")
    for length in LENGTHS:
        long = Text((Fresh(f"lookalike-{exchange.step}-"), "k" * length), f"slice 0:{length}")
        yield under(long, body(length), f"a key of {length} characters")
    twice = [*unkeyed, (name, "a"), (name, "b")]
    yield replace(call, fields=twice, body=body(30), why=f"two keys ({name})")
    yield under(key, body(0), "without credentials", actor=None)
    for number in (40, 41):
        yield replace(call, fields=unkeyed, body=body(number), why="without a key")


def others(contract: Contract, call: Call, name: str) -> Iterator[Any]:
    """Yield other operations that take a key, and can be called with the same path parameters."""
    for operation in contract.operations:
        takes = {parameter.get("name") for parameter in operation.parameters}
        is_like = operation.method == call.operation.method and name in takes
        if is_like and operation != call.operation and {*operation.path_parameters} <= {*call.path}:
            yield operation
