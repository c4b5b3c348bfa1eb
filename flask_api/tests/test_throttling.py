"""Counting in memory is exact, however threads take turns."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Barrier

import pytest

from flask_api.contract.throttling import ExactMemoryStorage

THREADS, HITS, ROUNDS = 8, 50, 10


@pytest.fixture
def nervous_threads() -> Iterator[None]:
    """Let threads take turns within every few instructions."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_each_event_has_a_number_of_its_own(nervous_threads: None) -> None:
    storage = ExactMemoryStorage()
    ready = Barrier(THREADS)

    def count(key: str) -> list[int]:
        ready.wait()
        return [storage.incr(key, 600) for _ in range(HITS)]

    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(ROUNDS):
            counts = pool.map(count, [f"key {number}"] * THREADS)
            assert sorted(chain.from_iterable(counts)) == [*range(1, THREADS * HITS + 1)]
