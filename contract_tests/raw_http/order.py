"""Requests that fail several steps are answered for the first (openapi.yaml, Order of checks)."""

from contract_tests.operations.expected import error, parameter_error
from contract_tests.raw_http.probe import (
    ALICE,
    BOB,
    BOBS_TODO,
    JSON,
    NO_PRODUCT,
    NO_TODO,
    PRODUCT,
    SAM,
    Probe,
    request,
)

HTML = "Accept: text/html"
TEXT = "Content-Type: text/plain"
STALE = 'If-Match: "a"'
BAD_HOST = "Host: evil.example"
X = (parameter_error("x", "unknown_parameter"),)
REASON = (error("/reason", "invalid_choice", "received, sold, returned, damaged, corrected"),)


def first(name: str, raw: bytes, status: int, problem: str, *errors: dict[str, str]) -> Probe:
    """Expect that a request is answered for this, although more is wrong with it."""
    return Probe(name, raw, status, problem, errors)


def todo(target: str, *fields: str, body: str = "x") -> bytes:
    """Let Alice replace a todo that is not there, on a condition that doesn't hold."""
    return request(f"PUT {target}", ALICE, STALE, *fields, body=body)


PROBES = [
    first("the host", request("POST /api/todos?x=1", BAD_HOST, TEXT, body="x"), 400, "bad-host"),
    first("the route", request("POST /api/nothing?x=1", TEXT, body="x"), 404, "not-found"),
    first("Accept", request("POST /api/todos?x=1", HTML, TEXT, body="x"), 406, "not-acceptable"),
    first(
        "the token",
        request(f"PUT {NO_PRODUCT}?x=1", TEXT, body="x"),
        401,
        "authentication-required",
    ),
    first(
        "a token that is none",
        request("GET /api/todos?x=1", "Authorization: Bearer x"),
        401,
        "invalid-token",
    ),
    first(
        "permission",
        request(f"PUT {NO_PRODUCT}?x=1", ALICE, TEXT, STALE, body="x"),
        403,
        "forbidden",
    ),
    first("the query", todo(f"{NO_TODO}?x=1", TEXT), 400, "invalid-parameters", *X),
    first("the media type", todo(NO_TODO, TEXT), 415, "unsupported-media-type"),
    first("the size", todo(NO_TODO, JSON, "Content-Length: 50000000"), 413, "content-too-large"),
    first("the body's form", todo(NO_TODO, JSON, body="{"), 400, "malformed-body"),
    first("the resource", todo(NO_TODO, JSON, body='{"title":5}'), 404, "not-found"),
    first(
        "If-Match",
        request(f"PUT {BOBS_TODO}", BOB, JSON, STALE, body='{"title":5}'),
        412,
        "precondition-failed",
    ),
    first(
        "the content",
        request(
            f"POST {PRODUCT}/stock-adjustments",
            SAM,
            JSON,
            body='{"delta":-1000000,"reason":"lost"}',
        ),
        422,
        "invalid-body",
        *REASON,
    ),
    first(
        "the content, of credentials",
        request("POST /api/tokens", JSON, body='{"username":"nobody_3","password":""}'),
        422,
        "invalid-body",
        error("/password", "too_short", "1"),
    ),
    Probe(
        "what the stored data forbids",
        request(
            f"POST {PRODUCT}/stock-adjustments",
            SAM,
            JSON,
            body='{"delta":-1000000,"reason":"sold"}',
        ),
        409,
        "insufficient-stock",
        (error("/delta", "insufficient_stock"),),
    ),
    Probe(
        "a method",
        request("BREW /api/todos?x=1", ALICE),
        405,
        "method-not-allowed",
        fields={"Allow": "GET, HEAD, OPTIONS, POST"},
    ),
    Probe(
        "OPTIONS looks at none of it",
        request(f"OPTIONS {NO_TODO}?x=1", HTML, STALE, "Authorization: Bearer x"),
        204,
        fields={"Allow": "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"},
    ),
    Probe("HEAD", request(f"HEAD {PRODUCT}"), 200),
    Probe("HEAD of a problem", request(f"HEAD {NO_TODO}?x=1", ALICE), 400, "invalid-parameters", X),
    Probe("not modified", request("GET /api/products?limit=1", "If-None-Match: *"), 304),
]
