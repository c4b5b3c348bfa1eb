"""Errors: RFC 9457 problem details, built here and nowhere else (contract: Errors)."""

from collections.abc import Iterable, Iterator, Mapping
from heapq import nsmallest
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
from flask import Flask, Response, current_app, request
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import ClientDisconnected, HTTPException, MethodNotAllowed

MAX_ERRORS = 100  # of one answer
PCHAR = "!$&'()*+,-.;=:@_~"  # RFC 3986, section 3.3, without letters, digits and percent-encoding


class Kind(NamedTuple):
    """A row of the contract's `x-problems`."""

    status: int
    title: str
    detail: str
    text: str


PROBLEMS: Mapping[str, Kind] = {
    "malformed-request": Kind(
        400,
        "Malformed request",
        "The query string is not UTF-8.",
        (
            "The request could not be understood before its parameters were looked at. "
            "Percent-encode the query string as UTF-8."
        ),
    ),
    "bad-host": Kind(
        400,
        "Bad host",
        "The Host header names no host that is served here.",
        (
            "The request was sent for a host name that this server does not answer to. "
            "Check the address; whoever runs the server lists the names it answers to."
        ),
    ),
    "invalid-parameters": Kind(
        400,
        "Invalid parameters",
        "Query parameters or headers break the contract.",
        (
            "One or more query parameters or request headers are unknown, repeated or ill-"
            'formed. The member "errors" names each of them.'
        ),
    ),
    "malformed-body": Kind(
        400,
        "Malformed body",
        "The body is not a JSON object in UTF-8.",
        (
            "The request's body must be exactly one JSON object in UTF-8 without a byte "
            "order mark, nested at most 32 levels deep, with neither NaN nor Infinity nor "
            "lone surrogates."
        ),
    ),
    "authentication-required": Kind(
        401,
        "Authentication required",
        "This operation needs a bearer token.",
        'Log in with POST /api/tokens and send the token as "Authorization: Bearer <token>".',
    ),
    "invalid-token": Kind(
        401,
        "Invalid token",
        "The bearer token is unknown, expired or revoked.",
        (
            "The token that was sent does not (or no longer) stand for an active user. Log "
            "in again with POST /api/tokens."
        ),
    ),
    "invalid-credentials": Kind(
        401,
        "Invalid credentials",
        "The username or the password is wrong.",
        "No active user has this username and this password.",
    ),
    "forbidden": Kind(
        403,
        "Forbidden",
        "This operation is for staff.",
        (
            "You are logged in but your account may not do this. Changing the catalogue and"
            " its stock is for staff."
        ),
    ),
    "not-found": Kind(
        404,
        "Not found",
        "Nothing is found at this address.",
        (
            "The path leads nowhere, or to something that does not exist or is not yours. "
            "Paths have no trailing slash, and ids are UUIDs in canonical lower-case form."
        ),
    ),
    "method-not-allowed": Kind(
        405,
        "Method not allowed",
        "The Allow header names the methods that are answered here.",
        (
            "The resource exists but does not answer this method. The Allow header of the "
            "response names those that it answers."
        ),
    ),
    "not-acceptable": Kind(
        406,
        "Not acceptable",
        "The Accept header admits nothing that this operation sends.",
        (
            "Leave out the Accept header, or let it admit the media type that the contract "
            "names for the operation; for most that is application/json."
        ),
    ),
    "already-exists": Kind(
        409,
        "Already exists",
        "Another resource has the same unique value.",
        'A value that must be unique is taken. The member "errors" points at each such value.',
    ),
    "insufficient-stock": Kind(
        409,
        "Insufficient stock",
        "The adjustment would take the stock below zero.",
        (
            "A product's stock never goes below zero. Fetch the product, look at its stock "
            "and send a smaller adjustment."
        ),
    ),
    "precondition-failed": Kind(
        412,
        "Precondition failed",
        "The resource has changed since this entity tag was current.",
        (
            "Somebody else has changed the resource since you fetched it. Fetch it again, "
            "redo your change on what you get, and send it with the new ETag in If-Match."
        ),
    ),
    "content-too-large": Kind(
        413,
        "Content too large",
        "The body is larger than 1,048,576 bytes.",
        "Request bodies are limited to 1,048,576 bytes. Split the request.",
    ),
    "unsupported-media-type": Kind(
        415,
        "Unsupported media type",
        "The body's media type or encoding is not supported by this operation.",
        (
            'Send JSON in UTF-8, without compression, as "Content-Type: application/json"; '
            "for PATCH also as application/merge-patch+json."
        ),
    ),
    "invalid-body": Kind(
        422,
        "Invalid body",
        "The body is well-formed but breaks the contract.",
        (
            'The member "errors" points at each value that is missing, unknown or wrong, '
            "and says what is expected."
        ),
    ),
    "idempotency-key-reused": Kind(
        422,
        "Idempotency key reused",
        "This Idempotency-Key belongs to another request.",
        (
            "Within 24 hours a key may only repeat the very request that it was first used "
            "for: same method, path and body. Make a new key for a new request."
        ),
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests",
        "Wait for as long as the Retry-After header says.",
        (
            "Too many requests came from your address, or too many logins failed. The "
            "Retry-After header says for how many seconds to wait."
        ),
    ),
    "internal-error": Kind(
        500,
        "Internal error",
        "Something went wrong on the server.",
        (
            "This is a fault of the server, not of your request. Report it with the "
            "response's X-Request-ID."
        ),
    ),
    "service-unavailable": Kind(
        503,
        "Service unavailable",
        "The database does not answer.",
        (
            "The server is up but cannot reach its database. Try again after as many "
            "seconds as the Retry-After header says."
        ),
    ),
}

# The `detail` of each `code`. A message in a Schema or Field is a code, and after a space what
# fills in the detail: `too_long 200`, `invalid_format sku`, `out_of_range number 1 100`.
ERROR_CODES: Mapping[str, str | Mapping[str, str]] = {
    "required": "This property is required.",
    "unknown_property": "This property is not known here.",
    "unknown_parameter": "This parameter is not known here.",
    "repeated_parameter": "This parameter may be given only once.",
    "null_not_allowed": "Must not be null.",
    "invalid_type": "Must be {}.",
    "null_character": "Must not contain the NUL character (U+0000).",
    "too_short": "Must have {} or more characters.",
    "too_long": "Must have {} or fewer characters.",
    "too_few_items": "Must have {} or more entries.",
    "too_many_items": "Must have {} or fewer entries.",
    "blank": "Must have a character other than white space.",
    "invalid_name": "Must be named by 1 to 50 characters without NUL.",
    "invalid_format": {
        "username": "Must consist of lower-case letters a to z, digits and underscores.",
        "email": "Must be an email address.",
        "sku": (
            "Must be 3 to 32 upper-case letters, digits and hyphens, the first of them no hyphen."
        ),
        "slug": "Must be lower-case letters and digits, in parts joined by single hyphens.",
        "price": "Must be a decimal number from 0.00 to 99999999.99, as a string with two places.",
        "date-time": (
            "Must be an RFC 3339 date-time with an offset and at most six fractional digits."
        ),
        "uuid": "Must be a UUID in canonical lower-case form.",
        "entity-tags": "Must be * or a list of quoted entity tags.",
        "idempotency-key": "Must be 1 to 255 visible ASCII characters.",
    },
    "invalid_choice": "Must be one of: {}.",
    "zero": "Must not be zero.",
    "out_of_range": {
        "number": "Must be from {} to {}.",
        "date-time": "Must lie in the years 0001 to 9999 in UTC.",
    },
    "duplicate": "Must not repeat an earlier entry.",
    "not_found": "Must refer to something that exists.",
    "invalid_cursor": "Must be a cursor that this list gave for these parameters.",
    "taken": "Must not be taken already.",
    "incorrect_password": "Must be the current password.",
    "key_reused": "Must not have been used for another request.",
    "insufficient_stock": "Must not take the stock below zero.",
}


class InputError(NamedTuple):
    """An entry of `errors`: where (`header`, `parameter` or `pointer`), and what is wrong."""

    kind: str
    place: str
    message: str

    def render(self) -> dict[str, str]:
        code, _, rest = self.message.partition(" ")
        detail = ERROR_CODES[code]
        if not isinstance(detail, str):
            name, _, rest = rest.partition(" ")
            detail = detail[name]
        values = rest.split(" ") if code == "out_of_range" else [rest]
        return {self.kind: self.place, "code": code, "detail": detail.format(*values)}


class Problem(HTTPException):
    """An answer that is an error: one of PROBLEMS by name."""

    def __init__(
        self,
        name: str,
        errors: Iterable[InputError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(PROBLEMS[name].detail)
        self.code = PROBLEMS[name].status
        self.problem = name
        # Headers, then parameters, then pointers, each by its text.
        self.errors = nsmallest(MAX_ERRORS, errors)
        self.headers = headers or {}

    def render(self) -> Response:
        kind = PROBLEMS[self.problem]
        data: dict[str, Any] = {
            "type": f"/api/problems/{self.problem}",
            "title": kind.title,
            "status": kind.status,
            "detail": kind.detail,
            "instance": quote(request.environ["PATH_INFO"].encode("latin-1"), safe=f"/{PCHAR}"),
        }
        if self.errors:
            data["errors"] = [error.render() for error in self.errors]
        return current_app.response_class(
            orjson.dumps(data),
            kind.status,
            self.headers,
            content_type="application/problem+json",
        )


def pointer_errors(messages: Mapping[Any, Any]) -> list[InputError]:
    """Turn messages that are nested as a body is into errors with JSON Pointers (RFC 6901)."""
    return [InputError("pointer", pointer, text) for pointer, text in walk(messages, "")]


def walk(messages: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the first message of each offending value."""
    if isinstance(messages, list):
        yield pointer, messages[0]
        return
    for key, inner in messages.items():
        # marshmallow files an entry of the wrong type under this name, which a client may use too.
        if key == "_schema" and inner == ["invalid_type an object"]:
            yield pointer, inner[0]
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
        current_app.logger.error("The request failed", exc_info=error)
    return problem.render()


def init_app(app: Flask) -> None:
    """Let every exception, the framework's own too, be answered by a problem."""
    app.register_error_handler(Exception, answer)
