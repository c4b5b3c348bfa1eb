"""Many writers at once: nothing is lost, nothing happens twice (openapi.yaml, Writing)."""

import time
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from contract_tests.cast import Actor, log_in, nobody, register
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.faults.checks import assert_sound
from contract_tests.faults.conftest import Much, Note
from contract_tests.faults.systems import Fleet, Place
from contract_tests.faults.writers import Tally, at_once, post
from contract_tests.fleet.databases import select
from contract_tests.operations.expected import a_product, a_todo, a_user

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
    """Return a new user."""
    return register(DifferentialClient([place.servers[0].base_url]), "alice")


def send_at_once(place: Place, actor: Actor, send: Any) -> list[Answer]:
    """Let somebody send 50 requests at the same time, in turn to each server."""
    there = people(place, actor)
    return at_once(AT_ONCE, lambda number: send(there[number % len(there)], number))


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


def test_patches_of_one_entity_tag(place: Place, where: str, note: Note) -> None:
    alice = somebody(place)
    todo = alice.post("/api/todos", a_todo())
    path, condition = todo.headers["location"], {"If-Match": todo.headers["etag"]}
    answers = send_at_once(
        place, alice, lambda who, n: who.patch(path, {"notes": f"{n}"}, headers=condition)
    )
    statuses = Counter(answer.status for answer in answers)
    assert statuses == {200: 1, 412: AT_ONCE - 1}
    [success] = [answer for answer in answers if answer.status == 200]
    assert {actor.get(path).body for actor in people(place, alice)} == {success.body}
    note(where, at_once=AT_ONCE, succeeded=statuses[200], refused_by_412=statuses[412])


def test_posts_with_one_key(place: Place, where: str, note: Note) -> None:
    alice, key = somebody(place), {"Idempotency-Key": uuid4().hex}
    answers = send_at_once(
        place, alice, lambda who, _: who.post("/api/todos", {"title": "Once"}, headers=key)
    )
    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
    firsts = sum("idempotency-replayed" not in answer.headers for answer in answers)
    rows = len(alice.get("/api/todos").json["items"])
    assert (firsts, rows) == (1, 1)
    note(where, at_once=AT_ONCE, equal_answers=len(answers), rows=rows)


def test_registrations_of_one_username(
    place: Place, fleet: Fleet, where: str, note: Note, much: Much
) -> None:
    pairs = much(2, 20)
    statuses = Counter[int]()
    for _ in range(pairs):
        user = a_user()
        there = people(place, nobody(DifferentialClient([place.servers[0].base_url])))
        answers = at_once(2, lambda n: there[n % len(there)].post("/api/users", user))  # noqa: B023 – is over before the next one
        assert sorted(answer.status for answer in answers) == [201, 409]
        statuses.update(answer.status for answer in answers)
        named = f"SELECT count(*) FROM users WHERE username = '{user['username']}'"  # noqa: S608 – made here
        assert select(fleet.url, named) == [(1,)]
    note(where, pairs=pairs, registered=statuses[201], refused_by_409=statuses[409])
