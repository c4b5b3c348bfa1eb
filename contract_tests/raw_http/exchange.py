"""Sends bytes and reads what comes back, until the server closes the connection."""

import re
import socket
import ssl
import time
from contextlib import closing, suppress
from dataclasses import dataclass

from contract_tests.address import Address

PATIENCE = 5  # seconds that any answer may take
HUNG_UP = (BrokenPipeError, ConnectionResetError, ssl.SSLError)
INTERIM = re.compile(rb"\A(HTTP/1\.1 1\d\d [^\r]*\r\n(.+\r\n)*\r\n)+")

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Received:
    """All that a server sent on one connection, and how long that took."""

    raw: bytes
    seconds: float
    closed: bool  # by the server, as it should be

    @property
    def answer(self) -> bytes:
        """The raw answer less interim ones, such as `100 Continue`."""
        return INTERIM.sub(b"", self.raw)

    @property
    def head(self) -> bytes:
        return self.answer.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.answer.partition(b"\r\n\r\n")[2]

    @property
    def status_line(self) -> str:
        return self.head.partition(b"\r\n")[0].decode("latin-1")

    @property
    def status(self) -> int:
        matched = re.match(r"HTTP/1\.\d (\d{3})(?: |$)", self.status_line)
        return int(matched[1]) if matched else 0

    @property
    def fields(self) -> Fields:
        """The header fields, in their order."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses of all answers; no body of this API has the like of a status line in it."""
        return tuple(int(code) for code in re.findall(rb"HTTP/1\.\d (\d{3}) ", self.raw))


def connect(base_url: str) -> socket.socket:
    """Open a connection on which each write is sent at once."""
    connection = Address.of(base_url).connect(PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def exchange(
    base_url: str, raw: bytes, *, half_close: bool = False, slowly: bool = False
) -> Received:
    """Send bytes over a connection of their own, and read until it ends or patience does."""
    start = time.monotonic()
    received = b""
    closed = False
    with closing(connect(base_url)) as connection:
        # A server that refuses a body need not read it; its answer counts all the same.
        with suppress(*HUNG_UP):
            if slowly:
                drip(connection, raw)
            else:
                connection.sendall(raw)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        with suppress(TimeoutError, *HUNG_UP):
            while (left := start + PATIENCE - time.monotonic()) > 0:
                connection.settimeout(left)
                if not (data := connection.recv(65536)):
                    closed = True
                    break
                received += data
    return Received(received, time.monotonic() - start, closed)


def drip(connection: socket.socket, raw: bytes) -> None:
    """Send bytes as somebody does whose connection is bad: a few at a time."""
    for at in range(0, len(raw), 7):
        connection.sendall(raw[at : at + 7])
        time.sleep(0.003)
