"""Of many errors the first 100 are listed (openapi.yaml, Errors)."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.operations.expected import a_todo, assert_problem, error

LISTED = 100


def unknown(names: list[str]) -> dict[str, Any]:
    """Return properties that nobody knows."""
    return dict.fromkeys(names, 1)


def expected(names: list[str], where: str = "") -> list[dict[str, str]]:
    """Return the errors of such properties, in their order."""
    pointers = [f"{where}/{name.replace('~', '~0').replace('/', '~1')}" for name in names]
    return [error(pointer, "unknown_property") for pointer in sorted(pointers)]


def names_of(number: int) -> list[str]:
    """Return names of which the last comes first, and which are hardest to order at the 100th."""
    edge = ["m~", "m/", "m~0", "m}", "m\x7f", "mé", "m😀", "m"]
    before = [f"a{n}" for n in range(LISTED - 4)]
    return [*[f"z{n}" for n in range(number)][: number - len(before) - len(edge)], *edge, *before]


@pytest.mark.parametrize("number", [104, 105, 1000])
def test_the_first_100_of_a_body_are_listed(writer: Actor, number: int) -> None:
    names = names_of(number)
    answer = writer.post("/api/todos", {"title": "a", **unknown(names)})
    assert_problem(answer, "invalid-body", "/api/todos", *expected(names)[:LISTED])


def test_all_of_100_are_listed(writer: Actor) -> None:
    names = [f"p{n}" for n in range(LISTED)]
    answer = writer.post("/api/todos", {"title": "a", **unknown(names)})
    assert_problem(answer, "invalid-body", "/api/todos", *expected(names))


def test_they_are_counted_over_the_whole_body(writer: Actor) -> None:
    entries = [a_todo(**unknown([f"p{n}" for n in range(60)])) for _ in range(3)]
    found = [e for n in range(3) for e in expected([f"p{m}" for m in range(60)], f"/todos/{n}")]
    answer = writer.post("/api/todos/bulk", {"todos": entries})
    assert_problem(answer, "invalid-body", "/api/todos/bulk", *found[:LISTED])


def test_what_is_not_listed_is_wrong_all_the_same(writer: Actor) -> None:
    names = [f"a{n}" for n in range(LISTED)]
    answer = writer.post("/api/todos", {"title": 1, "tags": 1, **unknown(names)})
    assert_problem(answer, "invalid-body", "/api/todos", *expected(names))


def test_known_properties_have_their_place_among_them(writer: Actor) -> None:
    names = [f"z{n}" for n in range(LISTED + 50)]
    answer = writer.post("/api/todos", {"title": 1, **unknown(names)})
    found = [error("/title", "invalid_type", "Must be a string."), *expected(names)]
    assert_problem(answer, "invalid-body", "/api/todos", *found[:LISTED])


def test_the_first_100_of_a_query_are_listed(writer: Actor) -> None:
    names = [*(f"z{n}" for n in range(150)), "m~", "m/", "m}", *(f"a{n}" for n in range(98))]
    answer = writer.get("/api/todos?" + "&".join(f"{name}=1" for name in names))
    listed = sorted(names)[:LISTED]
    assert [found["parameter"] for found in answer.json["errors"]] == listed
    assert {found["code"] for found in answer.json["errors"]} == {"unknown_parameter"}
