"""Samples keep to their schemas."""

import re
from typing import Any

import pytest

from lookalike.openapi import Contract
from lookalike.samples import sample, samples
from lookalike.tests.notebook import CONTRACT

NOTES = next(each for each in CONTRACT.operations if each.name == "POST /notes")


def of(schema: Any, **options: Any) -> Any:
    return sample(CONTRACT, schema, **options)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "example": "x"}, "x"),
        ({"enum": [None, "b"]}, "b"),
        ({"const": 3}, 3),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "integer", "maximum": -5}, -5),
        ({"type": "number", "exclusiveMinimum": 2, "multipleOf": 0.25}, 2.25),
        ({"type": "integer", "minimum": 2, "exclusiveMinimum": True}, 3),
        ({"type": ["null", "boolean"]}, True),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({"type": "string", "maxLength": 3}, "Sam"),
        (
            {"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]},
            {"a": 1, "b": 2},
        ),
        ({"oneOf": [{"type": "null"}, {"const": 7}]}, 7),
        ({"properties": {"a": {"const": 1, "readOnly": True}}}, {}),
    ],
)
def test_samples_keep_to_their_schemas(schema: Any, expected: Any) -> None:
    assert of(schema) == expected


@pytest.mark.parametrize("pattern", [r"^[A-Z]{3}$", r"^\d+\.\d{2}$", r"^q{5}z$", "^[a-f0-9]{7}$"])
def test_texts_match_their_patterns(pattern: str) -> None:
    assert re.search(pattern, of({"type": "string", "pattern": pattern}))


def test_schemas_may_hold_themselves() -> None:
    tree = {"properties": {"left": {"$ref": "#/components/schemas/Tree"}}}
    contract = Contract(
        {"openapi": "3.0.0", "paths": {"/": {"get": {}}}, "components": {"schemas": {"Tree": tree}}}
    )
    assert sample(contract, tree)["left"]["left"]


# A parent names its kinds, and each kind is all of its parent: as OpenAPI shows inheritance.
KINDS = {
    "Pet": {
        "required": ["kind"],
        "properties": {"kind": {"const": "Cat"}},
        "oneOf": [{"$ref": "#/components/schemas/Cat"}],
        "discriminator": {"propertyName": "kind"},
    },
    "Cat": {
        "allOf": [
            {"$ref": "#/components/schemas/Pet"},
            {"properties": {"lives": {"const": 9}}},
        ]
    },
}
PARENT = {
    "Page": {
        "required": ["parent"],
        "properties": {
            "parent": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Page"}]}
        },
    }
}


def test_kinds_may_refer_to_their_parent() -> None:
    contract = Contract(
        {"openapi": "3.0.0", "paths": {"/": {"get": {}}}, "components": {"schemas": KINDS}}
    )
    assert sample(contract, {"$ref": "#/components/schemas/Pet"}) == {"kind": "Cat", "lives": 9}


def test_a_required_circle_ends() -> None:
    contract = Contract(
        {"openapi": "3.1.0", "paths": {"/": {"get": {}}}, "components": {"schemas": PARENT}}
    )
    found = sample(contract, PARENT["Page"], is_full=False)
    for _ in range(99):
        if found is None:
            break
        found = found["parent"]
    assert found is None


def test_samples_are_full_then_sparse() -> None:
    full, sparse = (call.body for call in samples(CONTRACT, NOTES))
    assert full.keys() == {"name", "stars", "about"}
    assert sparse.keys() == {"name"}
