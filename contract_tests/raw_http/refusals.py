"""Requests that the server itself may answer, before the program sees them.

Every server under test answers alike, in time, and never with a 5xx (501 and 505 excepted, which
say that HTTP itself is spoken differently).
"""

from contract_tests.raw_http.probe import (
    ALICE,
    JSON,
    Refusal,
    chunked,
    request,
    todo,
)

CRLF = b"\r\n"


def line(first: bytes) -> bytes:
    """Replace the request line of an ordinary request."""
    return first + CRLF + request("GET /api/health").split(CRLF, 1)[1]


def with_line(raw: bytes) -> bytes:
    """Add a raw line to the head of an ordinary request."""
    return request("GET /api/health")[:-2] + raw + CRLF * 2


REQUEST_LINES = [
    Refusal("no version", line(b"GET /api/health")),
    Refusal("no path", line(b"GET HTTP/1.1")),
    Refusal("empty path", line(b"GET  HTTP/1.1")),
    Refusal("a method alone", line(b"GET")),
    Refusal("two spaces", line(b"GET  /api/health HTTP/1.1")),
    Refusal("a tab", line(b"GET\t/api/health HTTP/1.1")),
    Refusal("a space in the path", line(b"GET /api/hea lth HTTP/1.1")),
    Refusal("a space before the method", line(b" GET /api/health HTTP/1.1")),
    Refusal("a space behind the version", line(b"GET /api/health HTTP/1.1 ")),
    Refusal("method in lower case", line(b"get /api/health HTTP/1.1")),
    Refusal("method in mixed case", line(b"Get /api/health HTTP/1.1")),
    Refusal("method of one letter", line(b"X /api/health HTTP/1.1")),
    Refusal("method of 30 letters", line(b"X" * 30 + b" /api/health HTTP/1.1")),
    Refusal("method with brackets", line(b"GET[] /api/health HTTP/1.1")),
    Refusal("method beyond ASCII", line(b"G\xc3\x89T /api/health HTTP/1.1")),
    Refusal("method with NUL", line(b"GET\0 /api/health HTTP/1.1")),
    Refusal("HTTP/2.0", line(b"GET /api/health HTTP/2.0"), (400, 505)),
    Refusal("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    Refusal("HTTP/0.9", line(b"GET /api/health HTTP/0.9"), (400, 505)),
    Refusal("HTTP/1.10", line(b"GET /api/health HTTP/1.10"), (400, 505)),
    Refusal("http/1.1", line(b"GET /api/health http/1.1"), (400, 505)),
    Refusal("FTP/1.1", line(b"GET /api/health FTP/1.1"), (400, 505)),
    Refusal("HTTP/1.2 is answered as 1.1", line(b"GET /api/health HTTP/1.2"), (200, 400, 505)),
    Refusal("path beyond ASCII", line(b"GET /api/caf\xc3\xa9 HTTP/1.1")),
    Refusal("path that is no UTF-8", line(b"GET /api/\xff HTTP/1.1")),
    Refusal("query beyond ASCII", line(b"GET /api/products?q=caf\xc3\xa9 HTTP/1.1")),
    Refusal("path with NUL", line(b"GET /api/\0 HTTP/1.1")),
    Refusal("path with DEL", line(b"GET /api/\x7f HTTP/1.1")),
    Refusal("path without a slash", line(b"GET api/health HTTP/1.1")),
    Refusal("authority form", line(b"GET localhost:80 HTTP/1.1")),
    Refusal("CONNECT with an authority", line(b"CONNECT localhost:80 HTTP/1.1"), (400, 404, 405)),
    Refusal("GET *", line(b"GET * HTTP/1.1"), (400, 404)),
    Refusal("OPTIONS *", line(b"OPTIONS * HTTP/1.1"), (204, 400, 404)),
    Refusal("a fragment", line(b"GET /api/health#top HTTP/1.1"), (200, 400, 404)),
    Refusal("a query alone", line(b"GET ?limit=1 HTTP/1.1")),
    Refusal("absolute form without a path", line(b"GET http://localhost HTTP/1.1"), (400, 404)),
    Refusal(
        "absolute form without a path, but a query",
        line(b"GET http://localhost?x HTTP/1.1"),
        (400, 404),
    ),
    Refusal(
        "absolute form of another host",
        line(b"GET http://evil.example/api/health HTTP/1.1"),
        (200, 400),
    ),
    Refusal(
        "absolute form of another scheme",
        line(b"GET ftp://localhost/api/health HTTP/1.1"),
        (200, 400),
    ),
    Refusal("absolute form with a bad address", line(b"GET http://[::1/api/health HTTP/1.1")),
    Refusal(
        "a request line of 9,000 bytes", line(b"GET /" + b"x" * 9000 + b" HTTP/1.1"), (400, 414)
    ),
    Refusal(
        "a request line of 100,000 bytes", line(b"GET /" + b"x" * 100000 + b" HTTP/1.1"), (400, 414)
    ),
    Refusal("line feeds alone", b"GET /api/health HTTP/1.1\nHost: localhost\n\n"),
    Refusal("carriage returns alone", b"GET /api/health HTTP/1.1\rHost: localhost\r\r\r\n\r\n"),
    Refusal("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 20 + b"\r\n\r\n"),
    Refusal(
        "the PROXY protocol", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n" + request("GET /api/health")
    ),
    Refusal("not HTTP at all", b"\x00\xff\x00\xff\r\n\r\n"),
]

FIELDS = [
    Refusal("no colon", with_line(b"X-Nothing")),
    Refusal("no name", with_line(b": nothing")),
    Refusal("space before the colon", with_line(b"X-Space : 1")),
    Refusal("space in a name", with_line(b"X Space: 1")),
    Refusal("name beyond ASCII", with_line(b"X-Caf\xc3\xa9: 1")),
    Refusal("NUL in a value", with_line(b"X-Nul: \0")),
    Refusal("carriage return in a value", with_line(b"X-Cr: a\rb")),
    Refusal("line feed in a value", with_line(b"X-Lf: a\nX-Other: b")),
    Refusal("vertical tab in a value", with_line(b"X-Vt: \x0b")),
    Refusal("DEL in a value", with_line(b"X-Del: \x7f")),
    Refusal("a folded value", with_line(b"X-Folded: a\r\n b")),
    Refusal(
        "a space before the first field", b"GET /api/health HTTP/1.1\r\n Host: localhost\r\n\r\n"
    ),
    Refusal(
        "101 fields", request("GET /api/health", *(f"X-{n}: 1" for n in range(101))), (400, 431)
    ),
    Refusal(
        "a field of 9,000 bytes", request("GET /api/health", "X-Long: " + "x" * 9000), (400, 431)
    ),
    Refusal("two hosts", with_line(b"Host: localhost")),
    Refusal("two hosts, one of them bad", with_line(b"Host: evil.example")),
    Refusal(
        "two content types",
        request("POST /api/todos", ALICE, JSON, JSON, body="{}"),
        (400, 415, 422),
    ),
    Refusal("an expectation that nobody knows", with_line(b"Expect: miracles"), (200, 400, 417)),
    Refusal(
        "100-continue and a no-break space",
        with_line(b"Expect: 100-continue\xa0"),
        (200, 400, 417),
    ),
]

BODIES = [
    Refusal(
        "two lengths",
        request("POST /api/todos", ALICE, JSON, "Content-Length: 2", "Content-Length: 3") + b"{}",
    ),
    Refusal(
        "the same length twice",
        request("POST /api/todos", ALICE, JSON, "Content-Length: 2", "Content-Length: 2") + b"{}",
    ),
    Refusal("a list of lengths", todo("{}", "Content-Length: 2, 2")),
    Refusal("a negative length", todo("{}", "Content-Length: -2")),
    Refusal("a length with a sign", todo("{}", "Content-Length: +2")),
    Refusal("a length with a fraction", todo("{}", "Content-Length: 2.0")),
    Refusal("a length in hexadecimal", todo("{}", "Content-Length: 0x2")),
    Refusal("a length with an underscore", todo("{}", "Content-Length: 0_2")),
    Refusal("a length that is no number", todo("{}", "Content-Length: two")),
    Refusal("an empty length", todo("{}", "Content-Length:")),
    Refusal("a superscript length", todo("{}", "Content-Length: \xb2")),
    Refusal("a length and a no-break space", todo("{}", "Content-Length: 2\xa0")),
    Refusal("a length of 5,000 digits", todo("{}", "Content-Length: " + "9" * 5000), (400, 413)),
    Refusal(
        "a length and chunks",
        request("POST /api/todos", ALICE, JSON, "Content-Length: 2", "Transfer-Encoding: chunked")
        + chunked("{}"),
    ),
    Refusal("another transfer coding", todo("{}", "Transfer-Encoding: gzip"), (400, 501)),
    Refusal(
        "an unknown transfer coding",
        request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: xchunked") + chunked("{}"),
        (400, 501),
    ),
    Refusal(
        "chunked and a no-break space",
        request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: chunked\xa0") + chunked("{}"),
        (400, 501),
    ),
    Refusal(
        "chunked twice",
        request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: chunked, chunked")
        + chunked("{}"),
    ),
    Refusal(
        "chunked, then another",
        request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: chunked, gzip") + chunked("{}"),
        (400, 501),
    ),
    Refusal(
        "chunks in HTTP/1.0",
        (
            request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: chunked") + chunked("{}")
        ).replace(b"HTTP/1.1", b"HTTP/1.0"),
    ),
]

REFUSALS = REQUEST_LINES + FIELDS + BODIES
