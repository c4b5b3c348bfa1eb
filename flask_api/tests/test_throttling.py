"""Counting in memory is exact, however threads take turns."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from flask_api.config import Rate
from flask_api.contract.errors import ProblemError
from flask_api.contract.throttling import Throttle

THREADS, HITS, LIMIT, ROUNDS = 8, 50, 200, 10


@pytest.fixture
def nervous_threads() -> Iterator[None]:
    """Let threads take turns within every few instructions."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_as_many_events_are_admitted_as_are_allowed(app: Flask, nervous_threads: None) -> None:
    throttle = Throttle(Rate(LIMIT, 600), None)
    ready = Barrier(THREADS)

    def admitted(key: str) -> int:
        ready.wait()
        return sum(is_admitted(key) for _ in range(HITS))

    def is_admitted(key: str) -> bool:
        with app.app_context():
            try:
                throttle.count(key)
            except ProblemError:
                return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(ROUNDS):
            assert sum(pool.map(admitted, [f"key {number}"] * THREADS)) == LIMIT
