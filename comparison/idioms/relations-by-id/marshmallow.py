from marshmallow import Schema, ValidationError, fields, validates

from flask_shop.models import Product, db


class TodoSchema(Schema):
    title = fields.String(required=True)
    product_id = fields.UUID(allow_none=True)

    @validates("product_id")
    def product_exists(self, value, data_key):
        if value and db.session.get(Product, value) is None:
            raise ValidationError("There is no such product.")
