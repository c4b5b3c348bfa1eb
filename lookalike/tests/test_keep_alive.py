"""A connection that a server keeps open serves the next request."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from lookalike.http import Answer, Request
from lookalike.targets import HttpTarget


class Kept(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def target() -> Iterator[HttpTarget]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Kept) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        target = HttpTarget(f"http://127.0.0.1:{server.server_port}")
        yield target
        target.close()
        server.shutdown()
        thread.join()


def test_all_requests_use_one_connection(target: HttpTarget) -> None:
    outcomes = [target.send(Request("GET", "/")) for _ in range(4)]
    bodies = {outcome.body if isinstance(outcome, Answer) else outcome for outcome in outcomes}
    assert len(bodies) == 1
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
