from marshmallow import Schema, fields, post_load

from flask_shop.models import ChecklistItem, Todo, db


class ChecklistItemSchema(Schema):
    text = fields.String(required=True)
    done = fields.Boolean()

    @post_load
    def make_item(self, data, **kwargs):
        return ChecklistItem(**data)


class TodoSchema(Schema):
    title = fields.String(required=True)
    items = fields.List(fields.Nested(ChecklistItemSchema))


def create_todo(data):
    todo = Todo(**TodoSchema().load(data))
    db.session.add(todo)
    db.session.commit()  # one transaction
    return todo


def update_todo(todo, data):
    for name, value in TodoSchema().load(data).items():
        setattr(todo, name, value)  # old items are deleted
    db.session.commit()
    return todo
