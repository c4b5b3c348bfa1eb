from marshmallow import Schema, fields


class StockAdjustmentSchema(Schema):
    delta = fields.Integer(required=True)
    created_by = fields.UUID(attribute="created_by_id")


class HeaderSchema(Schema):
    if_match = fields.String(data_key="If-Match")
