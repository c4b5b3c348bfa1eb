"""Entity tags and the requests that depend on them (contract, "Conditional requests")."""

import hashlib
import re
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import force_bytes
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import DestroyModelMixin, UpdateModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from drf_api.contract.database import retry_on_conflict
from drf_api.contract.errors import ProblemError, is_for_api
from drf_api.contract.headers import GetResponse
from drf_api.contract.parameters import HeaderSerializer, IfMatchHeader

TAG = re.compile(r'(W/)?("[!#-~]*")')


def entity_tag(body: bytes) -> str:
    """Compute the strong entity tag of a representation."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def matches_weakly(header: str, tag: str) -> bool:
    """Compare as `If-None-Match` does (RFC 9110, section 8.8.3.2)."""
    return header == "*" or any(opaque == tag for _, opaque in TAG.findall(header))


def matches_strongly(header: str, tag: str) -> bool:
    """Compare as `If-Match` does: a weak tag never matches."""
    return header == "*" or any(opaque == tag for weak, opaque in TAG.findall(header) if not weak)


def entity_tag_middleware(get_response: GetResponse) -> GetResponse:
    """Add an entity tag to each representation, and answer 304 if the client has that one.

    Django's ConditionalGetMiddleware makes other tags, and looks at headers that the contract
    ignores.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_shown = response.status_code in (200, 201) and not response.streaming
        # A page shows more than a resource: who has logged in, and what has just been done.
        if not is_shown or not is_for_api(request):
            return response
        if "ETag" not in response:  # a view may know a better one
            response["ETag"] = entity_tag(response.content)
        known = request.headers.get("If-None-Match")
        is_read = request.method in ("GET", "HEAD")
        if is_read and known is not None and matches_weakly(known, response["ETag"]):
            response.status_code = 304
        return response

    return middleware


def is_lockable(queryset: QuerySet[Any]) -> bool:
    """Tell whether a queryset finds rows of a table, and nothing made of several rows."""
    query = queryset.query
    has_window = any(each.contains_over_clause for each in query.annotations.values())
    return not (query.distinct or query.group_by or has_window)


class ConditionalMixin(UpdateModelMixin, DestroyModelMixin, GenericAPIView[Any]):
    """Lets PUT, PATCH and DELETE go ahead only if `If-Match` matches what is stored."""

    header_class: type[HeaderSerializer] = IfMatchHeader

    @retry_on_conflict
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().update(request, *args, **kwargs)

    @retry_on_conflict
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().destroy(request, *args, **kwargs)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Lock what is about to be changed; what it prefetches is read once it is locked."""
        found = super().filter_queryset(queryset)
        # An action that somebody adds may write without a transaction, which a lock would need.
        if self.request.method in SAFE_METHODS or not connection.in_atomic_block:
            return found
        if is_lockable(found):
            # Not what it joins, which may be missing: PostgreSQL locks no such row.
            return found.select_for_update(of=("self",))
        self.lock_row(found)
        return found

    def lock_row(self, queryset: QuerySet[Any]) -> None:
        """Lock what is about to be changed by a statement of its own."""
        name = self.lookup_url_kwarg or self.lookup_field
        if name in self.kwargs:
            queryset = queryset.filter(**{self.lookup_field: self.kwargs[name]})
        keys = queryset.order_by().values("pk")
        list(QuerySet(queryset.model).filter(pk__in=keys).select_for_update().values_list("pk"))

    def get_object(self) -> Any:
        """Fetch what may be changed, if it is still what the client knows."""
        found = super().get_object()
        self.check_precondition(found)
        return found

    def check_precondition(self, obj: Any) -> None:
        """Compare the entity tag of an object that is locked."""
        header = self.request.headers.get("If-Match")
        if header is None or self.request.method in SAFE_METHODS:
            return
        body = self.request.accepted_renderer.render(
            self.get_representation(obj),
            self.request.accepted_media_type,
            self.get_renderer_context(),
        )
        if not matches_strongly(header, entity_tag(force_bytes(body))):
            raise ProblemError("precondition-failed")

    def get_representation(self, obj: Any) -> Any:
        """Return what GET answers; to be overridden where that isn't what a write answers."""
        return self.get_serializer(obj).data
