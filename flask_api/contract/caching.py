"""Results that are kept for a while (contract: getProductSummary)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from threading import Lock
from typing import Any

from cachelib import serializers
from flask import Flask, current_app
from flask_caching import Cache

from flask_api.config import Config
from flask_api.contract.throttling import redis_options

SHARED_PREFIX = "shop:1:"  # of both twins' keys in Redis
POLL = 0.01  # seconds between two looks at a lock in Redis

cache = Cache(with_jinja2_ext=False)


class JSONSerializer(serializers.JSONSerializer):
    """Writes what both twins read; unpickling would run what Redis says."""

    def loads(self, bvalue: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a value, or None where there is none; cachelib would log a warning then."""
        return None if bvalue is None else super().loads(bvalue, *args, **kwargs)


@dataclass(frozen=True)
class Turns:
    """How requests take turns to compute a result, and with which errors that may fail."""

    lock: Callable[[str], AbstractContextManager[Any]]
    failures: tuple[type[Exception], ...] = ()


def computed_once(function: Any) -> Callable[[], Any]:
    """Let one request compute what a cached function lacks, while the others wait for it.

    Flask-Caching lets all of them compute at once. A failing Redis costs the cache, not the answer.
    """

    @wraps(function)
    def wrapper() -> Any:
        turns = current_app.extensions["turns"]
        if turns is None:
            return function.uncached()
        key, result = function.make_cache_key(), None
        try:
            result = cache.get(key)
            if result is None:
                with turns.lock(f"{key}.lock"):
                    result = function()  # which looks again: another may have computed it
        except turns.failures as error:
            current_app.logger.warning("Computed by this request, without the cache: %s", error)
        return function.uncached() if result is None else result

    return wrapper


@contextmanager
def turn(lock: Lock, seconds: float, _name: str) -> Iterator[None]:
    """Hold a lock of this process, or go on without it after so many seconds."""
    is_held = lock.acquire(timeout=seconds)
    try:
        yield
    finally:
        if is_held:
            lock.release()


def init_app(app: Flask, config: Config) -> None:
    """Keep results in Redis, if that is configured, or else in this process's memory."""
    options: dict[str, Any] = {"CACHE_DEFAULT_TIMEOUT": config.SUMMARY_MAX_AGE}
    turns: Turns | None
    if not config.SUMMARY_MAX_AGE:  # which would be for ever to Flask-Caching
        options |= {"CACHE_TYPE": "NullCache", "CACHE_NO_NULL_WARNING": True}
        turns = None
    elif not config.REDIS_URL:
        options |= {"CACHE_TYPE": "SimpleCache"}
        turns = Turns(partial(turn, Lock(), config.DATABASE_TIMEOUT))
    else:
        # Takes a tenth of a second to import, which nobody needs without Redis.
        from redis import Redis, RedisError  # noqa: PLC0415

        client = Redis.from_url(config.REDIS_URL, **redis_options())
        options |= {
            "CACHE_TYPE": "RedisCache",
            "CACHE_REDIS_HOST": client,
            "CACHE_KEY_PREFIX": SHARED_PREFIX,
            "CACHE_SERIALIZER": JSONSerializer,
        }

        def lock(name: str) -> AbstractContextManager[Any]:
            # Not by `cache.add`, whose lock would stay if its holder died before it sets a timeout.
            found: AbstractContextManager[Any] = client.lock(
                SHARED_PREFIX + name,
                timeout=config.DATABASE_TIMEOUT,
                blocking_timeout=config.DATABASE_TIMEOUT,
                sleep=POLL,
                raise_on_release_error=False,
            )
            return found

        turns = Turns(lock, (RedisError,))
    cache.init_app(app, options)
    app.extensions["turns"] = turns
