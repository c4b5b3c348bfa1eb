from marshmallow import Schema, fields, validate


class TodoSchema(Schema):
    title = fields.String(required=True)
    notes = fields.String()


class TodoBulkSchema(Schema):
    todos = fields.List(
        fields.Nested(TodoSchema),
        required=True,
        validate=validate.Length(min=1, max=100),
    )
