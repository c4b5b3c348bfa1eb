"""The examples of openapi.yaml are the responses of a server with the demo data."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest

from contract_tests.cast import Actor, log_in, nobody
from contract_tests.contract import without_pages
from contract_tests.differential_client import DifferentialClient
from contract_tests.servers import twins

pytestmark = pytest.mark.own_servers

# The first one's answer holds what was made by logging in, the other's example is cut short.
NOT_REPEATABLE = {"listTokens", "getContractAsJson"}


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DifferentialClient]:
    """Return twins that hold the demo data and nothing else."""
    with (
        twins(tmp_path_factory.mktemp("untouched")) as base_urls,
        closing(DifferentialClient(base_urls)) as client,
    ):
        yield client


def resolve(contract: dict[str, Any], node: Any) -> Any:
    """Follow a reference within the contract."""
    while "$ref" in node:
        target: Any = contract
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def json_example(contract: dict[str, Any], operation: Any) -> Any:
    """Return the example of an operation's 200 in JSON, or None where it has none."""
    response = resolve(contract, operation["responses"]["200"])
    media = response["content"].get("application/json", {})
    if "examples" in media:
        return resolve(contract, media["examples"]["demo"])["value"]
    return media.get("example")


def target_of_example(contract: dict[str, Any], path: str, item: Any) -> str:
    """Return path and query with the examples of their parameters filled in."""
    parameters = [
        resolve(contract, parameter)
        for parameter in item.get("parameters", []) + item["get"].get("parameters", [])
    ]
    query = {}
    for parameter in parameters:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
        elif parameter["in"] == "query" and "example" in parameter:
            example = parameter["example"]
            query[parameter["name"]] = (
                str(example).lower() if isinstance(example, bool) else example
            )
    return f"{path}?{urlencode(query)}" if query else path


def reader(client: DifferentialClient, operation: Any) -> Actor:
    """Return whose data the examples show."""
    if operation.get("security") == []:
        return nobody(client)
    username = "sam" if "stock" in operation["tags"] else "alice"
    return log_in(client, username, f"{username}-demo-password")


def test_every_repeatable_example_is_a_real_answer(
    contract: dict[str, Any], untouched: DifferentialClient
) -> None:
    compared = set()
    for path, item in without_pages(contract)["paths"].items():
        operation = item.get("get", {})
        name = operation.get("operationId")
        if name is None or name in NOT_REPEATABLE:
            continue
        if (example := json_example(contract, operation)) is not None:
            target = target_of_example(contract, path, item)
            answer = reader(untouched, operation).get(target)
            expected = json.dumps(example, ensure_ascii=False, separators=(",", ":"))
            assert answer.body.decode() == expected, f"GET {target}"
            compared.add(name)
    assert compared == {
        "getHealth",
        "getReadiness",
        "getCurrentUser",
        "listTodos",
        "getTodo",
        "listProducts",
        "getProductSummary",
        "getProduct",
        "listStockAdjustments",
    }
