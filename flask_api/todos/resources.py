"""The operations on todos."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import Row, bindparam

from flask_api.accounts.authentication import authenticated
from flask_api.contract.database import transaction
from flask_api.contract.errors import Problem
from flask_api.contract.etags import require_match
from flask_api.contract.idempotency import idempotent
from flask_api.contract.parameters import IdempotencyKey, IfMatch, IfNoneMatch, parameters
from flask_api.contract.parsing import json_body, merge_patch_body
from flask_api.contract.rendering import Resource
from flask_api.contract.rows import Anything, execute
from flask_api.todos.filters import TODOS, TodoQuery
from flask_api.todos.models import OWN_TODOS, Todo
from flask_api.todos.schemas import TodoBulkSchema, TodoSchema

todo_schema = TodoSchema()
bulk_schema = TodoBulkSchema()
OWN_TODO = OWN_TODOS.where(Todo.id == bindparam("todo_id"))
LOCK = OWN_TODO.with_only_columns(Todo.id).with_for_update()


def find_todo(todo_id: UUID, *, for_update: bool = False) -> Row[*Anything]:
    """Fetch one of the caller's todos, locked within a transaction if it's to be changed."""
    which = {"owner_id": g.caller.user_id, "todo_id": todo_id}
    if for_update:
        execute(LOCK, which)  # first: tags and items are read as they are when it has the lock
    todo = execute(OWN_TODO, which).one_or_none()
    if todo is None:
        raise Problem("not-found")
    return todo


class TodoList(Resource):
    """One's own todos."""

    @authenticated
    @parameters(TodoQuery, IfNoneMatch)
    def get(self, query: dict[str, Any]) -> Any:
        page = TODOS.page(query["sort"], query, owner_id=g.caller.user_id)
        return page.respond(todo_schema)

    @authenticated
    @parameters(headers=IdempotencyKey)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any]) -> Any:
        [todo] = Todo.make(g.caller.user_id, [todo_schema.load(body)])
        location = {"Location": f"/api/todos/{todo['id']}"}
        return todo_schema.dump(todo), HTTPStatus.CREATED, location


class TodoBulk(Resource):
    """Several todos at once, all or none."""

    @authenticated
    @parameters(headers=IdempotencyKey)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any]) -> Any:
        todos = Todo.make(g.caller.user_id, bulk_schema.load(body)["todos"])
        return bulk_schema.dump({"todos": todos}), HTTPStatus.CREATED, {}


class TodoDetail(Resource):
    """One of one's own todos; others don't exist."""

    @authenticated
    @parameters(headers=IfNoneMatch)
    def get(self, todo_id: UUID) -> Any:
        return todo_schema.dump(find_todo(todo_id))

    @authenticated
    @parameters(headers=IfMatch)
    @json_body
    @transaction()
    def put(self, body: dict[str, Any], todo_id: UUID) -> Any:
        todo = find_todo(todo_id, for_update=True)
        require_match(todo_schema, todo)
        return todo_schema.dump(Todo.change(todo, todo_schema.load(body)))

    @authenticated
    @parameters(headers=IfMatch)
    @merge_patch_body
    @transaction()
    def patch(self, body: dict[str, Any], todo_id: UUID) -> Any:
        todo = find_todo(todo_id, for_update=True)
        require_match(todo_schema, todo)
        return todo_schema.dump(Todo.change(todo, todo_schema.load(body, partial=True)))

    @authenticated
    @parameters(headers=IfMatch)
    @transaction()
    def delete(self, todo_id: UUID) -> Any:
        todo = find_todo(todo_id, for_update=True)
        require_match(todo_schema, todo)
        Todo.delete_where(Todo.id == todo.id)
        return "", HTTPStatus.NO_CONTENT
