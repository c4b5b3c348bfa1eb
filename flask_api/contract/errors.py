"""Errors: RFC 9457 problem details, built here and nowhere else (contract: Errors)."""

from collections.abc import Iterable, Iterator, Mapping
from heapq import nsmallest
from http import HTTPStatus
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import orjson
from flask import Flask, Response, current_app, request
from marshmallow import ValidationError, fields, validate
from marshmallow.exceptions import SCHEMA
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import ClientDisconnected, HTTPException, MethodNotAllowed

from flask_api.contract.openapi import contract

MAX_ERRORS = 100  # of one answer
PROBLEM = "application/problem+json"
HTML = "text/html"
PCHAR = "!$&'()*+,-.;=:@_~"  # RFC 3986, section 3.3, without letters, digits and percent-encoding


class Code(str):
    """A code of `errors`, with the values that its detail is filled in with.

    marshmallow formats its messages, which are texts; a code remembers the values instead. One with
    variants names its own after a dot: `invalid_format.sku`.
    """

    __slots__ = ("values",)
    values: Mapping[str, object]

    def __new__(cls, code: str, **values: object) -> Self:
        self = super().__new__(cls, code)
        self.values = values
        return self

    def format(self, *_: object, **values: object) -> Self:
        return type(self)(self, **{**self.values, **values})


# marshmallow has texts where the contract has codes: so each of its texts that a client may get to
# see is replaced by a code, for all fields and validators of that class.
MESSAGES: dict[type[fields.Field[Any]], dict[str, Code]] = {
    fields.Field: {
        "required": Code("required"),
        "null": Code("null_not_allowed"),
    },
    fields.String: {"invalid": Code("invalid_type", type="a string")},
    fields.Boolean: {"invalid": Code("invalid_type", type="a boolean")},
    fields.Integer: {"invalid": Code("invalid_type", type="an integer")},
    fields.List: {"invalid": Code("invalid_type", type="an array")},
    fields.Dict: {"invalid": Code("invalid_type", type="an object")},
    fields.Enum: {"unknown": Code("invalid_choice")},
    fields.UUID: {"invalid_uuid": Code("invalid_format.uuid")},
    fields.DateTime: {"invalid": Code("invalid_format.date-time")},
}
for field, messages in MESSAGES.items():
    field.default_error_messages = {**field.default_error_messages, **messages}
validate.OneOf.default_message = Code("invalid_choice")
validate.Range.message_all = Code("out_of_range.number")
SCHEMA_MESSAGES: dict[str, str] = {
    "unknown": Code("unknown_property"),
    "type": Code("invalid_type", type="an object"),
}


class InputError(NamedTuple):
    """An entry of `errors`: where (`header`, `parameter` or `pointer`), and what is wrong."""

    kind: str
    place: str
    code: str

    def render(self) -> dict[str, str]:
        if not isinstance(self.code, Code):  # a text, of a validator that the contract doesn't know
            return {self.kind: self.place, "code": "invalid", "detail": self.code}
        name, _, variant = self.code.partition(".")
        codes = contract().codes
        detail = codes[name][variant] if variant else codes[name]
        return {self.kind: self.place, "code": name, "detail": detail.format(**self.code.values)}


class Problem(HTTPException):
    """A response that is an error: one of the contract's problems, by its name."""

    def __init__(
        self,
        name: str,
        errors: Iterable[InputError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.type = contract().problem_types[name]
        super().__init__(self.type.detail)
        self.code = self.type.status
        self.problem = name
        # Headers, then parameters, then pointers, each by its text.
        self.errors = nsmallest(MAX_ERRORS, errors)
        self.headers = headers or {}

    def render(self) -> Response:
        data: dict[str, Any] = {
            "type": f"/api/problems/{self.problem}",
            "title": self.type.title,
            "status": self.type.status,
            "detail": self.type.detail,
            "instance": quote(request.environ["PATH_INFO"].encode("latin-1"), safe=f"/{PCHAR}"),
        }
        if self.errors:
            data["errors"] = [error.render() for error in self.errors]
        return current_app.response_class(
            orjson.dumps(data),
            self.type.status,
            self.headers,
            content_type=PROBLEM,
        )


def pointer_errors(messages: Mapping[Any, Any]) -> list[InputError]:
    """Turn messages that are nested as a body is into errors with JSON Pointers (RFC 6901)."""
    return [InputError("pointer", pointer, code) for pointer, code in walk(messages, "")]


def walk(messages: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the first code of each offending value."""
    if isinstance(messages, list):
        yield pointer, messages[0]
        return
    for key, inner in messages.items():
        # marshmallow files what is wrong with an object as a whole under a name of its own, which
        # a client may send a property under as well.
        if key == SCHEMA and inner != ["unknown_property"]:
            yield from walk(inner, pointer)
        else:
            yield from walk(inner, f"{pointer}/{escaped(str(key))}")


def escaped(name: str) -> str:
    """Write a name as a part of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def bearer_problem(name: str) -> Problem:
    """Ask for authentication (RFC 6750, section 3)."""
    challenge = 'Bearer error="invalid_token"' if name == "invalid-token" else "Bearer"
    return Problem(name, headers={"WWW-Authenticate": challenge})


def allow(methods: Iterable[str]) -> str:
    """Write an Allow header."""
    return ", ".join(sorted(methods))


def problem_for(error: Exception) -> Problem:
    """Find the problem that an exception of ours or of a library stands for."""
    match error:
        case Problem():
            problem = error
        case ValidationError():
            problem = Problem("invalid-body", pointer_errors(error.messages_dict))
        case MethodNotAllowed():
            methods = allow(error.valid_methods or ())
            problem = Problem("method-not-allowed", headers={"Allow": methods})
        case HTTPException(code=HTTPStatus.NOT_FOUND):
            problem = Problem("not-found")
        case ClientDisconnected():
            problem = Problem("malformed-body")
        case OperationalError() | InterfaceError() | InternalError() | PoolTimeoutError():
            problem = Problem("service-unavailable", headers={"Retry-After": "5"})
        case DBAPIError(connection_invalidated=True):
            problem = Problem("service-unavailable", headers={"Retry-After": "5"})
        case _:
            problem = Problem("internal-error")
    return problem


def answer(error: Exception) -> Response:
    """Answer an exception; faults of the server go to the log."""
    problem = problem_for(error)
    if problem.code == HTTPStatus.SERVICE_UNAVAILABLE:
        current_app.logger.error("The database failed: %s", error)
    elif problem.code == HTTPStatus.INTERNAL_SERVER_ERROR:
        if is_for_debugger():
            raise error
        current_app.logger.error("The request failed", exc_info=error)
    return problem.render()


def is_for_debugger() -> bool:
    """Tell whether Werkzeug's debugger shall answer: in development, to who prefers HTML.

    `flask run --debug` sets `debug` after the application is made, whatever the environment.
    """
    if not current_app.debug or current_app.config["APP_ENV"] != "development":
        return False
    return request.accept_mimetypes.best_match([PROBLEM, HTML]) == HTML


def init_app(app: Flask) -> None:
    """Let every exception, the framework's own too, be answered by a problem."""
    app.register_error_handler(Exception, answer)
