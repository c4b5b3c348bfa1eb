"""Sends requests over some connections, one at a time on each, for as long as it is told.

A process of its own, so that what it costs is nobody else's: it reads its task as JSON from
standard input, and writes what it found to standard output.
"""

import json
import re
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass
from itertools import cycle

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
SILENCE_SECONDS = 10


@dataclass(frozen=True)
class Task:
    """What is to be sent, to a port of this machine."""

    port: int
    connections: int
    seconds: float
    status: int  # that every answer must have
    requests: list[str]  # as they go over the wire (Latin-1), sent in turn


@dataclass(frozen=True)
class Found:
    """What came of it."""

    seconds: float
    cpu_seconds: float
    latencies_ms: list[float]  # of each request


class Connection:
    """A connection, opened again when the server closes it."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self.address = ("127.0.0.1", port)
        self.selector = selector
        self.socket: socket.socket | None = None

    def send(self, request: bytes) -> None:
        """Send a request; the time runs from before the connection is opened."""
        self.began = time.perf_counter()
        self.received = b""
        if self.socket is None:
            self.socket = socket.create_connection(self.address)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(self.socket, selectors.EVENT_READ, self)
        self.socket.sendall(request)

    def receive(self) -> tuple[int, float] | None:
        """Take what has come; return the status and the milliseconds of a whole answer."""
        assert self.socket is not None  # noqa: S101 - it is what the selector has told of
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed a connection before it had answered")
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return None
        length = LENGTH.search(head)
        if length and len(body) < int(length[1]):
            return None
        milliseconds = (time.perf_counter() - self.began) * 1000
        if CLOSE.search(head):
            self.close()
        return int(head[9:12]), milliseconds

    def close(self) -> None:
        """Hang up."""
        if self.socket is not None:
            self.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None


def run(task: Task) -> Found:
    """Send requests until the time is over, and wait for the last answers."""
    requests = cycle([text.encode("latin-1") for text in task.requests])
    selector = selectors.DefaultSelector()
    lines = {Connection(task.port, selector) for _ in range(task.connections)}
    began, cpu_began = time.perf_counter(), time.process_time()
    latencies: list[float] = []
    for line in lines:
        line.send(next(requests))
    waiting = len(lines)
    while waiting:
        events = selector.select(SILENCE_SECONDS)
        if not events:
            raise TimeoutError(f"no answer within {SILENCE_SECONDS} s")
        for key, _ in events:
            answer = key.data.receive()
            if answer is None:
                continue
            status, milliseconds = answer
            if status != task.status:
                raise ValueError(
                    f"status {status} in place of {task.status}: {key.data.received!r}"
                )
            latencies.append(milliseconds)
            if time.perf_counter() - began < task.seconds:
                key.data.send(next(requests))
            else:
                waiting -= 1
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    for line in lines:
        line.close()
    return Found(seconds, cpu_seconds, latencies)


def main() -> int:
    """Carry out one task."""
    try:
        found = run(Task(**json.load(sys.stdin)))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    json.dump(asdict(found), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
