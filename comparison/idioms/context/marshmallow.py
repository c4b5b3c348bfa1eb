from flask import g
from marshmallow import Schema, fields

from flask_shop.models import StockAdjustment, db


class StockAdjustmentSchema(Schema):
    delta = fields.Integer(required=True)
    reason = fields.String(required=True)
    created_by = fields.Integer(
        attribute="created_by_id", dump_only=True
    )


def create_adjustment(data):
    data = StockAdjustmentSchema().load(data)
    adjustment = StockAdjustment(**data, created_by_id=g.user.id)
    db.session.add(adjustment)
    db.session.commit()
    return adjustment
