from marshmallow import Schema, fields
from marshmallow.validate import Length


class TodoSchema(Schema):
    title = fields.String(required=True, validate=Length(1, 200))
    notes = fields.String()
    completed = fields.Boolean()
    due_at = fields.AwareDateTime()
