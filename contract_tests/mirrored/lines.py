"""Asks all servers at once over connections that stay open, which is what makes thousands cheap."""

import http.client
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from contract_tests.client import TIMEOUT, Answer, Request
from contract_tests.mirror import Mirror

IDLE_SECONDS = 2  # the servers close a connection that idles for longer than 5 s


class Line:
    """A connection to one server, kept for request after request."""

    def __init__(self, base_url: str) -> None:
        address = urlsplit(base_url)
        self._connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=TIMEOUT
        )
        self._used = time.monotonic()

    def begin(self, request: Request) -> None:
        """Send a request."""
        if time.monotonic() - self._used > IDLE_SECONDS:
            self._connection.close()
        self._connection.putrequest(
            request.method,
            request.target,
            skip_host="Host" in request.headers,
            skip_accept_encoding=True,
        )
        for name, value in request.headers.items():
            self._connection.putheader(name, value.encode("latin-1"))
        if request.body is not None:
            self._connection.putheader("Content-Length", str(len(request.body)))
        self._connection.endheaders(request.body)

    def finish(self) -> Answer:
        """Read the whole answer."""
        response = self._connection.getresponse()
        self._used = time.monotonic()
        return Answer(
            response.status, response.reason, tuple(response.getheaders()), response.read()
        )

    def close(self) -> None:
        """Hang up; a further request opens the connection again."""
        self._connection.close()


class FastMirror(Mirror):
    """A mirror whose servers work at the same time, each on its own form of the same request."""

    def __init__(self, base_urls: Sequence[str]) -> None:
        super().__init__(base_urls)
        self._lines = [Line(base_url) for base_url in self.base_urls]

    def _send_all(self, requests: Sequence[Request]) -> list[Answer]:
        for line, request in zip(self._lines, requests, strict=True):
            line.begin(request)
        return [line.finish() for line in self._lines]

    def close(self) -> None:
        """Hang up everywhere."""
        for line in self._lines:
            line.close()
