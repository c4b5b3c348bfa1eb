"""Limits: on all requests of a client, and on failed logins (contract: Authentication)."""

import time
from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from flask_api.config import Config, Rate
from flask_api.core.problems import Problem


class Throttle:
    """So many events within a window of so many seconds, which opens with the first of them."""

    def __init__(self, rate: Rate) -> None:
        self.policy = f'"default";q={rate.amount};w={rate.seconds}'
        self.item = RateLimitItemPerSecond(rate.amount, rate.seconds)
        self.limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, *key: str) -> None:
        """Count an event, or refuse it with 429."""
        if not self.limiter.hit(self.item, *key):
            raise Problem("too-many-requests", headers={"Retry-After": str(self.left(*key)[1])})

    def forget(self, *key: str) -> None:
        """Forget what was counted."""
        self.limiter.clear(self.item, *key)

    def left(self, *key: str) -> tuple[int, int]:
        """Tell how many events and how many seconds (rounded up) are left of the window."""
        reset, remaining = self.limiter.get_window_stats(self.item, *key)
        return remaining, max(1, ceil(reset - time.time()))


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


def count_login(username: str) -> None:
    """Count an attempt to log in before it is verified, so that none slips through."""
    current_app.extensions["throttles"]["login"].count(username, client())


def forget_logins(username: str) -> None:
    """Forget failed attempts after a success."""
    current_app.extensions["throttles"]["login"].forget(username, client())


def show_limit(response: Response) -> Response:
    """Tell what is left of the general limit to a client that was held to it."""
    if throttle := g.get("limit"):
        remaining, seconds = throttle.left(client())
        response.headers["RateLimit-Policy"] = throttle.policy
        response.headers["RateLimit"] = f'"default";r={remaining};t={seconds}'
    return response


def init_app(app: Flask, config: Config) -> None:
    """Start counting, in this process's memory."""
    throttles = app.extensions["throttles"] = {"login": Throttle(config.LOGIN_THROTTLE)}
    if config.RATE_LIMIT:
        throttles["general"] = Throttle(config.RATE_LIMIT)
    app.after_request(show_limit)
