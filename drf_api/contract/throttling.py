"""Limits on requests and on failed logins (contract, section "Authentication")."""

import logging
import time
from collections.abc import Callable
from math import ceil
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from drf_api.contract.headers import GetResponse

if TYPE_CHECKING:  # DRF's views import this module while they are being made
    from rest_framework.views import APIView

REDIS_TIMEOUT = 0.2  # seconds to connect, and for an answer

logger = logging.getLogger(__name__)


def redis_options() -> dict[str, Any]:
    """Return what lets a client of Redis fail soon, where Redis does."""
    # Takes a tenth of a second to import, which nobody needs without Redis.
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    return {
        "socket_timeout": REDIS_TIMEOUT,
        "socket_connect_timeout": REDIS_TIMEOUT,
        "retry": Retry(NoBackoff(), retries=1),  # the connection may have been closed meanwhile
    }


class MillisecondRedisStorage(RedisStorage):
    """Knows to the millisecond when a window ends: its base's seconds are rounded, down as well."""

    def get_expiry(self, key: str) -> float:
        left: int = self.storage.pttl(self.prefixed_key(key))
        return time.time() + max(left, 0) / 1000


def redis_storage(url: str) -> Storage:
    """Return a storage that fails with a StorageError where Redis does."""
    return MillisecondRedisStorage(url, wrap_exceptions=True, **redis_options())


own = FixedWindowRateLimiter(MemoryStorage())
own_lock = Lock()  # the storage reads a new count after it has released its own
shared = FixedWindowRateLimiter(redis_storage(settings.REDIS_URL)) if settings.REDIS_URL else None


class WindowThrottle(SimpleRateThrottle):
    """So many events within a window of so many seconds, which opens with the first of them.

    Counted by `limits` in one step, in Redis if there is one. DRF's own throttles read a list of
    times from Django's cache, change it and write it back, so requests at once slip through.
    """

    num_requests: Any  # None where no rate is configured, as with DRF's
    duration: Any

    def parse_rate(self, rate: str | None) -> tuple[int | None, int | None]:
        """Read `<count>/<seconds>`; DRF knows four lengths of window only."""
        if rate is None:
            return None, None
        number, _, seconds = rate.partition("/")
        return int(number), int(seconds)

    def ask(self, method: Callable[..., Any], *key: str) -> bool:
        """Call a method of the limiter, and look at what is left of the window then.

        While Redis fails, each process counts by itself rather than not at all.
        """
        item = RateLimitItemPerSecond(self.num_requests, self.duration)

        def call(limiter: FixedWindowRateLimiter) -> bool:
            is_within = method(limiter, item, *key)
            self.window = limiter.get_window_stats(item, *key)
            return bool(is_within)

        if shared:
            try:
                return call(shared)
            except StorageError as error:
                logger.warning("This process counts limits alone, as Redis fails: %s", error)
        with own_lock:
            return call(own)

    def wait(self) -> int:
        """Return the seconds until the window ends, rounded up."""
        return max(1, ceil(self.window.reset_time - time.time()))


class ClientThrottle(WindowThrottle):
    """Limits all requests of a client's address."""

    scope = "client"

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return str(request.META["REMOTE_ADDR"])

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request, and tell whether it is within the limit."""
        if self.rate is None:
            return True
        is_within = self.ask(FixedWindowRateLimiter.hit, self.get_cache_key(request, view))
        request.META["drf_api.rate_limit"] = {
            "RateLimit": f'"default";r={self.window.remaining};t={self.wait()}',
            "RateLimit-Policy": f'"default";q={self.num_requests};w={self.duration}',
        }
        return is_within


class LoginThrottle(WindowThrottle):
    """Limits the failed logins for one username from one address.

    Not one of a view's `throttle_classes`: what counts is known only when a password was wrong.
    Each method raises `Throttled` where the limit is reached: the first before a key is derived,
    the others when it is known whether the password is right, as others may have failed meanwhile.
    """

    scope = "login"

    def __init__(self, request: Request | HttpRequest, username: str) -> None:
        super().__init__()
        self.who = (username, str(request.META["REMOTE_ADDR"]))

    def check(self) -> None:
        """Refuse an attempt after too many failures; nothing is counted."""
        self.require(FixedWindowRateLimiter.test)

    def count_failure(self) -> None:
        """Count a failure."""
        self.require(FixedWindowRateLimiter.hit)

    def forget_failures(self) -> None:
        """Forget the failures after a success."""
        self.check()
        self.ask(FixedWindowRateLimiter.clear, *self.who)

    def require(self, method: Callable[..., Any]) -> None:
        """Refuse an attempt for which a method says no."""
        if not self.ask(method, *self.who):
            raise Throttled(self.wait())


def rate_limit_middleware(get_response: GetResponse) -> GetResponse:
    """Tell what is left of the quota; a middleware, so that Django's own 500 tells it as well."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in request.META.get("drf_api.rate_limit", {}).items():
            response[name] = value
        return response

    return middleware
