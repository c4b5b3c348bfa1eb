"""Every error that is ever sent (contract, section "Errors"; RFC 9457)."""

import logging
from collections.abc import Iterator, Mapping
from heapq import nsmallest
from typing import Any
from urllib.parse import quote

import orjson
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from rest_framework import exceptions

from drf_api.contract.openapi import CODES, NUMBER_RANGE, PROBLEMS

MAX_ERRORS = 100  # of one answer
PROBLEM = "application/problem+json"
HTML = "text/html"

logger = logging.getLogger(__name__)


# The `detail` of each `code`; DRF's fields fill in what stands in braces.
DETAILS: dict[str, str] = {
    **CODES,
    "invalid_format": "{format}",
    "out_of_range": NUMBER_RANGE,
}

# What comes with a problem wherever it is sent, besides what DRF sends with its exceptions.
HEADERS = {
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
        "instance": quote(request.path, safe="/:@!$&'()*+,;="),  # RFC 3986, section 3.3
    }
    if errors:
        body["errors"] = errors[:MAX_ERRORS]
    return HttpResponse(
        orjson.dumps(body),
        status=kind.status,
        content_type=PROBLEM,
        headers={**HEADERS.get(name, {}), **(headers or {})},
    )


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Answer an exception that a view has raised (`EXCEPTION_HANDLER`).

    One that the contract has no name for is left to DRF, and what DRF doesn't know is left to
    Django, as a 500.
    """
    # DRF's views need the settings, which name this function.
    from rest_framework import views  # noqa: PLC0415

    response = views.exception_handler(exc, context)
    request, name, errors = context["request"], problem_name(exc), None
    match exc:
        case ProblemError():
            errors = exc.errors
        case exceptions.ValidationError():
            found = body_errors(exc.detail)
            errors = nsmallest(MAX_ERRORS, found, key=lambda error: error["pointer"])
        case OperationalError() | InterfaceError() | InternalError():
            logger.error("The database failed", exc_info=exc, extra={"request": request})
        case _ if response is None and name is None and settings.DEBUG:
            if not is_for_browsers(request):
                logger.error("Internal error", exc_info=exc, extra={"request": request})
                name = "internal-error"
    if name is None:
        return response
    sent: Mapping[str, str] = {} if response is None else response.headers
    headers = {each: sent[each] for each in ("Retry-After", "WWW-Authenticate") if each in sent}
    return problem_response(request, name, errors, headers)


def is_for_browsers(request: HttpRequest) -> bool:
    """Tell whether a client would rather be shown Django's debug page than a problem."""
    return request.get_preferred_type([PROBLEM, HTML]) == HTML


def problem_name(exc: Exception) -> str | None:
    """Return the contract's name for an exception, or for the nearest of its classes."""
    if isinstance(exc, ProblemError):
        return exc.name
    return next((NAMES[kind] for kind in type(exc).__mro__ if kind in NAMES), None)


NAMES: dict[type, str] = {
    exceptions.ValidationError: "invalid-body",
    exceptions.NotAuthenticated: "authentication-required",
    exceptions.AuthenticationFailed: "invalid-token",
    exceptions.PermissionDenied: "forbidden",
    PermissionDenied: "forbidden",
    exceptions.NotFound: "not-found",
    Http404: "not-found",
    exceptions.MethodNotAllowed: "method-not-allowed",
    exceptions.NotAcceptable: "not-acceptable",
    RequestDataTooBig: "content-too-large",
    exceptions.UnsupportedMediaType: "unsupported-media-type",
    exceptions.ParseError: "malformed-body",
    UnreadablePostError: "malformed-body",
    exceptions.Throttled: "too-many-requests",
    OperationalError: "service-unavailable",
    InterfaceError: "service-unavailable",
    InternalError: "service-unavailable",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 – Django passes it
    """Answer for Django what it finds suspicious, such as too large a form of the admin site."""
    return problem_response(request, "malformed-request")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 – Django passes it
    """Answer for Django where no route matches."""
    return problem_response(request, "not-found")


def internal_error(request: HttpRequest) -> HttpResponse:
    """Answer for Django where an exception is nobody's; it has been logged."""
    return problem_response(request, "internal-error")
