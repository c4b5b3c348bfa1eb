"""Serves an application over a socket, by the rules of RFC 9112 or without one of them."""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lookalike.http import Answer, Request
from lookalike.targets import Application, WsgiTarget


class Handler(BaseHTTPRequestHandler):
    """Reads requests, and has an application answer them."""

    protocol_version = "HTTP/1.1"
    application: WsgiTarget
    ignored: Collection[str]

    def handle_one_request(self) -> None:
        """Answer what keeps the rules, or breaks ignored ones."""
        self.raw_requestline = self.rfile.readline(65_537)
        self.close_connection = True
        if self.raw_requestline and self.parse_request():
            if {*self.broken()} - {*self.ignored}:
                self.send_error(400)
            else:
                self.answer(self.body())

    def broken(self) -> Iterator[str]:
        """Yield which rules a request breaks."""
        hosts = self.headers.get_all("Host") or []
        lengths = self.headers.get_all("Content-Length") or []
        if not hosts:
            yield "host"
        if len(hosts) > 1:
            yield "hosts"
        if len({*lengths}) > 1:
            yield "lengths"
        if not all(each.isdigit() for each in lengths):
            yield "length"

    def body(self) -> bytes:
        """Read a body, by its length or in chunks."""
        if self.headers.get("Transfer-Encoding") == "chunked" and "chunks" not in self.ignored:
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        length = self.headers.get("Content-Length", "")
        return self.rfile.read(int(length)) if length.isdigit() else b""

    def answer(self, body: bytes) -> None:
        """Write what the application answers."""
        request = Request(self.command, self.path, tuple(self.headers.items()), body)
        given = self.application.send(request)
        outcome = given if isinstance(given, Answer) else Answer(500, (), b"")
        has_content = self.command != "HEAD" and outcome.status not in {204, 304}
        self.send_response(outcome.status)
        for name, value in outcome.fields:
            if name.lower() != "content-length" or not has_content:
                self.send_header(name, value)
        if has_content:
            self.send_header("Content-Length", str(len(outcome.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if has_content:
            self.wfile.write(outcome.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(application: Application, ignored: Collection[str] = ()) -> Iterator[str]:
    """Give the base URL of a server that ignores some of its rules, such as "host"."""
    members = {"application": WsgiTarget(application), "ignored": ignored}
    handler = type("OwnHandler", (Handler,), members)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
