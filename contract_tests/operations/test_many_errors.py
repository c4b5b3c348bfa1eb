"""Of more than 100 errors any 100 are listed (openapi.yaml, Errors)."""

from collections.abc import Iterator
from typing import Any

import pytest

from contract_tests.cast import Actor, register
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import a_todo, assert_problem, error

LISTED = 100


@pytest.fixture(scope="module")
def writers(base_urls: list[str]) -> Iterator[list[Actor]]:
    """Return a user at each server by itself: which of many errors are listed is its choice."""
    clients = [DifferentialClient([base_url]) for base_url in base_urls]
    yield [register(client, "writer") for client in clients]
    for client in clients:
        client.close()


def unknown(number: int) -> dict[str, Any]:
    """Return properties that nobody knows."""
    return {f"p{n}/": n for n in range(number)}


def assert_some_are_listed(answer: Answer, kind: str, among: set[str]) -> None:
    """Hold an answer to 100 of the errors, each of them once, in their order."""
    found = [found[kind] for found in answer.json["errors"]]
    assert len(found) == LISTED
    assert found == sorted({*found})
    assert {*found} <= among


def test_all_of_100_are_listed(writer: Actor) -> None:
    names = sorted(f"/p{n}~1" for n in range(LISTED))
    answer = writer.post("/api/todos", {"title": "a", **unknown(LISTED)})
    errors = [error(name, "unknown_property") for name in names]
    assert_problem(answer, "invalid-body", "/api/todos", *errors)


@pytest.mark.parametrize("number", [101, 1000, 40_000])
def test_some_of_more_are_listed(writers: list[Actor], number: int) -> None:
    for writer in writers:
        answer = writer.post("/api/todos", {"title": 1, **unknown(number)})
        assert answer.status == 422
        among = {"/title", *(f"/p{n}~1" for n in range(number))}
        assert_some_are_listed(answer, "pointer", among)


def test_they_are_counted_over_the_whole_body(writers: list[Actor]) -> None:
    entries = [a_todo(**unknown(60)) for _ in range(3)]
    among = {f"/todos/{n}/p{m}~1" for n in range(3) for m in range(60)}
    for writer in writers:
        answer = writer.post("/api/todos/bulk", {"todos": entries})
        assert_some_are_listed(answer, "pointer", among)


def test_some_of_a_query_are_listed(writers: list[Actor]) -> None:
    names = {f"z{n}" for n in range(150)}
    for writer in writers:
        answer = writer.get("/api/todos?" + "&".join(f"{name}=1" for name in names))
        assert answer.status == 400
        assert_some_are_listed(answer, "parameter", names)
