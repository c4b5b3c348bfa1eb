"""The peers and a twin, on one database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache

import pytest

from comparison.bench.databases import KINDS
from comparison.bench.filling import fill
from comparison.bench.programs import PROGRAMS
from comparison.bench.servers import Server, Setup, serving

Servers = dict[str, Server]


@contextmanager
def started(kind: str) -> Iterator[Servers]:
    """Serve the Flask twin and each peer on a kind of database, by name."""
    names = [
        name
        for name, program in PROGRAMS.items()
        if not program.is_twin and kind in program.databases
    ]
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        database = stack.enter_context(KINDS[kind]())
        fill(database.url, todos=300, products=300)
        contexts = [
            serving(PROGRAMS[name], Setup(workers=1), database.environment)
            for name in ("flask_api", *names)
        ]
        found = pool.map(stack.enter_context, contexts)
        yield {server.program.name: server for server in found}


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[[str], Servers]]:
    """Give what starts the servers when they are first asked for, and keeps them to the end.

    No fixture with parameters: pytest may order tests so that it would start them several times.
    """
    with ExitStack() as stack:
        yield cache(lambda kind: stack.enter_context(started(kind)))


@pytest.fixture(params=list(KINDS))
def servers(request: pytest.FixtureRequest, start: Callable[[str], Servers]) -> Servers:
    """Return the Flask twin and each peer, by name."""
    return start(request.param)
