"""Several requests on one connection, and requests that stop halfway."""

from contract_tests.raw_http.probe import (
    ALICE,
    JSON,
    Conversation,
    chunked,
    request,
    todo,
    without,
)

STAY = "Connection: keep-alive"
AGAIN = request("GET /api/health")  # asks for the connection to be closed
HEALTH = b'{"status":"healthy"}'
KEYED = "Idempotency-Key: {unique-key}-twice"


def open_end(raw: bytes) -> bytes:
    """Leave a request's connection open, as HTTP/1.1 does by default."""
    return without("Connection", raw)


# After whatever it answers the server must find the beginning of the next request.
CONVERSATIONS = [
    Conversation("two at once", open_end(AGAIN) + AGAIN, (200, 200), (HEALTH, HEALTH)),
    Conversation("ten at once", open_end(AGAIN) * 9 + AGAIN, (200,) * 10),
    Conversation("keep-alive by name", request("GET /api/health", STAY) + AGAIN, (200, 200)),
    Conversation("what follows Connection: close is not read", AGAIN + AGAIN, (200,)),
    Conversation(
        "HTTP/1.0 closes",
        AGAIN.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"Connection: close\r\n", b"") + AGAIN,
        (200,),
    ),
    Conversation(
        "after HEAD", open_end(request("HEAD /api/health")) + AGAIN, (200, 200), (HEALTH,)
    ),
    Conversation(
        "after OPTIONS", open_end(request("OPTIONS /api/todos")) + AGAIN, (204, 200), (HEALTH,)
    ),
    Conversation(
        "after 304",
        open_end(request("GET /api/health", "If-None-Match: *")) + AGAIN,
        (304, 200),
        (HEALTH,),
    ),
    Conversation("after 404", open_end(request("GET /api/nothing")) + AGAIN, (404, 200), (HEALTH,)),
    Conversation(
        "after 404 with a body that nobody reads",
        open_end(request("POST /api/nothing", JSON, body='{"GET /api/todos HTTP/1.1":"x"}'))
        + AGAIN,
        (404, 200),
        (HEALTH,),
    ),
    Conversation(
        "after 415 with a chunked body",
        open_end(
            request(
                "POST /api/todos", ALICE, "Content-Type: text/plain", "Transfer-Encoding: chunked"
            )
        )
        + b"3e8\r\n"
        + b"x" * 1000
        + b"\r\n0\r\n\r\n"
        + AGAIN,
        (415, 200),
    ),
    Conversation(
        # Rather than read all of it, the server closes the connection.
        "a body that is too large is not taken for requests",
        open_end(
            request(
                "POST /api/todos", ALICE, JSON, body=b"GET /api/nothing HTTP/1.1\r\n\r\n" * 50_000
            )
        )
        + AGAIN,
        (413,),
    ),
    Conversation(
        "a body that is too large and never comes",
        open_end(request("POST /api/todos", ALICE, JSON, "Content-Length: 50000000")),
        (413,),
        half_close=True,
    ),
    Conversation(
        "after a GET with a body",
        open_end(request("GET /api/health", body="x" * 9000)) + AGAIN,
        (200, 200),
    ),
    Conversation(
        "after a DELETE with a body",
        open_end(request("DELETE /api/tokens/current", body="x" * 9000)) + AGAIN,
        (401, 200),
    ),
    Conversation(
        "blank line before a request, which robust servers skip",
        open_end(AGAIN) + b"\r\n" + AGAIN,
        (200, 200),
    ),
    Conversation(
        "100 Continue, then the answer",
        todo("{}", "Expect: 100-continue"),
        (100, 422),
    ),
    Conversation(
        "a key twice: the answer is repeated",
        open_end(todo('{"title":"Raw: twice"}', KEYED)) + todo('{"title":"Raw: twice"}', KEYED),
        (201, 201),
        (b"\r\nIdempotency-Replayed: true\r\n",),
    ),
    Conversation("a request, slowly", AGAIN, (200,), (HEALTH,), slowly=True),
    Conversation("a body, slowly", todo('{"title":"Raw: slowly"}'), (201,), slowly=True),
    Conversation(
        "chunks, slowly",
        request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: chunked")
        + chunked('{"title":', '"Raw: chunks, slowly"}'),
        (201,),
        (b'"title":"Raw: chunks, slowly"',),
        slowly=True,
    ),
    Conversation(
        "half a request line, then nothing more",
        b"GET /api/hea",
        (),
        half_close=True,
    ),
    Conversation("nothing at all", b"", (), half_close=True),
    Conversation(
        "a request, and the client listens only",
        request("GET /api/health"),
        (200,),
        half_close=True,
    ),
]
