"""After the run: the observed statuses are the declared ones."""

from typing import Any

import pytest

from contract_tests import given
from contract_tests.client import observed
from contract_tests.conftest import ROOT
from contract_tests.contract import METHODS, operation, without_pages

NEEDS_THE_INSIDE = {
    500: "a fault of the server; if one were known, it would be mended",
    503: "a database that fails; faults/ breaks it, but not amid each operation",
}

Statuses = dict[str, set[int]]


@pytest.fixture(scope="module")
def declared(contract: dict[str, Any], request: pytest.FixtureRequest) -> Statuses:
    """Return the statuses that each operation declares, by operationId; pages may be lacking."""
    has_pages = given.lacking("pages", request.config.option.base_url) is None
    asked = contract if has_pages else without_pages(contract)
    return {
        declared["operationId"]: {int(status) for status in declared["responses"]}
        for item in asked["paths"].values()
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


def test_every_status_that_was_seen_is_declared(declared: Statuses, seen: Statuses) -> None:
    undeclared = {
        name: statuses - declared[name] for name, statuses in seen.items() if name in declared
    }
    assert not any(undeclared.values()), undeclared


def test_every_declared_status_was_seen(
    declared: Statuses, seen: Statuses, request: pytest.FixtureRequest
) -> None:
    modules = {*(ROOT / "contract_tests" / "operations").glob("test_*.py")}
    if not modules <= {item.path for item in request.session.items}:
        pytest.skip("only a run that includes all of contract_tests/operations can tell")
    missing = {
        name: statuses - seen.get(name, set()) - NEEDS_THE_INSIDE.keys()
        for name, statuses in declared.items()
    }
    assert not any(missing.values()), missing
