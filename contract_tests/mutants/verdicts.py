"""A pytest plugin: each layer ends with its first failure, and the verdicts are written down.

`VERDICTS=file pytest -p contract_tests.mutants.verdicts …` writes, as JSON, which layers passed
(null) and, of the others, the test that failed first. The run ends without a verdict where a server
takes too long to start, which says nothing about a mutant.
"""

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from contract_tests.conftest import layer
from contract_tests.mutants.layers import SETTINGS
from deploy.twins import SlowStartError

verdicts: dict[str, str | None] = {}


def column(item: pytest.Item) -> str:
    """Return under which name the matrix counts a test."""
    name = layer(item.path)
    return SETTINGS if name == "operations" and item.get_closest_marker("own_servers") else name


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note a layer's first failure."""
    report = yield
    if call.excinfo and call.excinfo.errisinstance(SlowStartError):
        pytest.exit(str(call.excinfo.value), pytest.ExitCode.INTERRUPTED)
    name = column(item)
    verdicts.setdefault(name, None)
    if report.failed and verdicts[name] is None:
        verdicts[name] = item.nodeid
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what could only repeat the layer's verdict."""
    if verdicts.get(column(item)):
        pytest.skip("the layer has failed already")


def pytest_sessionfinish() -> None:
    """Write the verdicts down."""
    Path(os.environ["VERDICTS"]).write_text(json.dumps(verdicts))
