from marshmallow import Schema, fields


class TodoSchema(Schema):
    title = fields.String()
    notes = fields.String()
    completed = fields.Boolean()


todos_schema = TodoSchema(many=True)  # once; dump() for each response
