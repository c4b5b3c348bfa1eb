"""Limits on requests and on failed logins (contract, section "Authentication")."""

import hashlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from drf_api.core.headers import GetResponse

if TYPE_CHECKING:  # DRF's views import this module while they are being made
    from rest_framework.views import APIView

GRACE = 60  # seconds for which a counter outlives its window, so that it never ends amid a request


class WindowThrottle(SimpleRateThrottle):
    """Counts within a window that opens with the first request, in steps that can't race.

    DRF's own throttles read, change and write back a list of times, so parallel requests slip
    through.
    """

    key: str | None = None
    num_requests: int | None
    duration: int | None

    def parse_rate(self, rate: str | None) -> tuple[int | None, int | None]:
        """Read `<count>/<seconds>`; DRF knows four lengths of window only."""
        if rate is None:
            return None, None
        count, _, seconds = rate.partition("/")
        return int(count), int(seconds)

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request, and tell whether it is within the limit."""
        if self.num_requests is None or self.duration is None:
            return True
        self.key = self.get_cache_key(request, view)
        now = time.time_ns() // 1_000_000
        opened = now + self.duration * 1000
        self.end = int(self.cache.get_or_set(self.key, opened, self.duration) or opened)
        counter = f"{self.key}:{self.end}"
        self.cache.add(counter, 0, self.duration + GRACE)
        self.left = self.num_requests - self.cache.incr(counter)
        self.seconds = max(1, -((now - self.end) // 1000))
        return bool(self.left >= 0)

    def wait(self) -> float:
        """Return the seconds until the window ends, rounded up."""
        return self.seconds


class ClientThrottle(WindowThrottle):
    """Limits all requests of a client's address."""

    scope = "client"

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return f"client:{request.META['REMOTE_ADDR']}"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        allowed = super().allow_request(request, view)
        if self.num_requests is not None:
            request.META["drf_api.rate_limit"] = {
                "RateLimit": f'"default";r={max(0, self.left)};t={self.seconds}',
                "RateLimit-Policy": f'"default";q={self.num_requests};w={self.duration}',
            }
        return allowed


class LoginThrottle(WindowThrottle):
    """Limits the failed logins for one username from one address."""

    scope = "login"

    def __init__(self, username: str) -> None:
        super().__init__()
        self.username = username

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        ident = f"{request.META['REMOTE_ADDR']} {self.username}"
        return f"login:{hashlib.sha256(ident.encode()).hexdigest()}"

    def forget(self) -> None:
        """Drop the count, after a success."""
        if self.key is not None:
            self.cache.delete(self.key)


def rate_limit_middleware(get_response: GetResponse) -> GetResponse:
    """Tell what is left of the quota; a middleware, so that Django's own 500 tells it as well."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        fields: Mapping[str, str] = request.META.get("drf_api.rate_limit", {})
        for name, value in fields.items():
            response[name] = value
        return response

    return middleware
