"""Two faults in one request: servers speak of one of them first."""

from dataclasses import replace
from itertools import combinations

from lookalike.calls import Call
from lookalike.client import Exchange
from lookalike.openapi import Contract
from lookalike.variants.authentication import is_secured
from lookalike.variants.conditions import OTHER
from lookalike.variants.parameters import declared, set_to
from lookalike.variants.paths import nowhere
from lookalike.variants.places import with_json
from lookalike.variants.source import Variants

UNSENT = {"If-Match": OTHER, "Idempotency-Key": "", "Accept": "image/png"}


def order(contract: Contract, exchange: Exchange) -> Variants:
    """Make two things wrong at once, of those that are looked at one after the other."""
    call = exchange.call
    if call.address:
        return
    found = faults(contract, call)
    for (one, first), (two, second) in combinations(found.items(), 2):
        both = combined(call, first, second)
        if both is not None:
            yield replace(both, why=f"{one}, and {two}")
    all_of_them = call
    for fault in found.values():
        all_of_them = combined(call, all_of_them, fault) or all_of_them
    yield replace(all_of_them, why="everything is wrong")


def faults(contract: Contract, call: Call) -> dict[str, Call]:
    """Return calls with one fault each, by its name."""
    found: dict[str, Call] = {}
    if is_secured(contract, call):
        found["no credentials"] = replace(call, actor=None)
    if call.path:
        gone = {name: nowhere(value) for name, value in call.path.items()}
        found["an id that is nowhere"] = replace(call, path=gone)
    if with_json(call):
        found["no JSON"] = replace(call, body=b"{")
        found["a wrong member"] = replace(call, body={"lookalike": 1})
        found["a wrong type"] = replace(call, media_type="text/plain")
    found["an unknown parameter"] = replace(call, query=[*call.query, ("lookalike", "1")])
    for name in [*declared(call, "query")][:1]:
        found["an empty parameter"] = replace(call, query=set_to(call.query, name, ""))
    takes = {name.lower() for name in declared(call, "header")}
    for name, value in UNSENT.items():
        if name.lower() in takes or name == "Accept":
            found[f"{name}: {value}"] = replace(call, fields=set_to(call.fields, name, value))
    return found


def combined(base: Call, one: Call, two: Call) -> Call | None:
    """Return a call with both faults; None if they are of the same part of a request."""
    both = one
    for part in ("actor", "path", "body", "media_type", "query", "fields"):
        changed = getattr(two, part)
        if changed == getattr(base, part):
            continue
        mine = getattr(one, part)
        if mine != getattr(base, part):
            if part not in {"query", "fields"}:
                return None
            changed = [*mine, *(pair for pair in changed if pair not in mine)]
        both = replace(both, **{part: changed})
    return both
