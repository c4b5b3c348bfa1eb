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
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

from drf_api.contract.headers import GetResponse

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
        from drf_api.contract.shared_limits import SharedWindows  # noqa: PLC0415

        return SharedWindows(settings.REDIS_URL, CacheWindows())
    return CacheWindows()


windows = chosen_windows()


class Window:
    """Counts up to a number of events within so many seconds of the first, and what is left.

    DRF's own throttles read, change and write back a list of times, so parallel requests slip
    through.
    """

    def __init__(self, who: str, number: int, duration: int) -> None:
        # Named as the library `limits` does, by which other programs may count, too.
        self.key = f"LIMITS:LIMITER/{who}/{number}/{duration}/second"
        self.number = number
        self.duration = duration

    def count(self) -> None:
        """Count an event."""
        self.note(*windows.count(self.key, self.duration))

    def look(self) -> None:
        """Find out what is left; nothing is counted."""
        self.note(*windows.look(self.key))

    def forget(self) -> None:
        """Forget what was counted."""
        windows.forget(self.key)

    def note(self, number: int, milliseconds: int) -> None:
        """Note how many more are within the limit, and the seconds until the window ends."""
        self.left = self.number - number
        self.seconds = max(1, -(-milliseconds // 1000))


def number_and_duration(rate: str) -> tuple[int, int]:
    """Read `<count>/<seconds>`; DRF knows four lengths of window only."""
    number, _, seconds = rate.partition("/")
    return int(number), int(seconds)


class ClientThrottle(SimpleRateThrottle):
    """Limits all requests of a client's address."""

    scope = "client"
    num_requests: int | None
    duration: int | None

    def parse_rate(self, rate: str | None) -> tuple[int | None, int | None]:
        return number_and_duration(rate) if rate else (None, None)

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return str(request.META["REMOTE_ADDR"])

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request, and tell whether it is within the limit."""
        if self.num_requests is None or self.duration is None:
            return True
        self.window = Window(self.get_cache_key(request, view), self.num_requests, self.duration)
        self.window.count()
        left, seconds = max(0, self.window.left), self.window.seconds
        request.META["drf_api.rate_limit"] = {
            "RateLimit": f'"default";r={left};t={seconds}',
            "RateLimit-Policy": f'"default";q={self.num_requests};w={self.duration}',
        }
        return self.window.left >= 0

    def wait(self) -> float:
        """Return the seconds until the window ends, rounded up."""
        return self.window.seconds


class LoginThrottle:
    """Limits the failed logins for one username from one address.

    Each method raises `Throttled` where the limit is reached: the first before a key is derived,
    the others when it is known whether the password is right, as others may have failed meanwhile.
    """

    def __init__(self, request: Request | HttpRequest, username: str) -> None:
        rate = number_and_duration(str(api_settings.DEFAULT_THROTTLE_RATES["login"]))
        self.window = Window(f"{username}/{request.META['REMOTE_ADDR']}", *rate)

    def check(self) -> None:
        """Refuse an attempt after too many failures; nothing is counted."""
        self.window.look()
        self.refuse_below(1)

    def count_failure(self) -> None:
        """Count a failure."""
        self.window.count()
        self.refuse_below(0)

    def forget_failures(self) -> None:
        """Forget the failures after a success."""
        self.check()
        self.window.forget()

    def refuse_below(self, least: int) -> None:
        """Refuse if fewer are left."""
        if self.window.left < least:
            raise Throttled(self.window.seconds)


def rate_limit_middleware(get_response: GetResponse) -> GetResponse:
    """Tell what is left of the quota; a middleware, so that Django's own 500 tells it as well."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        fields: Mapping[str, str] = request.META.get("drf_api.rate_limit", {})
        for name, value in fields.items():
            response[name] = value
        return response

    return middleware
