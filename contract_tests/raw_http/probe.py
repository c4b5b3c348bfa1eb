r"""Probes, and the vocabulary of the tables.

A request is written as it goes over the wire. Some things are filled in when it is sent, because
they differ from server to server or from run to run:

  {host}              the server's own address, such as 127.0.0.1:5000
  {alice} {bob} {sam} a token of that user of the demo data (sam is staff)
  {unique-key}        twelve hexadecimal digits that no earlier run has used (it is as long as what
                      it stands for, so that a length that was counted before stays true)

The text of a head stands for bytes as in Latin-1: "\xff" is one byte. Bodies are UTF-8.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from contract_tests.operations import expected
from contract_tests.operations.expected import compact

ROOT = Path(__file__).resolve().parents[2]
PCHAR = "-._~!$&'()*+,;=:@"  # RFC 3986, section 3.3, less letters and digits

REQUEST_ID = "raw"
ALICE = "Authorization: Bearer {alice}"
BOB = "Authorization: Bearer {bob}"
SAM = "Authorization: Bearer {sam}"
JSON = "Content-Type: application/json"
MERGE_PATCH = "Content-Type: application/merge-patch+json"

# Seeded rows, which have the same id everywhere.
PRODUCT = "/api/products/019b8d49-3204-73bf-8e08-6130bb92870b"  # MUG-RED
BOBS_TODO = "/api/todos/019c27fa-d4b4-7f89-8e55-045230615ea6"  # "Order tea towels in green"
NO_TODO = "/api/todos/00000000-0000-7000-8000-000000000000"
NO_PRODUCT = "/api/products/00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Probe:
    """A request, and the one answer that the contract allows."""

    name: str
    request: bytes
    status: int
    problem: str = ""  # its name in x-problems; the whole document follows from it
    errors: tuple[dict[str, str], ...] = ()
    instance: str | None = None  # where it is not the request's path, decoded and encoded anew
    fields: Mapping[str, str | None] = field(default_factory=dict)  # None: must not be sent
    body: bytes | None = None  # the exact body of a success …
    holds: bytes = b""  # … or what it contains
    request_id: str | None = REQUEST_ID  # None: the server has to make one


@dataclass(frozen=True)
class Conversation:
    """Bytes on one connection, with the statuses of all that is answered until it ends."""

    name: str
    request: bytes
    statuses: tuple[int, ...]
    holds: tuple[bytes, ...] = ()
    half_close: bool = False  # the client says that it will send no more, but still listens
    slowly: bool = False  # the client sends a few bytes at a time


@dataclass(frozen=True)
class Refusal:
    """A request that the contract says nothing of, or that its server refuses before the program.

    All servers under test answer it alike, in time, and with one of these statuses.
    """

    name: str
    request: bytes
    statuses: tuple[int, ...] = (400,)


def request(line: str, *fields: str, body: str | bytes | None = None) -> bytes:
    """Write a request; a field that is given replaces the default one of the same name.

    By default the server closes the connection after its answer, so that whatever it sends too much
    is seen.
    """
    named = {name(text) for text in fields}
    defaults = ["Host: {host}", f"X-Request-ID: {REQUEST_ID}", "Connection: close"]
    content = b"" if body is None else utf8(body)
    if body is not None:
        defaults.append(f"Content-Length: {len(content)}")
    lines = [
        f"{line} HTTP/1.1",
        *(text for text in defaults if name(text) not in named),
        *fields,
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1") + content


def without(field_name: str, raw: bytes) -> bytes:
    """Leave out a field of a request."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    kept = [
        line
        for line in head.split(b"\r\n")
        if not line.lower().startswith(utf8(field_name.lower()))
    ]
    return b"\r\n".join(kept) + blank + body


def name(text: str) -> str:
    """Return a field's name, for comparison."""
    return text.partition(":")[0].lower()


def utf8(text: str | bytes) -> bytes:
    """Encode a text; bytes are taken as they are."""
    return text if isinstance(text, bytes) else text.encode()


def latin1(text: str) -> str:
    """Return a text whose Latin-1 encoding is the UTF-8 of the given one."""
    return text.encode().decode("latin-1")


def todo(body: str | bytes, *fields: str) -> bytes:
    """Let Alice create a todo."""
    return request("POST /api/todos", ALICE, JSON, *fields, body=body)


def chunked(*chunks: str | bytes) -> bytes:
    """Encode a body in chunks (RFC 9112, section 7.1)."""
    parts = [utf8(chunk) for chunk in chunks]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])


def instance(raw: bytes) -> str:
    """Return the path of a request, percent-decoded and encoded anew (openapi.yaml, Errors)."""
    target = raw.split(b" ", 2)[1]
    return quote(unquote_to_bytes(target.partition(b"?")[0]), safe="/" + PCHAR)


def problem(probe: Probe) -> bytes:
    """Return the body of the problem that a probe expects."""
    path = instance(probe.request) if probe.instance is None else probe.instance
    return compact(expected.problem(probe.problem, path, *probe.errors))
