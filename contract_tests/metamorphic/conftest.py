"""Fixtures: actors shared by the tests of a file, and inputs that Hypothesis generates."""

from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings

from contract_tests.cast import Actor, register
from contract_tests.differential_client import DifferentialClient

Rule = Callable[[], None]
Hold = Callable[[Rule], None]


@pytest.fixture(scope="module")
def alice(client: DifferentialClient) -> Actor:
    """Return a user of the file's own; each test keeps to the todos that it makes."""
    return register(client, "alice")


@pytest.fixture(scope="module")
def bob(client: DifferentialClient) -> Actor:
    """Return another user of the file's own."""
    return register(client, "bob")


@pytest.fixture
def hold(seed: int, request: pytest.FixtureRequest) -> Hold:
    """Return what tries a rule with as many generated inputs as `--examples` says.

    A rule is a function under Hypothesis' `given` within the test, so that it can use what the
    test's fixtures have made.
    """
    options = request.config.option
    tried = settings(
        max_examples=options.examples,
        deadline=None,
        database=None,
        # To explain a failure takes longer than to find it, over HTTP.
        phases=[Phase.generate] if options.no_shrink else [Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )

    def try_it(rule: Rule) -> None:
        hypothesis.seed(seed)(tried(rule))()

    return try_it
