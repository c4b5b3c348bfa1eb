"""Ids are found where answers show them, and go where paths, queries and bodies take them."""

import json
from random import Random
from typing import Any

import pytest

from lookalike.calls import Call
from lookalike.client import Exchange, Outcomes
from lookalike.http import Answer, Request
from lookalike.openapi import Contract
from lookalike.pools import Pools, singular, slot_path

LINKS = {
    "201": {
        "description": "Made",
        "links": {
            "read": {
                "operationId": "readShelf",
                "parameters": {"shelf": "$response.body#/made/here"},
            }
        },
    }
}
CONTRACT = Contract(
    {
        "openapi": "3.1.0",
        "info": {"title": "Books", "version": "1"},
        "paths": {
            "/books": {"get": {"responses": {}}, "post": {"responses": {}}},
            "/books/bulk": {"post": {"responses": {}}},
            "/books/{bookId}": {"get": {"responses": {}}},
            "/books/{bookId}/pages/{number}": {"get": {"responses": {}}},
            "/books/{bookId}/pages": {"post": {"responses": {}}},
            "/loans": {"post": {"responses": {}}},
            "/shelves": {"post": {"responses": LINKS}},
            "/shelves/{shelf}": {"get": {"operationId": "readShelf", "responses": {}}},
        },
    }
)


def harvested(
    method: str, path: str, body: Any, *fields: tuple[str, str], at: dict[str, Any] | None = None
) -> Pools:
    """Return what a 201 shows, to whose body another server's is alike but for larger ids."""
    operation = next(each for each in CONTRACT.operations if each.name == f"{method} {path}")
    pools = Pools(CONTRACT, "123456")
    answers = [
        Answer(201, (("Content-Type", "application/json"), *fields), json.dumps(value).encode())
        for value in (body, body)
    ]
    call = Call(operation, at or {}, actor="ann")
    request = Request(method, path)
    pools.harvest(Exchange(0, call, (request, request), Outcomes(answers[0], answers[1])))
    return pools


@pytest.mark.parametrize(
    ("name", "path", "body", "slot", "values"),
    [
        pytest.param("GET", "/books", {"items": [{"id": 3}, {"id": 4}]}, "/books/{}", [3, 4]),
        pytest.param("GET", "/books", [{"book_id": "a"}], "/books/{}", ["a"], id="by its name"),
        pytest.param("POST", "/books/bulk", {"books": [{"id": 3}]}, "/books/{}", [3], id="bulk"),
        pytest.param("POST", "/loans", {"id": 9, "bookId": 3}, "/books/{}", [3], id="reference"),
        pytest.param("POST", "/loans", {"book": {"id": 3}}, "/books/{}", [3], id="inside another"),
        pytest.param("POST", "/loans", {"id": 9, "done": True}, "/books/{}", [], id="another kind"),
        pytest.param("POST", "/shelves", {"made": {"here": "x"}}, "/shelves/{}", ["x"], id="link"),
    ],
)
def test_ids_are_found_in_answers(
    name: str, path: str, body: Any, slot: str, values: list[Any]
) -> None:
    pools = harvested(name, path, body)
    assert [item.made.value for item in pools.slots[slot].items] == values


def test_a_location_shows_an_id_and_what_it_is_below() -> None:
    pools = harvested(
        "POST", "/books/{bookId}/pages", {}, ("Location", "/books/7/pages/2"), at={"bookId": 7}
    )
    [item] = pools.slots["/books/{}/pages/{}"].items
    assert (item.made.part, item.made.value) == ("location", "2")
    assert item.above == {"/books/{}": 7}


def test_references_are_told_by_their_names() -> None:
    pools = harvested("GET", "/books", [{"id": 3}])
    taking = {
        name
        for name in ("book_id", "bookId", "book", "books", "id", "page")
        if pools.reference(name)
    }
    assert taking == {"book_id", "bookId", "book", "books"}


def test_what_is_lost_is_chosen_no_more() -> None:
    pools = harvested("POST", "/books", {"id": 3})
    slot, random = pools.slots["/books/{}"], Random(0)  # noqa: S311 - repeatable
    item = pools.choose(slot, "ann", random, own=True)
    assert item is not None
    pools.lose(Call(CONTRACT.operations[3], {"bookId": item.made}, actor="ann"))
    assert pools.choose(slot, "ann", random, own=True) is None


def test_slots_and_nouns() -> None:
    assert slot_path("/books/{bookId}/pages/{number}", "bookId") == "/books/{}"
    assert slot_path("/books/{bookId}/pages/{number}", "number") == "/books/{}/pages/{}"
    assert [singular(name) for name in ("books", "boxes", "stories", "glass")] == [
        "book",
        "box",
        "story",
        "glass",
    ]
