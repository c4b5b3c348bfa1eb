"""How products, their summary and their stock's movements look."""

from typing import Any

from marshmallow import ValidationError

from flask_api.contract import strict as fields
from flask_api.contract.errors import NO_OBJECT, Code
from flask_api.contract.schemas import Schema
from flask_api.products.models import CURRENCIES, MAX_ATTRIBUTES, REASONS


class AttributeValue(fields.String):
    """The value of a free property."""

    max_length = 200


class Attributes(fields.Field):
    """Free properties: texts by name. Responses have the names sorted."""

    default_error_messages = {
        "type": NO_OBJECT,
        "many": Code("too_many_items", max=MAX_ATTRIBUTES),
        "name": Code("invalid_name"),
    }
    value = AttributeValue()

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise self.make_error("type")
        if len(value) > MAX_ATTRIBUTES:
            raise self.make_error("many")
        errors = {}
        for name, text in value.items():
            try:
                self.check_name(name)
                self.value.deserialize(text)
            except ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise ValidationError(errors)
        return value

    def check_name(self, name: str) -> None:
        """Refuse what can't be a name."""
        if not is_name(name):
            raise self.make_error("name")

    def show(self, value: Any) -> Any:
        return dict(sorted(value.items()))


def is_name(name: str) -> bool:
    """Tell whether a free property can be called so."""
    return 1 <= len(name) <= 50 and "\0" not in name  # noqa: PLR2004 – as in openapi.yaml


def merged(stored: dict[str, str], patch: dict[str, Any]) -> dict[str, Any]:
    """Merge free properties (RFC 7396): null removes one. What can't be a name stays an error."""
    result = {**stored, **patch}
    return {name: text for name, text in result.items() if text is not None or not is_name(name)}


class ProductSchema(Schema):
    """A product of the catalogue; its stock is changed by adjustments only."""

    id = fields.Id(dump_only=True)
    sku = fields.Sku(required=True)
    name = fields.Title(required=True)
    description = fields.LongText(load_default="")
    category = fields.Slug(required=True)
    price = fields.Price(required=True)
    currency = fields.Choice(CURRENCIES, required=True)
    attributes = Attributes(load_default=dict)
    active = fields.Boolean(load_default=True)
    stock = fields.Integer(dump_only=True)
    created_at = fields.DateTime(dump_only=True)
    updated_at = fields.DateTime(dump_only=True)


class ProductSummaryItemSchema(Schema):
    """The figures of a category and currency."""

    category = fields.Slug()
    currency = fields.Choice(CURRENCIES)
    products = fields.Integer()
    units = fields.Integer()
    lowest_price = fields.Price()
    mean_price = fields.Price()
    highest_price = fields.Price()
    stock_value = fields.Price()
    open_todos = fields.Integer()


class ProductSummarySchema(Schema):
    """The catalogue in figures."""

    items = fields.Objects(ProductSummaryItemSchema)


class StockAdjustmentSchema(Schema):
    """A movement of a product's stock."""

    id = fields.Id(dump_only=True)
    delta = fields.NonZeroInteger(-1_000_000, 1_000_000, required=True)
    reason = fields.Choice(REASONS, required=True)
    note = fields.Note(load_default="")
    balance = fields.Integer(dump_only=True)
    created_by = fields.Id(attribute="created_by_id", dump_only=True)
    created_at = fields.DateTime(dump_only=True)
