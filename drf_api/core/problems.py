"""Every error that is ever sent (contract, section "Errors"; RFC 9457)."""

import logging
from collections.abc import Iterator, Mapping
from heapq import nsmallest
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from rest_framework import exceptions

MAX_ERRORS = 100  # of one answer

logger = logging.getLogger(__name__)


class ProblemType(NamedTuple):
    """What is the same about all problems of one name."""

    status: int
    title: str
    detail: str
    text: str


PROBLEMS = {
    "malformed-request": ProblemType(
        400,
        "Malformed request",
        "The query string is not UTF-8.",
        (
            "The request could not be understood before its parameters were looked at. "
            "Percent-encode the query string as UTF-8."
        ),
    ),
    "bad-host": ProblemType(
        400,
        "Bad host",
        "The Host header names no host that is served here.",
        (
            "The request was sent for a host name that this server does not answer to. Check the "
            "address; whoever runs the server lists the names it answers to."
        ),
    ),
    "invalid-parameters": ProblemType(
        400,
        "Invalid parameters",
        "Query parameters or headers break the contract.",
        (
            "One or more query parameters or request headers are unknown, repeated or ill-formed. "
            'The member "errors" names each of them.'
        ),
    ),
    "malformed-body": ProblemType(
        400,
        "Malformed body",
        "The body is not a JSON object in UTF-8.",
        (
            "The request's body must be exactly one JSON object in UTF-8 without a byte order "
            "mark, nested at most 32 levels deep, with neither NaN nor Infinity nor lone "
            "surrogates."
        ),
    ),
    "authentication-required": ProblemType(
        401,
        "Authentication required",
        "This operation needs a bearer token.",
        'Log in with POST /api/tokens and send the token as "Authorization: Bearer <token>".',
    ),
    "invalid-token": ProblemType(
        401,
        "Invalid token",
        "The bearer token is unknown, expired or revoked.",
        (
            "The token that was sent does not (or no longer) stand for an active user. Log in "
            "again with POST /api/tokens."
        ),
    ),
    "invalid-credentials": ProblemType(
        401,
        "Invalid credentials",
        "The username or the password is wrong.",
        "No active user has this username and this password.",
    ),
    "forbidden": ProblemType(
        403,
        "Forbidden",
        "This operation is for staff.",
        (
            "You are logged in but your account may not do this. Changing the catalogue and its "
            "stock is for staff."
        ),
    ),
    "not-found": ProblemType(
        404,
        "Not found",
        "Nothing is found at this address.",
        (
            "The path leads nowhere, or to something that does not exist or is not yours. Paths "
            "have no trailing slash, and ids are UUIDs in canonical lower-case form."
        ),
    ),
    "method-not-allowed": ProblemType(
        405,
        "Method not allowed",
        "The Allow header names the methods that are answered here.",
        (
            "The resource exists but does not answer this method. The Allow header of the "
            "response names those that it answers."
        ),
    ),
    "not-acceptable": ProblemType(
        406,
        "Not acceptable",
        "The Accept header admits nothing that this operation sends.",
        (
            "Leave out the Accept header, or let it admit the media type that the contract names "
            "for the operation; for most that is application/json."
        ),
    ),
    "already-exists": ProblemType(
        409,
        "Already exists",
        "Another resource has the same unique value.",
        'A value that must be unique is taken. The member "errors" points at each such value.',
    ),
    "insufficient-stock": ProblemType(
        409,
        "Insufficient stock",
        "The adjustment would take the stock below zero.",
        (
            "A product's stock never goes below zero. Fetch the product, look at its stock and "
            "send a smaller adjustment."
        ),
    ),
    "precondition-failed": ProblemType(
        412,
        "Precondition failed",
        "The resource has changed since this entity tag was current.",
        (
            "Somebody else has changed the resource since you fetched it. Fetch it again, redo "
            "your change on what you get, and send it with the new ETag in If-Match."
        ),
    ),
    "content-too-large": ProblemType(
        413,
        "Content too large",
        "The body is larger than 1,048,576 bytes.",
        "Request bodies are limited to 1,048,576 bytes. Split the request.",
    ),
    "unsupported-media-type": ProblemType(
        415,
        "Unsupported media type",
        "The body's media type or encoding is not supported by this operation.",
        (
            'Send JSON in UTF-8, without compression, as "Content-Type: application/json"; for '
            "PATCH also as application/merge-patch+json."
        ),
    ),
    "invalid-body": ProblemType(
        422,
        "Invalid body",
        "The body is well-formed but breaks the contract.",
        (
            'The member "errors" points at each value that is missing, unknown or wrong, and says '
            "what is expected."
        ),
    ),
    "idempotency-key-reused": ProblemType(
        422,
        "Idempotency key reused",
        "This Idempotency-Key belongs to another request.",
        (
            "Within 24 hours a key may only repeat the very request that it was first used for: "
            "same method, path and body. Make a new key for a new request."
        ),
    ),
    "too-many-requests": ProblemType(
        429,
        "Too many requests",
        "Wait for as long as the Retry-After header says.",
        (
            "Too many requests came from your address, or too many logins failed. The Retry-After "
            "header says for how many seconds to wait."
        ),
    ),
    "internal-error": ProblemType(
        500,
        "Internal error",
        "Something went wrong on the server.",
        (
            "This is a fault of the server, not of your request. Report it with the response's "
            "X-Request-ID."
        ),
    ),
    "service-unavailable": ProblemType(
        503,
        "Service unavailable",
        "The database does not answer.",
        (
            "The server is up but cannot reach its database. Try again after as many seconds as "
            "the Retry-After header says."
        ),
    ),
}

# The `detail` of each `code`; DRF's fields fill in what stands in braces.
DETAILS = {
    "required": "This property is required.",
    "unknown_property": "This property is not known here.",
    "unknown_parameter": "This parameter is not known here.",
    "repeated_parameter": "This parameter may be given only once.",
    "null_not_allowed": "Must not be null.",
    "invalid_type": "Must be {type}.",
    "null_character": "Must not contain the NUL character (U+0000).",
    "too_short": "Must have {min_length} or more characters.",
    "too_long": "Must have {max_length} or fewer characters.",
    "too_few_items": "Must have {min_items} or more entries.",
    "too_many_items": "Must have {max_items} or fewer entries.",
    "blank": "Must have a character other than white space.",
    "invalid_name": "Must be named by 1 to 50 characters without NUL.",
    "invalid_format": "{format}",
    "invalid_choice": "Must be one of: {choices}.",
    "zero": "Must not be zero.",
    "out_of_range": "Must be from {minimum} to {maximum}.",
    "duplicate": "Must not repeat an earlier entry.",
    "not_found": "Must refer to something that exists.",
    "invalid_cursor": "Must be a cursor that this list gave for these parameters.",
    "taken": "Must not be taken already.",
    "incorrect_password": "Must be the current password.",
    "key_reused": "Must not have been used for another request.",
    "insufficient_stock": "Must not take the stock below zero.",
}

# The `detail` of `invalid_format`, for each format.
FORMATS = {
    "username": "Must consist of lower-case letters a to z, digits and underscores.",
    "email": "Must be an email address.",
    "sku": ("Must be 3 to 32 upper-case letters, digits and hyphens, the first of them no hyphen."),
    "slug": "Must be lower-case letters and digits, in parts joined by single hyphens.",
    "price": "Must be a decimal number from 0.00 to 99999999.99, as a string with two places.",
    "date-time": (
        "Must be an RFC 3339 date-time with an offset and at most six fractional digits."
    ),
    "uuid": "Must be a UUID in canonical lower-case form.",
    "entity-tags": "Must be * or a list of quoted entity tags.",
    "idempotency-key": "Must be 1 to 255 visible ASCII characters.",
}

# The `detail` of `out_of_range` for date-times.
CALENDAR = "Must lie in the years 0001 to 9999 in UTC."

# What comes with a problem wherever it is sent.
HEADERS = {
    "authentication-required": {"WWW-Authenticate": "Bearer"},
    "invalid-token": {"WWW-Authenticate": 'Bearer error="invalid_token"'},
    "invalid-credentials": {"WWW-Authenticate": "Bearer"},
    "service-unavailable": {"Retry-After": "5"},
}

InputError = dict[str, str]


class ProblemError(exceptions.APIException):
    """An error that the contract names, raised wherever it is found."""

    def __init__(self, name: str, errors: list[InputError] | None = None) -> None:
        super().__init__(PROBLEMS[name].detail, code=name)
        self.status_code = PROBLEMS[name].status
        self.name = name
        self.errors = errors


def input_error(kind: str, name: str, code: str, detail: str | None = None) -> InputError:
    """Build one entry of `errors`; `kind` is `pointer`, `parameter` or `header`."""
    return {kind: name, "code": code, "detail": detail or DETAILS[code]}


def body_errors(detail: Any, pointer: str = "") -> Iterator[InputError]:
    """Turn a serializer's nested errors into entries with JSON Pointers (RFC 6901)."""
    if isinstance(detail, Mapping):
        for name, nested in detail.items():
            yield from body_errors(nested, f"{pointer}/{escaped(str(name))}")
    else:
        yield input_error("pointer", pointer, detail[0].code, str(detail[0]))


def escaped(name: str) -> str:
    """Write a name as a part of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def conflict(*names: str) -> ProblemError:
    """Say which properties' values are taken already."""
    return ProblemError(
        "already-exists", [input_error("pointer", f"/{name}", "taken") for name in sorted(names)]
    )


def problem_response(
    request: Any,
    name: str,
    errors: list[InputError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Build the response; no renderer has a say in it, whatever `Accept` says."""
    kind = PROBLEMS[name]
    body: dict[str, Any] = {
        "type": f"/api/problems/{name}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail,
        "instance": quote(request.raw_path, safe="/:@!$&'()*+,;="),
    }
    if errors:
        body["errors"] = errors[:MAX_ERRORS]
    return HttpResponse(
        orjson.dumps(body),
        status=kind.status,
        content_type="application/problem+json",
        headers={**HEADERS.get(name, {}), **(headers or {})},
    )


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Answer an exception that a view has raised; `None` leaves it to Django, as a 500."""
    request, name, errors, headers = context["request"], name_of(exc), None, None
    match exc:
        case ProblemError():
            errors = exc.errors
        case exceptions.ValidationError():
            found = body_errors(exc.detail)
            errors = nsmallest(MAX_ERRORS, found, key=lambda error: error["pointer"])
        case exceptions.MethodNotAllowed():
            headers = {"Allow": context["view"].allow}
        case exceptions.Throttled():
            headers = {"Retry-After": str(exc.wait)}  # type: ignore[attr-defined] # no stub
        case OperationalError() | InterfaceError() | InternalError():
            logger.error("The database failed", exc_info=exc, extra={"request": request})
    return problem_response(request, name, errors, headers) if name else None


def name_of(exc: Exception) -> str | None:
    """Tell by which name an exception is known here, if any."""
    if isinstance(exc, ProblemError):
        return exc.name
    return next((name for kinds, name in NAMES if isinstance(exc, kinds)), None)


# The frameworks' own exceptions, and what they are called here.
NAMES: list[tuple[tuple[type[Exception], ...], str]] = [
    ((exceptions.ValidationError,), "invalid-body"),
    ((exceptions.NotAuthenticated,), "authentication-required"),
    ((exceptions.AuthenticationFailed,), "invalid-token"),
    ((exceptions.PermissionDenied,), "forbidden"),
    ((exceptions.NotFound, Http404), "not-found"),
    ((exceptions.MethodNotAllowed,), "method-not-allowed"),
    ((exceptions.NotAcceptable,), "not-acceptable"),
    ((RequestDataTooBig,), "content-too-large"),
    ((exceptions.UnsupportedMediaType,), "unsupported-media-type"),
    ((exceptions.ParseError, UnreadablePostError), "malformed-body"),
    ((exceptions.Throttled,), "too-many-requests"),
    ((OperationalError, InterfaceError, InternalError), "service-unavailable"),
]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for Django where no view is reached; that is a bad host."""
    name = "bad-host" if isinstance(exception, DisallowedHost) else "malformed-request"
    return problem_response(request, name)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 – Django passes it
    """Answer for Django where no route matches."""
    return problem_response(request, "not-found")


def internal_error(request: HttpRequest) -> HttpResponse:
    """Answer for Django where an exception is nobody's; it has been logged."""
    return problem_response(request, "internal-error")
