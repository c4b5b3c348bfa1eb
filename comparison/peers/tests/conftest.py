"""The peers and a twin, on one database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from comparison.bench.databases import KINDS
from comparison.bench.filling import fill
from comparison.bench.programs import PROGRAMS
from comparison.bench.servers import Server, Setup, serving


@pytest.fixture(scope="session", params=list(KINDS))
def servers(request: pytest.FixtureRequest) -> Iterator[dict[str, Server]]:
    """Serve the Flask twin and each peer, by name."""
    names = [
        name
        for name, program in PROGRAMS.items()
        if not program.is_twin and request.param in program.databases
    ]
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        database = stack.enter_context(KINDS[request.param]())
        fill(database.url, todos=300, products=300)
        contexts = [
            serving(PROGRAMS[name], Setup(workers=1), database.environment)
            for name in ("flask_api", *names)
        ]
        started = pool.map(stack.enter_context, contexts)
        yield {server.program.name: server for server in started}
