from marshmallow import Schema, fields, validate

from flask_shop.models import Priority


class TodoSchema(Schema):
    id = fields.Integer(dump_only=True)
    title = fields.String(
        required=True, validate=validate.Length(max=200)
    )
    notes = fields.String()
    completed = fields.Boolean()
    priority = fields.Enum(Priority)
    due_at = fields.AwareDateTime(allow_none=True)
