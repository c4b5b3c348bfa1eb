"""The twins with settings of their own, each tested by itself.

Time windows don't end at the same moment on two servers, so responses can't be compared.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest

from contract_tests import servers
from contract_tests.differential_client import DifferentialClient


@contextmanager
def each_alone(
    factory: pytest.TempPathFactory, **settings: str
) -> Iterator[list[DifferentialClient]]:
    """Run the chosen twins, and return a client of each."""
    with (
        servers.twins(factory.mktemp("alone"), servers.chosen, **settings) as base_urls,
        ExitStack() as stack,
    ):
        yield [
            stack.enter_context(closing(DifferentialClient([base_url]))) for base_url in base_urls
        ]
