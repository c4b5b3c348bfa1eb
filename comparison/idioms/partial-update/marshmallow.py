from marshmallow import Schema, fields, post_load

from flask_shop.models import ChecklistItem, db


class ChecklistItemSchema(Schema):
    text = fields.String(required=True)

    @post_load
    def make_item(self, data, **kwargs):
        return ChecklistItem(**data)


class TodoSchema(Schema):
    title = fields.String(required=True)
    items = fields.List(fields.Nested(ChecklistItemSchema))


def patch_todo(todo, data):
    changes = TodoSchema(partial=True).load(data)
    for name, value in changes.items():
        setattr(todo, name, value)
    db.session.commit()
    return todo
