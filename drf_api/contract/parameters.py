"""Query and header parameters, validated by serializers (contract: Strict input, Errors)."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from drf_api.contract.errors import ProblemError, first_error, input_error
from drf_api.contract.openapi import FORMATS

TAG = r'(W/)?"[!#-~]*"'  # RFC 9110, section 8.8.3
TAGS = rf"^(\*|{TAG}([ \t]*,[ \t]*{TAG})*)\Z"
KEY = r"^[!-~]{1,255}\Z"

TRUE_OR_FALSE = [(True, "true"), (False, "false")]  # the choices of a boolean


class QuerySerializer(serializers.Serializer[Any]):
    """A query, of `request.query_params`; without fields, that of an operation that takes none."""

    def to_internal_value(self, data: QueryDict) -> dict[str, Any]:
        wrong = {
            name: "repeated_parameter" if name in self.fields else "unknown_parameter"
            for name, values in data.lists()
            if name not in self.fields or len(values) > 1
        }
        errors = {name: [ErrorDetail("", code)] for name, code in wrong.items()}
        try:
            # As a dict: of a QueryDict, DRF takes an empty value for a field that was left empty
            # in a form, and a missing boolean for a box that wasn't ticked.
            found: dict[str, Any] = super().to_internal_value(data.dict())
        except ValidationError as error:
            raise ValidationError({**cast("Any", error.detail), **errors}) from error
        if errors:
            raise ValidationError(errors)
        return found


class HeaderSerializer(serializers.Serializer[Any]):
    """Declared headers, of `request.headers`, which takes underscores for hyphens."""


def header(pattern: str, form: str) -> serializers.RegexField:
    """Declare a header; whatever is wrong with it is its format."""
    messages: Any = dict.fromkeys(("blank", "invalid"), FORMATS[form])
    return serializers.RegexField(
        pattern, required=False, trim_whitespace=False, error_messages=messages
    )


class IfMatchHeader(HeaderSerializer):
    """Write only if the current representation has one of these entity tags."""

    if_match = header(TAGS, "entity-tags")


class IdempotencyKeyHeader(HeaderSerializer):
    """Makes it safe to repeat the request."""

    idempotency_key = header(KEY, "idempotency-key")


def is_utf8(query: str) -> bool:
    """Tell whether a query, in which WSGI has a character for each byte, can be read as text."""
    try:
        unquote_to_bytes(query.encode("latin-1")).decode()
    except UnicodeError:
        return False
    return True


def validate_parameters(
    request: Request, query_class: type[QuerySerializer], header_class: type[HeaderSerializer]
) -> Mapping[str, Any]:
    """Return the query by its fields' names; the declared headers are only checked.

    Raises `invalid-parameters` with an error for each header and parameter that is wrong, and
    `malformed-request` for a query that is no text, which Django would read with replacements.
    """
    if not is_utf8(request.META.get("QUERY_STRING", "")):
        raise ProblemError("malformed-request")
    headers = header_class(data=request.headers)
    query = query_class(data=request.query_params, context={"request": request})
    if all([headers.is_valid(), query.is_valid()]):
        return cast("Mapping[str, Any]", query.validated_data)
    raise ProblemError(
        "invalid-parameters",
        [
            input_error("header", name.replace("_", "-").title(), "invalid_format", details[0])
            for name, details in sorted(headers.errors.items())
        ]
        + [
            input_error("parameter", name, *first_error(details, query.fields.get(name)))
            for name, details in sorted(query.errors.items())
        ],
    )
