"""Starts the twins for a test run, each with a fresh seeded database, and stops them afterwards."""

import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.servers import SETTINGS
from deploy.twins import TWINS, Twin, prepare, running, wait_until_healthy

SECRET_KEY = "the contract suite's own key: 0123456789 abcdefghij"
# Each twin plain and tuned, whatever TUNED is in the environment of the tests.
PLAIN = tuple(replace(twin, settings=(("TUNED", ""),)) for twin in TWINS)
TUNED = tuple(
    replace(twin, name=f"{twin.name}_tuned", settings=(("TUNED", "1"),)) for twin in TWINS
)
PROGRAMS = (*PLAIN, *TUNED)
# The twins that are started; `pytest --twin` chooses.
chosen = [*TWINS]
# Those that share a database, in the tests of fleets and faults; all four with `pytest --mixed`.
sharing = [*TWINS]


def database(folder: Path, twin: Twin) -> Path:
    """Return where a twin's database is within a folder."""
    return folder / f"{twin.name}.sqlite3"


def environment(folder: Path, twin: Twin, **settings: str) -> dict[str, str]:
    """Return the settings under which the suite runs a twin with a database in a folder."""
    return environment_of(f"sqlite:///{database(folder, twin)}", **settings)


def environment_of(url: str, **settings: str) -> dict[str, str]:
    """Return the settings under which the suite runs on a database; arguments add to them."""
    return {
        **SETTINGS,
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET_KEY,
        **settings,
    }


@cache
def seeded_folder(target: str) -> TemporaryDirectory[str]:
    """Make the seeded database of the twin with this target, once."""
    [twin] = [twin for twin in TWINS if twin.target == target]
    folder = TemporaryDirectory(prefix="seeded-")
    prepare(twin, environment_of(f"sqlite:///{folder.name}/seeded.sqlite3"))
    return folder


def seeded(twin: Twin) -> Path:
    """Return a twin's seeded database, of which every run of the twin starts from a copy."""
    return Path(seeded_folder(twin.target).name) / "seeded.sqlite3"


@contextmanager
def twins(folder: Path, which: Sequence[Twin] = chosen, **settings: str) -> Iterator[list[str]]:
    """Run twins on free ports with fresh databases in a folder, and give their base URLs."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(seeded_folder, {twin.target for twin in which}))
    for twin in which:
        shutil.copy(seeded(twin), database(folder, twin))
    with started({twin: environment(folder, twin, **settings) for twin in which}) as base_urls:
        yield base_urls


@contextmanager
def fleet(url: str) -> Iterator[list[str]]:
    """Run those that share a database, which both twins prepare, and give their base URLs."""
    settings = environment_of(url)
    for twin in TWINS:
        prepare(twin, settings)
    with started(dict.fromkeys(sharing, settings)) as base_urls:
        yield base_urls


@contextmanager
def started(environments: Mapping[Twin, Mapping[str, str]]) -> Iterator[list[str]]:
    """Run twins on free ports with their settings, and give their base URLs."""
    with ExitStack() as stack:
        ports = [free_port() for _ in environments]
        servers = [
            stack.enter_context(running(twin, port, settings))
            for (twin, settings), port in zip(environments.items(), ports, strict=True)
        ]
        for twin, port, server in zip(environments, ports, servers, strict=True):
            wait_until_healthy(twin.name, port, server)
        yield [f"http://127.0.0.1:{port}" for port in ports]


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
