"""The launchers' folder: databases, the secret key, and which process uses which port."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from deploy.settings import refuse, setting
from deploy.twins import ROOT

PAGE = 4096  # bytes


def data_folder() -> Path:
    """Return the folder, which is DATA_DIR or `var`, and make it where it is missing."""
    folder = ROOT / setting("DATA_DIR", "var")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(PAGE))  # a full disk still makes empty files
    except OSError as error:
        refuse(f"DATA_DIR: nothing can be written to {folder}: {error.strerror}")
    return folder


def note(folder: Path, port: int) -> Path:
    """Return the file that names the process of the launcher whose servers listen on a port."""
    return folder / f"port-{port}.pid"


@contextmanager
def noted(folder: Path, ports: Sequence[int]) -> Iterator[None]:
    """Note that this process's servers listen on ports, for as long as the context lasts.

    The files are locked meanwhile, so one that was left behind counts for nothing.
    """
    with ExitStack() as stack:
        for port in ports:
            path = note(folder, port)
            file = stack.enter_context(path.open("a"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                refuse(f"port {port}: process {noted_by(folder, port)} is about to start there")
            stack.callback(path.unlink, missing_ok=True)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        yield


def noted_by(folder: Path, port: int) -> int | None:
    """Return the process that has noted to listen on a port, if it is still alive."""
    with suppress(FileNotFoundError), note(folder, port).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None
    return None
