"""How long a client is told to wait, where Redis counts."""

import time
from unittest.mock import Mock, patch

import pytest

from drf_api.contract.throttling import redis_storage


@pytest.mark.parametrize(("milliseconds", "seconds"), [(1400, 1.4), (1600, 1.6), (-2, 0)])
def test_a_window_ends_when_redis_lets_it_end(milliseconds: int, seconds: float) -> None:
    rounded = -2 if milliseconds < 0 else round(milliseconds / 1000)  # as Redis answers TTL
    storage = redis_storage("redis://localhost:1/0")
    client = Mock(ttl=Mock(return_value=rounded), pttl=Mock(return_value=milliseconds))
    with (
        patch.object(storage, "storage", client),
        patch.object(storage, "get_connection", lambda *_: client),
    ):
        left = storage.get_expiry("key") - time.time()
    assert left == pytest.approx(seconds, abs=0.1)
