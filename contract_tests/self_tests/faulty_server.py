"""A server with one fault: it forwards requests to a correct one and changes its response.

A fault is a function of a request and a function that sends it to the correct server; it returns
the response.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from contract_tests.client import Answer, Request, send

LARGEST = 1_048_576  # bytes of a body; what promises more is refused unread

Ask = Callable[[Request], Answer]
Fault = Callable[[Request, Ask], Answer]


class WrongServer(ThreadingHTTPServer):
    """Answers as the right server does, with a fault in it."""

    daemon_threads = True
    request_queue_size = 128  # a race opens many connections at once

    def __init__(self, right: str, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self.server_port}"
        self._ask = partial(send, right)
        self._wrong = fault

    def answer(self, request: Request) -> Answer:
        """Return what this server makes of a request."""
        return self._wrong(request, self._ask)


class Handler(BaseHTTPRequestHandler):
    """Passes on what one connection asks, byte for byte."""

    server: WrongServer
    protocol_version = "HTTP/1.1"  # connections are kept

    def handle_one_request(self) -> None:
        """Answer any method; the base class would look for one function for each of them."""
        self.raw_requestline = self.rfile.readline()
        self.close_connection = True
        if not self.raw_requestline or not self.parse_request():
            return
        fields = dict(self.headers.items())
        body = None
        if 0 < int(fields.get("Content-Length", 0)) <= LARGEST:
            body = self.rfile.read(int(fields.pop("Content-Length")))
        answer = self.server.answer(Request(self.command, self.path, fields, body))
        self.wfile.write(as_bytes(answer))


def as_bytes(answer: Answer) -> bytes:
    """Return an answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
    lines += [f"{name}: {value}" for name, value in answer.fields]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body


@contextmanager
def serving(right: str, fault: Fault) -> Iterator[str]:
    """Run a wrong server in front of a right one, and give its base URL."""
    with WrongServer(right, fault) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.base_url
        finally:
            server.shutdown()
            thread.join()
