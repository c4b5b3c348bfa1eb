"""Schemas, as marshmallow's quick start declares them."""

from marshmallow import Schema, ValidationError, fields, validate, validates

from comparison.plain.flask_plain.models import Category, Product, db


class UserSchema(Schema):
    id = fields.Integer(dump_only=True)
    username = fields.String(required=True, validate=validate.Length(max=150))
    email = fields.Email()
    password = fields.String(required=True, load_only=True)


class CategorySchema(Schema):
    id = fields.Integer(dump_only=True)
    name = fields.String(required=True, validate=validate.Length(max=50))


class CategoryId(fields.Integer):
    """A category in the program, and its id on the wire."""

    def _serialize(self, value, attr, obj, **kwargs):
        return value.id

    def _deserialize(self, value, attr, data, **kwargs):
        category = db.session.get(Category, super()._deserialize(value, attr, data, **kwargs))
        if category is None:
            raise ValidationError("There is no such category.")
        return category


class ProductSchema(Schema):
    id = fields.Integer(dump_only=True)
    sku = fields.String(required=True, validate=validate.Length(max=20))
    name = fields.String(required=True, validate=validate.Length(max=200))
    description = fields.String()
    price = fields.Float(required=True)  # a Decimal is nothing that the json module can write
    stock = fields.Integer()
    weight = fields.Float(allow_none=True)
    is_active = fields.Boolean()
    attributes = fields.Dict()
    categories = fields.List(CategoryId())
    created_at = fields.DateTime(dump_only=True)


class ItemSchema(Schema):
    id = fields.Integer(dump_only=True)
    text = fields.String(required=True, validate=validate.Length(max=200))
    done = fields.Boolean()


class TodoSchema(Schema):
    id = fields.Integer(dump_only=True)
    title = fields.String(required=True, validate=validate.Length(max=200))
    notes = fields.String()
    completed = fields.Boolean()
    priority = fields.String(validate=validate.OneOf(["low", "normal", "high"]))
    due_at = fields.DateTime(allow_none=True)
    tags = fields.List(fields.String(validate=validate.Length(max=30)))
    items = fields.Nested(ItemSchema, many=True)
    product = fields.Integer(attribute="product_id", allow_none=True)
    created_at = fields.DateTime(dump_only=True)

    @validates("product")
    def product_exists(self, value, data_key):
        if value is not None and db.session.get(Product, value) is None:
            raise ValidationError("There is no such product.")
