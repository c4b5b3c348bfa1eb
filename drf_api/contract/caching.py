"""Caches whose results are computed by one request at a time (contract: getProductSummary)."""

import json
import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from drf_api.contract.throttling import redis_options

POLL = 0.01  # seconds between two looks at a lock in Redis

logger = logging.getLogger(__name__)
locks: dict[str, Lock] = {}  # for all threads, each of which has a cache of its own


class ComputedOnceMixin(BaseCache):
    """Lets one request compute what is missing, while the others wait for it.

    Django's `get_or_set` lets all of them compute at once, and keeps the first result.
    """

    def turn(self, name: str) -> AbstractContextManager[Any]:
        """Return a lock: who computes has it until the end, or until others have lost patience."""
        raise NotImplementedError

    def get_or_set(
        self, key: Any, default: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> Any:
        if (found := self.get(key, version=version)) is not None:
            return found
        with self.turn(self.make_key(f"{key}.lock", version)):
            found = self.get(key, version=version)
            if found is None:  # or another request has computed it meanwhile
                found = default() if callable(default) else default
                self.set(key, found, timeout, version)
        return found


class ProcessCache(ComputedOnceMixin, LocMemCache):
    """Keeps results in the memory of each process."""

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Hold a lock of this process, or go on without it, as nobody waits for ever."""
        lock = locks.setdefault(name, Lock())
        is_held = lock.acquire(timeout=settings.DATABASE_TIMEOUT)
        try:
            yield
        finally:
            if is_held:
                lock.release()


class JSONSerializer:
    """Writes what both twins read; unpickling would run what Redis says."""

    def dumps(self, obj: Any) -> str:
        return json.dumps(obj)

    def loads(self, data: bytes) -> Any:
        """Return a value; what is none is missing, and computed anew."""
        with suppress(ValueError):
            return json.loads(data)


class SharedCache(ComputedOnceMixin, RedisCache):
    """Keeps results in Redis; while that fails, each request computes its own."""

    def __init__(self, server: list[str], params: dict[str, Any]) -> None:
        [self.url] = server
        options = {"serializer": JSONSerializer, **redis_options()}
        super().__init__(server, {**params, "OPTIONS": options})

    def turn(self, name: str) -> AbstractContextManager[Any]:
        """Hold a lock of redis-py's, which ends by itself, and never ends another's."""
        found: AbstractContextManager[Any] = redis_client(self.url).lock(
            name,
            timeout=settings.DATABASE_TIMEOUT,
            blocking_timeout=settings.DATABASE_TIMEOUT,
            sleep=POLL,
            raise_on_release_error=False,
        )
        return found

    def get_or_set(
        self, key: Any, default: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> Any:
        # Takes a tenth of a second to import, which nobody needs without Redis.
        from redis import RedisError  # noqa: PLC0415

        # At most once, also if Redis fails in the end.
        compute = cache(default if callable(default) else lambda: default)
        try:
            return super().get_or_set(key, compute, timeout, version)
        except RedisError as error:
            logger.warning("Computed by this request, without the cache: %s", error)
            return compute()


@cache
def redis_client(url: str) -> Any:
    """Return the process's client, for what Django's cache doesn't have."""
    # Takes a tenth of a second to import, which nobody needs without Redis.
    from redis import Redis  # noqa: PLC0415

    return Redis.from_url(url, **redis_options())
