"""Limits that all processes count together, in Redis."""

import time

import redis
from limits.storage import RedisStorage
from redis.backoff import NoBackoff
from redis.retry import Retry

PATIENCE = 0.2  # seconds to connect, and for an answer


class ExactRedisStorage(RedisStorage):
    """Tells when a window ends to the millisecond; Redis rounds whole seconds, down as well."""

    def get_expiry(self, key: str) -> float:
        left: int = self.storage.pttl(self.prefixed_key(key))
        return time.time() + max(left, 0) / 1000


def shared_storage(url: str) -> ExactRedisStorage:
    """Return a storage that fails soon, with a StorageError, where Redis does."""
    pool = redis.ConnectionPool.from_url(
        url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), retries=1),  # the connection may have been closed meanwhile
    )
    return ExactRedisStorage(url, connection_pool=pool, wrap_exceptions=True)
