"""GET /api/openapi.json: getContractAsJson."""

import pytest

from contract_tests.cast import Actor
from contract_tests.contract import CONTRACT
from contract_tests.operations.expected import assert_problem, compact

PATH = "/api/openapi.json"


def test_it_works(anybody: Actor) -> None:
    answer = anybody.get(PATH)
    assert answer.status == 200
    assert answer.body == compact(CONTRACT)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/problem+json", "application/json"),
        ("application/openapi+json", "application/openapi+json"),
        ("application/json;q=0.5, application/openapi+json", "application/openapi+json"),
        ("application/openapi+json;q=0.5, */*;q=0.6", "application/json"),
    ],
)
def test_accept_decides_between_the_media_types(
    anybody: Actor, accept: str, media_type: str
) -> None:
    answer = anybody.get(PATH, headers={"Accept": accept})
    assert answer.status == 200
    assert answer.headers["content-type"] == media_type
    assert answer.body == anybody.get(PATH).body


@pytest.mark.parametrize("accept", ["application/yaml", "application/openapi+yaml", "text/*"])
def test_it_is_nothing_else(anybody: Actor, accept: str) -> None:
    answer = anybody.get(PATH, headers={"Accept": accept})
    assert_problem(answer, "not-acceptable", PATH)
