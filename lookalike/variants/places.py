"""Where values stand in the body of a call, and how one of them is replaced."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from lookalike.calls import Call, Raw
from lookalike.form_data import URLENCODED, decoded, is_form, media_type_of
from lookalike.http import is_json
from lookalike.openapi import Contract
from lookalike.schemas import Schema, read
from lookalike.variants.misses import plain

Path = tuple[str | int, ...]
DEEPEST = 4  # names and indices, below which nothing is tried
MEMBERS = 40  # of an object


class Spot(NamedTuple):
    """A value in a body, or where one could be."""

    path: Path
    schema: Schema
    value: Any
    is_there: bool = True

    @property
    def pointer(self) -> str:
        """The place as a JSON Pointer, for a reader."""
        return "".join(f"/{part}" for part in self.path)


def body_schema(contract: Contract, call: Call) -> Schema:
    """Return the schema of a call's body."""
    content = contract.contents(call.operation)
    name = call.media_type.partition(";")[0].strip().lower()
    names = [name, *(key for key in content if is_json(key) or key == "*/*")]
    entry = next((content[each] for each in names if each in content), {})
    return read(contract, entry.get("schema") or {}, plain(call.body))


def with_json(call: Call) -> Call | None:
    """Return a call whose body is a JSON value, if it is JSON at all."""
    if call.body is None or (call.media_type and not is_json(call.media_type)):
        return None
    if not isinstance(call.body, bytes):
        return None if isinstance(call.body, Raw) else call
    try:
        return replace(call, body=json.loads(call.body))
    except (ValueError, RecursionError):
        return None


def with_members(call: Call) -> Call | None:
    """Return a call whose body has members or items: JSON, or a form."""
    if not is_form(call.media_type):
        return with_json(call)
    if isinstance(call.body, dict):
        return call
    if not isinstance(call.body, bytes) or media_type_of(call.media_type) != URLENCODED:
        return None
    members: dict[str, list[str]] = {}
    for name, text in decoded(call.media_type, call.body):
        members.setdefault(name, []).append(text)
    body = {name: texts if len(texts) > 1 else texts[0] for name, texts in members.items()}
    return replace(call, body=body, form=URLENCODED) if body else None


def spots(schema: Schema, value: Any, path: Path = ()) -> Iterator[Spot]:
    """Yield the members and items of a value, outer ones first, and members that it could have."""
    inner: list[Spot] = []
    if isinstance(value, dict):
        names = [*value, *(name for name in schema.properties if name not in value)][:MEMBERS]
        for name in names:
            member = schema.member(name, plain(value.get(name)))
            inner.append(Spot((*path, name), member, value.get(name), name in value))
    elif isinstance(value, list) and value:
        ends = [(index, value[index]) for index in sorted({0, len(value) - 1})]
        inner = [Spot((*path, index), schema.items(plain(item)), item) for index, item in ends]
    yield from inner
    if len(path) < DEEPEST:
        for spot in inner:
            yield from spots(spot.schema, spot.value, spot.path)


def put(body: Any, path: Path, value: Any) -> Any:
    """Return a body with another value at a place."""
    if not path:
        return value
    name, *rest = path
    if isinstance(body, list):
        return [
            put(item, tuple(rest), value) if index == name else item
            for index, item in enumerate(body)
        ]
    return {**body, name: put(body.get(name), tuple(rest), value)}


def dropped(body: Any, path: Path) -> Any:
    """Return a body without what stands at a place."""
    name, *rest = path
    if isinstance(body, list):
        if not rest:
            return [item for index, item in enumerate(body) if index != name]
        return put(body, (name,), dropped(body[int(name)], tuple(rest)))
    if not rest:
        return {key: value for key, value in body.items() if key != name}
    return {**body, name: dropped(body[name], tuple(rest))}
