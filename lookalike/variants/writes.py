"""Writes that are right: each property to another value, or away, or back to what was read."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lookalike.calls import Call
from lookalike.client import Exchange
from lookalike.http import is_json
from lookalike.openapi import Contract
from lookalike.schemas import Schema
from lookalike.variants.answers import document, mirrored, values
from lookalike.variants.bodies import UNKNOWN
from lookalike.variants.misses import interleaved, plain
from lookalike.variants.places import (
    Spot,
    body_schema,
    dropped,
    put,
    spots,
    with_json,
    with_members,
)
from lookalike.variants.source import Variants
from lookalike.variants.valid import others

OTHERS = 3  # values of one property
LONGEST_LIST, LONGEST_TEXT = 200, 5_000  # entries and characters that one call is worth


def writes(contract: Contract, exchange: Exchange) -> Variants:
    """Write each property alone, to other valid values, so that what is stored is seen."""
    call = with_members(exchange.call)
    if call is None or not isinstance(call.body, dict) or call.operation.is_safe:
        return
    schema = body_schema(contract, call)
    every = [
        [
            replace(
                call, body=put(call.body, spot.path, value), why=f"{spot.pointer}: another value"
            )
            for value in [*others(spot.schema, spot.value)][:OTHERS]
        ]
        for spot in spots(schema, call.body)
        if not spot.schema.raw.get("readOnly")
    ]
    if call.operation.method == "POST":
        yield from opposites(call, schema)
    yield from interleaved(*every, few(call, schema))


def at_once(contract: Contract, exchange: Exchange) -> Variants:
    """Write what would take many calls in one each: all that is read-only, long, or unknown."""
    call = with_members(exchange.call)
    if call is None or not isinstance(call.body, dict) or call.operation.is_safe:
        return
    schema = body_schema(contract, call)
    members = {name: schema.member(name, plain(call.body.get(name))) for name in schema.properties}
    every: dict[str, dict[str, Any]] = {
        "each read-only member": {
            name: next(others(member, None), None)
            for name, member in members.items()
            if member.raw.get("readOnly")
        },
        "each list as long as it may be": {
            name: longest_list(member, call.body.get(name))
            for name, member in members.items()
            if member.type == "array" and 0 < member.raw.get("maxItems", 0) <= LONGEST_LIST
        },
        "each text as long as it may be": {
            name: "a" * member.raw["maxLength"]
            for name, member in members.items()
            if is_free_text(member) and member.raw.get("maxLength", LONGEST_TEXT) < LONGEST_TEXT
        },
    }
    for why, changed in every.items():
        if changed:
            yield replace(call, body={**call.body, **changed}, why=why)
    yield replace(call, body=with_unknown(call.body, schema), why="unknown members in each object")


def with_unknown(body: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """Return a body with members that nobody knows in each object of it."""
    odd = dict.fromkeys(UNKNOWN, 1)
    found = {**body, **odd}
    for spot in spots(schema, body):
        if isinstance(spot.value, dict):
            found = put(found, spot.path, {**spot.value, **odd})
    return found


def longest_list(schema: Schema, value: Any) -> list[Any]:
    """Return a list with as many entries as it may have."""
    first = value[0] if isinstance(value, list) and value else None
    if first is None:
        first = next(others(schema.items(), None), None)
    return [first] * int(schema.raw["maxItems"])


def is_free_text(schema: Schema) -> bool:
    """Tell whether any text is allowed."""
    return schema.type == "string" and not (
        schema.raw.get("readOnly") or schema.format or schema.choices or "pattern" in schema.raw
    )


def few(call: Call, schema: Schema) -> Iterator[Call]:
    """Yield calls with no more than is required, and with all that is allowed."""
    least = {name: value for name, value in call.body.items() if name in schema.required}
    yield replace(call, body=least, why="what is required, and no more")
    full = dict(call.body)
    for name in schema.properties:
        member = schema.member(name)
        if name not in full and not member.raw.get("readOnly"):
            for value in others(member, None):
                full[name] = value
                break
    yield replace(call, body=full, why="all that is allowed")


def opposites(call: Call, schema: Schema) -> Variants:
    """Where numbers add up, take away one more than there is, as an answer says, and just that."""
    for name, value in call.body.items():
        if schema.member(name, plain(value)).type != "integer":
            continue
        exchange = yield replace(call, why=f"/{name}: the same again")
        found = [
            each.made.value
            for each in (values(exchange) if exchange else ())
            if each.name != name and isinstance(each.made.value, int) and each.made.value > 0
        ]
        for number in found[:OTHERS]:
            for less in (-number - 1, -number):
                why = f"/{name}: {less}, where an answer had {number}"
                yield replace(call, body={**call.body, name: less}, why=why)


def patches(contract: Contract, exchange: Exchange) -> Variants:
    """Patch each member alone (RFC 7396): to another value, to null, inside of objects."""
    call = with_json(exchange.call)
    if call is None or call.operation.method != "PATCH" or not isinstance(call.body, dict):
        return
    section = "(RFC 7396, section 2)"
    found = [spot for spot in spots(body_schema(contract, call), call.body) if is_member(spot)]
    for spot in found:
        for body, why in filled_up(spot, most_members(contract, call, spot)):
            yield replace(call, body=body, why=f"{spot.pointer}: {why} {section}")
    every = [[*of_member(spot)] for spot in found]
    for body, why in interleaved([({}, "an empty patch")], *every):
        yield replace(call, body=body, why=f"{why} {section}")
    yield call
    yield replace(call, why=f"the same again {section}")


def most_members(contract: Contract, call: Call, spot: Spot) -> int:
    """Return how many members a map may have once it is patched, which PUT's schema may say."""
    schemas = [spot.schema]
    for operation in contract.operations:
        if operation.path == call.operation.path and operation.method == "PUT":
            schema = body_schema(contract, replace(call, operation=operation))
            for name in spot.path:
                schema = schema.member(str(name))
            schemas.append(schema)
    found = [each.raw["maxProperties"] for each in schemas if "maxProperties" in each.raw]
    return int(found[0]) if found else 0


def filled_up(spot: Spot, most: int) -> Iterator[tuple[object, str]]:
    """Yield patches that fill a map, and then go beyond what it may hold by a member alone."""
    if spot.schema.type != "object" or not 0 < most <= LONGEST_LIST:
        return
    value = next(others(spot.schema.member("lookalike"), None), "a")
    names = [f"lookalike{number}" for number in range(most)]
    empty = dict.fromkeys(spot.value, None) if isinstance(spot.value, dict) else {}
    yield alone(spot, {**empty, **dict.fromkeys(names, value)}), "as many members as there may be"
    yield alone(spot, {"lookalike": value}), "a member too many"
    yield alone(spot, {names[0]: None, "lookalike": value}), "a member for another"
    yield alone(spot, dict.fromkeys([*names, "lookalike"])), "all of these away"


def is_member(spot: Spot) -> bool:
    """Tell whether a place is a member that a patch can name: it has no index on its way."""
    return all(isinstance(name, str) for name in spot.path)


def of_member(spot: Spot) -> Iterator[tuple[object, str]]:
    """Yield patches of one member."""
    for value in [*others(spot.schema, spot.value)][:OTHERS]:
        yield alone(spot, value), f"{spot.pointer}: another value"
    yield alone(spot, None), f"{spot.pointer}: null"
    if isinstance(spot.value, dict) or spot.schema.type == "object":
        yield alone(spot, {}), f"{spot.pointer}: an empty object"
        for name in ("lookalike", "", "a" * 300):
            yield alone(spot, {name: None}), f"{spot.pointer}: a member away that isn't there"
        if isinstance(spot.schema.raw.get("additionalProperties"), dict):
            value = next(others(spot.schema.member("lookalike"), None), "a")
            yield alone(spot, {"lookalike": value}), f"{spot.pointer}: a new member"
            yield alone(spot, {"lookalike": None}), f"{spot.pointer}: the new member away"


def alone(spot: Spot, value: object) -> object:
    """Return a patch of nothing but a place."""
    for name in reversed(spot.path):
        value = {name: value}
    return value


def back(contract: Contract, exchange: Exchange) -> Variants:
    """Write back what was read: whole, without what only servers set, and one member fewer."""
    call = exchange.call
    value = document(exchange)
    if call.operation.method != "GET" or call.address or not isinstance(value, dict):
        return
    for operation in contract.operations:
        if operation.path != call.operation.path or operation.method not in {"PUT", "PATCH"}:
            continue
        write = Call(operation, path=call.path, actor=call.actor)
        media_type = next(filter(is_json, contract.contents(write.operation)), "")
        if not media_type:
            continue
        body = mirrored(exchange, value)
        write = replace(write, media_type=media_type, body=body)
        schema = body_schema(contract, write)
        own = {
            name: inner
            for name, inner in body.items()
            if name in schema.properties and not schema.member(name).raw.get("readOnly")
        }
        yield replace(write, body=own, why="what was read, written back")
        yield replace(write, why="all that was read, written back")
        for name in own:
            yield replace(write, body=dropped(own, (name,)), why=f"written back without /{name}")
        yield replace(write, body=own, why="what was read, written back")
