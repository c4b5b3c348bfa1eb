"""A process for the plain libraries, which is ended when an input keeps it busy for too long.

It is one apart, too, because Django is configured once for a process, and here by its defaults.
"""

import multiprocessing
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Lock

from comparison import experiments
from comparison.play.plain import Task, Verdict, judge

SECONDS = 5.0  # for all libraries together, which take a few milliseconds
MEMORY = 2 << 30  # bytes
START_SECONDS = 30.0


class TooLongError(Exception):
    """An input kept the libraries busy for too long, or took too much memory."""


def work(connection: Connection) -> None:
    """Judge what comes, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the server
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    experiments.configure()
    connection.send(None)
    try:
        while True:
            connection.send(judge(connection.recv()))
    except (EOFError, BrokenPipeError):
        return


class Worker:
    """The process; it is started again after it had to be ended."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.lock = Lock()  # one input at a time
        self.start()

    def start(self) -> None:
        """Start a process, and wait until it is ready."""
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        self.process: SpawnProcess = context.Process(target=work, args=(other,), daemon=True)
        self.process.start()
        other.close()
        if not self.connection.poll(START_SECONDS):
            self.stop()
            raise RuntimeError(f"The libraries were not loaded within {START_SECONDS:.0f} s.")
        self.connection.recv()

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def judge(self, task: Task) -> dict[str, Verdict]:
        """Return the libraries' verdicts, or raise TooLongError."""
        with self.lock:
            try:
                self.connection.send(task)
                if self.connection.poll(self.seconds):
                    found: dict[str, Verdict] = self.connection.recv()
                    return found
            except (EOFError, BrokenPipeError):
                pass  # it has died, as with too little memory
            self.stop()
            self.start()
            raise TooLongError


@contextmanager
def working(seconds: float = SECONDS) -> Iterator[Worker]:
    """Have a worker for as long as the context lasts."""
    worker = Worker(seconds)
    try:
        yield worker
    finally:
        worker.stop()
