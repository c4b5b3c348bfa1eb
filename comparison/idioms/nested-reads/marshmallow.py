from marshmallow import Schema, fields


class ProgressSchema(Schema):
    done = fields.Integer()
    total = fields.Integer()


class TodoSchema(Schema):
    title = fields.String()
    progress = fields.Nested(ProgressSchema)
