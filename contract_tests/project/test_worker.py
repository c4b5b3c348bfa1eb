"""Which requests the worker answers in its health thread: none that could make it wait."""

import socket
from io import BytesIO
from types import SimpleNamespace

import pytest

from deploy.worker import HealthWorker

HEAD = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("sent", "buffered", "pool"),
    [
        (HEAD + b"\r\n", b"", "health"),
        (HEAD.replace(b"GET", b"HEAD") + b"\r\n", b"", "health"),
        (HEAD.replace(b"health", b"health?a=b") + b"\r\n", b"", "health"),
        (HEAD + b"\r\nPOST /api/todos HTTP/1.1\r\n", b"", "health"),  # which is looked at by itself
        (HEAD, b"", "data"),  # there is more to come
        (b"", b"", "data"),
        (HEAD.replace(b"health", b"health/ready") + b"\r\n", b"", "data"),
        (HEAD.replace(b"health", b"healthy") + b"\r\n", b"", "data"),
        (HEAD.replace(b"GET", b"POST") + b"\r\n", b"", "data"),
        (HEAD + b"content-length: 5\r\n\r\n", b"", "data"),
        (HEAD + b"Transfer-Encoding : chunked\r\n\r\n", b"", "data"),
        (HEAD + b"X: " + b"x" * 5000 + b"\r\n\r\n", b"", "data"),
        (HEAD + b"\r\n", b"POST /api/todos HTTP/1.1\r\n", "data"),
    ],
)
def test_the_thread_for_health(sent: bytes, buffered: bytes, pool: str) -> None:
    worker = HealthWorker.__new__(HealthWorker)
    worker.cfg = SimpleNamespace(is_ssl=False)
    client, server = socket.socketpair()
    with client, server:
        client.sendall(sent)
        parser = SimpleNamespace(unreader=SimpleNamespace(buf=BytesIO(buffered)))
        found = worker.asks_for_health(SimpleNamespace(sock=server, parser=parser))
        assert found is (pool == "health")
        server.settimeout(0)
        assert not sent or server.recv(10_000) == sent  # it is still there to be read
