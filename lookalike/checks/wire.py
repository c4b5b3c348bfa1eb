"""Requests that no HTTP library sends: written by hand, for servers at an address."""

import socket
import ssl
from urllib.parse import urlsplit

from lookalike.http import Request

TIMEOUT = 10  # seconds
ENOUGH = 65_536  # bytes of an answer


def is_wired(base_url: str) -> bool:
    """Tell whether a server is at the other end of a connection, and not inside this process."""
    return urlsplit(base_url).hostname != "in-process"


def written(base_url: str, request: Request, *fields: tuple[str, str], host: bool = True) -> bytes:
    """Write a request; `fields` come after those that it has."""
    there = urlsplit(base_url)
    lines = [f"{request.method} {there.path.rstrip('/')}{request.target} HTTP/1.1"]
    if host:
        lines.append(f"Host: {there.netloc}")
    lines += [f"{name}: {value}" for name, value in (*request.fields, *fields)]
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def status(base_url: str, data: bytes, context: ssl.SSLContext | None = None) -> int | None:
    """Send bytes, and no more; return the status of the answer, 0 for a connection that is closed.

    None stands for an answer that doesn't come in time.
    """
    there = urlsplit(base_url)
    port = there.port or (443 if there.scheme == "https" else 80)
    received = b""
    try:
        with socket.create_connection((there.hostname, port), TIMEOUT) as plain:
            connection = (
                (context or ssl.create_default_context()).wrap_socket(
                    plain, server_hostname=there.hostname
                )
                if there.scheme == "https"
                else plain
            )
            connection.sendall(data)
            if there.scheme != "https":
                plain.shutdown(socket.SHUT_WR)
            while b"\r\n" not in received and len(received) < ENOUGH:
                piece = connection.recv(ENOUGH)
                if not piece:
                    break
                received += piece
    except TimeoutError:
        return None
    except OSError:
        return 0
    words = received.split(b"\r\n", 1)[0].split(b" ")
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
