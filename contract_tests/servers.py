"""Starts the twins for a test run, each with a fresh seeded database, and stops them afterwards."""

import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.up import TWINS, Twin, prepare, running, wait_until_healthy

SECRET_KEY = "the contract suite's own key: 0123456789 abcdefghij"
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
def seeded() -> TemporaryDirectory[str]:
    """Make each twin's seeded database, once; every run of the twins starts from copies."""
    folder = TemporaryDirectory(prefix="seeded-")
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda twin: prepare(twin, environment(Path(folder.name), twin)), TWINS))
    return folder


@contextmanager
def twins(folder: Path, **settings: str) -> Iterator[list[str]]:
    """Run all twins on free ports with fresh databases in a folder, and give their base URLs."""
    for twin in TWINS:
        shutil.copy(database(Path(seeded().name), twin), database(folder, twin))
    with ExitStack() as stack:
        ports = [free_port() for _ in TWINS]
        servers = [
            stack.enter_context(running(twin, port, environment(folder, twin, **settings)))
            for twin, port in zip(TWINS, ports, strict=True)
        ]
        for twin, port, server in zip(TWINS, ports, servers, strict=True):
            wait_until_healthy(twin, port, server)
        yield [f"http://127.0.0.1:{port}" for port in ports]


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
