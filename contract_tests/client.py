"""A plain HTTP client that hides nothing: raw bodies, header fields in the order received."""

import http.client
import json
import shlex
import time
from collections import deque
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from contract_tests.address import Address
from contract_tests.documents import Fields, UnexpectedAnswerError, decoded

TIMEOUT = 30  # seconds; a bound against hangs, not an expectation
LONGEST = 20_000  # characters of a command line
SHOWN = 2_000  # bytes of a body
IDLE_SECONDS = 2  # the servers close a connection that idles for longer than 5 s

# Each method, target and status of this run, for test_statuses.py.
observed: set[tuple[str, str, int]] = set()


def shortened(line: str) -> str:
    """Return a command line, less the middle of one that no terminal would take."""
    if len(line) > LONGEST:
        line = f"{line[: LONGEST // 2]} [… {len(line) - LONGEST:,} characters …] {line[-100:]}"
    return line


@dataclass(frozen=True)
class Request:
    """One HTTP request, as it goes over the wire."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    @classmethod
    def with_json(cls, method: str, target: str, value: Any) -> "Request":
        """Return a request whose body is a JSON value."""
        body = json.dumps(value, ensure_ascii=False).encode()
        return cls(method, target, {"Content-Type": "application/json"}, body)

    def curl(self, base_url: str) -> str:
        """Return a command line that repeats the request."""
        words = ["curl", "-i", "-X", self.method, base_url + self.target]
        for name, value in self.headers.items():
            words += ["-H", f"{name}: {value}"]
        if self.body is not None:
            words += ["--data-binary", self.body.decode("utf-8", "backslashreplace")]
        return shlex.join(words)


# The last requests of this run with the statuses of their answers, to be shown with a failure.
latest: deque[tuple[str, Request, int]] = deque(maxlen=4)


@dataclass(frozen=True)
class Answer:
    """One HTTP response, with its header fields in the order in which they were sent."""

    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    body: bytes
    # The request that led to it, and to which server it was sent.
    sent: tuple[Request, str] | None = field(default=None, compare=False, repr=False)

    @property
    def headers(self) -> Fields:
        """The header fields by lower-case name."""
        return Fields(self.fields, self.lacks)

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return decoded(self.body, self.lacks)

    def lacks(self, what: str) -> UnexpectedAnswerError:
        """Return the error that shows this answer, and says what is wrong with it."""
        lines = [f"{name}: {value}" for name, value in self.fields]
        shown = self.body[:SHOWN].decode("utf-8", "backslashreplace")
        more = f"… ({len(self.body)} bytes)" if len(self.body) > SHOWN else ""
        asked = shortened(self.sent[0].curl(self.sent[1])) if self.sent else ""
        head = f"{self.status} {self.reason}"
        return UnexpectedAnswerError(
            "\n".join([f"the answer {what}:", asked, head, *lines, "", shown + more])
        )


class Connection:
    """A connection to one server, kept for request after request."""

    def __init__(self, base_url: str, source: str | None = None) -> None:
        self.base_url = base_url
        address = Address.of(base_url)
        self._prefix = address.prefix
        self._connection = address.client(TIMEOUT, (source, 0) if source else None)
        self._sent = Request("", "")
        self._used = time.monotonic()

    def begin(self, request: Request) -> None:
        """Send a request."""
        if time.monotonic() - self._used > IDLE_SECONDS:
            self._connection.close()  # it is opened again by what follows
        self._sent = request
        self._connection.putrequest(
            request.method,
            self._prefix + request.target,
            skip_host="Host" in request.headers,
            skip_accept_encoding=True,
        )
        for name, value in request.headers.items():
            self._connection.putheader(name, value.encode("latin-1"))
        if request.body is not None:
            self._connection.putheader("Content-Length", str(len(request.body)))
        self._connection.endheaders(request.body)

    def finish(self) -> Answer:
        """Read the whole answer."""
        response = self._connection.getresponse()
        self._used = time.monotonic()
        observed.add((self._sent.method, self._sent.target, response.status))
        latest.append((self.base_url, self._sent, response.status))
        answer = Answer(
            response.status,
            response.reason,
            tuple(response.getheaders()),
            response.read(),
            (self._sent, self.base_url),
        )
        if "Content-Length" in self._sent.headers:  # a test's own, which promises too much
            self.close()
        return answer

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def __del__(self) -> None:
        """Hang up with whoever used the line last, such as a thread that ends."""
        self.close()


def send(base_url: str, request: Request) -> Answer:
    """Send a request over a connection of its own and read the whole answer."""
    with closing(Connection(base_url)) as connection:
        connection.begin(request)
        return connection.finish()


def is_healthy(base_url: str) -> bool:
    """Tell whether a server answers at all."""
    try:
        return send(base_url.rstrip("/"), Request("GET", "/api/health")).status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
