"""Entity tags and the requests that depend on them (contract, "Conditional requests")."""

import hashlib
import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from drf_api.contract.errors import ProblemError
from drf_api.contract.headers import GetResponse
from drf_api.contract.parameters import HeaderSerializer, IfMatchHeader
from drf_api.contract.reading import ReadMixin, object_statement
from drf_api.contract.rendering import JSONRenderer

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
    """Tag each representation, and save a client the one that it has already.

    Django's ConditionalGetMiddleware makes other tags, and looks at headers that the contract
    ignores.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code not in (200, 201) or response.streaming:
            return response
        response["ETag"] = entity_tag(response.content)
        known = request.headers.get("If-None-Match")
        is_read = request.method in ("GET", "HEAD")
        if is_read and known is not None and matches_weakly(known, response["ETag"]):
            response.status_code = 304
        return response

    return middleware


class ConditionalMixin(ReadMixin):
    """Lets PUT, PATCH and DELETE go ahead only if `If-Match` matches what is stored."""

    header_class: type[HeaderSerializer] = IfMatchHeader

    def get_object(self) -> Any:
        """Find and lock what the path names (404), and compare its entity tag (412)."""
        instance = self.locked_object()
        self.check_if_match(instance)
        return instance

    def locked_object(self) -> Any:
        """Find what is about to be changed, by the queryset, which locks it."""
        instance = object_statement(type(self)).first(self.value_of)
        if instance is None:
            raise Http404
        return instance

    def check_if_match(self, instance: Any) -> None:
        """Compare the entity tag of what is stored, which the caller has locked."""
        header = self.request.headers.get("If-Match")
        if header is None:
            return
        body = JSONRenderer().render(self.get_serializer(instance).data)
        if not matches_strongly(header, entity_tag(body)):
            raise ProblemError("precondition-failed")
