"""Limits that all processes count together, in Redis."""

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

if TYPE_CHECKING:  # which imports this module where Redis is configured
    from drf_api.contract.throttling import Windows

PATIENCE = 0.2  # seconds to connect, and for an answer

logger = logging.getLogger(__name__)


class RedisWindows:
    """Counts in Redis; Django's cache can't count and tell the time in one step."""

    def __init__(self, url: str) -> None:
        self.redis = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), retries=1),  # the connection may have been closed meanwhile
        )

    def count(self, key: str, seconds: int) -> tuple[int, int]:
        """Count an event; return how many there are and how many milliseconds are left."""
        with self.redis.pipeline() as steps:  # one transaction
            steps.set(key, 0, ex=seconds, nx=True)
            steps.incr(key)
            steps.pttl(key)
            _, number, left = steps.execute()
        return number, left

    def look(self, key: str) -> tuple[int, int]:
        """Return the same without counting anything."""
        with self.redis.pipeline() as steps:
            steps.get(key)
            steps.pttl(key)
            number, left = steps.execute()
        return int(number or 0), left

    def forget(self, key: str) -> None:
        """Forget what was counted."""
        self.redis.delete(key)


class SharedWindows:
    """Counts in Redis; while that fails, each process counts by itself rather than not at all."""

    def __init__(self, url: str, own: "Windows") -> None:
        self.shared, self.own = RedisWindows(url), own

    def count(self, key: str, seconds: int) -> tuple[int, int]:
        """Count an event; return how many there are and how many milliseconds are left."""
        try:
            return self.shared.count(key, seconds)
        except redis.RedisError as error:
            logger.warning("This process counts limits alone, as Redis fails: %s", error)
            return self.own.count(key, seconds)

    def look(self, key: str) -> tuple[int, int]:
        """Return the same without counting anything."""
        try:
            return self.shared.look(key)
        except redis.RedisError as error:
            logger.warning("This process counts limits alone, as Redis fails: %s", error)
            return self.own.look(key)

    def forget(self, key: str) -> None:
        """Forget what was counted in either place."""
        self.own.forget(key)
        with suppress(redis.RedisError):
            self.shared.forget(key)
