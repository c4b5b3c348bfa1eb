"""Samples keep to their schemas, and what is drawn depends on the seed alone."""

import re
from typing import Any

import pytest

from lookalike.comparison import Exactly, compare
from lookalike.generation import Generator, sample, samples
from lookalike.http import Answer
from lookalike.openapi import Contract
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


def test_draws_depend_on_the_seed_alone() -> None:
    def drawn(seed: int) -> list[Any]:
        generator = Generator(CONTRACT, seed)
        return [
            call.body
            for draw in (generator.positive, generator.negative)
            for call in draw(NOTES, 5)
        ]

    assert drawn(1) == drawn(1) != drawn(2)
    assert [*Generator(CONTRACT, 1).coverage(NOTES)] == [*Generator(CONTRACT, 2).coverage(NOTES)]


def test_what_stands_at_a_bound_says_which() -> None:
    said = {call.why for call in Generator(CONTRACT, 1).coverage(NOTES)}
    assert "missing required property: name" in said
    assert not [text for text in said if not text or text[0].isupper()]


@pytest.mark.parametrize("body", [b"[" * 900 + b"]" * 900, b'{"a":' * 900 + b"1" + b"}" * 900])
def test_answers_may_be_nested_deeply(body: bytes) -> None:
    answer = Answer(200, (("Content-Type", "application/json"),), body)
    assert compare("GET /", (answer, answer), Exactly()) == []
    other = Answer(200, (("Content-Type", "application/json"),), body.replace(b"1", b"2") + b" ")
    assert len(compare("GET /", (answer, other), Exactly())) == 1
