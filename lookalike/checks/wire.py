"""Requests that no HTTP library sends: written by hand, for servers at an address."""

import socket
from urllib.parse import urlsplit

from lookalike.http import Request
from lookalike.targets import Target

TIMEOUT = 10  # seconds
ENOUGH = 65_536  # bytes of an answer


def is_wired(target: Target) -> bool:
    """Tell whether a server is reached by plain HTTP, and not inside this process."""
    return target.base_url.startswith("http:") and not target.is_in_process


def written(base_url: str, request: Request, *fields: tuple[str, str], host: bool = True) -> bytes:
    """Write a request; `fields` come after those that it has."""
    there = urlsplit(base_url)
    lines = [f"{request.method} {there.path.rstrip('/')}{request.target} HTTP/1.1"]
    if host:
        lines.append(f"Host: {there.netloc}")
    lines += [f"{name}: {value}" for name, value in (*request.fields, *fields)]
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def status(base_url: str, data: bytes) -> int | None:
    """Send bytes, and no more; return the status of the answer, 0 for a connection that is closed.

    None stands for an answer that doesn't come in time.
    """
    there = urlsplit(base_url)
    received = b""
    try:
        with socket.create_connection((there.hostname, there.port or 80), TIMEOUT) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
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
