"""A look back at the whole run: the statuses that were seen are those that are declared."""

from typing import Any

import pytest

from contract_tests import given
from contract_tests.client import observed
from contract_tests.conftest import ROOT
from contract_tests.contract import METHODS, is_for_people, operation

NEEDS_THE_INSIDE = {
    500: "a fault of the server; if one were known, it would be mended",
    503: "a database that fails; faults/ breaks it, but not amid each operation",
}

Statuses = dict[str, set[int]]


@pytest.fixture(scope="module")
def declared(contract: dict[str, Any]) -> Statuses:
    """Return the statuses that each operation declares, by operationId."""
    return {
        declared["operationId"]: {int(status) for status in declared["responses"]}
        for item in contract["paths"].values()
        for method, declared in item.items()
        if method in METHODS
    }


@pytest.fixture(scope="module")
def seen() -> Statuses:
    """Return the statuses that were seen of each operation."""
    statuses: Statuses = {}
    for method, target, status in observed:
        if asked := operation(method, target):
            statuses.setdefault(asked["operationId"], set()).add(status)
    return statuses


@pytest.fixture(scope="module")
def pages(contract: dict[str, Any]) -> set[str]:
    """Return the operations for people, which a server may lack."""
    return {
        item[method]["operationId"]
        for item in contract["paths"].values()
        for method in METHODS
        if is_for_people(item) and method in item
    }


def test_every_status_that_was_seen_is_declared(declared: Statuses, seen: Statuses) -> None:
    undeclared = {name: statuses - declared[name] for name, statuses in seen.items()}
    assert not any(undeclared.values()), undeclared


def test_every_declared_status_was_seen(
    declared: Statuses, seen: Statuses, pages: set[str], request: pytest.FixtureRequest
) -> None:
    modules = {*(ROOT / "contract_tests" / "operations").glob("test_*.py")}
    if not modules <= {item.path for item in request.session.items}:
        pytest.skip("only a run that includes all of contract_tests/operations can tell")
    left_out = pages if given.lacking("pages", request.config.option.base_url) else set()
    missing = {
        name: statuses - seen.get(name, set()) - NEEDS_THE_INSIDE.keys()
        for name, statuses in declared.items()
        if name not in left_out
    }
    assert not any(missing.values()), missing
