"""Stops the servers that a test run has started if the run is killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.twins import guard

# Kills the process that a file names, the first argument, and its children, as soon as the standard
# input ends: also those that stand still, and those that lead sessions of their own.
GUARD = 'read -r _; read -r pid <"$1" && kill -KILL "$pid" $(pgrep -P "$pid")'


@contextmanager
def killed_with_us(pid_file: Path) -> Iterator[None]:
    """Have another process kill whoever a file names by then, should this one be killed."""
    with guard(GUARD, str(pid_file)):
        yield
