"""GET /api/problems/{name}: getProblem."""

import pytest

from contract_tests.cast import Actor
from contract_tests.operations.expected import PROBLEMS, assert_problem


@pytest.mark.parametrize("name", PROBLEMS)
def test_it_works(anybody: Actor, name: str) -> None:
    answer = anybody.get(f"/api/problems/{name}")
    assert answer.status == 200
    assert answer.body.decode() == f"{PROBLEMS[name]['title']}\n\n{PROBLEMS[name]['text']}\n"


def test_it_is_where_a_problem_says(anybody: Actor) -> None:
    answer = anybody.get(anybody.get("/api/nowhere").json["type"])
    assert answer.body.startswith(b"Not found\n\n")


@pytest.mark.parametrize("name", ["nothing", "Not-Found", "not-found.txt", "not_found"])
def test_it_does_not_know_others(anybody: Actor, name: str) -> None:
    path = f"/api/problems/{name}"
    assert_problem(anybody.get(path), "not-found", path)


@pytest.mark.parametrize(
    "accept", ["text/plain", "text/*", "TEXT/Plain;q=0.5", "application/problem+json"]
)
def test_it_is_text(anybody: Actor, accept: str) -> None:
    assert anybody.get("/api/problems/not-found", headers={"Accept": accept}).status == 200


@pytest.mark.parametrize("accept", ["application/json", "text/html", "text/plain;q=0"])
def test_it_is_nothing_else(anybody: Actor, accept: str) -> None:
    path = "/api/problems/not-found"
    answer = anybody.get(path, headers={"Accept": accept})
    assert_problem(answer, "not-acceptable", path)
