"""How marshmallow is fed, in a Flask application with a database in memory."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from flask_shop.models import ChecklistItem, Priority, Todo, count_statements, db, running
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import HTTPException

from comparison.columns import RefusedError


def context() -> AbstractContextManager[Any]:
    """Run the application that idioms live in."""
    return running()  # type: ignore[no-any-return]


def given() -> dict[str, Any]:
    """Make what a function may ask for besides a body: a stored todo."""
    db.session.rollback()  # what an input before may have broken
    item = ChecklistItem(text="Glassine, then the flat box")
    todo = Todo(title="Water the plants", notes="Ask Bob", priority=Priority.high, items=[item])
    db.session.add(todo)
    db.session.commit()
    return {"todo": todo}


def load(schema: type[Schema], body: Any, *, partial: bool) -> Any:
    """Load decoded JSON by a schema."""
    try:
        return schema(partial=partial).load(body)
    except ValidationError as error:
        raise RefusedError(error.messages) from error


def dump(schema: type[Schema], value: Any) -> Any:
    """Show a value by a schema."""
    return schema(many=isinstance(value, list)).dump(value)


def statements(rows: int, function: Callable[..., Any], _: type[Schema]) -> int:
    """Count the statements that an idiom takes to show some rows."""
    return count_statements(rows, function)  # type: ignore[no-any-return]


def call(function: Callable[..., Any], body: Any, others: Mapping[str, Any]) -> Any:
    """Call a function of an idiom with decoded JSON and what else it asks for."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    try:
        return function(**{name: {"data": body, **others}[name] for name in names})
    except ValidationError as error:
        raise RefusedError(error.messages) from error
    except HTTPException as error:
        raise RefusedError(f"{error.code} {error.description}") from error
