"""Requests that the server itself may answer, or that the contract is silent on.

All that is expected here: every server under test answers alike, in time, and never with a 5xx
(501 and 505 excepted, which say that HTTP itself is spoken differently).
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
    Refusal("underscore in a name", with_line(b"X_Under: 1"), (200, 400)),
    Refusal("a variable of WSGI", with_line(b"SCRIPT_NAME: /api"), (200, 400)),
    Refusal("a path of WSGI", with_line(b"PATH_INFO: /api/users/me"), (200, 400)),
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
        "a host with a trailing dot", request("GET /api/health", "Host: localhost."), (200, 400)
    ),
    Refusal("a host that is an address", request("GET /api/health", "Host: 127.0.0.1"), (200, 400)),
    Refusal(
        "a host that is an IPv6 address", request("GET /api/health", "Host: [::1]"), (200, 400)
    ),
    Refusal(
        "a host that is an IPv6 address with a port",
        request("GET /api/health", "Host: [::1]:8000"),
        (200, 400),
    ),
    Refusal(
        "a host with an empty port", request("GET /api/health", "Host: localhost:"), (200, 400)
    ),
    Refusal("a host with port 0", request("GET /api/health", "Host: localhost:0"), (200, 400)),
    Refusal(
        "a host with port 65536", request("GET /api/health", "Host: localhost:65536"), (200, 400)
    ),
    Refusal(
        "a host with a port of many digits",
        request("GET /api/health", "Host: localhost:" + "8" * 99),
        (200, 400),
    ),
    Refusal(
        "two content types",
        request("POST /api/todos", ALICE, JSON, JSON, body="{}"),
        (400, 415, 422),
    ),
    Refusal("two Authorizations", request("GET /api/users/me", ALICE, ALICE), (400, 401)),
    Refusal(
        "two Authorizations, one of them bad",
        request("GET /api/users/me", ALICE, "Authorization: x"),
        (400, 401),
    ),
    Refusal(
        "a tab behind Bearer",
        request("GET /api/users/me", "Authorization: Bearer\t{alice}"),
        (401,),
    ),
    Refusal(
        "Bearer without a token", request("GET /api/users/me", "Authorization: Bearer"), (401,)
    ),
    Refusal(
        "two idempotency keys", todo("{}", "Idempotency-Key: a", "Idempotency-Key: b"), (400, 422)
    ),
    Refusal("an expectation that nobody knows", with_line(b"Expect: miracles"), (200, 400, 417)),
    Refusal(
        "100-continue and a no-break space",
        with_line(b"Expect: 100-continue\xa0"),
        (200, 400, 417),
    ),
    Refusal("an upgrade", with_line(b"Upgrade: websocket"), (200, 400)),
    Refusal(
        "an upgrade to HTTP/2", with_line(b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk"), (200, 400)
    ),
    Refusal(
        "an empty preflight",
        request(
            "OPTIONS /api/todos", "Origin: https://shop.example", "Access-Control-Request-Method:"
        ),
        (204,),
    ),
    Refusal(
        "Accept with nothing that is well-formed",
        request("GET /api/health", "Accept: json"),
        (200, 406),
    ),
    Refusal(
        "Accept with a bad weight alone",
        request("GET /api/health", "Accept: application/json;q=2"),
        (200, 406),
    ),
    Refusal("Accept with commas alone", request("GET /api/health", "Accept: ,,"), (200, 406)),
    Refusal("Content-Encoding in upper case", todo("{}", "Content-Encoding: IDENTITY"), (415, 422)),
    Refusal("Content-Encoding empty", todo("{}", "Content-Encoding:"), (415, 422)),
    Refusal(
        "Content-Encoding twice", todo("{}", "Content-Encoding: identity, identity"), (415, 422)
    ),
    Refusal(
        "another method for a problem that is none",
        request("DELETE /api/problems/nothing"),
        (404, 405),
    ),
    Refusal(
        "OPTIONS for a problem that is none", request("OPTIONS /api/problems/nothing"), (204, 404)
    ),
    Refusal(
        "a query for a problem that is none", request("GET /api/problems/nothing?x=1"), (400, 404)
    ),
    Refusal(
        "Accept for a problem that is none",
        request("GET /api/problems/nothing", "Accept: text/html"),
        (404, 406),
    ),
    Refusal("a slash in a path, encoded", request("GET /api%2Fhealth"), (200, 404)),
    Refusal("a cursor that is too long", request("GET /api/products?cursor=" + "A" * 4001), (400,)),
    Refusal("a cursor with NUL", request("GET /api/products?cursor=A%00"), (400,)),
    Refusal("a choice with NUL", request("GET /api/products?sort=name%00"), (400,)),
    Refusal("a number with NUL", request("GET /api/products?limit=5%00"), (400,)),
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
    *(
        Refusal(
            f"a chunk {name}",
            request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: chunked") + body,
        )
        for name, body in [
            ("without a length", b"\r\n{}\r\n0\r\n\r\n"),
            ("whose length is no number", b"xy\r\n{}\r\n0\r\n\r\n"),
            ("of a negative length", b"-2\r\n{}\r\n0\r\n\r\n"),
            ("whose length has a sign", b"+2\r\n{}\r\n0\r\n\r\n"),
            ("whose length has a prefix", b"0x2\r\n{}\r\n0\r\n\r\n"),
            ("whose length has an underscore", b"0_2\r\n{}\r\n0\r\n\r\n"),
            ("that is longer than it says", b"1\r\n{}\r\n0\r\n\r\n"),
            ("with a line feed alone", b"2\n{}\r\n0\r\n\r\n"),
        ]
    ),
]

REFUSALS = REQUEST_LINES + FIELDS + BODIES
