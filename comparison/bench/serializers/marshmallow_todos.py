"""Todos with marshmallow: as its documentation declares them, and as the twin does."""

import os

from marshmallow import Schema, fields, validate

os.environ["APP_ENV"] = "development"

from comparison.bench.serializers.todos import measure
from flask_api.app import create_app
from flask_api.todos.models import Priority
from flask_api.todos.schemas import TodoSchema


class PlainItem(Schema):
    """A step of a todo, with the library's own fields."""

    id = fields.UUID(dump_only=True)
    text = fields.String(required=True, validate=validate.Length(1, 200))
    done = fields.Boolean(load_default=False)


class PlainProgress(Schema):
    """How much is done."""

    done = fields.Integer()
    total = fields.Integer()


class PlainTodo(Schema):
    """A todo, with the library's own fields."""

    id = fields.UUID(dump_only=True)
    title = fields.String(required=True, validate=validate.Length(1, 200))
    notes = fields.String(load_default="")
    completed = fields.Boolean(load_default=False)
    completed_at = fields.DateTime(dump_only=True)
    priority = fields.Enum(Priority, load_default=Priority.normal)
    due_at = fields.AwareDateTime(load_default=None, allow_none=True)
    tags = fields.List(fields.String(), load_default=list)
    items = fields.List(fields.Nested(PlainItem), load_default=list)
    progress = fields.Nested(PlainProgress, dump_only=True)
    product_id = fields.UUID(load_default=None, allow_none=True)
    created_at = fields.DateTime(dump_only=True)
    updated_at = fields.DateTime(dump_only=True)


if __name__ == "__main__":
    plain, twin = PlainTodo(), TodoSchema()
    with create_app().app_context():
        measure(
            {
                ("dump", "plain"): lambda todos: plain.dump(todos, many=True),
                ("dump", "twin"): lambda todos: twin.dump(todos, many=True),
                ("load", "plain"): lambda bodies: plain.load(bodies, many=True),
                ("load", "twin"): lambda bodies: twin.load(bodies, many=True),
            },
            Priority.high,
        )
