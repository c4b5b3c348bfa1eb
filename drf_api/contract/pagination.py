"""Pages and the cursors between them (contract, section "Lists")."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.db.models import F, Field, Q
from django.db.models.expressions import OrderBy
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from drf_api.contract.parameters import HeaderSerializer, QuerySerializer, validate_parameters
from drf_api.contract.strict import time_text

ALPHABET = re.compile(r"[A-Za-z0-9_-]+")  # base64url (RFC 4648, section 5)
MAC_BYTES = 16


def query_without(request: Request, *names: str) -> list[tuple[str, str]]:
    """List the request's parameters, sorted, but for some."""
    query = request.query_params.dict()
    return sorted((name, str(value)) for name, value in query.items() if name not in names)


def cursor_context(request: Request) -> str:
    """Return what a cursor belongs to: a path and its parameters but `limit` and `cursor`."""
    return f"{request.path}?{urlencode(query_without(request, 'limit', 'cursor'))}"


def encode_cursor(context: str, value: Any, row_id: str) -> str:
    """Sign a place between two rows."""
    payload = orjson.dumps([context, value, row_id])
    return urlsafe_b64encode(payload + mac(payload)).decode().rstrip("=")


def decode_cursor(cursor: str, context: str) -> tuple[Any, str] | None:
    """Return the value and the id that a cursor holds, or `None` if it is not of this list."""
    if not ALPHABET.fullmatch(cursor):  # decoding would skip other characters
        return None
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        return None
    payload, signature = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if not hmac.compare_digest(mac(payload), signature):
        return None
    signed_context, value, row_id = orjson.loads(payload)
    return (value, row_id) if signed_context == context else None


def mac(payload: bytes) -> bytes:
    """Sign under the server's secret key."""
    return hmac.new(settings.SECRET_KEY.encode(), payload, hashlib.sha256).digest()[:MAC_BYTES]


class LimitField(serializers.IntegerField):
    """The largest number of items on a page, in decimal digits."""

    pattern = re.compile(r"-?(0|[1-9][0-9]*)")

    def to_internal_value(self, data: Any) -> int:
        if not self.pattern.fullmatch(data):
            raise ValidationError(code="incorrect_type")
        return super().to_internal_value(data)


class CursorField(serializers.Field[Any, Any, Any, Any]):
    """The place where a page begins: a sort value and an id."""

    max_length = 4000

    def to_internal_value(self, data: str) -> tuple[Any, str]:
        if len(data) > self.max_length:
            raise ValidationError(code="max_length")
        place = decode_cursor(data, cursor_context(self.context["request"]))
        if place is None:
            raise ValidationError(code="invalid_cursor")
        return place


class PageQuery(QuerySerializer):
    """The query of every list."""

    limit = LimitField(min_value=1, max_value=100, default=20)
    cursor = CursorField(required=False)


def order(field: "Field[Any, Any]", *, is_descending: bool) -> list[OrderBy]:
    """Sort by a column, ties by the id in the same direction; null is greater than any value."""
    column, row_id = F(field.name), F("pk")
    nulls = True if field.null else None
    if is_descending:
        return [column.desc(nulls_first=nulls), row_id.desc()]
    return [column.asc(nulls_last=nulls), row_id.asc()]


def after(field: "Field[Any, Any]", value: Any, row_id: str, *, is_descending: bool) -> Q:
    """Select what follows a place in that order; the empty string is among the nulls."""
    column, further = field.name, "lt" if is_descending else "gt"
    next_id = Q(**{f"pk__{further}": row_id})
    if field.null and value == "":
        tie = Q(**{f"{column}__isnull": True}) & next_id
        return tie | Q(**{f"{column}__isnull": False}) if is_descending else tie
    # Redundant, but it lets the database start at the right place of its index.
    bound = Q(**{f"{column}__{further}e": value})
    place = bound & (Q(**{f"{column}__{further}": value}) | next_id)
    return place | Q(**{f"{column}__isnull": True}) if field.null and not is_descending else place


def cursor_value(value: Any) -> Any:
    """Write a sort value as a response shows it."""
    match value:
        case None:
            return ""
        case datetime():
            return time_text(value)
        case Decimal():
            return str(value)
    return value


class CursorPagination(BasePagination):
    """Keyset pages: as cheap at the far end as at the start, and stable while rows come and go.

    DRF's own cursors count rows from a place, which nulls have none of.
    """

    ordering = "-created_at"  # where a query has no `sort`

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Fetch a page, and one row more to know whether another page follows."""
        self.request = request
        query = getattr(view, "parameters", None)
        if query is None:  # of a view without ContractMixin
            query = validate_parameters(request, PageQuery, HeaderSerializer)
        self.sort, limit = query.get("sort", self.ordering), query["limit"]
        field = queryset.model._meta.get_field(self.sort.removeprefix("-"))  # noqa: SLF001 - Django's API
        is_descending = self.sort.startswith("-")
        if "cursor" in query:
            place = after(field, *query["cursor"], is_descending=is_descending)
            queryset = queryset.filter(place)
        rows = list(queryset.order_by(*order(field, is_descending=is_descending))[: limit + 1])
        self.last = rows[limit - 1] if len(rows) > limit else None
        return rows[:limit]

    def get_paginated_response(self, data: list[Any]) -> Response:
        """Answer with the page and the reference of the next one."""
        if self.last is None:
            return Response({"items": data, "next": None})
        value = cursor_value(getattr(self.last, self.sort.removeprefix("-")))
        cursor = encode_cursor(cursor_context(self.request), value, str(self.last.pk))
        query = urlencode([*query_without(self.request, "cursor"), ("cursor", cursor)])
        next_url = f"{self.request.path}?{query}"
        link = {"Link": f'<{next_url}>; rel="next"'}
        return Response({"items": data, "next": next_url}, headers=link)
