"""Django middleware for the header fields of every response (contract: Headers)."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from drf_api.contract.errors import problem_response

GetResponse = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'"
CORS_EXPOSE_HEADERS = (
    "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, "
    "Retry-After, X-Request-ID"
)
CORS_ALLOW_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-ID"
)


def policy_middleware(get_response: GetResponse) -> GetResponse:
    """Say that a response is data, and not to be stored unless its view has said otherwise."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Cache-Control", "no-store")
        if not is_debug_page(response):
            response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        if not response.streaming:
            # Here, as CommonMiddleware misses what answers for exceptions of middleware.
            response["Content-Length"] = str(len(response.content))
        patch_vary_headers(response, ["Origin"])
        return response

    return middleware


def is_debug_page(response: HttpResponse) -> bool:
    """Tell whether Django shows a developer an error; that page styles itself."""
    is_page = response.get("Content-Type", "").startswith("text/html")
    return settings.DEBUG and response.status_code == 500 and is_page  # noqa: PLR2004 - Internal Server Error


def cors_middleware(get_response: GetResponse) -> GetResponse:
    """Let scripts of the listed origins read the responses."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        origin = request.headers.get("Origin")
        if origin not in settings.CORS_ORIGINS:
            return response
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = CORS_EXPOSE_HEADERS
        is_answered = request.method == "OPTIONS" and "Allow" in response
        if is_answered and "Access-Control-Request-Method" in request.headers:
            response["Access-Control-Allow-Methods"] = response["Allow"]
            response["Access-Control-Allow-Headers"] = CORS_ALLOW_HEADERS
            response["Access-Control-Max-Age"] = "600"
        return response

    return middleware


def host_middleware(get_response: GetResponse) -> GetResponse:
    """Refuse hosts that are not served here; with DEBUG, Django would answer with a page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            return problem_response(request, "bad-host")
        return get_response(request)

    return middleware
