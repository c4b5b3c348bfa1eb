from marshmallow import Schema, fields


class TodoSchema(Schema):
    # RAISE is the default; EXCLUDE and INCLUDE are the others:
    # class Meta:
    #     unknown = EXCLUDE
    title = fields.String(required=True)
    notes = fields.String()
    completed = fields.Boolean()
    due_at = fields.AwareDateTime()
