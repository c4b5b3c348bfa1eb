"""Texts that must be new each time are so wherever they are written."""

import pytest

from lookalike.calls import Call, Fresh
from lookalike.openapi import Contract
from lookalike.unique import Member, UniqueTexts

CONTRACT = Contract(
    {
        "openapi": "3.1.0",
        "paths": {
            "/things": {"get": {}, "post": {}},
            "/things/{id}": {"get": {}, "put": {}, "patch": {}},
            "/things/{id}/parts": {"post": {}},
            "/others/{id}": {"put": {}},
        },
    }
)


@pytest.mark.parametrize(
    ("name", "is_new"),
    [
        ("PUT /things/{id}", True),
        ("PATCH /things/{id}", True),
        ("POST /things/{id}/parts", False),
        ("PUT /others/{id}", False),
    ],
)
def test_what_must_be_new_in_a_collection_is_new_for_its_items(
    name: str,
    is_new: bool,  # noqa: FBT001 - a row of the table
) -> None:
    texts = UniqueTexts(CONTRACT)
    operations = {each.name: each for each in CONTRACT.operations}
    texts.by_operation["POST /things"] = [Member(("sku",), {})]
    texts.share(operations["POST /things"], CONTRACT.operations)
    body = texts.again(Call(operations[name], body={"sku": "A-1", "name": "a"})).body
    assert isinstance(body["sku"], Fresh) is is_new
    assert body["name"] == "a"
