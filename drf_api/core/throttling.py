"""Limits on requests and on failed logins (contract, section "Authentication")."""

import hashlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from drf_api.core.headers import GetResponse

if TYPE_CHECKING:  # DRF's views import this module while they are being made
    from rest_framework.views import APIView

GRACE = 60  # seconds for which a counter outlives its window, so that it never ends amid a request


class Windows(Protocol):
    """Counts events within windows that open with their first event, in steps that can't race."""

    def count(self, key: str, seconds: int) -> tuple[int, int]:
        """Count an event; return how many there are and how many milliseconds are left."""

    def look(self, key: str) -> tuple[int, int]:
        """Return the same without counting anything."""

    def forget(self, key: str) -> None:
        """Forget what was counted."""


class CacheWindows:
    """Counts in Django's cache, which is this process's memory."""

    def count(self, key: str, seconds: int) -> tuple[int, int]:
        now, key = time.time_ns() // 1_000_000, digest(key)
        opened = now + seconds * 1000
        end = int(cache.get_or_set(key, opened, seconds) or opened)
        counter = f"{key}:{end}"
        cache.add(counter, 0, seconds + GRACE)
        return cache.incr(counter), end - now

    def look(self, key: str) -> tuple[int, int]:
        now, key = time.time_ns() // 1_000_000, digest(key)
        end = cache.get(key, now)
        return cache.get(f"{key}:{end}", 0), end - now

    def forget(self, key: str) -> None:
        cache.delete(digest(key))


def digest(key: str) -> str:
    """Name an entry of the cache, whose names are short and without spaces."""
    return hashlib.sha256(key.encode()).hexdigest()


def chosen_windows() -> Windows:
    """Return where to count: in Redis, if that is configured."""
    if settings.REDIS_URL:
        # Takes a tenth of a second to import, which nobody needs without Redis.
        from drf_api.core.shared_limits import SharedWindows  # noqa: PLC0415

        return SharedWindows(settings.REDIS_URL, CacheWindows())
    return CacheWindows()


windows = chosen_windows()


class WindowThrottle(SimpleRateThrottle):
    """Counts within a window that opens with the first request.

    DRF's own throttles read, change and write back a list of times, so parallel requests slip
    through.
    """

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
        key = self.window_key(str(self.get_cache_key(request, view)))
        self.note(*windows.count(key, self.duration))
        return self.left >= 0

    def window_key(self, who: str) -> str:
        """Name a window as the library `limits` does, by which other programs may count, too."""
        return f"LIMITS:LIMITER/{who}/{self.num_requests}/{self.duration}/second"

    def note(self, number: int, milliseconds: int) -> None:
        """Note how many more are within the limit, and the seconds until the window ends."""
        self.left = (self.num_requests or 0) - number
        self.seconds = max(1, -(-milliseconds // 1000))

    def wait(self) -> float:
        """Return the seconds until the window ends, rounded up."""
        return self.seconds


class ClientThrottle(WindowThrottle):
    """Limits all requests of a client's address."""

    scope = "client"

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return str(request.META["REMOTE_ADDR"])

    def allow_request(self, request: Request, view: "APIView") -> bool:
        allowed = super().allow_request(request, view)
        if self.num_requests is not None:
            request.META["drf_api.rate_limit"] = {
                "RateLimit": f'"default";r={max(0, self.left)};t={self.seconds}',
                "RateLimit-Policy": f'"default";q={self.num_requests};w={self.duration}',
            }
        return allowed


class LoginThrottle(WindowThrottle):
    """Limits the failed logins for one username from one address.

    Each method raises `Throttled` where the limit is reached: the first before a key is derived,
    the others when it is known whether the password is right, as others may have failed meanwhile.
    """

    scope = "login"

    def __init__(self, request: Request | HttpRequest, username: str) -> None:
        super().__init__()
        self.window = self.window_key(f"{username}/{request.META['REMOTE_ADDR']}")

    def check(self) -> None:
        """Refuse an attempt after too many failures; nothing is counted."""
        self.note(*windows.look(self.window))
        self.refuse_below(1)

    def count_failure(self) -> None:
        """Count a failure."""
        self.note(*windows.count(self.window, self.duration or 0))
        self.refuse_below(0)

    def forget_failures(self) -> None:
        """Forget the failures after a success."""
        self.check()
        windows.forget(self.window)

    def refuse_below(self, least: int) -> None:
        """Refuse if fewer are left."""
        if self.left < least:
            raise Throttled(self.wait())


def rate_limit_middleware(get_response: GetResponse) -> GetResponse:
    """Tell what is left of the quota; a middleware, so that Django's own 500 tells it as well."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        fields: Mapping[str, str] = request.META.get("drf_api.rate_limit", {})
        for name, value in fields.items():
            response[name] = value
        return response

    return middleware
