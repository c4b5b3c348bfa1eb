"""Product, summary and stock adjustment schemas."""

import re
from typing import Any

from marshmallow import ValidationError, fields
from marshmallow.validate import OneOf, Range, Regexp

from flask_api.contract import strict
from flask_api.contract.errors import Code
from flask_api.contract.schemas import Schema
from flask_api.contract.strict import Length, not_blank, slug
from flask_api.products.models import CURRENCIES, REASONS, Product

ATTRIBUTE_NAME = re.compile(r"[^\0]{1,50}\Z")


def not_zero(number: int) -> None:
    """Raise a ValidationError for 0, which lies within any range of both signs."""
    if number == 0:
        raise ValidationError(Code("zero"))


class ProductSchema(Schema):
    """A product of the catalogue; its stock is changed by adjustments only."""

    id = strict.UUID(dump_only=True)
    sku = strict.String(
        required=True,
        validate=[
            Length(max=32),
            Regexp(r"[A-Z0-9][A-Z0-9-]{2,31}\Z", error=Code("invalid_format.sku")),
        ],
    )
    name = strict.String(required=True, validate=[Length(1, 200), not_blank])
    description = strict.String(validate=Length(max=10_000), load_default="")
    category = strict.String(required=True, validate=slug)
    price = strict.Price(required=True)
    currency = fields.String(required=True, validate=OneOf(CURRENCIES))
    attributes = strict.Dict(
        keys=fields.String(validate=Regexp(ATTRIBUTE_NAME, error=Code("invalid_name"))),
        values=strict.String(validate=Length(max=200)),
        validate=Length(max=20),
        load_default=dict,
    )
    active = strict.Boolean(load_default=True)
    stock = fields.Integer(dump_only=True)
    created_at = strict.DateTime(dump_only=True)
    updated_at = strict.DateTime(dump_only=True)


def merged(product: Product, patch: dict[str, Any]) -> dict[str, Any]:
    """Merge a patch's attributes (RFC 7396): null removes one, but only by a name it may have."""
    if not isinstance(patch.get("attributes"), dict):
        return patch
    attributes = {
        name: text
        for name, text in {**product.attributes, **patch["attributes"]}.items()
        if text is not None or not ATTRIBUTE_NAME.match(name)
    }
    return {**patch, "attributes": attributes}


class ProductSummaryItemSchema(Schema):
    """The figures of a category and currency."""

    category = fields.String()
    currency = fields.String()
    products = fields.Integer()
    units = fields.Integer()
    lowest_price = strict.Price()
    mean_price = strict.Price()
    highest_price = strict.Price()
    stock_value = strict.Price()
    open_todos = fields.Integer()


class ProductSummarySchema(Schema):
    """The catalogue in figures."""

    items = fields.List(fields.Nested(ProductSummaryItemSchema))


class StockAdjustmentSchema(Schema):
    """A movement of a product's stock."""

    id = strict.UUID(dump_only=True)
    delta = strict.Integer(required=True, validate=[not_zero, Range(-1_000_000, 1_000_000)])
    reason = fields.String(required=True, validate=OneOf(REASONS))
    note = strict.String(validate=Length(max=500), load_default="")
    balance = fields.Integer(dump_only=True)
    created_by = strict.UUID(attribute="created_by_id", dump_only=True)
    created_at = strict.DateTime(dump_only=True)
