"""A server under test, over the network or inside this process."""

import http.client
import io
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit
from urllib.request import getproxies, proxy_bypass

from lookalike.http import Answer, Fields, NoAnswer, Outcome, Request, decoded

MAX_BODY = 20_000_000  # bytes of an answer
IDLE_SECONDS = 2  # after which a kept connection isn't trusted any more
READ = 65_536


class Target(Protocol):
    """Whatever answers requests."""

    base_url: str

    def send(self, request: Request) -> Outcome:
        """Send a request, and wait for the whole answer."""

    def close(self) -> None:
        """Hang up."""


class TooLargeError(Exception):
    """A body has no end, or one that is too far."""


FAILURES = (TooLargeError, OSError, http.client.HTTPException, ValueError)


class AddressError(ValueError):
    """A base URL that can't be used."""


class HttpTarget:
    """A server at a base URL; each thread keeps a connection of its own.

    `fields` go with each request, where it hasn't got fields of these names.
    """

    def __init__(
        self,
        base_url: str,
        *,
        fields: Fields = (),
        timeout: float = 30,
        context: ssl.SSLContext | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        parsed = urlsplit(base_url if "://" in base_url else f"http://{base_url}")
        if parsed.scheme not in {"http", "https"} or not parsed.hostname:
            raise AddressError(f"{base_url!r} is no http or https URL")
        if parsed.query or parsed.fragment:
            raise AddressError(f"{base_url!r} has a query or a fragment; a base URL has none")
        try:
            port = parsed.port
        except ValueError:
            raise AddressError(f"{base_url!r} has no valid port") from None
        self.base_url = f"{parsed.scheme}://{parsed.netloc}{parsed.path.rstrip('/')}"
        self.host = parsed.hostname
        self._prefix = parsed.path.rstrip("/")
        self._port = port or (443 if parsed.scheme == "https" else 80)
        self._is_secure = parsed.scheme == "https"
        self._fields = fields
        self._timeout = timeout
        self._context = context or ssl.create_default_context()
        self._max_body = max_body
        self._kept = threading.local()

    def send(self, request: Request) -> Outcome:
        """Send a request; a kept connection that turns out to be closed is opened again once."""
        began = time.monotonic()
        connection, is_fresh = self._connection()
        try:
            try:
                return self._exchange(connection, request, began)
            except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
                if is_fresh:
                    raise
                self.close()
                connection, _ = self._connection()
                return self._exchange(connection, request, began)
        except FAILURES as error:
            self.close()
            return self._no_answer(error)
        except BaseException:
            self.close()  # an answer that nobody waited for must not be the next one's
            raise

    def _no_answer(self, error: Exception) -> NoAnswer:
        match error:
            case TooLargeError():
                return NoAnswer("too large", f"more than {self._max_body:,} bytes")
            case TimeoutError():
                return NoAnswer("timed out", f"after {self._timeout:g} s")
            case http.client.IncompleteRead():
                return NoAnswer("closed", f"in the middle of a body: {error}")
            case http.client.RemoteDisconnected() | ConnectionResetError() | BrokenPipeError():
                return NoAnswer("closed", str(error))
            case OSError():
                return NoAnswer("refused", str(error))
            case _:
                return NoAnswer("not HTTP", f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Hang up this thread's connection."""
        connection = getattr(self._kept, "connection", None)
        self._kept.connection = None
        if connection is not None:
            connection.close()

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        connection = getattr(self._kept, "connection", None)
        if connection is not None and time.monotonic() - self._kept.used < IDLE_SECONDS:
            return connection, False
        self.close()
        self._kept.connection = self._open()
        return self._kept.connection, True

    def _open(self) -> http.client.HTTPConnection:
        scheme = "https" if self._is_secure else "http"
        proxy = None if proxy_bypass(self.host) else getproxies().get(scheme)
        if proxy is None:
            if self._is_secure:
                return http.client.HTTPSConnection(
                    self.host, self._port, timeout=self._timeout, context=self._context
                )
            return http.client.HTTPConnection(self.host, self._port, timeout=self._timeout)
        there = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = there.hostname or "", there.port or 80
        connection: http.client.HTTPConnection
        if self._is_secure:
            connection = http.client.HTTPSConnection(
                host, port, timeout=self._timeout, context=self._context
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self._timeout)
        connection.set_tunnel(self.host, self._port)
        return connection

    def _exchange(
        self, connection: http.client.HTTPConnection, request: Request, began: float
    ) -> Answer:
        own = {name.lower() for name, _ in request.fields}
        fields = (*request.fields, *(pair for pair in self._fields if pair[0].lower() not in own))
        connection.putrequest(
            request.method,
            self._prefix + request.target,
            skip_host="host" in own,
            skip_accept_encoding=True,
        )
        for name, value in fields:
            connection.putheader(name, value.encode("latin-1"))
        if request.body is not None and not own & {"content-length", "transfer-encoding"}:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body)
        response = connection.getresponse()
        body = self._read(response)
        self._kept.used = time.monotonic()
        found = tuple(response.getheaders())
        if request.method != "HEAD":
            body = decoded(body, response.getheader("Content-Encoding"))
        return Answer(response.status, found, body, response.reason, time.monotonic() - began)

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        deadline = time.monotonic() + self._timeout
        body = b""
        while piece := response.read1(READ):
            body += piece
            if len(body) > self._max_body:
                raise TooLargeError
            if time.monotonic() > deadline:  # a trickle would never time out otherwise
                raise TimeoutError
        if response.length:
            raise http.client.IncompleteRead(body, response.length)
        response.close()  # read1() has not noticed the end; the connection would take no request
        return body


Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiTarget:
    """A WSGI application (PEP 3333), without a socket."""

    def __init__(self, application: Application, *, fields: Fields = ()) -> None:
        self.base_url = "http://localhost"
        self.host = "localhost"
        self._application = application
        self._fields = fields

    def send(self, request: Request) -> Outcome:
        """Call the application; what it raises is no answer."""
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
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if request.body is not None:
            environ["CONTENT_LENGTH"] = str(len(request.body))
        for name, value in (*self._fields, *request.fields):
            key = name.upper().replace("-", "_")
            environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, fields: list[tuple[str, str]], _: Any = None) -> None:
            started.append((status, fields))

        try:
            chunks = self._application(environ, start_response)
            try:
                body = b"".join(chunks)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
        except Exception as error:  # noqa: BLE001 - whatever an application raises, a server survives
            return NoAnswer("raised", f"{type(error).__name__}: {error}")
        status, fields = started[-1]
        code, _, reason = status.partition(" ")
        return Answer(int(code), tuple(fields), b"" if request.method == "HEAD" else body, reason)

    def close(self) -> None:
        """Do nothing: there is no connection."""


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself, by any of its addresses."""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return host == "localhost"
    addresses = {str(address[4][0]) for address in found}
    return all(each.startswith("127.") or each == "::1" for each in addresses)


def tls_context(ca: str | None, *, insecure: bool) -> ssl.SSLContext:
    """Build what checks certificates: by the system's, or one's own authorities, or not at all."""
    context = ssl.create_default_context(cafile=ca)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def environment_proxies() -> Mapping[str, str]:
    """Return the proxies that the environment names, to be shown before anything is sent."""
    return {name: url for name, url in getproxies().items() if name in {"http", "https"}} or {
        key: value for key, value in os.environ.items() if key.lower() == "all_proxy"
    }
