"""Who may do what (contract: Order of checks)."""

from functools import wraps
from typing import Any

from flask import g
from flask.typing import RouteCallable

from flask_api.contract.errors import ProblemError


def staff_only(view: RouteCallable) -> RouteCallable:
    """Let nobody but staff pass; `authenticated` comes first."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not g.user.is_staff:
            raise ProblemError("forbidden")
        return view(*args, **kwargs)

    return wrapper
