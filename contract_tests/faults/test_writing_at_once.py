"""Many concurrent writers: nothing is lost, nothing is done twice (openapi.yaml, Writing)."""

import time
from dataclasses import replace

import pytest

from contract_tests.cast import Actor, log_in, register
from contract_tests.differential_client import DifferentialClient
from contract_tests.faults.checks import assert_sound
from contract_tests.faults.conftest import Much, Note
from contract_tests.faults.systems import Fleet, Place
from contract_tests.faults.writers import Tally, at_once, post
from contract_tests.operations.expected import a_product

pytestmark = pytest.mark.own_servers

WRITERS, AT_ONCE = 8, 50


def people(place: Place, actor: Actor) -> list[Actor]:
    """Return somebody at each server of a place."""
    return [
        replace(actor, client=DifferentialClient([server.base_url])) for server in place.servers
    ]


def staff(place: Place) -> Actor:
    """Return somebody who may write to the catalogue."""
    return log_in(DifferentialClient([place.servers[0].base_url]), "sam", "sam-demo-password")


def somebody(place: Place) -> Actor:
    """Register a new user."""
    return register(DifferentialClient([place.servers[0].base_url]), "alice")


def test_stock_adjustments_by_eight_writers(
    place: Place, fleet: Fleet, where: str, note: Note, much: Much
) -> None:
    sam, each = staff(place), much(10, 500)
    product = sam.post("/api/products", a_product())
    movements, tally = f"{product.headers['location']}/stock-adjustments", Tally()

    def adjust(writer: int) -> None:
        for number in range(each):
            delta = 3 if (writer + number) % 2 else -2
            body = {"delta": delta, "reason": "corrected"}
            post(place, movements, sam.token or "", body, tally)

    start = time.monotonic()
    at_once(WRITERS, adjust)
    seconds = time.monotonic() - start
    assert {*tally.statuses} <= {201, 409}, tally.statuses
    assert tally.statuses.total() == WRITERS * each
    total = sum(body["delta"] for body in tally.acknowledged)
    stock = [actor.get(product.headers["location"]).json["stock"] for actor in people(place, sam)]
    assert {*stock} == {total}
    assert total >= 0
    balances = [body["balance"] for body in tally.acknowledged]
    assert min(balances) >= 0  # never oversold, not even in between
    assert_sound(fleet.url)
    note(
        where,
        writers=WRITERS,
        adjustments_each=each,
        acknowledged=tally.statuses[201],
        refused_as_oversold=tally.statuses[409],
        sum_of_the_acknowledged=total,
        final_stock=stock[0],
        faults=tally.faults,
        writes_per_second=round(tally.statuses.total() / seconds),
    )
