"""The operations on todos."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select

from flask_api.accounts.authentication import authenticated
from flask_api.contract.database import db, transaction
from flask_api.contract.etags import require_match
from flask_api.contract.idempotency import idempotent
from flask_api.contract.pagination import paginate
from flask_api.contract.parameters import IdempotencyKeyHeader, IfMatch, parameters
from flask_api.contract.parsing import json_body, merge_patch_body
from flask_api.contract.rendering import Resource, api
from flask_api.todos.filters import TodoQuery, filter_todos
from flask_api.todos.models import Todo
from flask_api.todos.schemas import TodoBulkSchema, TodoSchema

todo_schema = TodoSchema()
bulk_schema = TodoBulkSchema()


def own_todos() -> Select[Todo]:
    """Select the todos of the current user."""
    return select(Todo).where(Todo.owner_id == g.user.id)


class TodoList(Resource):
    """The todos of the current user."""

    method_decorators = [authenticated]

    @parameters(TodoQuery)
    def get(self, query: dict[str, Any]) -> ResponseReturnValue:
        todos = filter_todos(own_todos(), query)
        return paginate(todos, Todo.id, query["sort"], query).to_response(todo_schema)

    @parameters(headers=IdempotencyKeyHeader)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any]) -> ResponseReturnValue:
        [todo] = Todo.create(g.user, [todo_schema.load(body)])
        location = {"Location": api.url_for(TodoDetail, todo_id=todo.id)}
        return todo_schema.dump(todo), HTTPStatus.CREATED, location


class TodoBulk(Resource):
    """Several todos at once, all or none."""

    method_decorators = [authenticated]

    @parameters(headers=IdempotencyKeyHeader)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any]) -> ResponseReturnValue:
        todos = Todo.create(g.user, bulk_schema.load(body)["todos"])
        return bulk_schema.dump({"todos": todos}), HTTPStatus.CREATED


class TodoDetail(Resource):
    """A single todo of the current user (404 for others')."""

    method_decorators = [authenticated]

    @parameters()
    def get(self, todo_id: UUID) -> ResponseReturnValue:
        return todo_schema.dump(db.one_or_404(own_todos().where(Todo.id == todo_id)))

    @parameters(headers=IfMatch)
    @json_body
    @transaction()
    def put(self, body: dict[str, Any], todo_id: UUID) -> ResponseReturnValue:
        todo = db.one_or_404(own_todos().where(Todo.id == todo_id).with_for_update())
        require_match(todo_schema, todo)
        todo.update(todo_schema.load(body))
        return todo_schema.dump(todo)

    @parameters(headers=IfMatch)
    @merge_patch_body
    @transaction()
    def patch(self, body: dict[str, Any], todo_id: UUID) -> ResponseReturnValue:
        todo = db.one_or_404(own_todos().where(Todo.id == todo_id).with_for_update())
        require_match(todo_schema, todo)
        todo.update(todo_schema.load(body, partial=True))
        return todo_schema.dump(todo)

    @parameters(headers=IfMatch)
    @transaction()
    def delete(self, todo_id: UUID) -> ResponseReturnValue:
        todo = db.one_or_404(own_todos().where(Todo.id == todo_id).with_for_update())
        require_match(todo_schema, todo)
        db.session.delete(todo)
        return "", HTTPStatus.NO_CONTENT
