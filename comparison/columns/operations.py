"""How FastAPI's and Django Ninja's operations are fed: both validate bodies by Pydantic."""

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from comparison.columns import RefusedError


def validate(kind: Any, body: Any) -> Any:
    """Validate decoded JSON, in Python mode as both frameworks do, or raise RefusedError."""
    try:
        return TypeAdapter(kind).validate_python(body)
    except ValidationError as error:
        raise RefusedError(messages_of(error.errors())) from error


def messages_of(errors: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Give the messages of Pydantic's errors by the place that each is about."""
    messages: dict[str, list[str]] = {}
    for each in errors:
        messages.setdefault(".".join(map(str, each["loc"])), []).append(each["msg"])
    return messages


def arguments(function: Callable[..., Any], body: Any, others: Mapping[str, Any]) -> dict[str, Any]:
    """Make an operation's arguments: its validated body, and of the others what it asks for."""
    hints = get_type_hints(function, include_extras=True)
    return {
        name: others[name] if name in others else validate(hints[name], body)
        for name in signature(function).parameters
    }
