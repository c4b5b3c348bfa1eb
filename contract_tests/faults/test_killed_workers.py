"""Workers killed during writes: acknowledged writes persist, and are done once.

A writer whose connection breaks sends its write again under its key (openapi.yaml, Idempotency).
"""

import random
import threading
import time
from contextlib import suppress

import psutil
import pytest

from contract_tests.faults.checks import assert_sound
from contract_tests.faults.conftest import Much, Note, log
from contract_tests.faults.systems import Fleet, Place
from contract_tests.faults.test_writing_at_once import staff
from contract_tests.faults.writers import Tally, at_once, post
from contract_tests.fleet.databases import select
from contract_tests.operations.expected import a_product

pytestmark = pytest.mark.own_servers

WRITERS = 8
RESPAWN_SECONDS = 30  # a bound against hangs, not an expectation


class Killer(threading.Thread):
    """Kills a worker whenever some more writes are acknowledged, until it is told to stop."""

    def __init__(self, place: Place, tally: Tally, every: int) -> None:
        super().__init__()
        self.place, self.tally, self.every = place, tally, every
        self.kills = 0
        self.stopped = threading.Event()

    def run(self) -> None:
        """Kill; there is always another worker left, and gunicorn replaces the one that is gone."""
        aim = self.every
        while not self.stopped.wait(0.005):
            if len(self.tally.acknowledged) >= aim:
                self.kill_one()
                aim = len(self.tally.acknowledged) + self.every

    def kill_one(self) -> None:
        """Kill a worker of one of the servers."""
        server = random.choice(self.place.servers)  # noqa: S311 – any will do
        workers = server.workers()
        if len(workers) > 1:
            with suppress(psutil.NoSuchProcess):
                random.choice(workers).kill()  # noqa: S311 – as above
                self.kills += 1


def test_workers_killed_amid_their_writes(
    place: Place, fleet: Fleet, where: str, note: Note, much: Much
) -> None:
    sam = staff(place)
    product = sam.post("/api/products", a_product())
    movements, tally = f"{product.headers['location']}/stock-adjustments", Tally()
    aim, kills = much(120, 1700), much(2, 17)
    killer = Killer(place, tally, max(1, aim // (kills + 1)))

    def write(writer: int) -> None:
        number = 0
        while len(tally.acknowledged) < aim or killer.kills < kills:
            body = {"delta": 1 + number % 3, "reason": "received", "note": f"{writer}-{number}"}
            post(place, movements, sam.token or "", body, tally, again=True)
            number += 1
            if writer == number % 100 == 0:
                log(f"{where}: {len(tally.acknowledged)} acknowledged, {killer.kills} killed")

    killer.start()
    try:
        at_once(WRITERS, write)
    finally:
        killer.stopped.set()
        killer.join()
    assert {*tally.statuses} <= {201, 503}, tally.statuses
    by_product = f"product_id = '{stored_id(fleet, product.json['id'])}'"
    stored = select(fleet.url, f"SELECT note, delta FROM stock_adjustments WHERE {by_product}")  # noqa: S608 – made here
    acknowledged = [(body["note"], body["delta"]) for body in tally.acknowledged]
    assert sorted(stored) == sorted(acknowledged)
    checked = assert_sound(fleet.url)
    wait_for_workers(place)
    sam = staff(place)  # over a connection whose worker lives
    assert sam.get(product.headers["location"]).json["stock"] == sum(d for _, d in acknowledged)
    note(
        where,
        kills=killer.kills,
        acknowledged=len(acknowledged),
        broken_connections_retried=tally.broken,
        refusals_by_503_retried=tally.statuses[503],
        lost=len({*acknowledged} - {*stored}),
        doubled=len(stored) - len({*stored}),
        checks="; ".join(checked),
    )


def stored_id(fleet: Fleet, product_id: str) -> str:
    """Return an id as the database writes it."""
    return product_id.replace("-", "") if fleet.is_on_sqlite else product_id


def wait_for_workers(place: Place) -> None:
    """Return when gunicorn has replaced the killed workers."""
    deadline = time.monotonic() + RESPAWN_SECONDS
    while any(len(server.workers()) < 2 for server in place.servers):
        assert time.monotonic() < deadline
        time.sleep(0.1)
