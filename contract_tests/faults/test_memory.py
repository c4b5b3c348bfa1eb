"""Memory under sustained load does not grow."""

import threading
import time
from collections import Counter
from statistics import mean

import pytest

from contract_tests.cast import Actor
from contract_tests.faults.conftest import Note, log
from contract_tests.faults.systems import Fleet, Place
from contract_tests.faults.test_writing_at_once import people, somebody
from contract_tests.faults.writers import at_once
from contract_tests.operations.expected import a_todo

pytestmark = pytest.mark.own_servers

CLIENTS = 4
EVERY = 10  # seconds
MIB = 2**20
ALLOWED = 10  # MiB from the second quarter to the last: what is noise, and what would be a leak


def load(actor: Actor, until: float, counts: Counter[int], lock: threading.Lock) -> None:
    """Create, change, list, miss and delete for as long as is wanted."""
    while time.monotonic() < until:
        created = actor.post("/api/todos", a_todo(tags=["a"], items=[{"text": "a"}]))
        path = created.headers["location"]
        answers = [
            created,
            actor.get("/api/todos?limit=50&sort=-created_at"),
            actor.get("/api/products?q=mug"),
            actor.patch(path, {"completed": True}),
            actor.patch(path, {"priority": 3}),
            actor.get("/api/products/summary"),
            actor.delete(path),
            actor.get(path),
        ]
        with lock:
            counts.update(answer.status for answer in answers)


def memory(place: Place) -> dict[str, int]:
    """Return how much memory each server's workers have, in bytes."""
    return {
        server.name: sum(worker.memory_info().rss for worker in server.workers())
        for server in place.servers
    }


def test_memory_over_a_load_that_lasts(
    fleet: Fleet, base: str, note: Note, request: pytest.FixtureRequest
) -> None:
    if not request.config.option.full:
        pytest.skip("takes ten minutes for each database: make faults")
    minutes = float(request.config.option.load_minutes)
    both = fleet.places()[-1]
    there = people(both, somebody(both))
    counts, lock, samples = Counter[int](), threading.Lock(), list[dict[str, int]]()
    until = time.monotonic() + minutes * 60

    def sample() -> None:
        while time.monotonic() < until:
            samples.append(memory(both))
            if len(samples) % 6 == 0:
                log(f"{base}: {counts.total()} requests, {samples[-1]} bytes")
            time.sleep(EVERY)

    at_once(
        CLIENTS + 1,
        lambda n: load(there[n % len(there)], until, counts, lock) if n < CLIENTS else sample(),
    )
    assert {*counts} == {200, 201, 204, 404, 422}
    quarter = len(samples) // 4
    for name in samples[0]:
        sizes = [each[name] / MIB for each in samples]
        early, late = mean(sizes[quarter : 2 * quarter]), mean(sizes[-quarter:])
        note(
            f"{name}, {base}",
            minutes=minutes,
            requests_to_both=counts.total(),
            MiB_at_the_beginning=round(sizes[0], 1),
            MiB_in_the_second_quarter=round(early, 1),
            MiB_in_the_last_quarter=round(late, 1),
        )
        assert late - early < ALLOWED * len(fleet.servers[name].workers())
