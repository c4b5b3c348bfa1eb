from marshmallow import Schema, fields
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from flask_shop.models import Todo, db


class TagSchema(Schema):
    slug = fields.String()


class TodoSchema(Schema):
    title = fields.String()
    tags = fields.List(fields.Nested(TagSchema))


def list_todos():
    query = select(Todo).options(selectinload(Todo.tags))
    return TodoSchema(many=True).dump(db.session.scalars(query))
