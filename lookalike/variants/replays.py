"""The same request again, as clients and proxies send it when an answer got lost."""

import re
from dataclasses import replace
from typing import Any

from lookalike.calls import Fresh, Raw, Text
from lookalike.client import Exchange
from lookalike.openapi import Contract
from lookalike.variants.bodies import members_of
from lookalike.variants.parameters import declared, set_to
from lookalike.variants.places import renewed, with_json
from lookalike.variants.source import Variants

KEY = re.compile(r"(?i)idempotency-?key$")
ODD_KEYS = ("", " ", "two words ", '"quoted" ', "\xe9", "a,b", "~")
LENGTHS = (64, 65, 128, 129, 255, 256, 1000)  # of keys: where limits are usual


def replays(contract: Contract, exchange: Exchange) -> Variants:
    """Send a call again: what is safe or idempotent comes to the same (RFC 9110, section 9.2.2)."""
    call = exchange.call
    names = [name for name in declared(call, "header") if KEY.search(name)]
    if not names:
        times = 1 if call.operation.is_safe or call.operation.method == "PATCH" else 2
        for _ in range(times):
            yield replace(call, why="the same again (RFC 9110, section 9.2.2)")
        return
    name = names[0]
    unkeyed = set_to(call.fields, name)
    body, other, white = renewed(call.body, 1), renewed(call.body, 2), call.body
    if (as_json := with_json(replace(call, body=body))) and isinstance(as_json.body, dict):
        white = Raw((*members_of(as_json.body), " \n}"))

    def keyed(key: Any, body: Any, why: str, **more: Any) -> Any:
        fields = [*unkeyed, (name, key)]
        return replace(call, fields=fields, body=body, why=f"{why} ({name})", **more)

    key = Fresh("lookalike-key-")
    yield keyed(key, body, "with a key")
    yield keyed(key, body, "the same again")
    yield keyed(key, white, "the same in other white space")
    yield keyed(key, other if other != body else {"x": 1}, "the key with another body")
    yield keyed(key, b"{", "the key with a broken body")
    yield keyed(key, body, "the key at another address", query=[*call.query, ("x", "1")])
    yield keyed(Fresh("LOOKALIKE-key-"), renewed(call.body, 3), "the key in another case")
    yield keyed(key, body, "once more")
    late = Fresh("lookalike-late-")
    yield keyed(late, {"x": 1} if as_json else b"", "a key with a wrong body")
    yield keyed(late, renewed(call.body, 4), "the key with the right body")
    yield keyed(late, renewed(call.body, 4), "and again")
    for other_operation in contract.operations:
        if other_operation != call.operation and other_operation.method == call.operation.method:
            takes = {parameter.get("name") for parameter in other_operation.parameters}
            if name in takes and {*other_operation.path_parameters} <= {*call.path}:
                yield keyed(key, body, "the key for another operation", operation=other_operation)
    for number, odd in enumerate(ODD_KEYS):
        value = Fresh(odd) if odd.strip() else odd
        yield keyed(value, renewed(call.body, 10 + number), f"an odd key {odd!r}")
    for length in LENGTHS:
        long = Text((Fresh("lookalike-"), "k" * length), f"slice 0:{length}")
        yield keyed(long, renewed(call.body, length), f"a key of {length} characters")
    twice = [*unkeyed, (name, "a"), (name, "b")]
    yield replace(call, fields=twice, body=renewed(call.body, 30), why=f"two keys ({name})")
    yield keyed(key, body, "without credentials", actor=None)
    plainly = replace(call, fields=unkeyed, body=renewed(call.body, 40))
    yield replace(plainly, why="without a key")
    yield replace(plainly, why="without a key, again")
