"""The contract and the problems' texts, as they are served, are those of openapi.yaml."""

from typing import Any

from contract_tests.cast import Person
from contract_tests.conftest import ROOT


def test_the_contract_is_served_byte_for_byte(anybody: Person) -> None:
    answer = anybody.get("/api/openapi.yaml")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/yaml"
    assert answer.body == (ROOT / "openapi.yaml").read_bytes()


def test_every_problem_is_told_in_words(contract: dict[str, Any], anybody: Person) -> None:
    assert contract["x-problems"]
    for name, problem in contract["x-problems"].items():
        answer = anybody.get(f"/api/problems/{name}")
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.body.decode() == f"{problem['title']}\n\n{problem['text']}\n"


def test_the_lists_of_names_in_the_schemas_are_those_of_the_tables(
    contract: dict[str, Any],
) -> None:
    schemas = contract["components"]["schemas"]
    codes = schemas["InputError"]["properties"]["code"]["enum"]
    assert schemas["ProblemName"]["enum"] == list(contract["x-problems"])
    assert codes == list(contract["x-error-codes"])
