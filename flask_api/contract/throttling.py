"""Limits: on all requests of a client, and on failed logins (contract: Authentication)."""

import time
from collections.abc import Callable
from functools import wraps
from math import ceil
from threading import Lock
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

from flask_api.config import Config, Rate
from flask_api.contract.errors import ProblemError

REDIS_TIMEOUT = 0.2  # seconds to connect, and for an answer

Found = TypeVar("Found")


class MillisecondRedisStorage(RedisStorage):
    """Tells exactly when a window ends; Redis rounds seconds, down as well."""

    def get_expiry(self, key: str) -> float:
        left: int = self.storage.pttl(self.prefixed_key(key))
        return time.time() + max(left, 0) / 1000


def redis_options() -> dict[str, Any]:
    """Return how a client of Redis fails soon, where Redis does."""
    # Takes a tenth of a second to import, which nobody needs without Redis.
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    return {
        "socket_timeout": REDIS_TIMEOUT,
        "socket_connect_timeout": REDIS_TIMEOUT,
        "retry": Retry(NoBackoff(), retries=1),  # the connection may have been closed meanwhile
    }


class Throttle:
    """So many events within a window of so many seconds, which opens with the first of them."""

    def __init__(self, rate: Rate, shared: RedisStorage | None) -> None:
        self.policy = f'"default";q={rate.amount};w={rate.seconds}'
        self.item = RateLimitItemPerSecond(rate.amount, rate.seconds)
        self.shared = FixedWindowRateLimiter(shared) if shared else None
        self.own = FixedWindowRateLimiter(MemoryStorage())
        self.own_lock = Lock()  # the storage reads a new count after it has released its own

    def check(self, *key: str) -> None:
        """Refuse with 429 where nothing is left; nothing is counted."""
        if not self.ask(lambda limiter: limiter.test(self.item, *key)):
            raise self.refusal(*key)

    def count(self, *key: str) -> None:
        """Count an event, or refuse it with 429."""
        if not self.ask(lambda limiter: limiter.hit(self.item, *key)):
            raise self.refusal(*key)

    def refusal(self, *key: str) -> ProblemError:
        """Say when to come back."""
        return ProblemError("too-many-requests", headers={"Retry-After": str(self.left(*key)[1])})

    def forget(self, *key: str) -> None:
        """Let the next event open a new window."""
        with self.own_lock:
            self.own.clear(self.item, *key)
        self.ask(lambda limiter: limiter.clear(self.item, *key))

    def left(self, *key: str) -> tuple[int, int]:
        """Tell how many events and how many seconds (rounded up) are left of the window."""
        reset, remaining = self.ask(lambda limiter: limiter.get_window_stats(self.item, *key))
        return remaining, max(1, ceil(reset - time.time()))

    def ask(self, question: Callable[[FixedWindowRateLimiter], Found]) -> Found:
        """Ask Redis; while that fails, each process counts by itself rather than not at all."""
        if self.shared:
            try:
                return question(self.shared)
            except StorageError as error:
                current_app.logger.warning(
                    "This process counts limits alone, as Redis fails: %s", error
                )
        with self.own_lock:
            return question(self.own)


def client() -> str:
    """Name the client: by its address."""
    return str(request.remote_addr)


def limited(view: Callable[..., Any]) -> Callable[..., Any]:
    """Hold a client to the general limit, where one is configured."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if "general" in current_app.extensions["throttles"]:
            g.limit = current_app.extensions["throttles"]["general"]
            g.limit.count(client())
        return view(*args, **kwargs)

    return wrapper


def check_logins(username: str) -> None:
    """Refuse an attempt to log in after too many failures, before a key is derived for it."""
    current_app.extensions["throttles"]["login"].check(username, client())


def count_failed_login(username: str) -> None:
    """Count a failure, or refuse to tell that it is one: others may have failed meanwhile."""
    current_app.extensions["throttles"]["login"].count(username, client())


def forget_failed_logins(username: str) -> None:
    """Forget the failures after a success, unless there are too many by now."""
    check_logins(username)
    current_app.extensions["throttles"]["login"].forget(username, client())


def show_limit(response: Response) -> Response:
    """Tell what is left of the general limit to a client that was held to it."""
    if throttle := g.get("limit"):
        remaining, seconds = throttle.left(client())
        response.headers["RateLimit-Policy"] = throttle.policy
        response.headers["RateLimit"] = f'"default";r={remaining};t={seconds}'
    return response


def init_app(app: Flask, config: Config) -> None:
    """Start counting: in Redis, if that is configured, or else in this process's memory."""
    shared = None
    if config.REDIS_URL:
        options = redis_options()
        shared = MillisecondRedisStorage(config.REDIS_URL, wrap_exceptions=True, **options)
    throttles = app.extensions["throttles"] = {"login": Throttle(config.LOGIN_THROTTLE, shared)}
    if config.RATE_LIMIT:
        throttles["general"] = Throttle(config.RATE_LIMIT, shared)
    app.after_request(show_limit)
