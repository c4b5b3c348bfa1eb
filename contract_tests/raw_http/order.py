"""Requests that break several rules, answered for the first (openapi.yaml, Order of checks)."""

from contract_tests.raw_http.probe import (
    ALICE,
    BOB,
    BOBS_TODO,
    JSON,
    NO_PRODUCT,
    NO_TODO,
    NO_TOKEN,
    PRODUCT,
    SAM,
    Probe,
    parameter,
    pointer,
    request,
)

HTML = "Accept: text/html"
TEXT = "Content-Type: text/plain"
STALE = 'If-Match: "a"'
X = (parameter("x", "unknown_parameter"),)

PROBES = [
    Probe("the path before the method", request("BREW /api/nothing?x=1", HTML), 404, "not-found"),
    Probe(
        "the method before Accept",
        request("BREW /api/todos?x=1", HTML),
        405,
        "method-not-allowed",
        fields={"Allow": "GET, HEAD, OPTIONS, POST"},
    ),
    Probe(
        "Accept before the token",
        request("POST /api/todos?x=1", HTML, TEXT, body="x"),
        406,
        "not-acceptable",
    ),
    Probe(
        "the token before the query",
        request("POST /api/todos?x=1", TEXT, body="x"),
        401,
        "authentication-required",
    ),
    Probe(
        "the token before a query that isn't UTF-8",
        request("GET /api/todos?%FF"),
        401,
        "authentication-required",
    ),
    Probe(
        "permission before the query",
        request("POST /api/products?x=1", ALICE, TEXT, body="x"),
        403,
        "forbidden",
    ),
    Probe(
        "permission before what isn't there",
        request(f"DELETE {NO_PRODUCT}", ALICE, STALE),
        403,
        "forbidden",
    ),
    Probe(
        "the token before permission",
        request(f"PUT {NO_PRODUCT}", JSON, body="{}"),
        401,
        "authentication-required",
    ),
    Probe(
        "the query before the media type",
        request("POST /api/todos?x=1", ALICE, TEXT, body="x"),
        400,
        "invalid-parameters",
        X,
    ),
    Probe(
        "the query before the size",
        request("POST /api/todos?x=1", ALICE, JSON, "Content-Length: 50000000"),
        400,
        "invalid-parameters",
        X,
    ),
    Probe(
        "the query before what isn't there",
        request(f"DELETE {NO_TODO}?x=1", ALICE, STALE),
        400,
        "invalid-parameters",
        X,
    ),
    Probe(
        "the media type before what isn't there",
        request(f"PUT {NO_TODO}", ALICE, TEXT, STALE, body="x"),
        415,
        "unsupported-media-type",
    ),
    Probe(
        "the size before what isn't there",
        request(f"PUT {NO_TODO}", ALICE, JSON, "Content-Length: 50000000"),
        413,
        "content-too-large",
    ),
    Probe(
        "the body's form before what isn't there",
        request(f"PUT {NO_TODO}", ALICE, JSON, STALE, body="{"),
        400,
        "malformed-body",
    ),
    Probe(
        "what isn't there before If-Match",
        request(f"PUT {NO_TODO}", ALICE, JSON, STALE, body='{"title":5}'),
        404,
        "not-found",
    ),
    Probe(
        "what isn't there before the body's content",
        request(f"POST {NO_PRODUCT}/stock-adjustments", SAM, JSON, body='{"delta":0}'),
        404,
        "not-found",
    ),
    Probe(
        "If-Match before the body's content",
        request(f"PUT {BOBS_TODO}", BOB, JSON, STALE, body='{"title":5}'),
        412,
        "precondition-failed",
    ),
    Probe(
        "the body's content before what the stored data forbids",
        request(
            f"POST {PRODUCT}/stock-adjustments",
            SAM,
            JSON,
            body='{"delta":-1000000,"reason":"lost"}',
        ),
        422,
        "invalid-body",
        (pointer("/reason", "invalid_choice", "received, sold, returned, damaged, corrected"),),
    ),
    Probe(
        "the body's content before the current password",
        request(
            "PUT /api/users/me/password",
            ALICE,
            JSON,
            body='{"current_password":"wrong","new_password":"short"}',
        ),
        422,
        "invalid-body",
        (pointer("/new_password", "too_short", "8"),),
    ),
    Probe(
        "the body's content before credentials",
        request("POST /api/tokens", JSON, body='{"username":"nobody_3","password":""}'),
        422,
        "invalid-body",
        (pointer("/password", "too_short", "1"),),
    ),
    Probe("a token that isn't there", request(f"DELETE {NO_TOKEN}", ALICE), 404, "not-found"),
    Probe(
        "a cursor before what isn't there",
        request(f"GET {NO_PRODUCT}/stock-adjustments?cursor=A", SAM),
        400,
        "invalid-parameters",
        (parameter("cursor", "invalid_cursor"),),
    ),
    Probe(
        "a product that isn't there, with a list below",
        request(f"GET {NO_PRODUCT}/stock-adjustments", SAM),
        404,
        "not-found",
    ),
]
