"""Requests from a browser's scripts (openapi.yaml, Headers). The suite allows https://shop.example."""

from contract_tests.raw_http.probe import ALICE, JSON, NO_TODO, PRODUCT, Probe, request

ALLOWED = "Origin: https://shop.example"
SHOP = {
    "Access-Control-Allow-Origin": "https://shop.example",
    "Access-Control-Expose-Headers": "ETag, Idempotency-Replayed, Link, Location, RateLimit, "
    "RateLimit-Policy, Retry-After, X-Request-ID",
    "Access-Control-Allow-Credentials": None,
    "Vary": "Origin",
}
NO_PREFLIGHT = {
    "Access-Control-Allow-Methods": None,
    "Access-Control-Allow-Headers": None,
    "Access-Control-Max-Age": None,
}
NOTHING = {
    "Access-Control-Allow-Origin": None,
    "Access-Control-Expose-Headers": None,
    **NO_PREFLIGHT,
}


def preflight(path: str, allow: str, *fields: str) -> Probe:
    """Ask, as a browser does, whether a script of the shop may send a request."""
    return Probe(
        f"preflight for {path} {' '.join(fields)}".strip(),
        request(f"OPTIONS {path}", ALLOWED, "Access-Control-Request-Method: PATCH", *fields),
        204,
        body=b"",
        fields={
            **SHOP,
            "Allow": allow,
            "Access-Control-Allow-Methods": allow,
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, "
            "If-Match, If-None-Match, X-Request-ID",
            "Access-Control-Max-Age": "600",
        },
    )


PREFLIGHTS = [
    preflight("/api/health", "GET, HEAD, OPTIONS"),
    preflight("/api/todos", "GET, HEAD, OPTIONS, POST"),
    preflight(NO_TODO, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
    preflight("/api/tokens/current", "DELETE, OPTIONS"),
    preflight(
        "/api/todos", "GET, HEAD, OPTIONS, POST", "Access-Control-Request-Headers: x-anything"
    ),
    preflight("/api/todos?x=1", "GET, HEAD, OPTIONS, POST"),
    preflight("/api/todos", "GET, HEAD, OPTIONS, POST", "Authorization: Bearer x"),
    preflight("/api/todos", "GET, HEAD, OPTIONS, POST", "Accept: text/html"),
    preflight(
        "/api/todos", "GET, HEAD, OPTIONS, POST", "Access-Control-Request-Private-Network: true"
    ),
    Probe(
        "OPTIONS of the shop that is no preflight",
        request("OPTIONS /api/todos", ALLOWED),
        204,
        fields={**SHOP, **NO_PREFLIGHT},
    ),
    Probe(
        "what would be a preflight, without an origin",
        request("OPTIONS /api/todos", "Access-Control-Request-Method: POST"),
        204,
        fields=NOTHING,
    ),
    Probe(
        "preflight from elsewhere",
        request(
            "OPTIONS /api/todos",
            "Origin: https://evil.example",
            "Access-Control-Request-Method: POST",
        ),
        204,
        fields={**NOTHING, "Allow": "GET, HEAD, OPTIONS, POST"},
    ),
    Probe(
        "preflight for nothing",
        request("OPTIONS /api/nothing", ALLOWED, "Access-Control-Request-Method: GET"),
        404,
        "not-found",
        fields={**SHOP, **NO_PREFLIGHT},
    ),
    Probe(
        "Access-Control-Request-Method on GET means nothing",
        request("GET /api/health", ALLOWED, "Access-Control-Request-Method: GET"),
        200,
        fields={**SHOP, **NO_PREFLIGHT},
    ),
]

ANSWERS = [
    Probe(
        "a success for the shop",
        request("GET /api/health", ALLOWED),
        200,
        fields={**SHOP, **NO_PREFLIGHT},
    ),
    Probe("HEAD for the shop", request("HEAD /api/health", ALLOWED), 200, fields=SHOP),
    Probe(
        "not modified for the shop",
        request(f"GET {PRODUCT}", ALLOWED, "If-None-Match: *"),
        304,
        fields=SHOP,
    ),
    Probe(
        "nothing for the shop", request("GET /api/nothing", ALLOWED), 404, "not-found", fields=SHOP
    ),
    Probe(
        "a method for the shop",
        request("PUT /api/health", ALLOWED),
        405,
        "method-not-allowed",
        fields={**SHOP, "Allow": "GET, HEAD, OPTIONS"},
    ),
    Probe(
        "an Accept for the shop",
        request("GET /api/health", ALLOWED, "Accept: text/html"),
        406,
        "not-acceptable",
        fields=SHOP,
    ),
    Probe(
        "no token for the shop",
        request("GET /api/todos", ALLOWED),
        401,
        "authentication-required",
        fields=SHOP,
    ),
    Probe(
        "a bad host for the shop",
        request("GET /api/health", ALLOWED, "Host: evil.example"),
        400,
        "bad-host",
        fields=SHOP,
    ),
    Probe(
        "a bad body for the shop",
        request("POST /api/todos", ALICE, JSON, ALLOWED, body="{"),
        400,
        "malformed-body",
        fields=SHOP,
    ),
]

STRANGERS = [
    Probe(f"Origin: {origin}", request("GET /api/health", f"Origin: {origin}"), 200, fields=NOTHING)
    for origin in [
        "",
        "null",
        "*",
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:443",
        "https://shop.example:8443",
        "https://shop.example/",
        "https://SHOP.example",
        "HTTPS://shop.example",
        "https://shop.example.evil.example",
        "https://evil-shop.example",
        "https://a.shop.example",
        "https://shopXexample",
        "shop.example",
        "https://shop.example, https://evil.example",
        "https://shop.example https://evil.example",
        "https://user@shop.example",
        "https://shop.example\xff",
    ]
] + [
    Probe(
        "two origins",
        request("GET /api/health", ALLOWED, "Origin: https://evil.example"),
        200,
        fields=NOTHING,
    ),
]

PROBES = PREFLIGHTS + ANSWERS + STRANGERS
