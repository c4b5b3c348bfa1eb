"""How Django Ninja is fed, with settings as `startproject` writes them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django_shop import count_statements, setup

setup("ninja")

from django.contrib.auth.models import User  # noqa: E402 - needs the settings
from django.http import Http404  # noqa: E402 - as above
from django.test import RequestFactory  # noqa: E402 - as above
from django_shop.models import Priority, Todo  # noqa: E402 - as above
from ninja import Schema  # noqa: E402 - as above
from ninja.errors import HttpError  # noqa: E402 - as above

from comparison.columns import RefusedError  # noqa: E402 - as above
from comparison.columns.operations import arguments, validate  # noqa: E402 - as above


def context() -> AbstractContextManager[Any]:
    """Need nothing more."""
    return nullcontext()


def given() -> dict[str, Any]:
    """Make what a function may ask for besides a body: a request, and a todo's id."""
    todo = Todo.objects.create(title="Water the plants", notes="Ask Bob", priority=Priority.HIGH)
    todo.items.create(text="Glassine, then the flat box")
    return {"request": request(), "todo_id": todo.pk}


def request() -> Any:
    """Make a request by a user."""
    made: Any = RequestFactory().post("/")
    made.auth = made.user = User.objects.get(username="alice")
    return made


def load(schema: Any, body: Any, *, partial: bool) -> Any:
    """Validate decoded JSON by a schema; what is partial is a type of its own here."""
    assert not partial, "declare a PatchDict"  # noqa: S101 - an idiom's mistake
    return validate(schema, body)


def dump(schema: type[Schema], value: Any) -> Any:
    """Show a value by a schema, as Ninja does with a response."""
    if isinstance(value, list):
        return [dump(schema, each) for each in value]
    return schema.model_validate(value).model_dump(mode="json")


def statements(rows: int, function: Callable[..., Any], schema: type[Schema]) -> int:
    """Count the statements that an idiom takes to show some rows."""
    made = request()
    return count_statements(  # type: ignore[no-any-return]
        rows, lambda: dump(schema, [*function(made)])
    )


def call(function: Callable[..., Any], body: Any, others: Mapping[str, Any]) -> Any:
    """Call an operation with its validated body and what else it asks for."""
    values = arguments(function, body, others)
    try:
        return function(**values)
    except Http404 as error:
        raise RefusedError(f"404 {error}") from error
    except HttpError as error:
        raise RefusedError(f"{error.status_code} {error}") from error
