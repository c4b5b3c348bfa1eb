"""Whatever a server does, a request to it ends, and says how."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.targets import HttpTarget

Play = Callable[[socket.socket, bytes], None]
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Server:
    """Plays the same part to each request on each connection."""

    def __init__(self, play: Play) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._play = play
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self._ended = threading.Event()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            while request := connection.recv(65_536):
                self.requests.append(request)
                self._play(connection, request)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()


@contextmanager
def playing(
    play: Play, timeout: float = 5, max_body: int = 100_000
) -> Iterator[tuple[Server, HttpTarget]]:
    server = Server(play)
    target = HttpTarget(f"http://127.0.0.1:{server.port}", timeout=timeout, max_body=max_body)
    try:
        yield server, target
    finally:
        target.close()
        server.close()


def says(*pieces: bytes, hang_up: bool = True, every: float = 0) -> Play:
    """Send the same bytes each time."""

    def play(connection: socket.socket, _: bytes) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(every)
        if hang_up:
            connection.shutdown(socket.SHUT_RDWR)

    return play


def endlessly(start: bytes, piece: bytes, every: float = 0) -> Play:
    """Send a start, and then the same piece until nobody reads it any more."""

    def play(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)
            time.sleep(every)

    return play


def silent(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


def sized(body: bytes, *fields: bytes) -> bytes:
    lines = b"".join(field + b"\r\n" for field in fields)
    return OK + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


def asked(play: Play, method: str = "GET", timeout: float = 5) -> Outcome:
    with playing(play, timeout) as (_, target):
        return target.send(Request(method, "/"))


BOMB = gzip.compress(bytes(20_000_000))


NO_ANSWERS = {
    "nothing comes": (silent, "timed out"),
    "a word comes": (says(b"HTTP", hang_up=False), "timed out"),
    "fields trickle": (endlessly(OK, b"X-Slow: 1\r\n", every=0.05), "timed out"),
    "a body trickles": (
        endlessly(OK + b"Content-Length: 90000\r\n\r\n", b"x", every=0.05),
        "timed out",
    ),
    "chunks trickle": (endlessly(CHUNKED, b"1\r\nx\r\n", every=0.05), "timed out"),
    "an endless body": (endlessly(OK + b"\r\n", b"x" * 1000), "too large"),
    "endless chunks": (endlessly(CHUNKED, b"3e8\r\n" + b"x" * 1000 + b"\r\n"), "too large"),
    "many fields": (endlessly(OK, b"X-Long: " + b"x" * 60_000 + b"\r\n"), "not HTTP"),
    "an endless field": (endlessly(OK, b"x" * 60_000), "not HTTP"),
    "endless early hints": (endlessly(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), "not HTTP"),
    "half a body": (says(OK + b"Content-Length: 10\r\n\r\nhalf"), "closed"),
    "half a chunk": (says(CHUNKED + b"5\r\nhal"), "closed"),
    "no chunks": (says(CHUNKED + b"nonsense\r\n"), "closed"),
    "hung up": (says(b""), "closed"),
    "SSH": (says(b"SSH-2.0-OpenSSH_9.6\r\n"), "not HTTP"),
    "TLS": (says(b"\x15\x03\x01\x00\x02\x02\x46"), "not HTTP"),
    "no status": (says(b"HTTP/1.1 abc\r\n\r\n"), "not HTTP"),
    "not gzip": (says(sized(b"plain", b"Content-Encoding: gzip")), "not HTTP"),
    "half of gzip": (
        says(sized(gzip.compress(b"x")[:-3], b"Content-Encoding: gzip")),
        "not HTTP",
    ),
    "a bomb": (says(sized(BOMB, b"Content-Encoding: gzip")), "too large"),
    "a bomb in a bomb": (
        says(sized(gzip.compress(BOMB), b"Content-Encoding: gzip, gzip")),
        "too large",
    ),
    "a bomb of zlib": (
        says(sized(zlib.compress(bytes(20_000_000)), b"Content-Encoding: deflate")),
        "too large",
    ),
}


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_no_answer_says_why(name: str) -> None:
    play, why = NO_ANSWERS[name]
    outcome = asked(play, timeout=0.5 if why == "timed out" else 20)
    assert isinstance(outcome, NoAnswer)
    assert outcome.why == why
    assert outcome.detail


ANSWERS = {
    "no length": (says(OK + b"\r\nto the end"), Answer(200, (), b"to the end")),
    "HTTP/1.0": (says(b"HTTP/1.0 200 OK\r\n\r\nold"), Answer(200, (), b"old")),
    "no reason": (says(b"HTTP/1.1 200\r\n\r\n"), Answer(200, (), b"")),
    "interim responses": (
        says(
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
            OK + b"\r\nx",
        ),
        Answer(200, (), b"x"),
    ),
    "a redirect": (
        says(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.test/\r\n\r\n"),
        Answer(302, (("Location", "http://elsewhere.test/"),), b""),
    ),
    "repeated fields": (
        says(OK + b"Set-Cookie: a=1\r\nset-cookie: b=2\r\n\r\n"),
        Answer(200, (("Set-Cookie", "a=1"), ("set-cookie", "b=2")), b""),
    ),
    "an unknown coding": (
        says(OK + b"Content-Encoding: br\r\n\r\n\x8b"),
        Answer(200, (("Content-Encoding", "br"),), b"\x8b"),
    ),
    "two members of gzip": (
        says(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"a") + gzip.compress(b"b")),
        Answer(200, (("Content-Encoding", "gzip"),), b"ab"),
    ),
    "an error": (says(b"HTTP/1.1 500 Oh\r\n\r\n"), Answer(500, (), b"")),
    "an odd status": (says(b"HTTP/1.1 999 ?\r\n\r\n"), Answer(999, (), b"")),
    "another protocol": (
        says(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", b"\x81\x05hello"),
        Answer(101, (), b""),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_odd_answers_are_read(name: str) -> None:
    play, answer = ANSWERS[name]
    assert asked(play) == answer


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = HttpTarget(f"http://127.0.0.1:{port}").send(Request("GET", "/"))
    assert outcome == NoAnswer("refused")


def test_a_host_without_an_address() -> None:
    outcome = HttpTarget("http://nowhere.invalid").send(Request("GET", "/"))
    assert outcome == NoAnswer("unknown host")


def test_no_tls_where_it_is_expected() -> None:
    with playing(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as (server, _):
        target = HttpTarget(f"https://127.0.0.1:{server.port}", timeout=5)
        outcome = target.send(Request("GET", "/"))
        target.close()
    assert isinstance(outcome, NoAnswer)
    assert "SSL" in outcome.detail


NO_HTTP = {
    "space": Request("GET", "/a b"),
    "line": Request("GET", "/\r\nX: 1"),
    "letter": Request("GET", "/ä"),
    "line in field": Request("GET", "/", (("X-A", "a\r\nb: c"),)),
    "letter in field": Request("GET", "/", (("X-A", "€"),)),
    "line in method": Request("GE\nT", "/"),
}


@pytest.mark.parametrize("name", NO_HTTP)
def test_what_is_no_http_is_not_sent(name: str) -> None:
    with playing(says(OK + b"\r\n")) as (server, target):
        assert target.send(NO_HTTP[name]) == NoAnswer("not sent")
        assert server.requests == []


@pytest.mark.parametrize(
    ("method", "sent"), [("GET", 3), ("PUT", 3), ("DELETE", 3), ("POST", 2), ("PATCH", 2)]
)
def test_only_what_may_be_repeated_is_sent_again(method: str, sent: int) -> None:
    """The server answers once, and then hangs up on the next request without a word."""

    def play(connection: socket.socket, _: bytes) -> None:
        if len(server.requests) == 2:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            connection.sendall(sized(b"ok"))

    with playing(play) as (server, target):
        assert isinstance(target.send(Request("GET", "/")), Answer)
        outcome = target.send(Request(method, "/"))
        assert len(server.requests) == sent
        assert isinstance(outcome, Answer) == (sent == 3)


def test_a_first_request_is_not_sent_again() -> None:
    with playing(says(b"")) as (server, target):
        assert target.send(Request("GET", "/")) == NoAnswer("closed")
        assert len(server.requests) == 1


def test_the_body_of_an_answer_to_head_is_nobodys_answer() -> None:
    was_read, was_sent = threading.Event(), threading.Event()

    def play(connection: socket.socket, _: bytes) -> None:
        connection.sendall(OK + b"Content-Length: 19\r\n\r\n")
        was_read.wait(5)
        connection.sendall(b"HTTP/1.1 666 no\r\n\r\n")
        was_sent.set()

    with playing(play) as (server, target):
        head = target.send(Request("HEAD", "/"))
        was_read.set()
        assert was_sent.wait(5)
        assert target.send(Request("HEAD", "/")) == head
        assert isinstance(head, Answer)
        assert (head.status, head.body) == (200, b"")
        assert server.connections == 2


def test_a_server_may_answer_before_it_has_read_a_body() -> None:
    def play(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")

    with playing(play) as (_, target):
        outcome = target.send(Request("POST", "/", body=bytes(300_000)))
    assert isinstance(outcome, Answer)
    assert outcome.status == 413


def test_an_answer_that_came_too_late_is_not_the_next_ones() -> None:
    def play(connection: socket.socket, request: bytes) -> None:
        if b"/slow" in request:
            time.sleep(0.6)
        connection.sendall(sized(request.split()[1]))

    with playing(play, timeout=0.3) as (_, target):
        assert target.send(Request("GET", "/slow")) == NoAnswer("timed out")
        outcome = target.send(Request("GET", "/fast"))
    assert isinstance(outcome, Answer)
    assert outcome.body == b"/fast"


def test_cookies_are_not_kept() -> None:
    with playing(says(sized(b"", b"Set-Cookie: a=1"), hang_up=False)) as (server, target):
        for _ in range(2):
            target.send(Request("GET", "/"))
    assert len(server.requests) == 2
    assert not any(b"Cookie" in request for request in server.requests)
