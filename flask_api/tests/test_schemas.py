"""What marshmallow promises holds for these schemas and fields, too."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError, fields, post_dump, post_load, pre_dump, validates

from flask_api.contract import strict
from flask_api.contract.errors import pointer_errors
from flask_api.contract.schemas import Schema
from flask_api.contract.strict import Length


class MugSchema(Schema):
    """Fields of both kinds, and each hook."""

    id = strict.UUID(dump_only=True)
    name = strict.String(data_key="label", required=True)
    site = fields.Url(load_default=None, dump_default="none")
    colour = fields.String(attribute="glaze")
    volumes = strict.List(fields.Float(), validate=Length(max=2))
    shout = fields.Function(lambda mug: mug["name"].upper())

    @pre_dump
    def named(self, mug: Any, **_: Any) -> Any:
        return {"name": "mug", **mug}

    @post_dump
    def count(self, shown: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**shown, "count": len(shown)}

    @validates("name")
    def check_name(self, name: str, data_key: str) -> None:
        if name == "cup":
            raise ValidationError("Must be no cup.")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> SimpleNamespace:
        return SimpleNamespace(**data)


def test_dump() -> None:
    shown = MugSchema().dump({"glaze": "red", "volumes": [0.3]})
    assert shown == {
        "label": "mug",
        "site": "none",
        "colour": "red",
        "volumes": [0.3],
        "shout": "MUG",
        "count": 5,
    }


def test_load() -> None:
    sent = {"id": "mine", "label": "mug", "colour": "red", "volumes": [1]}
    mug = MugSchema().load(sent)
    assert mug == SimpleNamespace(name="mug", site=None, glaze="red", volumes=[1.0])


@pytest.mark.parametrize(
    ("sent", "pointer", "code", "detail"),
    [
        ({"label": "cup"}, "/label", "invalid", "Must be no cup."),
        ({"label": "mug", "site": "x"}, "/site", "invalid", "Not a valid URL."),
        ({"label": "mug", "name": "x"}, "/name", "unknown_property", None),
        ({"label": "mug", "volumes": ["x", 1]}, "/volumes/0", "invalid", "Not a valid number."),
        ({"label": "mug", "volumes": ["x"] * 3}, "/volumes", "too_many_items", None),
        ({"label": "mug", "volumes": {}}, "/volumes", "invalid_type", "Must be an array."),
        ({"label": 3}, "/label", "invalid_type", "Must be a string."),
        ({}, "/label", "required", None),
    ],
)
def test_errors(
    app: Flask, sent: dict[str, Any], pointer: str, code: str, detail: str | None
) -> None:
    with pytest.raises(ValidationError) as caught:
        MugSchema().load(sent)
    with app.app_context():
        [error] = [each.render() for each in pointer_errors(caught.value.messages_dict)]
    assert error["pointer"] == pointer
    assert error["code"] == code
    assert detail in {error["detail"], None}


def test_an_array_in_a_patch_is_complete() -> None:
    class Shelf(Schema):
        mugs = strict.List(fields.Nested(MugSchema), required=True)

    with pytest.raises(ValidationError) as caught:
        Shelf(partial=True).load({"mugs": [{}, None]})
    assert caught.value.messages_dict == {
        "mugs": {0: {"label": ["required"]}, 1: ["null_not_allowed"]}
    }
    assert Shelf(partial=True).load({}) == {}


def test_times_have_four_digit_years_and_six_digit_fractions() -> None:
    moment = strict.DateTime().deserialize("0033-01-01T00:30:00.5+00:15")
    assert strict.rfc3339(moment) == "0033-01-01T00:15:00.500000Z"
