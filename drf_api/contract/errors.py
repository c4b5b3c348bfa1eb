"""Every error that is ever sent (contract, section "Errors"; RFC 9457)."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from rest_framework import exceptions, serializers
from rest_framework.settings import api_settings

from drf_api.contract.openapi import CODES, NUMBER_RANGE, PROBLEMS

MAX_ERRORS = 100  # of one answer
PROBLEM = "application/problem+json"
HTML = "text/html"

logger = logging.getLogger(__name__)


# The `detail` of each `code` that has only one; `field_values` fills in what stands in braces.
DETAILS: dict[str, str] = {
    **{code: text for code, text in CODES.items() if isinstance(text, str)},
    "out_of_range": NUMBER_RANGE,
}
# Of several errors of one value the first in this order counts.
PRECEDENCE = {code: place for place, code in enumerate(CODES)}

# What DRF's codes and those of Django's validators are called in the contract.
CONTRACT_CODES = {
    "null": "null_not_allowed",
    "incorrect_type": "invalid_type",
    "not_a_dict": "invalid_type",
    "not_a_list": "invalid_type",
    "null_characters_not_allowed": "null_character",
    "min_length": "too_short",
    "max_length": "too_long",
    "invalid": "invalid_format",
    "min_value": "out_of_range",
    "max_value": "out_of_range",
    "max_string_length": "out_of_range",
    "overflow": "out_of_range",
    "does_not_exist": "not_found",
    "unique": "taken",
}
ENTRY_CODES = {
    "empty": "too_few_items",
    "min_length": "too_few_items",
    "max_length": "too_many_items",
}  # where there are entries
OWN_TEXTS = {"invalid_format", "overflow"}  # the field or the validator says what is wrong
UNNAMED = [exceptions.ErrorDetail(str(exceptions.ValidationError.default_detail), "invalid")]

WITH_ENTRIES = (serializers.ListField, serializers.ListSerializer, serializers.DictField)
JSON_TYPES: dict[Any, str] = {
    serializers.BooleanField: "a boolean",
    serializers.IntegerField: "an integer",
    serializers.ListField: "an array",
    serializers.ListSerializer: "an array",
    serializers.DictField: "an object",
    serializers.Serializer: "an object",
    serializers.Field: "a string",
}

# The contract's names for the exceptions of Django and DRF.
PROBLEM_NAMES: dict[type, str] = {
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
}
OUTAGES = (InterfaceError, InternalError, OperationalError)

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


def body_errors(detail: Any, field: Any = None, pointer: str = "") -> Iterator[InputError]:
    """Turn the errors of a serializer or field into entries with JSON Pointers (RFC 6901)."""
    if isinstance(detail, Mapping) and detail:
        for name, nested in detail.items():
            if is_about_itself(name, nested, field):
                yield from body_errors(nested, field, pointer)
            else:
                inner = inner_field(name, field)
                yield from body_errors(nested, inner, f"{pointer}/{escaped(str(name))}")
    elif isinstance(detail, list) and any(isinstance(each, Mapping | list) for each in detail):
        # DRF's other form of a list's errors, where entries without any are empty.
        yield from body_errors({i: each for i, each in enumerate(detail) if each}, field, pointer)
    else:
        yield input_error("pointer", pointer, *first_error(detail, field))


def is_about_itself(name: Any, nested: Any, field: Any) -> bool:
    """Tell a serializer's own errors from those of a property that a client has called so."""
    return (
        name == api_settings.NON_FIELD_ERRORS_KEY
        and isinstance(field, serializers.BaseSerializer)
        and nested[0].code != "unknown_property"
    )


def inner_field(name: Any, field: Any) -> Any:
    """Return the field of a property, or of an entry of an array or a map."""
    if isinstance(field, serializers.Serializer):
        return field.fields.get(name)
    return getattr(field, "child", None)


def first_error(details: Any, field: Any) -> tuple[str, str]:
    """Return the contract's code and text of the one that counts, of those that DRF has found.

    A program may have raised a single one, or none: `ValidationError([])`.
    """
    if isinstance(details, exceptions.ErrorDetail):
        details = [details]
    named = [(contract_code(error, field), error) for error in details or UNNAMED]
    code, error = min(named, key=lambda each: PRECEDENCE[each[0]])
    if {code, error.code} & OWN_TEXTS:
        return code, str(error)
    return code, DETAILS[code].format_map(field_values(field))


def contract_code(error: exceptions.ErrorDetail, field: Any) -> str:
    """Translate a code; a library's field may have some that the contract has no word for."""
    given = str(error.code)
    code = CONTRACT_CODES.get(given, given)
    if isinstance(field, WITH_ENTRIES):
        code = ENTRY_CODES.get(given, code)
    return code if code in PRECEDENCE else "invalid_format"


def field_values(field: Any) -> dict[str, Any]:
    """Return what the texts of errors say about a field."""
    choices = field.choices.values() if isinstance(field, serializers.ChoiceField) else ()
    return {
        "type": next((name for kind, name in JSON_TYPES.items() if isinstance(field, kind)), ""),
        "min": getattr(field, "min_value", getattr(field, "min_length", None)),
        "max": getattr(field, "max_value", getattr(field, "max_length", None)),
        "choices": ", ".join(map(str, choices)),
    }


def property_of(error: InputError) -> str:
    """Return the property of a body that an error is in; none if it is about the whole body."""
    return error["pointer"].removeprefix("/").partition("/")[0]


def escaped(name: str) -> str:
    """Write a name as a part of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def is_for_api(request: HttpRequest) -> bool:
    """Tell programs' requests from those of browsers."""
    return f"{request.path_info}/".startswith("/api/")


def problem_response(
    request: Any,
    name: str,
    errors: list[InputError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Build the response; no renderer has a say in it, whatever `Accept` says."""
    if settings.PAGES_ENABLED and not is_for_api(request):
        return problem_page(request, name, headers)
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


def problem_page(
    request: HttpRequest,
    name: str,
    headers: Mapping[str, str] | None = None,
    detail: str | None = None,
) -> HttpResponse:
    """Show a problem to a person, by the template that an app of pages brings."""
    kind = PROBLEMS[name]
    context = {
        "title": kind.title,
        "detail": detail or kind.detail,
        # Who has logged in is not looked up while the server or its database fails.
        "is_failure": kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
    }
    try:
        response = render(request, "problem.html", context, status=kind.status)
    except OUTAGES as error:
        if not is_outage(error):
            raise
        return problem_page(request, "service-unavailable")
    for field, value in {**HEADERS.get(name, {}), **(headers or {})}.items():
        response[field] = value
    return response


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Answer an exception that a view has raised (`EXCEPTION_HANDLER`).

    One that the contract has no name for is left to DRF, and what DRF doesn't know is left to
    Django, as a 500.
    """
    # DRF's views need the settings, which name this function.
    from rest_framework import views  # noqa: PLC0415

    response = views.exception_handler(exc, context)
    request, name, errors = context["request"], problem_name(exc), None
    if isinstance(exc, exceptions.ValidationError):
        # DRF's errors know the serializer that has found them.
        found = body_errors(exc.detail, getattr(exc.detail, "serializer", None))
        name, errors = first_problem(sorted(found, key=lambda error: error["pointer"]))
    elif isinstance(exc, ProblemError):
        errors = exc.errors
    elif is_outage(exc):
        logger.error("The database failed", exc_info=exc, extra={"request": request})
    elif (
        response is None
        and name is None
        and settings.DEBUG
        and request.get_preferred_type([PROBLEM, HTML]) != HTML
    ):
        # Django would show its debug page.
        logger.error("Internal error", exc_info=exc, extra={"request": request})
        name = "internal-error"
    if name is None:
        return response
    sent: Mapping[str, str] = {} if response is None else response.headers
    headers = {each: sent[each] for each in ("Retry-After", "WWW-Authenticate") if each in sent}
    return problem_response(request, name, errors, headers)


def first_problem(errors: list[InputError]) -> tuple[str, list[InputError]]:
    """Name the problem; that a value is taken counts only once all others are right."""
    wrong = [error for error in errors if error["code"] != "taken"]
    return ("invalid-body", wrong) if wrong else ("already-exists", errors)


def problem_name(exc: Exception) -> str | None:
    """Return the contract's name for an exception, or for the nearest of its classes."""
    if isinstance(exc, ProblemError):
        return exc.name
    if is_outage(exc):
        return "service-unavailable"
    return next((PROBLEM_NAMES[kind] for kind in type(exc).__mro__ if kind in PROBLEM_NAMES), None)


def is_outage(exc: Exception) -> bool:
    """Tell whether the database is the reason, and not a statement that is wrong."""
    # SQLite's generic error, that of a wrong statement, is an OperationalError as well.
    code = getattr(exc.__cause__, "sqlite_errorname", None)
    return isinstance(exc, OUTAGES) and code != "SQLITE_ERROR"


def client_error(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for Django where no route matches, or middleware or a view of Django's refuses."""
    return problem_response(request, problem_name(exception) or "malformed-request")


def internal_error(request: HttpRequest) -> HttpResponse:
    """Answer for Django where an exception is nobody's; it has been logged."""
    return problem_response(request, "internal-error")
