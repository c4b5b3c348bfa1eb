from marshmallow import Schema, fields


class TodoSchema(Schema):
    title = fields.String(required=True)
    completed = fields.Boolean()


class StockAdjustmentSchema(Schema):
    delta = fields.Integer(required=True)
    reason = fields.String(required=True)
