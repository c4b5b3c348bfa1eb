"""Caches whose results are computed by one request at a time (contract: getProductSummary)."""

import json
import logging
from contextlib import suppress
from functools import cache
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from drf_api.contract.throttling import redis_options

POLL = 0.01  # seconds between two looks at what another request computes

logger = logging.getLogger(__name__)


class ComputedOnceMixin(BaseCache):
    """Lets one request compute what is missing, while the others wait for it.

    Django's `get_or_set` lets all of them compute at once, and keeps the first result.
    """

    def get_or_set(
        self, key: Any, default: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> Any:
        compute = default if callable(default) else lambda: default
        lock, patience = f"{key}.lock", settings.DATABASE_TIMEOUT
        deadline = monotonic() + patience
        while (found := self.get(key, version=version)) is None and monotonic() < deadline:
            if self.add(lock, 1, patience, version):
                try:
                    return self.look_again(key, compute, timeout, version)
                finally:
                    self.delete(lock, version)
            sleep(POLL)
        return compute() if found is None else found

    def look_again(self, key: Any, compute: Any, timeout: Any, version: int | None) -> Any:
        """Compute a result, unless another request has done so just before."""
        if (found := self.get(key, version=version)) is None:
            found = compute()
            self.set(key, found, timeout, version)
        return found


class ProcessCache(ComputedOnceMixin, LocMemCache):
    """Keeps results in the memory of each process."""


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

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        options = {"serializer": JSONSerializer, **redis_options()}
        super().__init__(server, {**params, "OPTIONS": options})

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
