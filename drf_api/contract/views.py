"""What all views have in common, and those of health, of the contract and of its problems."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.http import Http404, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.vary import vary_on_headers
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from drf_api.contract.openapi import CONTRACT, DOCUMENT, PROBLEMS
from drf_api.contract.pagination import PageQuery
from drf_api.contract.parameters import HeaderSerializer, QuerySerializer, validate_parameters
from drf_api.contract.parsing import MergePatchParser
from drf_api.contract.rendering import (
    JSONRenderer,
    OpenAPIJSONRenderer,
    OpenAPIYAMLRenderer,
    TextRenderer,
    YAMLRenderer,
)

# For what everybody may read: to be stored, but validated before each use.
public = cache_control(public=True, no_cache=True)
# DRF would say so in `default_response_headers`, but of errors as well.
varies_by_accept = vary_on_headers("Accept")


class ContractMixin(APIView):
    """DRF's checks in the contract's order (section "Order of checks", steps 1 to 4)."""

    request: Any  # whose `user` may be anonymous, as far as the stubs know
    # The query that GET takes, by default that of a page or none, and the headers of a write.
    query_class: type[QuerySerializer] | None = None
    header_class: type[HeaderSerializer] = HeaderSerializer
    parameters: Mapping[str, Any]  # the query, validated

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Send `Allow` with OPTIONS and 405; DRF would send it always."""
        allowed = sorted(self.allowed_methods)
        is_asked = self.request.method == "OPTIONS" or self.request.method not in allowed
        return {"Allow": ", ".join(allowed)} if is_asked else {}

    def get_parsers(self) -> list[Any]:
        """PATCH takes a merge patch under either media type."""
        more = [MergePatchParser()] if self.request.method == "PATCH" else []
        return [*super().get_parsers(), *more]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Do what DRF does here, in another order.

        DRF looks at the method last, so that a stranger would be told to log in for one that isn't
        there, and throttles after it has asked for permission, so that tokens could be guessed
        without limit. It authenticates when somebody asks for `request.user`, as DRF allows for:
        operations that everybody may use never look at `Authorization`.
        """
        if request.method not in self.allowed_methods:
            self.http_method_not_allowed(request, *args, **kwargs)
        if request.method == "OPTIONS":
            return  # a browser asks without a token
        self.format_kwarg = self.get_format_suffix(**kwargs)
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        version = self.determine_version(request, *args, **kwargs)
        request.version, request.versioning_scheme = version
        self.check_throttles(request)
        self.check_permissions(request)
        self.check_parameters(request)
        self.check_body(request)

    def check_parameters(self, request: Request) -> None:
        """Validate the query and the declared headers."""
        query_class, header_class = QuerySerializer, HeaderSerializer
        if request.method not in SAFE_METHODS:
            header_class = self.header_class
        elif self.query_class:
            query_class = self.query_class
        elif isinstance(self, ListModelMixin):
            query_class = PageQuery
        self.parameters = validate_parameters(request, query_class, header_class)

    def check_body(self, request: Request) -> None:
        """Parse the body before any transaction, so that a slow client locks nothing.

        No operation's body is optional, but DRF never looks at an empty one. An action without
        parsers takes none.
        """
        parsers = self.get_parsers()
        if request.method not in ("POST", "PUT", "PATCH") or not parsers:
            return
        parser = self.get_content_negotiator().select_parser(request, parsers)
        if parser is None:
            raise UnsupportedMediaType(request.content_type)
        if request.stream is None:
            raise ParseError
        if "Idempotency-Key" in request.headers:
            _ = request.body  # for its fingerprint: a parser of forms leaves nothing of the stream
        _ = request.data

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204)


class Health(ContractMixin):
    """Whether the process is up."""

    permission_classes = []
    throttle_classes = []

    def get(self, request: Request) -> Response:
        return Response({"status": "healthy"})


class Readiness(ContractMixin):
    """Whether the server can serve; asks the database for a sign of life."""

    permission_classes = []
    throttle_classes = []

    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return Response({"status": "ready"})


@method_decorator([public, varies_by_accept], name="get")
class Contract(ContractMixin):
    """The contract, byte for byte."""

    permission_classes = []
    renderer_classes = [YAMLRenderer, OpenAPIYAMLRenderer]

    def get(self, request: Request) -> Response:
        return Response(CONTRACT)


@method_decorator([public, varies_by_accept], name="get")
class ContractAsJSON(ContractMixin):
    """The contract as JSON."""

    permission_classes = []
    renderer_classes = [JSONRenderer, OpenAPIJSONRenderer]

    def get(self, request: Request) -> Response:
        return Response(DOCUMENT)


@method_decorator(public, name="get")
class Problem(ContractMixin):
    """What a problem means, in words."""

    permission_classes = []
    renderer_classes = [TextRenderer]

    def get(self, request: Request, name: str) -> Response:
        if name not in PROBLEMS:
            raise Http404
        return Response(f"{PROBLEMS[name].title}\n\n{PROBLEMS[name].text}\n")
