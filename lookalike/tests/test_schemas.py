"""What schemas say, in 3.0's words and in 3.1's."""

from typing import Any

import pytest

from lookalike.openapi import Contract
from lookalike.schemas import Bound, read

SCHEMAS = {
    "Name": {"type": "string", "minLength": 2, "maxLength": 5},
    "Cat": {"type": "object", "required": ["purrs"], "properties": {"purrs": {"type": "boolean"}}},
    "Dog": {"type": "object", "required": ["barks"], "properties": {"barks": {"type": "integer"}}},
    "Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}},
    "Loop": {"$ref": "#/components/schemas/Loop"},
}
CONTRACT = Contract(
    {
        "openapi": "3.1.0",
        "paths": {"/": {"get": {}}},
        "components": {"schemas": SCHEMAS},
    }
)
NAME = {"$ref": "#/components/schemas/Name"}
CAT, DOG = {"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}


@pytest.mark.parametrize(
    ("raw", "type_", "is_nullable"),
    [
        ({"type": ["integer", "null"]}, "integer", True),
        ({"type": "integer", "nullable": True}, "integer", True),
        ({"oneOf": [{"type": "integer"}, {"type": "null"}]}, "integer", True),
        ({"anyOf": [NAME, {"type": "null"}]}, "string", True),
        ({"allOf": [NAME], "nullable": True}, "string", True),
        ({"enum": ["a", None]}, "string", True),
        ({"const": 3}, "integer", False),
        ({"properties": {}}, "object", False),
        ({"maxItems": 3}, "array", False),
        ({}, "", False),
        ({"$ref": "#/components/schemas/Loop"}, "", False),
    ],
)
def test_types(raw: Any, type_: str, *, is_nullable: bool) -> None:
    schema = read(CONTRACT, raw)
    assert (schema.type, schema.nullable) == (type_, is_nullable)


@pytest.mark.parametrize(
    ("raw", "least", "ends"),
    [
        ({"minimum": 1, "maximum": 9}, Bound(1), (1, 9)),
        ({"minimum": 1, "exclusiveMinimum": True}, Bound(1, is_exclusive=True), (2, None)),
        ({"exclusiveMinimum": 1}, Bound(1, is_exclusive=True), (2, None)),
        ({"minimum": 1, "exclusiveMinimum": 4}, Bound(4, is_exclusive=True), (5, None)),
        ({"minimum": 1, "maximum": 9, "multipleOf": 4}, Bound(1), (4, 8)),
        ({}, None, (None, None)),
    ],
)
def test_bounds(raw: Any, least: Bound | None, ends: tuple[Any, Any]) -> None:
    schema = read(CONTRACT, {"type": "integer", **raw})
    assert (schema.least, schema.ends()) == (least, ends)
    assert all(end is None or schema.allows(end) for end in ends)
    beyond = [end + by for end, by in zip(ends, (-4, 4), strict=True) if end is not None]
    assert not any(schema.allows(value) for value in beyond)


def test_all_of_joins() -> None:
    raw = {"allOf": [CAT, {"required": ["age"], "properties": {"age": NAME}}, {"minProperties": 2}]}
    schema = read(CONTRACT, raw)
    assert schema.required == {"purrs", "age"}
    assert [*schema.properties] == ["purrs", "age"]
    assert schema.member("age").raw["maxLength"] == 5
    assert read(CONTRACT, {"allOf": [NAME, {"maxLength": 3, "minLength": 1}]}).raw == {
        "type": "string",
        "minLength": 2,
        "maxLength": 3,
    }


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_alternatives_are_told_by_the_value(keyword: str) -> None:
    raw = {keyword: [CAT, DOG]}
    assert [*read(CONTRACT, raw, {"barks": 1}).properties] == ["barks"]
    assert [*read(CONTRACT, raw, {"purrs": True}).properties] == ["purrs"]
    assert read(CONTRACT, {keyword: [NAME, {"type": "integer"}]}, 5).type == "integer"


def test_a_discriminator_tells_alternatives() -> None:
    raw = {"oneOf": [CAT, DOG], "discriminator": {"propertyName": "kind", "mapping": {"d": "Dog"}}}
    assert [*read(CONTRACT, raw, {"kind": "d", "purrs": 1}).properties] == ["barks"]
    assert [*read(CONTRACT, raw, {"kind": "Dog", "purrs": 1}).properties] == ["barks"]


def test_a_schema_that_holds_itself() -> None:
    schema = read(CONTRACT, {"$ref": "#/components/schemas/Node"})
    assert schema.member("next").member("next").type == "object"


@pytest.mark.parametrize(
    ("raw", "allowed", "not_allowed"),
    [
        (NAME, ["ab", "\U0001f34b" * 5], ["a", "abcdef", 5, None]),
        ({"type": "string", "pattern": "^[a-z]+$"}, ["ab"], ["AB", ""]),
        ({"type": "number", "multipleOf": 0.5}, [1, 1.5], [1.2, True, "1"]),
        ({"type": "integer"}, [1, 1.0], [1.5, True]),
        ({"enum": [1, 2]}, [1], [True, 3, "1"]),
        ({"type": "array", "minItems": 1, "maxItems": 2}, [[1], [1, 2]], [[], [1, 2, 3], {}]),
        (CAT, [{"purrs": True}], [{}, []]),
    ],
)
def test_values(raw: Any, allowed: list[Any], not_allowed: list[Any]) -> None:
    schema = read(CONTRACT, raw)
    assert [schema.allows(value) for value in allowed] == [True] * len(allowed)
    assert [schema.allows(value) for value in not_allowed] == [False] * len(not_allowed)
