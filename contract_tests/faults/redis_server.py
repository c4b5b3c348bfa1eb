"""A Redis server of the distribution, for the tests of shared limits and caches."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import redis

from contract_tests.orphans import killed_with_us
from contract_tests.servers import free_port

START_SECONDS = 10


class Redis:
    """A server that can be stopped, frozen and started again; it keeps nothing."""

    def __init__(self, folder: str) -> None:
        self.folder, self.port = folder, free_port()
        self.pid_file = Path(folder) / "pid"
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start, and return when it answers."""
        program = shutil.which("redis-server") or "redis-server"
        self.process = subprocess.Popen(
            [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )
        self.pid_file.write_text(f"{self.process.pid}\n")
        deadline = time.monotonic() + START_SECONDS
        with redis.Redis(port=self.port) as client:
            while time.monotonic() < deadline:
                with suppress(redis.ConnectionError):
                    client.ping()
                    return self.process
                time.sleep(0.05)
        raise AssertionError("redis-server does not answer")

    def stop(self) -> None:
        """Stop."""
        self.process.terminate()
        self.process.wait()

    def freeze(self) -> None:
        """Let it hang."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def running_redis() -> Iterator[Redis]:
    """Run a server for as long as the context lasts; skip where there is none."""
    if shutil.which("redis-server") is None:
        pytest.skip("the distribution's redis-server is not installed")
    with (
        TemporaryDirectory(prefix="redis-") as folder,
        killed_with_us(Path(folder) / "pid"),
    ):
        server = Redis(folder)
        try:
            yield server
        finally:
            server.thaw()
            server.stop()
