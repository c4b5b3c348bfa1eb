"""How Pydantic is fed: FastAPI validates what `json.loads` gives, in Python mode."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from fastapi import HTTPException
from fastapi_shop.models import ChecklistItem, Session, Todo, User, count_statements, engine, fill
from pydantic import TypeAdapter

from comparison.columns import RefusedError
from comparison.columns.operations import arguments, validate


def context() -> AbstractContextManager[Any]:
    """Make a database in memory, for those idioms that need one."""
    fill()
    return nullcontext()


def given() -> dict[str, Any]:
    """Make what a function may ask for besides a body: a session, a user and a todo's id."""
    session = Session(engine, expire_on_commit=False)  # what is returned is looked at afterwards
    item = ChecklistItem(text="Glassine, then the flat box")
    todo = Todo(title="Water the plants", notes="Ask Bob", priority="high", items=[item])
    session.add(todo)
    session.commit()
    return {"session": session, "todo_id": todo.id, "user": session.get(User, 1)}


def load(model: Any, body: Any, *, partial: bool) -> Any:
    """Validate decoded JSON by a model; what is partial is a model of its own here."""
    assert not partial, "declare a model whose fields are optional"  # noqa: S101 - an idiom's mistake
    return validate(model, body)


def dump(model: Any, value: Any) -> Any:
    """Show a value by a model, as FastAPI does with a response."""
    kind = list[model] if isinstance(value, list) else model
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    return adapter.dump_python(adapter.validate_python(value, from_attributes=True), mode="json")


def statements(rows: int, function: Callable[..., Any], schema: Any) -> int:
    """Count the statements that an idiom takes to show some rows."""
    return count_statements(  # type: ignore[no-any-return]
        rows, lambda session: dump(schema, [*function(session=session)])
    )


def call(function: Callable[..., Any], body: Any, others: Mapping[str, Any]) -> Any:
    """Call a path operation with its validated body and what else it asks for."""
    values = arguments(function, body, others)
    try:
        return function(**values)
    except HTTPException as error:
        raise RefusedError(f"{error.status_code} {error.detail}") from error
