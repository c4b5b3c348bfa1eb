"""Command lines send what was sent, and can be pasted."""

import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lookalike.http import Request


class Recorder(BaseHTTPRequestHandler):
    """Keeps what came."""

    came: list[tuple[str, str, list[tuple[str, str]], bytes]] = []

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.came.append((self.command, self.path, self.headers.items(), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture(scope="module")
def recorder() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
@pytest.mark.parametrize(
    "sent",
    [
        Request("GET", "/a?b=c%20d&e='"),
        Request("HEAD", "/a"),
        Request("DELETE", "/a/../b/./c"),
        Request("GET", "/a?filter[b]={c}"),
        Request("GET", "/a", (("X-Empty", ""), ("Accept", "a/b"), ("Accept", "c/d"))),
        Request("POST", "/a", (), b"@/etc/passwd"),
        Request("POST", "/a", (), b""),
        Request("PUT", "/a", (("content-type", "application/json"),), '{"a": "ż \'\\n"}'.encode()),
        Request("PATCH", "/a", (("Content-Type", "text/plain"),), b"a\r\nb\n"),
    ],
    ids=str,
)
def test_curl_sends_what_was_sent(sent: Request, recorder: str) -> None:
    Recorder.came.clear()
    command = shlex.split(sent.curl(recorder))
    subprocess.run([*command, "--silent", "--noproxy", "*"], check=True, capture_output=True)
    ((method, target, fields, body),) = Recorder.came
    assert (method, target, body) == (sent.method, sent.target, sent.body or b"")
    own = {"host", "user-agent", "content-length"} | (
        {"accept"} - {n.lower() for n, _ in sent.fields}
    )
    assert [pair for pair in fields if pair[0].lower() not in own] == [*sent.fields]


def test_a_secret_is_masked_though_it_has_quotes() -> None:
    request = Request("GET", "/", (("Authorization", "Bearer it's"),))
    line = request.curl("http://h", lambda text: text.replace("it's", "***"))
    assert line == "curl -i http://h/ -H 'Authorization: Bearer ***'"
