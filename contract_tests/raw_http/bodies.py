"""How a body is framed, and how large it may be (openapi.yaml, Strict input)."""

from contract_tests.operations.expected import error
from contract_tests.raw_http.probe import (
    ALICE,
    JSON,
    Probe,
    chunked,
    request,
    todo,
    without,
)

MEBIBYTE = 1_048_576
TOO_LARGE = (413, "content-too-large")


def of_size(size: int) -> str:
    """Return a body of that many bytes, without a title."""
    return '{"id":"' + "x" * (size - 9) + '"}'


def in_chunks(body: bytes, *fields: str) -> bytes:
    """Let Alice create a todo with a body that is framed already."""
    return request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: chunked", *fields) + body


def pieces(size: int) -> bytes:
    """Return so many bytes in chunks of up to 64 KiB, without the empty one that ends a body."""
    body = of_size(size)
    parts = [body[at : at + 65536] for at in range(0, size, 65536)]
    return chunked(*parts).removesuffix(b"0\r\n\r\n")


def untitled(name: str, raw: bytes) -> Probe:
    """Expect that a body is read well: only then is it seen that the title is missing."""
    return Probe(name, raw, 422, "invalid-body", (error("/title", "required"),))


def made(name: str, raw: bytes, title: str) -> Probe:
    """Expect that a todo is created."""
    return Probe(name, raw, 201, holds=f'"title":"{title}"'.encode())


def malformed(name: str, raw: bytes) -> Probe:
    """Expect that a body is no JSON object."""
    return Probe(name, raw, 400, "malformed-body")


CHUNKED = [
    made("one chunk", in_chunks(chunked('{"title":"Raw: one chunk"}')), "Raw: one chunk"),
    made("a chunk for each byte", in_chunks(chunked(*'{"title":"Raw: bytes"}')), "Raw: bytes"),
    made(
        "chunks that divide a character",
        in_chunks(chunked(b'{"title":"Raw: \xf0\x9f', b'\x8d\x8b"}')),
        "Raw: \U0001f34b",
    ),
    untitled("chunk extensions", in_chunks(b'1;a=b\r\n{\r\n1;c="d;e"\r\n}\r\n0;last\r\n\r\n')),
    untitled(
        "a chunk's length in upper case, with zeros",
        in_chunks(b'000F\r\n{"id":12345678}\r\n0\r\n\r\n'),
    ),
    untitled("Chunked in another case", in_chunks(chunked("{}")).replace(b" chunked", b" Chunked")),
    untitled(
        "trailers are ignored",
        in_chunks(b"2\r\n{}\r\n0\r\nX-Checksum: 1\r\nIdempotency-Key: bad key\r\n\r\n"),
    ),
    untitled("1 MiB exactly in chunks", in_chunks(pieces(MEBIBYTE) + b"0\r\n\r\n")),
    malformed("no chunk but the last", in_chunks(chunked())),
    malformed("chunked: invalid UTF-8", in_chunks(chunked(b'{"title":"\xff"}'))),
    Probe(
        "GET with a chunked body",
        request("GET /api/health", "Transfer-Encoding: chunked") + chunked("no JSON"),
        200,
        body=b'{"status":"healthy"}',
    ),
]

LENGTHS = [
    untitled("1 MiB exactly", todo(of_size(MEBIBYTE))),
    untitled("Content-Length with zeros in front", todo("{}", "Content-Length: 0002")),
    malformed("Content-Length: 0", todo("")),
    malformed("what follows the length is not of this body", todo("{}", "Content-Length: 1")),
    malformed("neither length nor body", without("Content-Length", todo(""))),
    # No body follows: whoever waits for it never answers.
    *(
        Probe(
            f"Content-Length: {length} and nothing behind it",
            todo("{}", f"Content-Length: {length}")[:-2],
            *TOO_LARGE,
        )
        for length in [MEBIBYTE + 1, 50_000_000, 2**31, 2**63, 2**64, 10**30]
    ),
    Probe(
        "too large for one who isn't logged in",
        request("POST /api/todos", JSON, "Content-Length: 50000000"),
        401,
        "authentication-required",
    ),
    Probe(
        "Expect: 100-continue and too large",
        todo("{}", "Content-Length: 50000000", "Expect: 100-continue")[:-2],
        *TOO_LARGE,
    ),
]

# Bodies whose sender stops without having ended them.
ENDLESS = in_chunks(pieces(2 * MEBIBYTE))
TORN = {
    "what there is is no JSON": todo('{"title":"torn', "Content-Length: 100"),
    "what there is is JSON by chance": todo('{"title":"torn"}', "Content-Length: 100"),
    "chunks, but not the last": in_chunks(chunked('{"title":"torn"}').removesuffix(b"0\r\n\r\n")),
    "half a chunk": in_chunks(b'40\r\n{"title":"torn"}'),
}

PROBES = CHUNKED + LENGTHS
