"""A WSGI application (PEP 3333), without a socket."""

import io
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from lookalike.http import Answer, Fields, NoAnswer, Outcome, Request
from lookalike.targets.base import InProcess


class WsgiTarget(InProcess):
    """Calls an application in the thread that sends; a call that never returns can't be ended."""

    def send(self, request: Request) -> Outcome:
        """Call the application; what it raises is no answer."""
        began = time.monotonic()
        started: list[tuple[str, list[tuple[str, str]]]] = []
        body = bytearray()

        def start_response(
            status: str, fields: list[tuple[str, str]], _: Any = None
        ) -> Callable[[bytes], None]:
            started.append((status, fields))
            return body.extend

        try:
            chunks = self._application(self._environ(request), start_response)
            try:
                if failure := self._read(chunks, body, began):
                    return failure
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
            status, fields = started[-1]
            code, _, reason = status.partition(" ")
            content = b"" if request.method == "HEAD" else bytes(body)
            return Answer(int(code), tuple(fields), content, reason, time.monotonic() - began)
        except IndexError:
            if started:
                raise
            return NoAnswer("raised", "nothing: start_response was not called")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a server survives all of these
            return NoAnswer("raised", f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def _read(self, chunks: Iterable[bytes], body: bytearray, began: float) -> NoAnswer | None:
        for chunk in chunks:
            body += chunk
            if len(body) > self._max_body:
                return NoAnswer("too large", f"more than {self._max_body:,} bytes")
            if time.monotonic() - began > self._timeout:
                return NoAnswer("timed out", f"after {self._timeout:g} s")
        return None

    def _environ(self, request: Request) -> dict[str, Any]:
        path, _, query = request.target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": request.target,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(request.body or b""),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if request.body is not None:
            environ["CONTENT_LENGTH"] = str(len(request.body))
        for key, value in merged(request.fields, self._fields).items():
            name = key.upper().replace("-", "_")
            is_content = name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
            environ[name if is_content else f"HTTP_{name}"] = value
        return environ


def merged(fields: Fields, defaults: Fields) -> dict[str, str]:
    """Join the values of repeated fields (RFC 9110, section 5.3); cookies by `;` (RFC 6265)."""
    found: dict[str, str] = {}
    own = {name.lower() for name, _ in fields}
    for name, value in (*fields, *(pair for pair in defaults if pair[0].lower() not in own)):
        key = name.lower()
        separator = "; " if key == "cookie" else ", "
        found[key] = f"{found[key]}{separator}{value}" if key in found else value
    return found
