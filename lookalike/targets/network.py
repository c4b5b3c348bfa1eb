"""A server at a URL, over HTTP/1.1."""

import base64
import http.client
import io
import select
import socket
import ssl
import threading
import time
from functools import partial
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from lookalike.http import Answer, Fields, NoAnswer, Outcome, Request, TooLargeError, decoded
from lookalike.targets.base import MAX_BODY, TIMEOUT, AddressError, Target
from lookalike.targets.environment import proxy_for

IDLE_SECONDS = 1  # after which a kept connection isn't trusted any more
READ = 65_536  # bytes at once
INTERIM, FINAL = 100, 200  # where their statuses begin (RFC 9110, section 15)
MOST_INTERIM = 20  # interim responses before the final one
SWITCHING = 101
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110, 9.2.2
WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})  # RFC 9110, section 8.6


class NotSentError(Exception):
    """A request that can't be written as HTTP."""


FAILURES = (TooLargeError, NotSentError, OSError, http.client.HTTPException, ValueError)


class HttpTarget(Target):
    """A server at a base URL; each thread keeps a connection of its own.

    `fields` go with each request, where it hasn't got fields of these names. `timeout` is in
    seconds, for a whole answer, however slowly it comes.
    """

    def __init__(
        self,
        base_url: str,
        *,
        fields: Fields = (),
        timeout: float = TIMEOUT,
        context: ssl.SSLContext | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        parsed = split(base_url)
        host = parsed.netloc.rpartition("@")[2]
        self.base_url = f"{parsed.scheme}://{host}{parsed.path.rstrip('/')}"
        self.host = parsed.hostname or ""
        self._prefix = parsed.path.rstrip("/")
        self._origin = f"{parsed.scheme}://{host}"
        self._is_secure = parsed.scheme == "https"
        self._port = parsed.port or (443 if self._is_secure else 80)
        self._fields = (*fields, *basic("Authorization", parsed))
        self._timeout = timeout
        self._context = context or ssl.create_default_context()
        self._max_body = max_body
        proxy = proxy_for(parsed.scheme, self.host)
        self._proxy = split(proxy) if proxy else None
        self._kept = threading.local()
        self._open: set[Connection] = set()
        self._lock = threading.Lock()

    def send(self, request: Request) -> Outcome:
        """Send a request once.

        A second time only where a server has hung up a kept connection without a word, and may be
        sent the request twice as well as once (RFC 9112, section 9.3.1).
        """
        began = time.monotonic()
        connection, is_kept = self._connection()
        try:
            try:
                return self._exchange(connection, request, began)
            except ConnectionError:
                if not is_kept or request.method not in IDEMPOTENT or connection.has_answered:
                    raise
                self._hang_up()
                connection, _ = self._connection()
                return self._exchange(connection, request, began)
        except FAILURES as error:
            self._hang_up()
            return self._no_answer(error)
        except BaseException:
            self._hang_up()  # an answer that nobody waited for must not be the next one's
            raise

    def close(self) -> None:
        """Hang up all threads' connections."""
        with self._lock:
            while self._open:
                self._open.pop().close()

    def _no_answer(self, error: Exception) -> NoAnswer:
        told = {
            TooLargeError: ("too large", f"more than {self._max_body:,} bytes"),
            NotSentError: ("not sent", str(error)),
            TimeoutError: ("timed out", f"after {self._timeout:g} s"),
            http.client.IncompleteRead: ("closed", "in the middle of a body"),
            ConnectionRefusedError: ("refused", str(error)),
            ConnectionError: ("closed", str(error)),
            socket.gaierror: ("unknown host", getattr(error, "strerror", "")),
            OSError: ("refused", str(error)),
            Exception: ("not HTTP", f"{type(error).__name__}: {error}"),
        }
        return NoAnswer(*next(texts for kind, texts in told.items() if isinstance(error, kind)))

    def _hang_up(self) -> None:
        connection = getattr(self._kept, "connection", None)
        self._kept.connection = None
        if connection is not None:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _connection(self) -> tuple["Connection", bool]:
        """Return a connection, and whether it has served requests before."""
        connection: Connection | None = getattr(self._kept, "connection", None)
        if connection is not None and connection.is_ready:
            return connection, True
        self._hang_up()
        connection = self._connect()
        self._kept.connection = connection
        with self._lock:
            self._open.add(connection)
        return connection, False

    def _connect(self) -> "Connection":
        there = (self.host, self._port)
        if self._proxy is not None:
            there = (self._proxy.hostname or "", self._proxy.port or 80)
        kind = SecureConnection if self._is_secure else Connection
        options: dict[str, Any] = {"context": self._context} if self._is_secure else {}
        connection = kind(*there, timeout=self._timeout, **options)
        if self._proxy is not None and self._is_secure:
            credentials = dict(basic("Proxy-Authorization", self._proxy))
            connection.set_tunnel(self.host, self._port, credentials)
        return connection

    def _exchange(self, connection: "Connection", request: Request, began: float) -> Answer:
        connection.wait_until(began + self._timeout)
        self._begin(connection, request)
        try:
            connection.endheaders(request.body)
        except (BrokenPipeError, ConnectionResetError):
            # a server may refuse a body before it has read all of it (RFC 9112, section 9.6)
            response = connection.getresponse()
        else:
            response = connection.getresponse()
        connection.has_answered = True
        body = self._read(response)
        connection.used = time.monotonic()
        if response.status == SWITCHING:  # what follows is no HTTP
            self._hang_up()
        fields = tuple(response.getheaders())
        if request.method != "HEAD":
            body = decoded(body, response.getheader("Content-Encoding"), self._max_body)
        return Answer(response.status, fields, body, response.reason, time.monotonic() - began)

    def _begin(self, connection: "Connection", request: Request) -> None:
        own = {name.lower() for name, _ in request.fields}
        fields = [*request.fields, *(pair for pair in self._fields if pair[0].lower() not in own)]
        target = self._prefix + request.target
        if self._proxy is not None and not self._is_secure:
            target = self._origin + target  # RFC 9112, section 3.2.2
            fields += basic("Proxy-Authorization", self._proxy)
        names = {name.lower() for name, _ in fields}
        has_content = request.body is not None or request.method in WITH_CONTENT
        if has_content and not names & {"content-length", "transfer-encoding"}:
            fields.append(("Content-Length", str(len(request.body or b""))))
        try:
            connection.putrequest(
                request.method, target, skip_host="host" in names, skip_accept_encoding=True
            )
            for name, value in fields:
                connection.putheader(name, value.encode("latin-1"))
        except (ValueError, http.client.HTTPException) as error:
            raise NotSentError(str(error)) from error

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        body = bytearray()
        while piece := response.read1(READ):
            body += piece
            if len(body) > self._max_body:
                raise TooLargeError
        if response.length:
            raise http.client.IncompleteRead(bytes(body), response.length)
        response.close()  # read1() has not noticed the end; the connection would take no request
        return bytes(body)


class Connection(http.client.HTTPConnection):
    """A connection that may be kept, and serves one request at a time."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.used = time.monotonic()
        self.has_answered = False

    @property
    def is_ready(self) -> bool:
        """Whether the server may still take requests: it has sent nothing since its answer.

        Neither that it has hung up, nor the body that an answer to HEAD must not have.
        """
        return (
            self.sock is not None
            and time.monotonic() - self.used < IDLE_SECONDS
            and not select.select([self.sock], [], [], 0)[0]
        )

    def wait_until(self, deadline: float) -> None:
        """Give the next request and its answer time up to a moment of the monotonic clock."""
        self.has_answered = False
        if self.sock is None:
            self.connect()
        self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
        self.response_class = partial(Response, deadline=deadline)  # type: ignore[assignment]


class SecureConnection(Connection, http.client.HTTPSConnection):
    """The same over TLS."""


class Response(http.client.HTTPResponse):
    """An answer that has to come whole before a deadline, whatever comes before it.

    http.client takes any interim response but 100 for the final one, and waits for a slow server
    as long as each byte comes in time.
    """

    def __init__(self, sock: socket.socket, *, method: str | None, deadline: float) -> None:
        super().__init__(sock, method=method)
        self.fp = io.BufferedReader(Timed(sock, deadline), READ)

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc] # not in typeshed
            if not INTERIM < status < FINAL or status == SWITCHING:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"more than {MOST_INTERIM} interim responses")


class Timed(io.RawIOBase):
    """Reads from a socket up to a deadline."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        super().__init__()
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)  # keeps the socket open
        self._deadline = deadline

    def readable(self) -> bool:
        """Tell the reader above that there is something to read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what there is; raise a TimeoutError when it is too late."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._file.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._file.close()
        super().close()


def split(url: str) -> SplitResult:
    """Read a base URL; raise an AddressError where it is none."""
    try:
        parsed = urlsplit(url if "://" in url else f"http://{url}")
    except ValueError as error:
        raise AddressError(f"{url!r} is no URL: {error}") from None
    if parsed.scheme not in {"http", "https"} or not parsed.hostname:
        raise AddressError(f"{url!r} is no http or https URL")
    if parsed.query or parsed.fragment:
        raise AddressError(f"{url!r} has a query or a fragment; a base URL has none")
    try:
        parsed.port  # noqa: B018 - looked at for the error alone
    except ValueError:
        raise AddressError(f"{url!r} has no valid port") from None
    return parsed


def basic(name: str, url: SplitResult) -> Fields:
    """Return a field with the credentials of a URL, if it has any (RFC 7617)."""
    if url.username is None:
        return ()
    pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
    return ((name, f"Basic {base64.b64encode(pair.encode()).decode()}"),)
