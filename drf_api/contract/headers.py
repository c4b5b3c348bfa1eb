"""The headers that every response has (contract, section "Headers")."""

import re
from collections.abc import Callable

import uuid_utils.compat as uuid
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from drf_api.contract.errors import HTML, problem_response
from drf_api.contract.request_ids import current_request_id

POLICY = "default-src 'none'; frame-ancestors 'none'"

GetResponse = Callable[[HttpRequest], HttpResponse]

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
EXPOSED = (
    "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, "
    "Retry-After, X-Request-ID"
)
ALLOWED = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-ID"


def wire_middleware(get_response: GetResponse) -> GetResponse:
    """Send a body only where there may be one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.streaming:  # a file of the admin site
            return response
        # Django's CommonMiddleware misses what answers for its own exceptions.
        response["Content-Length"] = str(len(response.content))
        if response.status_code in (204, 304):
            response.content = b""
            del response["Content-Type"]
            del response["Content-Length"]
        elif request.method == "HEAD":
            response.content = b""
        return response

    return middleware


def request_id_middleware(get_response: GetResponse) -> GetResponse:
    """Name the request, by the client's own name for it where that is well-formed."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else str(uuid.uuid7())
        request.META["drf_api.request_id"] = request_id
        before = current_request_id.set(request_id)
        try:
            response = get_response(request)
        finally:
            current_request_id.reset(before)
        response["X-Request-ID"] = request_id
        return response

    return middleware


def host_middleware(get_response: GetResponse) -> GetResponse:
    """Refuse hosts that are not served here; with DEBUG Django would answer by a page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            return problem_response(request, "bad-host")
        return get_response(request)

    return middleware


def policy_middleware(get_response: GetResponse) -> GetResponse:
    """Say that an answer is data, and not to be stored unless its view has said otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Cache-Control", "no-store")
        if not is_debug_page(response):
            response.setdefault("Content-Security-Policy", POLICY)
        patch_vary_headers(response, ["Origin"])
        return response

    return middleware


def is_debug_page(response: HttpResponse) -> bool:
    """Tell whether Django shows a developer an error; that page styles itself."""
    is_error = settings.DEBUG and response.status_code == 500  # noqa: PLR2004 – Internal Server Error
    return is_error and response["Content-Type"].startswith(HTML)


def cors_middleware(get_response: GetResponse) -> GetResponse:
    """Let scripts of the origins on the allow-list read the answers."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        origin = request.headers.get("Origin")
        if origin not in settings.CORS_ORIGINS:
            return response
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = EXPOSED
        is_answered = request.method == "OPTIONS" and response.status_code == 204  # noqa: PLR2004 – No Content
        if is_answered and "Access-Control-Request-Method" in request.headers:
            response["Access-Control-Allow-Methods"] = response["Allow"]
            response["Access-Control-Allow-Headers"] = ALLOWED
            response["Access-Control-Max-Age"] = "600"
        return response

    return middleware
