"""What gunicorn answers itself, before either twin sees the request or after its response.

The rows are those of the table in docs/decisions/server.md, each with requests that show it. Other
servers may answer them otherwise, but alike and with no 5xx other than 501 and 505, which say that
HTTP itself is spoken differently.
"""

from contract_tests.raw_http.probe import (
    ALICE,
    JSON,
    Conversation,
    Refusal,
    chunked,
    request,
    todo,
    without,
)

CRLF = b"\r\n"


def line(first: bytes) -> bytes:
    """Replace the request line of an ordinary request."""
    return first + CRLF + request("GET /api/health").split(CRLF, 1)[1]


def with_line(raw: bytes) -> bytes:
    """Add a raw line to the head of an ordinary request."""
    return request("GET /api/health")[:-2] + raw + CRLF * 2


def framed(*fields: str) -> bytes:
    """Send two bytes whose framing other fields tell of."""
    return request("POST /api/todos", ALICE, JSON, *fields)


ROWS: dict[tuple[int, str], dict[str, bytes]] = {
    (400, "no method, target and `HTTP/1.x` with one space between each"): {
        "no version": line(b"GET /api/health"),
        "two spaces": line(b"GET  /api/health HTTP/1.1"),
        "a space behind the version": line(b"GET /api/health HTTP/1.1 "),
        "HTTP/1.10": line(b"GET /api/health HTTP/1.10"),
        "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 20 + CRLF * 2,
    },
    (400, "a method that is no token of 3 to 20 characters, or has a small letter or `#`"): {
        "method in lower case": line(b"get /api/health HTTP/1.1"),
        "method of 30 letters": line(b"X" * 30 + b" /api/health HTTP/1.1"),
        "method with brackets": line(b"GET[] /api/health HTTP/1.1"),
    },
    (400, "a target that has other than printable ASCII"): {
        "path beyond ASCII": line(b"GET /api/caf\xc3\xa9 HTTP/1.1"),
        "query beyond ASCII": line(b"GET /api/products?q=caf\xc3\xa9 HTTP/1.1"),
        "path with NUL": line(b"GET /api/\0 HTTP/1.1"),
    },
    (400, "a target that is no path or URL; `*` but for OPTIONS, `host:port` but for CONNECT"): {
        "path without a slash": line(b"GET api/health HTTP/1.1"),
        "absolute form with a bad address": line(b"GET http://[::1/api/health HTTP/1.1"),
    },
    (400, "a line that a line feed alone ends"): {
        "line feeds alone": b"GET /api/health HTTP/1.1\nHost: localhost\n\n",
    },
    (400, "a field without a colon, or whose name is no token"): {
        "no colon": with_line(b"X-Nothing"),
        "space before the colon": with_line(b"X-Space : 1"),
        "name beyond ASCII": with_line(b"X-Caf\xc3\xa9: 1"),
    },
    (400, "a value that has a control character other than a tab, or goes on in another line"): {
        "NUL in a value": with_line(b"X-Nul: \0"),
        "line feed in a value": with_line(b"X-Lf: a\nX-Other: b"),
        "a folded value": with_line(b"X-Folded: a\r\n b"),
    },
    (400, "a repeated `Host`, `Content-Type` or `Content-Length`"): {
        "two hosts": with_line(b"Host: localhost"),
        "two content types": request("POST /api/todos", ALICE, JSON, JSON, body="{}"),
        "two lengths": framed("Content-Length: 2", "Content-Length: 3") + b"{}",
    },
    (400, "a `Content-Length` that is no decimal number, or beside `Transfer-Encoding`"): {
        "a list of lengths": todo("{}", "Content-Length: 2, 2"),
        "a length with a sign": todo("{}", "Content-Length: +2"),
        "a superscript length": todo("{}", "Content-Length: \xb2"),
        "a length of 5,000 digits": todo("{}", "Content-Length: " + "9" * 5000),
        "a length and chunks": framed("Content-Length: 2", "Transfer-Encoding: chunked")
        + chunked("{}"),
    },
    (400, "a `Transfer-Encoding` that does not end with its only `chunked`, or in HTTP/1.0"): {
        "another transfer coding": todo("{}", "Transfer-Encoding: gzip"),
        "chunked twice": framed("Transfer-Encoding: chunked, chunked") + chunked("{}"),
        "chunks in HTTP/1.0": (framed("Transfer-Encoding: chunked") + chunked("{}")).replace(
            b"HTTP/1.1", b"HTTP/1.0"
        ),
    },
    (414, "a request line of more than 8,190 bytes"): {
        "a request line of 9,000 bytes": line(b"GET /" + b"x" * 9000 + b" HTTP/1.1"),
    },
    (417, "an `Expect` that is not `100-continue`"): {
        "an expectation that nobody knows": with_line(b"Expect: miracles"),
    },
    (431, "more than 100 fields, or one of more than 8,190 bytes"): {
        "101 fields": request("GET /api/health", *(f"X-{n}: 1" for n in range(101))),
        "a field of 9,000 bytes": request("GET /api/health", "X-Long: " + "x" * 9000),
    },
    (501, "a transfer coding that it does not know"): {
        "an unknown transfer coding": framed("Transfer-Encoding: xchunked") + chunked("{}"),
    },
}
# What other servers may answer where gunicorn has a status.
ELSEWHERE = {
    400: (400, 413, 415, 422, 501, 505),
    414: (400, 414),
    417: (200, 400, 417),
    431: (400, 431),
    501: (400, 501),
}
REFUSALS = [
    Refusal(name, raw, ELSEWHERE[status])
    for (status, _), requests in ROWS.items()
    for name, raw in requests.items()
]


def unread(body: bytes) -> bytes:
    """Send a body in chunks to where nobody reads it, on a connection that stays open."""
    raw = request("POST /api/nothing", "Transfer-Encoding: chunked")
    return without("Connection", raw) + body


# The program has answered (404) before gunicorn looks for the end of the body.
BEHIND_AN_ANSWER = [
    Conversation("a chunk whose length is no number", unread(b"xy\r\n{}\r\n0\r\n\r\n"), (404, 400)),
    Conversation("an ill-formed extension", unread(b"2;=\r\n{}\r\n0\r\n\r\n"), (404, 400)),
    Conversation("a trailer that frames", unread(b"0\r\nContent-Length: 1\r\n\r\n"), (404, 400)),
    Conversation("101 trailers", unread(chunked()[:-2] + b"X: 1\r\n" * 101 + CRLF), (404, 431)),
]
