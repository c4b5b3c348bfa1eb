"""Request bodies as such: encoding, form, depth, size and framing (openapi.yaml, Strict input)."""

from contract_tests.raw_http.probe import (
    ALICE,
    JSON,
    Probe,
    chunked,
    pointer,
    request,
    todo,
    without,
)

MEBIBYTE = 1_048_576


def malformed(name: str, body: str | bytes) -> Probe:
    """Expect that a body is no JSON object in UTF-8."""
    return Probe(name, todo(body), 400, "malformed-body")


def untitled(name: str, body: str | bytes, *fields: str) -> Probe:
    """Expect that a body is read well: only then is it seen that the title is missing."""
    return Probe(name, todo(body, *fields), 422, "invalid-body", (pointer("/title", "required"),))


def made(name: str, body: str | bytes, holds: str) -> Probe:
    """Expect that a todo is created."""
    return Probe(name, todo(body), 201, holds=holds.encode())


ENCODING = [
    malformed("empty", ""),
    malformed("blank", " \r\n\t "),
    malformed("byte order mark", b"\xef\xbb\xbf{}"),
    malformed("byte order mark alone", b"\xef\xbb\xbf"),
    malformed("UTF-16 with a mark", '{"title":"A"}'.encode("utf-16")),
    malformed("UTF-16, big-endian", '{"title":"A"}'.encode("utf-16-be")),
    malformed("UTF-16, little-endian", '{"title":"A"}'.encode("utf-16-le")),
    malformed("UTF-32", '{"title":"A"}'.encode("utf-32")),
    malformed("UTF-32, big-endian", '{"title":"A"}'.encode("utf-32-be")),
    malformed("invalid UTF-8", b'{"title":"\xff"}'),
    malformed("truncated UTF-8", b'{"title":"\xe2\x82"}'),
    malformed("overlong UTF-8", b'{"title":"\xc0\xaf"}'),
    malformed("a surrogate in UTF-8", b'{"title":"\xed\xa0\x80"}'),
    malformed("a pair of surrogates in UTF-8", b'{"title":"\xed\xa0\xbd\xed\xb8\x80"}'),
    malformed("beyond Unicode", b'{"title":"\xf4\x90\x80\x80"}'),
    malformed("Latin-1", b'{"title":"caf\xe9"}'),
    malformed("invalid UTF-8 in a read-only property", b'{"title":"A","id":"\xff"}'),
    malformed("NUL before", b'\0{"title":"A"}'),
    malformed("NUL behind", b'{"title":"A"}\0'),
    malformed("NUL inside", b'{"title":"\0"}'),
    malformed("gzip without saying so", b"\x1f\x8b\x08\x00"),
]

FORM = [
    malformed("an array", "[]"),
    malformed("an array of todos", '[{"title":"A"}]'),
    malformed("a string", '"title"'),
    malformed("a number", "1"),
    malformed("true", "true"),
    malformed("null", "null"),
    malformed("a form", "title=A"),
    malformed("not closed", '{"title":"A"'),
    malformed("not opened", '"title":"A"}'),
    malformed("string not closed", '{"title":"A}'),
    malformed("closed twice", '{"title":"A"}}'),
    malformed("two values", '{"title":"A"}{"title":"B"}'),
    malformed("two values on lines", '{"title":"A"}\n{"title":"B"}'),
    malformed("trailing garbage", '{"title":"A"} x'),
    malformed("trailing comma", '{"title":"A",}'),
    malformed("trailing comma in an array", '{"title":"A","tags":["a",]}'),
    malformed("leading comma", '{,"title":"A"}'),
    malformed("two commas", '{"title":"A",,"notes":""}'),
    malformed("no comma", '{"title":"A" "notes":""}'),
    malformed("no colon", '{"title" "A"}'),
    malformed("equals sign", '{"title"="A"}'),
    malformed("a name alone", '{"title"}'),
    malformed("a number as a name", '{1:"A"}'),
    malformed("single quotes", "{'title':'A'}"),
    malformed("name without quotes", '{title:"A"}'),
    malformed("comment behind", '{"title":"A"} // done'),
    malformed("comment inside", '{"title":/* A */"A"}'),
    malformed("comment of another kind", '{"title":"A"} # done'),
    malformed("Python's constants", '{"title":"A","completed":True}'),
    malformed("undefined", '{"title":"A","completed":undefined}'),
    malformed("truncated constant", '{"title":"A","completed":tru}'),
    malformed("line feed in a string", '{"title":"A\nB"}'),
    malformed("tab in a string", '{"title":"A\tB"}'),
    malformed("control character in a string", '{"title":"A\x01B"}'),
    malformed("an escape that is none", '{"title":"\\x41"}'),
    malformed("an escaped single quote", '{"title":"it\\\'s"}'),
    malformed("a short escape", '{"title":"\\u41"}'),
    malformed("an escape with a sign", '{"title":"\\u+041"}'),
    malformed("an escape with an underscore", '{"title":"\\u0_41"}'),
    malformed("no-break space around", '\u00a0{"title":"A"}'),
    malformed("form feed around", '\f{"title":"A"}'),
    malformed("vertical tab around", '{"title":"A"}\v'),
    malformed("record separator before", '\x1e{"title":"A"}'),
    made(
        "white space around", ' \t\r\n{ "title" :\n"Wire: around" } \r\n', '"title":"Wire: around"'
    ),
    made("escaped names", '{"\\u0074itle":"Wire: escaped name"}', '"title":"Wire: escaped name"'),
]

NUMBERS = [
    malformed(f"{number} is no JSON", f'{{"title":"A","id":{number}}}')
    for number in [
        "NaN",
        "-NaN",
        "Infinity",
        "-Infinity",
        "inf",
        "01",
        "-01",
        "+1",
        "1.",
        ".5",
        "-.5",
        "-",
        "1e",
        "1e+",
        "1.e1",
        "0x10",
        "1_000",
        "1f",
        "1,5",
        "\u0663",
    ]
] + [
    malformed("NaN in a property that is unknown", '{"title":"A","other":NaN}'),
    malformed("Infinity deep inside", '{"title":"A","id":[[{"a":-Infinity}]]}'),
    malformed("1e400, which no double can hold", '{"id":1e400}'),
    malformed("-1e400, which no double can hold", '{"id":-1e400}'),
    untitled("1e-1000000 is a number", '{"id":1e-1000000}'),
    malformed("1e1000000000, which no double can hold", '{"id":1e1000000000}'),
    malformed("an integer of 400 digits", '{"id":1' + "0" * 400 + "}"),
    malformed("an integer of 5,000 digits", '{"id":' + "9" * 5000 + "}"),
    untitled("a fraction of 5,000 digits", '{"id":0.' + "9" * 5000 + "}"),
    untitled("-0", '{"id":-0}'),
    untitled("NaN in quotes is a string", '{"id":"NaN"}'),
]

SURROGATES = [
    malformed("lone high surrogate", '{"title":"\\ud83c"}'),
    malformed("lone low surrogate", '{"title":"\\udf4b"}'),
    malformed("lone surrogate before text", '{"title":"\\ud83cabc"}'),
    malformed("two high surrogates", '{"title":"\\ud83c\\ud83c"}'),
    malformed("a pair the wrong way round", '{"title":"\\udf4b\\ud83c"}'),
    malformed("a pair and a half", '{"title":"\\ud83c\\udf4b\\ud83c"}'),
    malformed("high surrogate and another escape", '{"title":"\\ud83c\\u0041"}'),
    malformed("lone surrogate in upper case", '{"title":"\\uD83C"}'),
    malformed("lone surrogate in a name", '{"title":"A","\\ud83c":1}'),
    malformed("lone surrogate in a read-only property", '{"title":"A","id":"\\ud83c"}'),
    malformed("lone surrogate in an unknown property", '{"title":"A","other":["\\udfff"]}'),
    malformed(
        "lone surrogate in a value that a repetition replaces", '{"title":"\\ud83c","title":"A"}'
    ),
    made("a pair", '{"title":"Wire: \\ud83c\\udf4b"}', '"title":"Wire: \U0001f34b"'),
    made("no surrogate, but its text", '{"title":"Wire: \\\\ud83c"}', '"title":"Wire: \\\\ud83c"'),
]


def nested(depth: int, opened: str, closed: str) -> str:
    """Return an object of that depth, the object itself counted, in a read-only property."""
    return '{"id":' + opened * (depth - 1) + closed * (depth - 1) + "}"


DEPTH = [
    untitled("32 levels of arrays", nested(32, "[", "]")),
    malformed("33 levels of arrays", nested(33, "[", "]")),
    untitled("32 levels of objects", '{"id":' + '{"a":' * 30 + "{}" + "}" * 30 + "}"),
    malformed("33 levels of objects", '{"id":' + '{"a":' * 31 + "{}" + "}" * 31 + "}"),
    malformed("1,000 levels", nested(1000, "[", "]")),
    malformed("100,000 levels", nested(100_000, "[", "]")),
    malformed("100,000 levels of objects", '{"id":' + '{"a":' * 100_000 + "1" + "}" * 100_001),
    malformed("500,000 brackets that are never closed", '{"id":' + "[" * 500_000),
    malformed("1,000 levels of an array at the top", "[" * 1000 + "]" * 1000),
    malformed("33 levels in an unknown property", nested(33, "[", "]").replace("id", "other")),
    untitled("brackets in a string are no levels", '{"id":"' + "[{" * 100 + '"}'),
    untitled("brackets behind an escaped quotation mark", '{"id":"\\"' + "[{" * 100 + '"}'),
    untitled("brackets behind an escaped backslash", '{"id":["\\\\",' + "[" * 30 + "]" * 30 + "]}"),
    untitled("500,000 beside one another are no levels", '{"id":[' + "0," * 500_000 + "0]}"),
    untitled("many beside one another are no levels", '{"id":[' + "[]," * 1000 + "[]]}"),
]


def of_size(size: int) -> str:
    """Return a body of that many bytes, without a title."""
    return '{"id":"' + "x" * (size - 9) + '"}'


TOO_LARGE = (413, "content-too-large")


def in_chunks(body: bytes, *fields: str) -> bytes:
    """Let Alice create a todo with a body that is framed already."""
    return request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: chunked", *fields) + body


SIZE = [
    untitled("1 MiB exactly", of_size(MEBIBYTE)),
    Probe("1 MiB and a byte", todo(of_size(MEBIBYTE + 1)), *TOO_LARGE),
    Probe(
        "1 MiB and a byte of blanks",
        todo("{}" + " " * (MEBIBYTE - 1)),
        *TOO_LARGE,
    ),
    Probe(
        "1 MiB exactly in chunks",
        in_chunks(
            chunked(*[of_size(MEBIBYTE)[at : at + 65536] for at in range(0, MEBIBYTE, 65536)])
        ),
        422,
        "invalid-body",
        (pointer("/title", "required"),),
    ),
    Probe(
        "1 MiB and a byte in one chunk",
        in_chunks(chunked(of_size(MEBIBYTE + 1))),
        *TOO_LARGE,
    ),
    Probe(
        "1 MiB and a byte in two chunks",
        in_chunks(chunked("{}" + " " * (MEBIBYTE - 2), " ")),
        *TOO_LARGE,
    ),
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
        "too large, and of the wrong media type",
        request("POST /api/todos", ALICE, "Content-Type: text/plain", "Content-Length: 50000000"),
        415,
        "unsupported-media-type",
    ),
    Probe(
        "too large, where anybody may write",
        request("POST /api/users", JSON, "Content-Length: 50000000"),
        *TOO_LARGE,
    ),
    Probe(
        "Expect: 100-continue and too large",
        todo("{}", "Content-Length: 50000000", "Expect: 100-continue")[:-2],
        *TOO_LARGE,
    ),
]

FRAMING = [
    Probe(
        "one chunk",
        in_chunks(chunked('{"title":"Wire: one chunk"}')),
        201,
        holds=b'"title":"Wire: one chunk"',
    ),
    Probe(
        "a chunk for each byte",
        in_chunks(chunked(*'{"title":"Wire: bytes"}')),
        201,
        holds=b'"title":"Wire: bytes"',
    ),
    Probe(
        "chunks that divide a character",
        in_chunks(chunked(b'{"title":"Wire: \xf0\x9f', b'\x8d\x8b"}')),
        201,
        holds='"title":"Wire: \U0001f34b"'.encode(),
    ),
    Probe(
        "chunk extensions",
        in_chunks(b'1;a=b\r\n{\r\n1;c="d;e"\r\n}\r\n0;last\r\n\r\n'),
        422,
        "invalid-body",
        (pointer("/title", "required"),),
    ),
    Probe(
        "a chunk's length in upper case, with zeros",
        in_chunks(b'000F\r\n{"id":12345678}\r\n0\r\n\r\n'),
        422,
        "invalid-body",
        (pointer("/title", "required"),),
    ),
    Probe(
        "trailers are ignored",
        in_chunks(b"2\r\n{}\r\n0\r\nX-Checksum: 1\r\nIdempotency-Key: bad key\r\n\r\n"),
        422,
        "invalid-body",
        (pointer("/title", "required"),),
    ),
    Probe("no chunk but the last", in_chunks(chunked()), 400, "malformed-body"),
    Probe("chunked: invalid UTF-8", in_chunks(chunked(b'{"title":"\xff"}')), 400, "malformed-body"),
    Probe(
        "Chunked in another case",
        request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: Chunked") + chunked("{}"),
        422,
        "invalid-body",
        (pointer("/title", "required"),),
    ),
    Probe(
        "chunked, of the wrong media type",
        request("POST /api/todos", ALICE, "Content-Type: text/plain", "Transfer-Encoding: chunked")
        + chunked("{}"),
        415,
        "unsupported-media-type",
    ),
    Probe(
        "GET with a chunked body",
        request("GET /api/health", "Transfer-Encoding: chunked") + chunked("no JSON"),
        200,
        body=b'{"status":"healthy"}',
    ),
    Probe("Content-Length: 0", todo(""), 400, "malformed-body"),
    untitled("Content-Length with zeros in front", "{}", "Content-Length: 0002"),
    Probe(
        "what follows the Content-Length is not of this body",
        todo("{}", "Content-Length: 1"),
        400,
        "malformed-body",
    ),
    Probe(
        "a POST without any body, of the right media type",
        without("Content-Length", todo("")),
        400,
        "malformed-body",
    ),
]


def pieces(size: int, extension: bytes = b"") -> bytes:
    """Return so many bytes in chunks of up to 64 KiB, without the empty one that ends a body."""
    body = of_size(size).encode()
    return b"".join(
        b"%x%b\r\n%b\r\n" % (len(part), extension, part)
        for part in (body[at : at + 65536] for at in range(0, size, 65536))
    )


# Bodies in chunks whose sender stops without having ended them.
UP_TO_THE_LIMIT = in_chunks(pieces(MEBIBYTE))
BEYOND_THE_LIMIT = {
    "a byte, in a chunk of its own": UP_TO_THE_LIMIT + b"1\r\nx\r\n",
    "a byte of a longer chunk": UP_TO_THE_LIMIT + b"3e8\r\nx",
    "a byte, all in one chunk": in_chunks(chunked(of_size(MEBIBYTE + 1))[: -len(b"\r\n0\r\n\r\n")]),
    "1,000 bytes": UP_TO_THE_LIMIT + chunked("x" * 1000)[: -len(b"0\r\n\r\n")],
    "all bytes of a body of twice the size": in_chunks(pieces(2 * MEBIBYTE)),
    "a byte, behind chunks with extensions": in_chunks(pieces(MEBIBYTE + 1, b';a=b;c="d"')),
}

PROBES = ENCODING + FORM + NUMBERS + SURROGATES + DEPTH + SIZE + FRAMING
