"""Responses: how they are written, and which media types a request accepts."""

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any, NoReturn

import flask_restful
import orjson
from flask import Response, request
from flask.typing import RouteCallable
from werkzeug.exceptions import BadHost

from flask_api.contract.database import retry_on_conflict
from flask_api.contract.errors import PROBLEM, ProblemError
from flask_api.contract.parsing import JSON
from flask_api.contract.throttling import limited


class Api(flask_restful.Api):
    """Flask-RESTful, but for its errors, which the application's own handlers answer."""

    def handle_error(self, e: Exception) -> NoReturn:
        raise e  # which makes error_router call Flask's own handler

    def error_router(self, original_handler: Callable[[Exception], Any], e: Exception) -> Any:
        try:
            return super().error_router(original_handler, e)  # type: ignore[no-untyped-call]
        except BadHost:  # it looks for the route once more, though the host is what was wrong
            return original_handler(e)


api: flask_restful.Api = Api(prefix="/api")  # type: ignore[no-untyped-call]


@api.representation(JSON)  # type: ignore[untyped-decorator]
def output_json(data: Any, code: int, headers: Mapping[str, str] | None = None) -> Response:
    """Write compact JSON in UTF-8."""
    return Response(orjson.dumps(data), code, headers, mimetype=JSON)


def negotiate(media_types: Collection[str]) -> str:
    """Choose the media type that `Accept` prefers, or refuse with 406 (contract: Media types)."""
    accept = request.accept_mimetypes
    chosen = accept.best_match(media_types)
    if chosen is None and accept and not accept.quality(PROBLEM):
        raise ProblemError("not-acceptable")
    return chosen or next(iter(media_types))


def accepting(media_types: Collection[str]) -> Callable[[RouteCallable], RouteCallable]:
    """Refuse a request that accepts none of these, which Flask-RESTful would handle first."""

    def decorator(view: RouteCallable) -> RouteCallable:
        @wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            negotiate(media_types)
            return view(*args, **kwargs)

        return wrapper

    return decorator


class Resource(flask_restful.Resource):
    """A resource within the general limit, whose requests are tried again after a conflict."""

    # Each wraps those before it, so the last one comes first.
    decorators = [retry_on_conflict, limited, accepting(api.representations)]
