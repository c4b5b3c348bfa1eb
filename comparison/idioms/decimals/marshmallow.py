from marshmallow import Schema, fields, validate


class ProductSchema(Schema):
    id = fields.UUID(dump_only=True)
    name = fields.String(required=True)
    price = fields.Decimal(
        required=True,
        places=2,
        as_string=True,
        validate=validate.Range(min=0),
    )
