"""What Flask does anew for each request, though it comes to the same each time."""

from collections.abc import Callable
from types import FunctionType
from typing import Any
from weakref import WeakSet

from flask import Flask


def remember_functions(app: Flask) -> None:
    """Look only once whether a function is a coroutine's; not all callables can be remembered."""
    ensure_sync = app.ensure_sync
    known: WeakSet[Callable[..., Any]] = WeakSet()

    def ensure_sync_once(func: Callable[..., Any]) -> Callable[..., Any]:
        is_function = type(func) is FunctionType
        if is_function and func in known:
            return func
        ensured = ensure_sync(func)
        if is_function and ensured is func:
            known.add(func)
        return ensured

    app.ensure_sync = ensure_sync_once  # type: ignore[method-assign]


def init_app(app: Flask) -> None:
    """Tune an application that has Flask's own way to call functions."""
    if type(app).ensure_sync is Flask.ensure_sync:
        remember_functions(app)
