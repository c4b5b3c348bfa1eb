"""Runs `make` as in a terminal."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract_tests.conftest import ROOT


@contextmanager
def make(
    target: str, last_line: str, data: Path, folder: Path = ROOT, /, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `make` in a terminal of its own, and give what it has printed up to a line.

    The context ends with Ctrl-C; `data` is where the servers keep their data, and `folder` the
    checkout.
    """
    # A job in the background, as this may be, ignores Ctrl-C, and so would what it starts.
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            ["/usr/bin/env", "make", target],
            cwd=folder,
            env={**os.environ, "DATA_DIR": str(data), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, inherited)
    with process:
        try:
            assert process.stdout is not None
            printed = ""
            for line in process.stdout:
                printed += line
                if line.strip() == last_line:
                    break
            yield process, printed
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)


def paste(lines: str) -> str:
    """Type lines into a shell that stops at the first failure, and return what is printed."""
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", lines],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
