"""Both twins, plain and tuned, answer generated requests alike, but for values of their own.

`make soak` goes on for longer.
"""

from collections.abc import Sequence

import pytest

from contract_tests.conftest import servers_under_test
from contract_tests.differential.runs import PAIRS, compare
from deploy.twins import Twin

REACHING = 300  # requests in which lookalike comes to each operation, and to the ends of sessions
EXPLORING = 2  # more, for each of `--examples`


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Compare the twins, or the first two of given servers: a third has other data by then."""
    pairs = [metafunc.config.option.base_url[:2]] if metafunc.config.option.base_url else PAIRS
    metafunc.parametrize("pair", pairs, ids=lambda pair: "-".join(map(name, pair)))


def name(server: Twin | str) -> str:
    return server if isinstance(server, str) else server.name


@pytest.mark.timeout(900)  # a bound against hangs, on however busy a machine
def test_generated_requests_are_answered_alike(
    pair: Sequence[Twin],
    seed: int,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    if len(pair) < 2:
        pytest.skip("one server alone can't be compared")
    requests = REACHING + EXPLORING * request.config.option.examples
    with servers_under_test(request, tmp_path_factory, pair) as (old, new, *_):
        found = compare((old, new), seed, requests=requests)
    if found.run.ended == "interrupted":
        raise KeyboardInterrupt
    if wrong := [*found.wrong, *(f"{each} never succeeded" for each in found.unsuccessful)]:
        again = f"--seed {seed} repeats what is generated."
        pytest.fail("\n".join([found.report, *wrong, again]), pytrace=False)
