"""Errors: RFC 9457 problem details, built here and nowhere else (contract: Errors)."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import orjson
from flask import Flask, current_app, request
from marshmallow import ValidationError, fields, validate
from marshmallow.exceptions import SCHEMA
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import BadHost, HTTPException, MethodNotAllowed

from flask_api.contract.database import is_conflict
from flask_api.contract.openapi import ProblemType, contract

MAX_ERRORS = 100  # of one answer
PROBLEM = "application/problem+json"
HTML = "text/html"
PATH_SAFE = "/!$&'()*+,;=:@"  # RFC 3986, section 3.3
PROBLEM_OF_STATUS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "malformed-request",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.NOT_ACCEPTABLE: "not-acceptable",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "content-too-large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
    HTTPStatus.TOO_MANY_REQUESTS: "too-many-requests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal-error",
}
OUTAGES = (InterfaceError, InternalError, OperationalError, PoolTimeoutError)


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
for field_class, codes in MESSAGES.items():
    field_class.default_error_messages = {**field_class.default_error_messages, **codes}
validate.OneOf.default_message = Code("invalid_choice")
validate.Range.message_all = Code("out_of_range.number")


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


class ProblemError(HTTPException):
    """One of the contract's problems, by its name, as an exception that Flask can answer."""

    def __init__(
        self,
        name: str,
        errors: Iterable[InputError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.uri, self.type = f"/api/problems/{name}", contract().problem_types[name]
        super().__init__(self.type.detail)
        self.code = self.type.status
        # Headers, then parameters, then pointers, each by its text.
        self.errors = sorted(errors)[:MAX_ERRORS]
        self.headers = headers or {}

    def get_body(self, *_: Any) -> str:
        document: dict[str, Any] = {
            "type": self.uri,
            "title": self.type.title,
            "status": self.type.status,
            "detail": self.type.detail,
            "instance": quote(request.path, safe=PATH_SAFE),
        }
        if self.errors:
            document["errors"] = [error.render() for error in self.errors]
        return orjson.dumps(document).decode()

    def get_headers(self, *_: Any) -> list[tuple[str, str]]:
        return [("Content-Type", PROBLEM), *self.headers.items()]


class UnnamedProblemError(ProblemError):
    """A status that the contract has no problem for (RFC 9457, section 4.2.1)."""

    def __init__(self, error: HTTPException) -> None:
        detail = error.description or error.name
        HTTPException.__init__(self, detail)
        self.uri, self.type = "about:blank", ProblemType(error.code or 0, error.name, detail, "")
        self.code, self.errors, self.headers = error.code, [], headers_of(error)


def headers_of(error: HTTPException) -> dict[str, str]:
    """Return the headers of an error that aren't about its page."""
    return {name: value for name, value in error.get_headers() if name != "Content-Type"}


def pointer_errors(messages: Mapping[Any, Any]) -> list[InputError]:
    """Turn messages that are nested as a body is into errors with JSON Pointers (RFC 6901)."""
    return [InputError("pointer", pointer, code) for pointer, code in walk(messages, "")]


class EntryName(str):
    """The name of a map's entry, which may be `_schema`, as marshmallow calls an object itself."""

    __slots__ = ()


def walk(messages: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the first code of each offending value."""
    if isinstance(messages, str):
        yield pointer, messages
        return
    if isinstance(messages, list):
        yield from walk(messages[0], pointer)
        return
    for key, inner in messages.items():
        # marshmallow files what is wrong with an object as a whole under a name of its own, which
        # a client may send a property under as well.
        is_entry = isinstance(key, EntryName)
        if key == SCHEMA and inner != ["unknown_property"] and not is_entry:
            yield from walk(inner, pointer)
        else:
            yield from walk(inner, f"{pointer}/{escaped(str(key))}")


def escaped(name: str) -> str:
    """Write a name as a part of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def bearer_problem(name: str) -> ProblemError:
    """Ask for authentication (RFC 6750, section 3)."""
    challenge = 'Bearer error="invalid_token"' if name == "invalid-token" else "Bearer"
    return ProblemError(name, headers={"WWW-Authenticate": challenge})


def handle_http_exception(error: HTTPException) -> HTTPException:
    """Answer what Flask refuses by itself, or a view by `abort`, with the problem of its status."""
    is_redirect = error.code is not None and error.code < HTTPStatus.BAD_REQUEST
    if isinstance(error, ProblemError) or error.response is not None or is_redirect:
        return error
    if isinstance(error, BadHost):
        return ProblemError("bad-host")
    if isinstance(error, MethodNotAllowed):
        allow = ", ".join(sorted(error.valid_methods or ()))  # werkzeug's own order is random
        return ProblemError("method-not-allowed", headers={"Allow": allow})
    name = PROBLEM_OF_STATUS.get(error.code or 0)
    return ProblemError(name, headers=headers_of(error)) if name else UnnamedProblemError(error)


def handle_validation_error(error: ValidationError) -> ProblemError:
    """Point at what marshmallow has refused in a body."""
    return ProblemError("invalid-body", pointer_errors(error.messages_dict))


def handle_database_error(error: SQLAlchemyError) -> ProblemError:
    """Ask the client to come back, if the database is out of reach, overloaded or contended."""
    if is_outage(error) or is_conflict(error):
        current_app.logger.error("The database failed", exc_info=error)
        return ProblemError("service-unavailable", headers={"Retry-After": "5"})
    raise error


def is_outage(error: SQLAlchemyError) -> bool:
    """Tell whether the database is the reason, and not a statement that is wrong."""
    if getattr(error, "connection_invalidated", False):
        return True
    # SQLite's generic error, that of a wrong statement, is an OperationalError as well.
    code = getattr(getattr(error, "orig", None), "sqlite_errorname", None)
    return isinstance(error, OUTAGES) and code != "SQLITE_ERROR"


def is_for_debugger() -> bool:
    """Tell whether Werkzeug's debugger shall answer: in development, to who prefers HTML.

    `flask run --debug` sets `debug` after the application is made, whatever the environment.
    """
    if not current_app.debug or current_app.config["APP_ENV"] != "development":
        return False
    return request.accept_mimetypes.best_match([PROBLEM, HTML]) == HTML


def init_app(app: Flask) -> None:
    """Answer every exception, the framework's own too, with a problem.

    Flask turns what nobody handles into an InternalServerError, which is an HTTPException.
    """
    app.register_error_handler(HTTPException, handle_http_exception)
    app.register_error_handler(ValidationError, handle_validation_error)
    app.register_error_handler(SQLAlchemyError, handle_database_error)
