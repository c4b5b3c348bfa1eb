"""What gunicorn answers itself, before either program sees the request or behind its answer.

Each row of the table in docs/decisions/server.md, with the refusals (by name) that show it.
"""

from contract_tests.raw_http.probe import Conversation, chunked, request, without

ROWS: dict[tuple[int, str], list[str]] = {
    (400, "no method, target and `HTTP/1.x` with one space between each"): [
        *("no version", "no path", "empty path", "a method alone", "two spaces", "a tab"),
        *("a space in the path", "a space before the method", "a space behind the version"),
        *("HTTP/2.0", "HTTP/2's preface", "HTTP/0.9", "HTTP/1.10", "http/1.1", "FTP/1.1"),
        *("carriage returns alone", "TLS", "the PROXY protocol", "not HTTP at all"),
    ],
    (400, "a method that is no token of 3 to 20 characters, or has a small letter or `#`"): [
        *("method in lower case", "method in mixed case", "method of one letter"),
        *("method of 30 letters", "method with brackets", "method beyond ASCII"),
        "method with NUL",
    ],
    (400, "a target that has other than printable ASCII"): [
        *("path beyond ASCII", "path that is no UTF-8", "query beyond ASCII"),
        *("path with NUL", "path with DEL"),
    ],
    (400, "a target that is no path or URL; `*` but for OPTIONS, `host:port` but for CONNECT"): [
        *("path without a slash", "authority form", "GET *", "a query alone"),
        "absolute form with a bad address",
    ],
    (400, "a line that a line feed alone ends"): ["line feeds alone"],
    (400, "a field without a colon, or whose name is no token"): [
        *("no colon", "no name", "space before the colon", "space in a name"),
        *("name beyond ASCII", "a space before the first field"),
    ],
    (400, "a value that has a control character other than a tab, or goes on in another line"): [
        *("NUL in a value", "carriage return in a value", "line feed in a value"),
        *("vertical tab in a value", "DEL in a value", "a folded value"),
    ],
    (400, "a repeated `Host`, `Content-Type` or `Content-Length`"): [
        *("two hosts", "two hosts, one of them bad", "two content types"),
        *("two lengths", "the same length twice"),
    ],
    (400, "a `Content-Length` that is no decimal number, or beside `Transfer-Encoding`"): [
        *("a list of lengths", "a negative length", "a length with a sign"),
        *("a length with a fraction", "a length in hexadecimal", "a length with an underscore"),
        *("a length that is no number", "an empty length", "a superscript length"),
        *("a length of 5,000 digits", "a length and a no-break space", "a length and chunks"),
    ],
    (400, "a `Transfer-Encoding` that does not end with its only `chunked`, or in HTTP/1.0"): [
        *("another transfer coding", "chunked twice", "chunked, then another"),
        "chunks in HTTP/1.0",
    ],
    (414, "a request line of more than 8,190 bytes"): [
        *("a request line of 9,000 bytes", "a request line of 100,000 bytes"),
    ],
    (417, "an `Expect` that is not `100-continue`"): [
        *("an expectation that nobody knows", "100-continue and a no-break space"),
    ],
    (431, "more than 100 fields, or one of more than 8,190 bytes"): [
        *("101 fields", "a field of 9,000 bytes"),
    ],
    (501, "a transfer coding that it does not know"): [
        *("an unknown transfer coding", "chunked and a no-break space"),
    ],
}


def unread(body: bytes) -> bytes:
    """Send a body in chunks to where nobody reads it, on a connection that stays open."""
    raw = request("POST /api/nothing", "Transfer-Encoding: chunked")
    return without("Connection", raw) + body


# The program has answered (404) before gunicorn looks for the end of the body.
BEHIND_AN_ANSWER = [
    Conversation("a chunk whose length is no number", unread(b"xy\r\n{}\r\n0\r\n\r\n"), (404, 400)),
    Conversation(
        "a chunk that is longer than it says", unread(b"1\r\n{}\r\n0\r\n\r\n"), (404, 400)
    ),
    Conversation("an ill-formed extension", unread(b"2;=\r\n{}\r\n0\r\n\r\n"), (404, 400)),
    Conversation("a trailer without a colon", unread(b"0\r\nX\r\n\r\n"), (404, 400)),
    Conversation("a trailer that frames", unread(b"0\r\nContent-Length: 1\r\n\r\n"), (404, 400)),
    Conversation("101 trailers", unread(chunked()[:-2] + b"X: 1\r\n" * 101 + b"\r\n"), (404, 431)),
]
