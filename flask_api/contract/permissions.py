"""Who may do what: changing the catalogue and its stock is for staff."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g

from flask_api.contract.errors import ProblemError


def staff_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let nobody but staff pass; `authenticated` comes first."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not g.user.is_staff:
            raise ProblemError("forbidden")
        return view(*args, **kwargs)

    return wrapper
