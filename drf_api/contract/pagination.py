"""Pages and the cursors between them (contract, section "Lists")."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.db.models import F, Field, Q, QuerySet
from django.db.models.expressions import OrderBy
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from drf_api.contract.parameters import QuerySerializer
from drf_api.contract.statements import Parameter
from drf_api.contract.strict import LimitParameter, StrictField, price_text, time_text

ALPHABET = re.compile(r"[A-Za-z0-9_-]+")  # base64url (RFC 4648, section 5)
MAC_BYTES = 16
NEWEST_FIRST = "-created_at"


def query_without(request: Request, *names: str) -> list[tuple[str, str]]:
    """List the request's parameters, sorted, but for some."""
    query = request.query_params.dict()
    return sorted((name, str(value)) for name, value in query.items() if name not in names)


def context(request: Request) -> str:
    """Name what a cursor belongs to: a path and its parameters but `limit` and `cursor`."""
    return f"{request.path}?{urlencode(query_without(request, 'limit', 'cursor'))}"


def encode_cursor(bound_to: str, value: Any, row_id: str) -> str:
    """Sign a place between two rows."""
    payload = orjson.dumps([bound_to, value, row_id])
    return urlsafe_b64encode(payload + mac(payload)).decode().rstrip("=")


def decode_cursor(cursor: str, bound_to: str) -> tuple[Any, str] | None:
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
    owner, value, row_id = orjson.loads(payload)
    return (value, row_id) if owner == bound_to else None


def mac(payload: bytes) -> bytes:
    """Sign under the server's secret key."""
    return hmac.new(settings.SECRET_KEY.encode(), payload, hashlib.sha256).digest()[:MAC_BYTES]


class CursorParameter(StrictField):
    """The place where a page begins."""

    max_length = 4000

    def to_internal_value(self, data: str) -> Any:
        if len(data) > self.max_length:
            self.fail("too_long", max=self.max_length)
        place = decode_cursor(data, context(self.context["request"]))
        return self.fail("invalid_cursor") if place is None else place


class PageQuery(QuerySerializer):
    """The parameters of every list."""

    limit = LimitParameter(default=20)
    cursor = CursorParameter(required=False)


def order(field: "Field[Any, Any]", *, is_descending: bool) -> list[OrderBy]:
    """Sort by a column, ties by the id in the same direction; null is greater than any value."""
    column, row_id = F(field.name), F("id")
    nulls = True if field.null else None
    if is_descending:
        return [column.desc(nulls_first=nulls), row_id.desc()]
    return [column.asc(nulls_last=nulls), row_id.asc()]


def beyond(field: "Field[Any, Any]", *, is_null: bool, is_descending: bool) -> Q:
    """Select what follows a place in that order, which is among the nulls or not."""
    column, further = field.name, "lt" if is_descending else "gt"
    value, row_id = Parameter("place", field), Parameter("place_id", field.model._meta.pk)  # noqa: SLF001 - Django's API
    next_id = Q(**{f"id__{further}": row_id})
    if field.null and is_null:
        tie = Q(**{f"{column}__isnull": True}) & next_id
        return tie | Q(**{f"{column}__isnull": False}) if is_descending else tie
    # Redundant, but it lets the database start at the right place of its index.
    bound = Q(**{f"{column}__{further}e": value})
    place = bound & (Q(**{f"{column}__{further}": value}) | next_id)
    return place | Q(**{f"{column}__isnull": True}) if field.null and not is_descending else place


def shown(value: Any) -> Any:
    """Write a sort value as a response shows it."""
    match value:
        case None:
            return ""
        case datetime():
            return time_text(value)
        case Decimal():
            return price_text(value)
    return value


class CursorPagination(BasePagination):
    """Keyset pages: as cheap at the far end as at the start, and stable while rows come and go."""

    def cut(self, queryset: "QuerySet[Any]", parameters: Mapping[str, Any]) -> "QuerySet[Any]":
        """Select a page, and one row more to know whether another page follows."""
        sort = parameters.get("sort", NEWEST_FIRST)
        field = queryset.model._meta.get_field(sort.removeprefix("-"))  # noqa: SLF001 - Django's API
        is_descending, limit = sort.startswith("-"), parameters["limit"]
        if "cursor" in parameters:
            place = beyond(field, is_null=parameters["cursor"], is_descending=is_descending)
            queryset = queryset.filter(place)
        queryset = queryset.order_by(*order(field, is_descending=is_descending))
        return queryset[: limit + 1]

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the page of what `cut` has selected and a statement has fetched."""
        rows: list[Any] = queryset
        limit = view.parameters["limit"]
        self.request, self.sort = request, view.parameters.get("sort", NEWEST_FIRST)
        self.last = rows[limit - 1] if len(rows) > limit else None
        return rows[:limit]

    def get_paginated_response(self, data: list[Any]) -> Response:
        """Answer with the page and the reference of the next one."""
        if self.last is None:
            return Response({"items": data, "next": None})
        value = shown(getattr(self.last, self.sort.removeprefix("-")))
        cursor = encode_cursor(context(self.request), value, str(self.last.id))
        query = urlencode([*query_without(self.request, "cursor"), ("cursor", cursor)])
        following = f"{self.request.path}?{query}"
        link = {"Link": f'<{following}>; rel="next"'}
        return Response({"items": data, "next": following}, headers=link)
