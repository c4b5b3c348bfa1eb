"""Writers that retry: each sends a write, with its key, until it is acknowledged."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from contract_tests.client import Answer, Connection, Request
from contract_tests.faults.systems import Place

BROKEN = (OSError, http.client.HTTPException)
PATIENCE = 60  # seconds for which a writer tries again


@dataclass
class Tally:
    """What came of many writes."""

    acknowledged: list[dict[str, Any]] = field(default_factory=list)  # the bodies of all 201
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0  # connections without an answer
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: Answer) -> None:
        """Count an answer."""
        with self._lock:
            self.statuses[answer.status] += 1
            if answer.status == 201:
                self.acknowledged.append(answer.json)

    def note_broken(self) -> None:
        """Count a connection that broke."""
        with self._lock:
            self.broken += 1

    @property
    def faults(self) -> int:
        """How many answers were faults of the server."""
        return sum(number for status, number in self.statuses.items() if status >= 500)


def post(
    place: Place,
    target: str,
    token: str,
    body: dict[str, Any],
    tally: Tally,
    *,
    again: bool = False,
) -> Answer:
    """Send one write under a key until somebody answers, if need be again after a 503."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid4().hex,
    }
    request = Request("POST", target, headers, json.dumps(body).encode())
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with closing(Connection(place.next().base_url)) as connection:
                connection.begin(request)
                answer = connection.finish()
        except BROKEN:
            tally.note_broken()
            assert time.monotonic() < deadline, "nobody answers"
            time.sleep(0.05)
            continue
        tally.note(answer)
        if answer.status != HTTPStatus.SERVICE_UNAVAILABLE or not again:
            return answer
        time.sleep(0.05)  # sooner than `Retry-After` says, which makes it harder


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Let so many act at the same time."""
    barrier = threading.Barrier(number)

    def wait_and_act(which: int) -> Any:
        barrier.wait()
        return act(which)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(wait_and_act, range(number)))
