"""What varies by itself is told, listed, and still has to be of one kind."""

import itertools
import secrets
from typing import Any

import pytest

from lookalike.alignment import Difference
from lookalike.calls import Call
from lookalike.client import DifferentialClient
from lookalike.evidence import Evidence
from lookalike.noise import ASKED_AGAIN, TWINS
from lookalike.places import Place
from lookalike.targets import WsgiTarget
from lookalike.telling import Teller
from lookalike.tests.servers import Api, Asked, Reply, Wrong, numbers
from lookalike.tests.stories import between, create, operation, tell


def noise(client: DifferentialClient) -> dict[str, str]:
    """Return what of bodies is noise, and how that was told."""
    return {
        place.pointer: how for place, how in client.evidence.noise.items() if place.part == "body"
    }


LIST = Call(operation("GET", "/todos"))


def differences(client: DifferentialClient) -> list[Difference]:
    return [found for exchange in client.exchanges for found in exchange.differences]


def each(*values: Any, name: str = "quote") -> Wrong:
    """Show one value after the other."""
    coming = itertools.cycle(values)

    def show(_: Asked, reply: Reply) -> None:
        if isinstance(reply.body, dict):
            reply.body[name] = next(coming)

    return show


def shuffled(asked: Asked, reply: Reply) -> None:
    """List in another order each time."""
    if asked.what == "GET /todos":
        start = secrets.randbelow(2) + asked.number
        items = reply.body["items"]
        reply.body["items"] = items[start % 3 :] + items[: start % 3]


def test_equal_twins_are_no_noise() -> None:
    client = between(Api(numbers(1)), Api(numbers(101)), twin=Api(numbers(1)))
    assert tell(client) == []
    assert noise(client) == {}


def test_twins_that_make_values_of_their_own_are_no_noise() -> None:
    client = between(Api(numbers(1)), Api(numbers(101)), twin=Api(numbers(51)))
    assert tell(client) == []
    assert noise(client) == {}


def test_what_differs_between_twins_is_noise() -> None:
    client = between(
        Api(wrong=each("a", "b", "c")), Api(wrong=each("x", "y")), twin=Api(wrong=each("d", "e"))
    )
    client.send(LIST)
    client.send(LIST)
    assert differences(client) == []
    assert noise(client) == {"/quote": TWINS}


@pytest.mark.parametrize("value", [1, None, "", ["a"], True])
def test_noise_has_to_be_of_one_type(value: Any) -> None:
    client = between(
        Api(wrong=each("a", "b", "c")), Api(wrong=each(value)), twin=Api(wrong=each("d", "e"))
    )
    client.send(LIST)
    assert [(found.place.pointer, found.new) for found in differences(client)] == [
        ("/quote", value)
    ]


def test_what_is_equal_on_twins_is_no_noise() -> None:
    client = between(Api(wrong=each("a")), Api(wrong=each("b")), twin=Api(wrong=each("a")))
    client.send(LIST)
    assert [found.what for found in differences(client)] == ["value"]


def test_a_repeat_shows_noise() -> None:
    client = between(Api(wrong=each("a", "b", "c")), Api(wrong=each("x", "y", "z")))
    client.send(LIST, learn=True)
    assert differences(client) == []
    assert noise(client) == {"/quote": ASKED_AGAIN}


def test_what_varies_on_the_new_server_alone_is_a_difference() -> None:
    client = between(Api(wrong=each("a")), Api(wrong=each("x", "y", "z")))
    client.send(LIST, learn=True)
    assert len(differences(client)) == 2


def test_a_count_of_reads_is_no_noise() -> None:
    """Both count up each time; the new server has begun one too high."""
    client = between(
        Api(wrong=each(*range(9), name="views")), Api(wrong=each(*range(1, 9), name="views"))
    )
    client.send(LIST, learn=True)
    assert [found.place.pointer for found in differences(client)] == ["/views", "/views"]


def test_an_order_that_varies_by_itself() -> None:
    servers = [Api(numbers(1 + 10 * index), wrong=shuffled) for index in range(3)]
    client = between(servers[0], servers[1], twin=servers[2])
    create(client, "/todos", {"title": "One"}, learn=True)
    create(client, "/todos", {"title": "Two"})
    for _ in range(6):
        client.send(LIST, learn=True)
    found = client.rejudge()
    assert [each.differences for each in found] == [()] * len(found)
    assert Place("GET /todos", 200, "body", "/items") in client.evidence.noise


def test_noise_that_comes_late_takes_differences_back() -> None:
    client = between(Api(wrong=each("a", "b", "c", "d")), Api(wrong=each("w", "x", "y", "z")))
    client.send(LIST)
    client.send(LIST)
    assert len(differences(client)) == 2
    client.send(LIST, learn=True)
    client.rejudge()
    assert differences(client) == []
    assert noise(client) == {"/quote": ASKED_AGAIN}


def test_noise_that_comes_late_is_not_confirmed() -> None:
    """What has differed once is told again; by then it varies on the old server, too."""
    old, new = Api(wrong=each("a", "b", "c", "d")), Api(wrong=each("w", "x", "y", "z"))
    tell_again = Teller(WsgiTarget(old), WsgiTarget(new))
    assert [found.differences for found in tell_again([LIST])] == [()]
    constant = Teller(WsgiTarget(Api(wrong=each("a"))), WsgiTarget(Api(wrong=each("w", "x"))))
    assert [len(found.differences) for found in constant([LIST])] == [1]


def test_a_member_that_varies_on_two_operations_does_so_on_all() -> None:
    evidence = Evidence()
    evidence.add_noise(Place("GET /a", 200, "body", "/took"), "value", ASKED_AGAIN)
    elsewhere = Place("GET /c", 404, "body", "/took")
    assert not evidence.is_noise(elsewhere, {"value"})
    evidence.add_noise(Place("GET /b", 200, "body", "/took"), "value", ASKED_AGAIN)
    assert evidence.is_noise(elsewhere, {"value"})
    assert evidence.noise[elsewhere] == "as on GET /a"


def test_evidence_is_written_down_and_read_again() -> None:
    client = between(Api(numbers(1)), Api(numbers(101)), twin=Api(numbers(51)))
    tell(client)
    known = Evidence()
    for fact in client.evidence.facts():
        known.learn(fact)
    assert [*known.facts()] == [*client.evidence.facts()]
    assert len([*known.facts()]) > 20
