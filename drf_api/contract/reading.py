"""Answering GET with rows, by statements that are compiled once for each shape of request."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from drf_api.contract.serializers import RowSerializer
from drf_api.contract.statements import ObjectStatement, Parameter, Statement

# Of each parameter of an operation: its name, and its value if the SQL depends on it.
Shape = tuple[tuple[str, Any], ...]

SHAPES = 500  # statements that are kept, of the many that combinations of parameters make


class ReadMixin(GenericAPIView[Any]):
    """Reads the columns that the serializer shows, as rows in place of objects.

    `reads` is what is shown and `queryset` what is changed. They and the filters belong to the
    class, and never see a request: what comes from one stands there as a `Parameter`. So no
    request can leave a value to the next one.
    """

    reads: QuerySet[Any]
    parameters: Mapping[str, Any]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show the row that the path names."""
        rows = row_statement(type(self)).rows(self.value_of)
        if not rows:
            raise Http404
        return Response(self.get_serializer(rows[0]).data)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show a page."""
        rows = page_statement(type(self), shape(self.parameters)).rows(self.value_of)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def value_of(self, name: str) -> Any:
        """Give the value that a statement's parameter has in this request."""
        match name:
            case "caller":
                return self.request.user.pk
            case "now":
                return timezone.now()
            case "place":
                return self.parameters["cursor"][0]
            case "place_id":
                return self.parameters["cursor"][1]
        return self.kwargs[name] if name in self.kwargs else self.parameters[name]


def shape(parameters: Mapping[str, Any]) -> Shape:
    """Leave of the parameters what the SQL depends on."""
    return tuple((name, kept(name, value)) for name, value in parameters.items())


def kept(name: str, value: Any) -> Any:
    """Return what the SQL depends on, and nothing that a client has written."""
    if name == "cursor":
        return value[0] == ""  # whether the place is among the nulls
    return value if name in ("limit", "sort") or isinstance(value, bool) else None


@cache
def row_statement(view_class: type[ReadMixin]) -> Statement:
    """Build the statement that fetches what a path names."""
    found = Parameter(view_class.lookup_url_kwarg or view_class.lookup_field)
    return Statement(lambda: view_class.reads.filter(pk=found), columns(view_class))


@cache
def object_statement(view_class: type[ReadMixin]) -> ObjectStatement:
    """Build the statement that locks and fetches what a path names."""
    found = Parameter(view_class.lookup_url_kwarg or view_class.lookup_field)
    queryset: Any = view_class.queryset
    return ObjectStatement(lambda: queryset.filter(pk=found), queryset.model)


@lru_cache(SHAPES)
def page_statement(view_class: type[ReadMixin], parameters: Shape) -> Statement:
    """Build the statement that fetches a page."""
    view: Any = view_class(request=None)
    view.parameters = {
        name: Parameter(name) if value is None else value for name, value in parameters
    }

    def page() -> QuerySet[Any]:
        found = view.filter_queryset(view_class.reads)
        return cast("QuerySet[Any]", view.paginator.cut(found, view.parameters))

    return Statement(page, columns(view_class))


def columns(view_class: type[ReadMixin]) -> list[str]:
    """Name the columns that a view's serializer shows."""
    return cast("type[RowSerializer]", view_class.serializer_class).columns()
