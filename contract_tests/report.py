"""Adds to each failure the contract's part, and commands that repeat the last requests."""

from collections.abc import Generator
from typing import Any

import pytest

from contract_tests.client import latest, shortened
from contract_tests.contract import CONTRACT_FILE, operation
from contract_tests.given import is_gone


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the contract's part and the last requests to what pytest says of a failed test.

    The run ends with the first that fails because a given server is gone.
    """
    report = yield
    if report.failed:
        for url in filter(is_gone, item.config.option.base_url):
            item.session.shouldstop = f"{url} is gone: it died, or somebody has stopped it"
    if report.failed and latest:
        lines = [clause(item), "", "These requests came last (with the statuses of their answers):"]
        lines += [
            f"{shortened(request.curl(base_url))}  # {status}"
            for base_url, request, status in latest
        ]
        lines += ["", f"--seed {item.config.option.seed} repeats what is generated."]
        report.sections.append(("The contract", "\n".join(lines)))
    latest.clear()
    return report


def clause(item: pytest.Item) -> str:
    """Say what a test is about: its file's first line, and the last request's operation."""
    module: Any = item.getparent(pytest.Module)
    about = (module.obj.__doc__ or "").partition("\n")[0]
    _, request, _ = latest[-1]
    name = operation(request.method, request.target).get("operationId")
    if name is None:
        return f"{about} Last asked: {request.method} {request.target}, which openapi.yaml hasn't."
    lines = CONTRACT_FILE.read_text().splitlines()
    number = 1 + next(n for n, line in enumerate(lines) if line.strip() == f"operationId: {name}")
    return f"{about} Last asked: {name} (openapi.yaml, line {number})."
