"""A plain HTTP client that hides nothing: bytes in, bytes out, headers in the order they came."""

import http.client
import json
import shlex
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 30  # seconds; a bound against hangs, not an expectation

# Each method, target and status of this run, for test_statuses.py.
observed: set[tuple[str, str, int]] = set()


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


@dataclass(frozen=True)
class Answer:
    """One HTTP response, with its header fields in the order in which they were sent."""

    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The header fields by lower-case name; no field of this API is sent twice."""
        return {name.lower(): value for name, value in self.fields}

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


def send(base_url: str, request: Request) -> Answer:
    """Send a request over a connection of its own and read the whole answer."""
    address = urlsplit(base_url)
    with closing(
        http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
    ) as connection:
        connection.putrequest(
            request.method,
            request.target,
            skip_host="Host" in request.headers,
            skip_accept_encoding=True,
        )
        for name, value in request.headers.items():
            connection.putheader(name, value.encode("latin-1"))
        if request.body is not None:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body)
        response = connection.getresponse()
        observed.add((request.method, request.target, response.status))
        return Answer(
            response.status, response.reason, tuple(response.getheaders()), response.read()
        )
