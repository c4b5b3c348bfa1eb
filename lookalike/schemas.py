"""What a schema says of one value, whichever version of OpenAPI it is written in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any, TypeGuard

from lookalike.openapi import Contract

Number = int | float
DEPTH = 8  # of references and alternatives; a schema that refers to itself has no end

# The keywords that tell a type where none is named.
IMPLIED = {
    "properties": "object",
    "additionalProperties": "object",
    "required": "object",
    "items": "array",
    "minItems": "array",
    "maxItems": "array",
    "uniqueItems": "array",
    "pattern": "string",
    "minLength": "string",
    "maxLength": "string",
    "minimum": "number",
    "maximum": "number",
    "multipleOf": "number",
}


@dataclass(frozen=True)
class Bound:
    """An end of a range."""

    value: Number
    is_exclusive: bool = False


@dataclass(frozen=True)
class Schema:
    """The keywords of a schema, of what it refers to, and of all that it joins with `allOf`."""

    contract: Contract
    raw: Mapping[str, Any]
    types: frozenset[str]  # without "null"; empty where any is allowed
    nullable: bool
    properties: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()

    @property
    def type(self) -> str:
        """The type, or one of several; "" where any is allowed."""
        order = ("object", "array", "integer", "number", "boolean", "string")
        return next((name for name in order if name in self.types), "")

    @property
    def format(self) -> str:
        """The format, such as date-time."""
        return str(self.raw.get("format", ""))

    @property
    def choices(self) -> Sequence[Any]:
        """The values of an `enum` or `const`."""
        if "const" in self.raw:
            return [self.raw["const"]]
        return [value for value in self.raw.get("enum") or [] if value is not None]

    @property
    def least(self) -> Bound | None:
        """The lower end: `exclusiveMinimum` is a number in 3.1, and a flag in 3.0."""
        return self._bound("minimum", "exclusiveMinimum", max)

    @property
    def most(self) -> Bound | None:
        """The upper end."""
        return self._bound("maximum", "exclusiveMaximum", min)

    @property
    def step(self) -> Number:
        """The distance between two values that are allowed next to each other, more or less."""
        given = self.raw.get("multipleOf")
        if isinstance(given, int | float) and given > 0:
            return given
        return 1 if self.type == "integer" else 0.01

    def member(self, name: str, value: Any = None) -> "Schema":
        """Return the schema of a property; of one that isn't declared, what all others must be."""
        raw = self.properties.get(name, self.raw.get("additionalProperties"))
        return read(self.contract, raw if isinstance(raw, Mapping) else {}, value)

    def items(self, value: Any = None) -> "Schema":
        """Return the schema of an array's items."""
        return read(self.contract, self.raw.get("items") or {}, value)

    def matches_pattern(self, text: str) -> bool:
        """Tell whether a text has the declared pattern, as far as Python can read it."""
        try:
            return re.search(str(self.raw.get("pattern", "")), text) is not None
        except re.error:
            return False

    def allows(self, value: Any) -> bool:  # noqa: PLR0911 - one for each type
        """Tell whether a value is valid, as far as its own type, choices and bounds go."""
        if self.types and not {*types_of(value)} & self.types:
            return value is None and self.nullable
        if self.choices:
            return any(value == choice and type(value) is type(choice) for choice in self.choices)
        match value:
            case None:
                return self.nullable
            case str():
                return self._allows_size(len(value), "Length") and self.matches_pattern(value)
            case bool():
                return True
            case int() | float():
                return self._allows_number(value)
            case list():
                return self._allows_size(len(value), "Items")
            case _:
                return self.required <= {*value}

    def _allows_size(self, size: int, of: str) -> bool:
        return bool(self.raw.get(f"min{of}", 0) <= size <= self.raw.get(f"max{of}", size))

    def _allows_number(self, value: Number) -> bool:
        least, most = self.least, self.most
        if least and (value < least.value or (least.is_exclusive and value == least.value)):
            return False
        if most and (value > most.value or (most.is_exclusive and value == most.value)):
            return False
        return "multipleOf" not in self.raw or abs(value / self.step % 1) in {0, 1}

    def _bound(self, plain: str, exclusive: str, closer: Any) -> Bound | None:
        inclusive, other = self.raw.get(plain), self.raw.get(exclusive)
        found = []
        if is_number(inclusive):
            found.append(Bound(inclusive, other is True))
        if is_number(other):
            found.append(Bound(other, is_exclusive=True))
        return closer(found, key=lambda bound: bound.value) if found else None

    def ends(self) -> tuple[Number | None, Number | None]:
        """Return the smallest and the largest number that are allowed."""
        step, is_whole = self.step, self.type == "integer"
        low = high = None
        if self.least:
            low = self.least.value + (step if self.least.is_exclusive else 0)
            low = ceil(low / step) * step if is_whole else low
        if self.most:
            high = self.most.value - (step if self.most.is_exclusive else 0)
            high = floor(high / step) * step if is_whole else high
        return low, high


def read(contract: Contract, raw: Any, value: Any = None) -> Schema:
    """Read a schema; of alternatives, that of the value."""
    keywords = merged(contract, raw, value)
    given = keywords.get("type", [])
    types = {*([given] if isinstance(given, str) else given)}
    if not types and "enum" in keywords:
        types = {name for choice in keywords["enum"] for name in types_of(choice)[:1]}
    if not types and "const" in keywords:
        types = {*types_of(keywords["const"])[:1]}
    if not types:
        types = {IMPLIED[name] for name in IMPLIED if name in keywords}
    nullable = "null" in types or keywords.get("nullable") is True
    return Schema(
        contract,
        keywords,
        frozenset(types - {"null"}),
        nullable or None in (keywords.get("enum") or []),
        keywords.get("properties") or {},
        frozenset(keywords.get("required") or []),
    )


def merged(contract: Contract, raw: Any, value: Any, depth: int = 0) -> dict[str, Any]:
    """Join a schema with what it refers to, its `allOf`, and the alternative that a value has."""
    if not isinstance(raw, Mapping) or depth > DEPTH:
        return {}
    found: dict[str, Any] = {}
    if "$ref" in raw:
        found = merged(contract, contract.resolved(raw), value, depth + 1)
    own = {name: raw[name] for name in raw if name not in {"$ref", "allOf", "anyOf", "oneOf"}}
    join(found, own)
    for each in raw.get("allOf") or []:
        join(found, merged(contract, each, value, depth + 1))
    for keyword in ("oneOf", "anyOf"):
        if alternatives := raw.get(keyword):
            join(found, alternative(contract, raw, alternatives, value, depth))
    return found


def alternative(
    contract: Contract,
    raw: Mapping[str, Any],
    alternatives: Iterable[Any],
    value: Any,
    depth: int,
) -> dict[str, Any]:
    """Return the alternative that a value has: by the discriminator, or the first that fits."""
    read_ones = [merged(contract, each, value, depth + 1) for each in alternatives]
    others = [each for each in read_ones if each.get("type") != "null"]
    if not others:
        return {"type": "null"}
    chosen = next((each for each in others if fits(contract, each, value)), others[0])
    discriminator = raw.get("discriminator")
    if isinstance(discriminator, Mapping) and isinstance(value, dict):
        name = str(value.get(discriminator.get("propertyName")))
        reference = (discriminator.get("mapping") or {}).get(name, name)
        for each, joined in zip(alternatives, read_ones, strict=True):
            given = str(each.get("$ref", "")) if isinstance(each, Mapping) else ""
            if given and given in {reference, f"#/components/schemas/{reference}"}:
                chosen = joined
    chosen = {**chosen}
    if len(others) < len(read_ones):
        chosen["nullable"] = True
    return chosen


def fits(contract: Contract, keywords: Mapping[str, Any], value: Any) -> bool:
    """Tell whether a value may be meant by a schema: its type, choices, and its members' names."""
    schema = read(contract, keywords)
    if not isinstance(value, dict):
        return schema.allows(value)
    if schema.types and "object" not in schema.types:
        return False
    is_closed = keywords.get("additionalProperties") is False
    if not schema.required <= {*value} or (is_closed and not {*value} <= {*schema.properties}):
        return False
    tags = {name: schema.member(name).choices for name in value if name in schema.properties}
    return all(not choices or value[name] in choices for name, choices in tags.items())


def join(found: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add keywords to others that hold as well."""
    for name, value in more.items():
        if name == "properties":
            found[name] = {**found.get(name, {}), **(value or {})}
        elif name == "required":
            found[name] = [*found.get(name, []), *(value or [])]
        elif name.startswith("min") and is_number(found.get(name)) and is_number(value):
            found[name] = max(found[name], value)
        elif name.startswith("max") and is_number(found.get(name)) and is_number(value):
            found[name] = min(found[name], value)
        else:
            found[name] = value


def is_number(value: Any) -> TypeGuard[Number]:
    """Tell whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def types_of(value: Any) -> list[str]:
    """Return the names of the types that a JSON value has, the narrowest first."""
    if is_number(value):
        return ["integer", "number"] if value == value // 1 else ["number"]
    names = {bool: "boolean", str: "string", list: "array", dict: "object"}
    return [names.get(type(value), "null")]
