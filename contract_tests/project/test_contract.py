"""The contract agrees with itself."""

from typing import Any


def test_the_lists_of_names_in_the_schemas_are_those_of_the_tables(
    contract: dict[str, Any],
) -> None:
    schemas = contract["components"]["schemas"]
    codes = schemas["InputError"]["properties"]["code"]["enum"]
    assert schemas["ProblemName"]["enum"] == list(contract["x-problems"])
    assert codes == list(contract["x-error-codes"])
