from datetime import UTC

from marshmallow import Schema, fields


class TodoSchema(Schema):
    id = fields.Integer(dump_only=True)
    title = fields.String(required=True)
    # DateTime and NaiveDateTime are the others.
    due_at = fields.AwareDateTime(default_timezone=UTC)
    created_at = fields.AwareDateTime(dump_only=True)
