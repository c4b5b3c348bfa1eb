"""Starts the twins for a test run, each with a fresh seeded database, and stops them afterwards."""

import shutil
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.up import TWINS, Twin, prepare, running, wait_until_healthy

SECRET_KEY = "the contract suite's own key: 0123456789 abcdefghij"
# The twins that are started; `pytest --twin` chooses.
chosen = [*TWINS]

ALLOWED_ORIGIN = "https://shop.example"


def database(folder: Path, twin: Twin) -> Path:
    """Return where a twin's database is within a folder."""
    return folder / f"{twin.name}.sqlite3"


def environment(folder: Path, twin: Twin, **settings: str) -> dict[str, str]:
    """Return the settings under which the suite runs a twin; keyword arguments add to them."""
    return {
        "APP_ENV": "production",
        "DATABASE_URL": f"sqlite:///{database(folder, twin)}",
        "SECRET_KEY": SECRET_KEY,
        # The suite logs in a lot, and wrongly on purpose; the throttle has servers of its own.
        "LOGIN_THROTTLE": "1000000/900",
        "CORS_ORIGINS": ALLOWED_ORIGIN,
        **settings,
    }


@cache
def seeded(twin: Twin) -> TemporaryDirectory[str]:
    """Make a twin's seeded database, once; every run of the twin starts from a copy."""
    folder = TemporaryDirectory(prefix="seeded-")
    prepare(twin, environment(Path(folder.name), twin))
    return folder


@contextmanager
def twins(folder: Path, which: Sequence[Twin] = chosen, **settings: str) -> Iterator[list[str]]:
    """Run twins on free ports with fresh databases in a folder, and give their base URLs."""
    with ThreadPoolExecutor() as pool:
        templates = pool.map(seeded, which)
    for twin, template in zip(which, templates, strict=True):
        shutil.copy(database(Path(template.name), twin), database(folder, twin))
    with ExitStack() as stack:
        ports = [free_port() for _ in which]
        started = [
            stack.enter_context(running(twin, port, environment(folder, twin, **settings)))
            for twin, port in zip(which, ports, strict=True)
        ]
        for twin, port, server in zip(which, ports, started, strict=True):
            wait_until_healthy(twin, port, server)
        yield [f"http://127.0.0.1:{port}" for port in ports]


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
