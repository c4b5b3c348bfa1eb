"""GET /api/openapi.yaml: getContract."""

import pytest

from contract_tests.cast import Actor
from contract_tests.contract import CONTRACT_FILE
from contract_tests.operations.expected import assert_problem


def test_it_works(anybody: Actor) -> None:
    answer = anybody.get("/api/openapi.yaml")
    assert answer.status == 200
    assert answer.body == CONTRACT_FILE.read_bytes()


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/yaml", "application/yaml"),
        ("application/*", "application/yaml"),
        ("Application/YAML;q=0.5", "application/yaml"),
        ("application/problem+json", "application/yaml"),
        ("application/openapi+yaml", "application/openapi+yaml"),
        ("Application/OpenAPI+YAML, application/yaml;q=0.9", "application/openapi+yaml"),
        ("application/yaml;q=0.1, application/*", "application/openapi+yaml"),
    ],
)
def test_accept_decides_between_the_media_types(
    anybody: Actor, accept: str, media_type: str
) -> None:
    answer = anybody.get("/api/openapi.yaml", headers={"Accept": accept})
    assert answer.status == 200
    assert answer.headers["content-type"] == media_type
    assert answer.body == CONTRACT_FILE.read_bytes()


@pytest.mark.parametrize("accept", ["application/json", "text/yaml", "application/yaml;q=0"])
def test_it_is_nothing_else(anybody: Actor, accept: str) -> None:
    answer = anybody.get("/api/openapi.yaml", headers={"Accept": accept})
    assert_problem(answer, "not-acceptable", "/api/openapi.yaml")
