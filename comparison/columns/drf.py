"""How DRF is fed, with settings as `startproject` writes them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Any

from django_shop import count_statements, setup

setup("rest_framework")

from django.contrib.auth.models import User  # noqa: E402 - needs the settings
from django.http import Http404  # noqa: E402 - as above
from django_shop.models import Priority, Todo  # noqa: E402 - as above
from rest_framework.exceptions import APIException, ValidationError  # noqa: E402 - as above
from rest_framework.serializers import BaseSerializer  # noqa: E402 - as above
from rest_framework.test import APIRequestFactory, force_authenticate  # noqa: E402 - as above
from rest_framework.views import APIView  # noqa: E402 - as above

from comparison.columns import RefusedError  # noqa: E402 - as above

Serializer = type[BaseSerializer[Any]]


def context() -> AbstractContextManager[Any]:
    """Need nothing more."""
    return nullcontext()


def given() -> dict[str, Any]:
    """Make what a function may ask for besides a body: a stored todo."""
    todo = Todo.objects.create(title="Water the plants", notes="Ask Bob", priority=Priority.HIGH)
    todo.items.create(text="Glassine, then the flat box")
    return {"todo": todo}


def load(serializer: Serializer, body: Any, *, partial: bool) -> Any:
    """Validate decoded JSON by a serializer."""
    bound = serializer(data=body, partial=partial)
    if not bound.is_valid():
        raise RefusedError(plain(bound.errors))
    return bound.validated_data


def save(serializer: Serializer, body: Any, *, partial: bool) -> Any:
    """Do what a generic view does: validate decoded JSON, and let the serializer save it."""
    instance = given()["todo"] if partial else None
    bound = serializer(instance, data=body, partial=partial)
    if not bound.is_valid():
        raise RefusedError(plain(bound.errors))
    bound.save()
    return bound.data


def dump(serializer: Serializer, value: Any) -> Any:
    """Show a value by a serializer."""
    return serializer(value, many=isinstance(value, list)).data


def statements(rows: int, view: type[APIView], _: Serializer) -> int:
    """Count the statements that an idiom takes to show some rows."""
    made = APIRequestFactory().get("/")
    return count_statements(  # type: ignore[no-any-return]
        rows,
        lambda: view.as_view()(made).render(),
    )


def call(function: Callable[..., Any], body: Any, others: Mapping[str, Any]) -> Any:
    """Call a function or a view of an idiom with decoded JSON and what else it asks for."""
    if isinstance(function, type):
        return answer(function, body)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    try:
        return function(**{name: {"data": body, **others}[name] for name in names})
    except ValidationError as error:
        raise RefusedError(plain(error.detail)) from error
    except (APIException, Http404) as error:
        raise RefusedError(str(error)) from error


def answer(view: type[APIView], body: Any) -> Any:
    """Let a view answer a user's POST."""
    made = APIRequestFactory().post("/", body, format="json")
    force_authenticate(made, User.objects.get(username="alice"))
    response = view.as_view()(made)
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise RefusedError(plain(response.data))
    return response.data


def plain(errors: Any) -> Any:
    """Take the texts out of a tree of errors."""
    if isinstance(errors, Mapping):
        return {str(name): plain(error) for name, error in errors.items()}
    if isinstance(errors, list):
        return [plain(error) for error in errors]
    return str(errors)
