from marshmallow import Schema, fields

from flask_shop.models import db


class TodoSchema(Schema):
    title = fields.String(required=True)
    notes = fields.String(load_default="")


def put_todo(todo, data):
    for name, value in TodoSchema().load(data).items():
        setattr(todo, name, value)
    db.session.commit()
    return todo
