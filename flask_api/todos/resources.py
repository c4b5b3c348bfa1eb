"""The operations on todos."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, g
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from sqlalchemy.sql.base import ExecutableOption

from flask_api.core.authentication import authenticated
from flask_api.core.database import db, now, transaction
from flask_api.core.etags import require_match
from flask_api.core.idempotency import idempotent
from flask_api.core.pagination import paginate
from flask_api.core.parsing import (
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    json_body,
    merge_patch_body,
    parameters,
)
from flask_api.core.problems import Problem
from flask_api.core.rendering import Resource, no_content
from flask_api.todos.filters import FILTERS, TodoQuery
from flask_api.todos.models import Tag, Todo
from flask_api.todos.schemas import TodoBulkSchema, TodoSchema

todo_schema = TodoSchema()
bulk_schema = TodoBulkSchema()
PARTS = (selectinload(Todo.tags), selectinload(Todo.items))  # a statement each


def own_todos() -> Select[Todo]:
    """Select the caller's todos."""
    return select(Todo).where(Todo.owner_id == g.caller.user_id)


def find_todo(todo_id: UUID, *parts: ExecutableOption, for_update: bool = False) -> Todo:
    """Fetch one of the caller's todos, locked within a transaction if it's to be changed."""
    statement = own_todos().where(Todo.id == todo_id).options(*parts)
    if for_update:
        statement = statement.with_for_update()
    todo = db.session.scalars(statement).one_or_none()
    if todo is None:
        raise Problem("not-found")
    return todo


class TodoList(Resource):
    """One's own todos."""

    @authenticated
    @parameters(TodoQuery, IfNoneMatch)
    def get(self, query: dict[str, Any]) -> Any:
        chosen = [FILTERS[name](query[name]) for name in FILTERS.keys() & query.keys()]
        page = paginate(own_todos().where(*chosen).options(*PARTS), query["sort"], Todo.id, query)
        return page.respond(todo_schema)

    @authenticated
    @parameters(headers=IdempotencyKey)
    @json_body
    @transaction()
    @idempotent
    def post(self, body: dict[str, Any]) -> Any:
        [todo] = Todo.make(g.caller.user_id, [todo_schema.load(body)])
        return todo_schema.dump(todo), HTTPStatus.CREATED, {"Location": f"/api/todos/{todo.id}"}


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
        return todo_schema.dump(find_todo(todo_id, *PARTS))

    @authenticated
    @parameters(headers=IfMatch)
    @json_body
    @transaction()
    def put(self, body: dict[str, Any], todo_id: UUID) -> Any:
        todo = find_todo(todo_id, *PARTS, for_update=True)
        require_match(todo_schema, todo)
        return change(todo, todo_schema.load(body))

    @authenticated
    @parameters(headers=IfMatch)
    @merge_patch_body
    @transaction()
    def patch(self, body: dict[str, Any], todo_id: UUID) -> Any:
        todo = find_todo(todo_id, *PARTS, for_update=True)
        require_match(todo_schema, todo)
        return change(todo, todo_schema.load(body, partial=True))

    @authenticated
    @parameters(headers=IfMatch)
    @transaction()
    def delete(self, todo_id: UUID) -> Response:
        todo = find_todo(todo_id, for_update=True)
        require_match(todo_schema, todo)
        Todo.delete_where(Todo.id == todo.id)
        return no_content()


def change(todo: Todo, data: dict[str, Any]) -> Any:
    """Set some of a todo's properties."""
    todo.change(data, Tag.named(data.get("tags", ())), now())
    db.session.flush()
    return todo_schema.dump(todo)
