"""Methods and paths: what is routed, what is allowed there, how a path comes back in a problem."""

from contract_tests.raw_http.probe import (
    ALICE,
    NO_PRODUCT,
    NO_TODO,
    NO_TOKEN,
    PRODUCT,
    SAM,
    Probe,
    parameter,
    request,
)

READ = "GET, HEAD, OPTIONS"
LIST = "GET, HEAD, OPTIONS, POST"
CREATE = "OPTIONS, POST"
DELETE = "DELETE, OPTIONS"
DETAIL = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"

# Every path of the contract with the methods that it answers (openapi.yaml, Methods).
PATHS = {
    "/api/health": READ,
    "/api/health/ready": READ,
    "/api/openapi.yaml": READ,
    "/api/openapi.json": READ,
    "/api/problems/not-found": READ,
    "/api/users": CREATE,
    "/api/users/me": "DELETE, GET, HEAD, OPTIONS, PATCH",
    "/api/users/me/password": "OPTIONS, PUT",
    "/api/tokens": LIST,
    NO_TOKEN: DELETE,
    "/api/tokens/current": DELETE,
    "/api/todos": LIST,
    "/api/todos/bulk": CREATE,
    NO_TODO: DETAIL,
    "/api/products": LIST,
    "/api/products/summary": READ,
    NO_PRODUCT: DETAIL,
    f"{NO_PRODUCT}/stock-adjustments": LIST,
}


def refused(method: str, path: str) -> Probe:
    """Expect a 405 that says what is allowed: the method comes before the token."""
    return Probe(
        f"{method} {path}",
        request(f"{method} {path}"),
        405,
        "method-not-allowed",
        fields={"Allow": PATHS[path]},
    )


OPTIONS = [
    Probe(
        f"OPTIONS {path}",
        request(f"OPTIONS {path}"),
        204,
        fields={"Allow": allow, "Access-Control-Allow-Methods": None},
        body=b"",
    )
    for path, allow in PATHS.items()
]

UNKNOWN_METHODS = [refused("BREW", path) for path in PATHS] + [
    refused("TRACE", "/api/health"),
    refused("PROPFIND", "/api/todos"),
    refused("QUERY", "/api/products"),
    refused("CONNECT", "/api/health"),
    refused("M-SEARCH", "/api/health"),
    refused("GETS", "/api/health"),
]

KNOWN_BUT_NOT_HERE = [
    refused("POST", "/api/health"),
    refused("PUT", "/api/health/ready"),
    refused("DELETE", "/api/openapi.yaml"),
    refused("PATCH", "/api/problems/not-found"),
    refused("GET", "/api/users"),
    refused("HEAD", "/api/users"),
    refused("PUT", "/api/users/me"),
    refused("POST", "/api/users/me"),
    refused("GET", "/api/users/me/password"),
    refused("PATCH", "/api/users/me/password"),
    refused("DELETE", "/api/tokens"),
    refused("GET", NO_TOKEN),
    refused("HEAD", NO_TOKEN),
    refused("GET", "/api/tokens/current"),
    refused("PUT", "/api/todos"),
    refused("GET", "/api/todos/bulk"),
    refused("DELETE", "/api/todos/bulk"),
    refused("POST", NO_TODO),
    refused("DELETE", "/api/products"),
    refused("POST", "/api/products/summary"),
    refused("POST", NO_PRODUCT),
    refused("PATCH", f"{NO_PRODUCT}/stock-adjustments"),
]

HEALTH = b'{"status":"healthy"}'

HEAD = [
    Probe(
        "HEAD of health: the length is GET's, the body is not sent",
        request("HEAD /api/health"),
        200,
        fields={"Content-Type": "application/json", "Content-Length": str(len(HEALTH))},
    ),
    Probe("HEAD of readiness", request("HEAD /api/health/ready"), 200),
    Probe(
        "HEAD of the contract",
        request("HEAD /api/openapi.yaml"),
        200,
        fields={"Content-Type": "application/yaml"},
    ),
    Probe(
        "HEAD of a problem's text",
        request("HEAD /api/problems/not-found"),
        200,
        fields={"Content-Type": "text/plain; charset=utf-8"},
    ),
    Probe("HEAD of one's account", request("HEAD /api/users/me", ALICE), 200),
    Probe("HEAD of a product", request(f"HEAD {PRODUCT}"), 200),
    Probe("HEAD of the products", request("HEAD /api/products?q=PRINT-MULLER&limit=1"), 200),
    Probe("HEAD of the stock's movements", request(f"HEAD {PRODUCT}/stock-adjustments", SAM), 200),
    Probe("HEAD of nothing", request("HEAD /api/nothing"), 404, "not-found"),
    Probe(
        "HEAD without a token",
        request("HEAD /api/todos"),
        401,
        "authentication-required",
    ),
    Probe("HEAD of a todo that is not there", request(f"HEAD {NO_TODO}", ALICE), 404, "not-found"),
]


def unrouted(name: str, path: str, instance: str | None = None) -> Probe:
    """Expect that a path leads nowhere; where `instance` is left out, it is computed."""
    return Probe(name, request(f"GET {path}", ALICE), 404, "not-found", instance=instance)


UNROUTED = [
    unrouted("root", "/"),
    unrouted("the prefix alone", "/api"),
    unrouted("the prefix with a slash", "/api/"),
    unrouted("an admin's path of a framework", "/admin/"),
    unrouted("a favicon", "/favicon.ico"),
    unrouted("trailing slash", "/api/health/"),
    unrouted("trailing slash on a list", "/api/products/"),
    unrouted("trailing slash on an id", f"{PRODUCT}/"),
    unrouted("trailing slash, encoded", "/api/health%2F"),
    unrouted("doubled slash in front", "//api/health", "//api/health"),
    unrouted("three slashes in front", "///api/health", "///api/health"),
    unrouted("doubled slash in the middle", "/api//health"),
    unrouted("doubled slash before an id", PRODUCT.replace("products/", "products//")),
    unrouted("doubled slash, encoded", "/api/%2Fhealth", "/api//health"),
    unrouted("dot segment", "/api/./health"),
    unrouted("two dots", "/api/x/../health"),
    unrouted("two dots, encoded", "/api/x/%2e%2e/health", "/api/x/../health"),
    unrouted("upper case", "/API/HEALTH"),
    unrouted("semicolon parameters", "/api/health;v=1"),
    unrouted("dot and suffix", "/api/products.json"),
    unrouted("trailing dot", "/api/health."),
    unrouted("trailing space, encoded", "/api/health%20", "/api/health%20"),
    unrouted("trailing line feed, encoded", "/api/health%0A", "/api/health%0A"),
    unrouted("carriage return, encoded", "/api/health%0D", "/api/health%0D"),
    unrouted("NUL, encoded", "/api/health%00", "/api/health%00"),
    unrouted("question mark, encoded", "/api/health%3Fx=1", "/api/health%3Fx=1"),
    unrouted("number sign, encoded", "/api/health%23x", "/api/health%23x"),
    unrouted("backslash", "/api\\health", "/api%5Chealth"),
    unrouted("invalid UTF-8", "/api/%FF%fe", "/api/%FF%FE"),
    unrouted("truncated UTF-8", "/api/%E2%82", "/api/%E2%82"),
    unrouted("surrogate in UTF-8", "/api/%ED%A0%80", "/api/%ED%A0%80"),
    unrouted("overlong UTF-8", "/api/%C0%AF", "/api/%C0%AF"),
    unrouted("invalid UTF-8 beside valid", "/api/caf%C3%A9%FF", "/api/caf%C3%A9%FF"),
    unrouted("valid UTF-8", "/api/caf%c3%a9", "/api/caf%C3%A9"),
    unrouted("beyond the basic plane", "/api/%F0%9F%8D%8B", "/api/%F0%9F%8D%8B"),
    unrouted("what needs no encoding", "/api/%7e%2d%41%3a%40", "/api/~-A:@"),
    unrouted("all of pchar", "/api/-._~!$&'()*+,;=:@", "/api/-._~!$&'()*+,;=:@"),
    unrouted("what is no pchar", "/api/%22%3C%3E%5B%5D%5E%60%7B%7C%7D", None),
    unrouted(
        "what is no pchar, unencoded", '/api/"<>[]^`{|}', "/api/%22%3C%3E%5B%5D%5E%60%7B%7C%7D"
    ),
    unrouted("percent, encoded", "/api/100%25", "/api/100%25"),
    unrouted("percent, encoded twice", "/api/%252F", "/api/%252F"),
    unrouted("percent without digits", "/api/100%", "/api/100%25"),
    unrouted("percent with one digit", "/api/%4", "/api/%254"),
    unrouted("percent with letters beyond f", "/api/%zz", "/api/%25zz"),
    unrouted("plus is no space in a path", "/api/a+b", "/api/a+b"),
    unrouted("a path of 7,000 characters", "/api/" + "x" * 7000),
    unrouted("an id of 4,000 characters", "/api/products/" + "0" * 4000),
    unrouted("2,000 segments", "/api" + "/x" * 2000),
    unrouted("a problem that is none", "/api/problems/no-such-problem"),
    unrouted("a problem in upper case", "/api/problems/NOT-FOUND"),
    unrouted("a problem with a line feed", "/api/problems/not-found%0A"),
    unrouted("a problem with a slash", "/api/problems/not-found/"),
    unrouted("an id that is none", "/api/products/1"),
    unrouted("an empty id", "/api/products//stock-adjustments"),
    unrouted("an id with a word behind it", f"{PRODUCT}-copy"),
    unrouted("a resource below that there is not", f"{PRODUCT}/prices"),
    unrouted("adjustments with a slash", f"{PRODUCT}/stock-adjustments/"),
    unrouted("a word where an id belongs", "/api/todos/current"),
    unrouted("id in upper case", "/api/products/019B8D49-3204-73BF-8E08-6130BB92870B"),
    unrouted(
        "id with one letter in upper case", "/api/products/019b8d49-3204-73bF-8e08-6130bb92870b"
    ),
    unrouted("id without hyphens", "/api/products/019b8d49320473bf8e086130bb92870b"),
    unrouted("id with misplaced hyphens", "/api/products/019b8d493-204-73bf-8e08-6130bb92870b"),
    unrouted("id in braces", "/api/products/{019b8d49-3204-73bf-8e08-6130bb92870b}"),
    unrouted("id as a URN", "/api/products/urn:uuid:019b8d49-3204-73bf-8e08-6130bb92870b"),
    unrouted("id and a space", f"{PRODUCT}%20"),
    unrouted("id and a line feed", f"{PRODUCT}%0A"),
    unrouted("id and a NUL", f"{PRODUCT}%00"),
    unrouted("id and a slash, encoded", f"{PRODUCT}%2F"),
    unrouted("id one digit short", PRODUCT[:-1]),
    unrouted("id one digit long", f"{PRODUCT}0"),
    unrouted("id with a letter beyond f", f"{PRODUCT[:-1]}g"),
    unrouted("id with a full-width digit", f"{PRODUCT[:-1]}%EF%BC%91"),
    unrouted("id with an Arabic digit", f"{PRODUCT[:-1]}%D9%A3"),
    Probe(
        "a word where an id belongs is not routed for other methods either",
        request("DELETE /api/todos/UPPER"),
        404,
        "not-found",
    ),
    Probe(
        "an id in upper case is not routed for OPTIONS either",
        request("OPTIONS /api/todos/019C27FA-D4B4-7F89-8E55-045230615EA6"),
        404,
        "not-found",
    ),
    Probe("BREW of nothing", request("BREW /api/nothing"), 404, "not-found"),
]

# Ids need not be of version 7, or of any: the canonical form is all that routing asks for.
ROUTED = [
    Probe(
        "the nil UUID",
        request("GET /api/products/00000000-0000-0000-0000-000000000000"),
        404,
        "not-found",
    ),
    Probe(
        "the nil UUID is routed: without a token it is 401",
        request("GET /api/todos/00000000-0000-0000-0000-000000000000"),
        401,
        "authentication-required",
    ),
    Probe(
        "the max UUID is routed: other methods are 405",
        request("POST /api/todos/ffffffff-ffff-ffff-ffff-ffffffffffff"),
        405,
        "method-not-allowed",
        fields={"Allow": DETAIL},
    ),
    Probe(
        "id with an encoded digit",
        request("GET /api/todos/%300000000-0000-7000-8000-000000000000", ALICE),
        404,
        "not-found",
        instance=NO_TODO,
    ),
    Probe("a letter, encoded", request("GET /api/he%61lth"), 200, body=HEALTH),
    Probe("another letter, encoded", request("GET /%61pi/health"), 200, body=HEALTH),
    Probe("an empty query", request("GET /api/health?"), 200, body=HEALTH),
    Probe(
        "absolute form",
        request("GET http://{host}/api/health"),
        200,
        body=HEALTH,
    ),
    Probe(
        "absolute form with a query",
        request("GET http://{host}/api/products?limit=0"),
        400,
        "invalid-parameters",
        instance="/api/products",
        errors=(parameter("limit", "out_of_range.number", "1", "100"),),
    ),
]

PROBES = OPTIONS + UNKNOWN_METHODS + KNOWN_BUT_NOT_HERE + HEAD + UNROUTED + ROUTED
