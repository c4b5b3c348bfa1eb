"""Requests that the contract leaves to the framework's parser (openapi.yaml, Order of checks).

Each server may read, ignore or refuse them, in time and without a 5xx.
"""

from contract_tests.raw_http.probe import (
    ALICE,
    BOB,
    BOBS_TODO,
    JSON,
    MERGE_PATCH,
    PRODUCT,
    chunked,
    request,
    todo,
    without,
)

ODD = ["\xa0", "\x85", "\xe2\x80\x83", "\xff", "\xc5\xbf"]  # no ASCII; what Python strips or folds


def asked(name: str, *values: str, line: str = "GET /api/health") -> dict[str, bytes]:
    """Send a field with each of some values."""
    return {f"{name}: {value[:30]}": request(line, f"{name}: {value}") for value in values}


def sent(*targets: str) -> dict[str, bytes]:
    """Ask for each of some targets."""
    return {target[:40]: request(f"GET {target}", BOB) for target in targets}


ACCEPT = asked(
    "Accept",
    *("", ",,", "json", "nonsense", "application/json, ;;;", "text/html, */json", "/json"),
    *("application/", "application/json/x", "application/ json", "application/json text/html"),
    *(
        f"application/json;q={q}"
        for q in ("2", "1.001", "", "abc", ".5", "1e0", " 1", "-1", "\xb2")
    ),
    *("application/json;q", "application/json;q=0 5", "application/json;q=1;q=1", "*/*;q=nan"),
    *("application/json;q=0, */*", "application/*;q=0, */*", "*/*;q=0, */*", "*/*, */*;q=0"),
    *("application/json;charset=utf-8", 'application/json;a="x, y;q=0"', "application/json;"),
    *("application/json;v=2;q=0.5", 'application/json;a="\\"', 'text/html;a=", */*"'),
    *(f"application/json{odd}" for odd in ODD),
    *(", ".join(["a/b"] * 1500), "," * 8000, "application/json" + " " * 8000 + "@"),
    *("application/json" + " ; " * 2500 + "@, a/b", 'a/b, */*;a="' + '\\"' * 3000),
    *('"' * 8000, "application/json" + ';a="b"' * 1300 + '", a/b', "a" * 8000 + "/b"),
)

TAGS = [
    *("", "a", "0", '"a', 'w/"a"', 'W/ "a"', "W/*", '*, "a"', '"a", *', "*, *", '"a",', ',"a"'),
    *(
        '"a",,"b"',
        '"a" "b"',
        '"a";"b"',
        '"a b"',
        '"a"b"',
        "'a'",
        "**",
        *(f'"a{odd}"' for odd in ODD),
    ),
    *('"' + "a" * 5000, '"a"' + " " * 3000 + "x", '"a"' + ' , "a"' * 600 + " ,", '"' * 3001),
]

CREDENTIALS = asked(
    "Authorization",
    *("", "Bearer", "Bearer ", "Bearer\t{alice}", "Bearer    {alice}", "Bearer \t{alice}"),
    *("Bearer {alice} x", "Bearer {alice}=", "Bearer {alice},", 'Bearer "{alice}"'),
    *("Bearer token={alice}", "Bearer {alice}, Bearer {bob}", "Bearer Bearer {alice}"),
    *("{alice}", "B\xc3\xa9arer {alice}", *(f"Bearer {{alice}}{odd}" for odd in ODD)),
    *("Bearer" + " " * 8000 + "x", "B" * 8000 + " x"),
    line="GET /api/users/me",
)

HOSTS = asked(
    "Host",
    *("", "LOCALHOST", "localhost.", "127.0.0.1", "[::1]", "[::1]:8000", "localhost:", "[::1"),
    *("localhost:0", "localhost:65536", "localhost:http", "localhost:" + "8" * 99, "local host"),
    *("user@localhost", "localhost/api", "localhost, localhost", "2001:db8::1", "*", 'localhost"'),
    *("a..b", "local_host", "<script>", "a." * 4000, *(f"localhost{odd}" for odd in ODD)),
) | {
    "no Host": without("Host", request("GET /api/health")),
    "no Host, in HTTP/1.0": without("Host", request("GET /api/health")).replace(b"P/1.1", b"P/1.0"),
}

CONTENT_TYPES = {
    f"Content-Type: {value[:40]}": request(
        "POST /api/todos", ALICE, f"Content-Type: {value}", body="{}"
    )
    for value in (
        *(
            f"application/json; {parameter}"
            for parameter in ("", "version=1", "charset", "charset=")
        ),
        *(f"application/json; charset={it}" for it in ("utf-16", "latin-1", "'utf-8'", '"utf-8')),
        *("application/json; charset = utf-8", "application/json;;charset=utf-8", "json", "*/*"),
        *("application/json charset=utf-8", "application/ json", '"application/json"'),
        *("multipart/form-data", "multipart/form-data; boundary=\xff", "application/j\xc5\xbfon"),
        *(f"application/json{odd}" for odd in ODD),
        "application/json" + "\t" * 8000 + "x",
    )
}

TARGETS = sent(
    *(
        "/api/%2Fhealth",
        "/api%2Fhealth",
        "/api/./health",
        "/api/x/../health",
        "/api/he%61lth",
        "/api/health?&&",
        "/api/health%00",
    ),
    *("/api/%FF%fe", "/api/caf%C3%A9%FF", "/api/100%", "/api/%zz", "/api\\health", "/api/[]^`|"),
    *("/api/health#top", PRODUCT.upper(), f"/api/products/{PRODUCT[14:].upper()}"),
    *(PRODUCT.replace("-", ""), f"/api/todos/%3{BOBS_TODO[11:]}", f"{PRODUCT}%0A"),
    *("/api/problems/no-such-problem?x=1", "/api/" + "x" * 7000, "/api" + "/x" * 2000),
    *("/api/products?%", "/api/products?limit=" + "9" * 5000, "/api/products?a;b"),
    *("/api/products?" + "&".join(f"{n:x}" for n in range(2000)), "/api/products?=1"),
    *(
        "/api/products?cursor=" + "A" * 4001,
        "/api/products?cursor=A%00",
        "/api/products?cursor=%20",
    ),
)

BODIES = {
    f"a chunk {name}": request("POST /api/todos", ALICE, JSON, "Transfer-Encoding: chunked") + body
    for name, body in [
        ("without a length", b"\r\n{}\r\n0\r\n\r\n"),
        ("whose length is no number", b"xy\r\n{}\r\n0\r\n\r\n"),
        ("of a negative length", b"-2\r\n{}\r\n0\r\n\r\n"),
        ("whose length has a sign", b"+2\r\n{}\r\n0\r\n\r\n"),
        ("whose length has a prefix", b"0x2\r\n{}\r\n0\r\n\r\n"),
        ("whose length has an underscore", b"0_2\r\n{}\r\n0\r\n\r\n"),
        ("that is longer than it says", b"1\r\n{}\r\n0\r\n\r\n"),
        ("with a line feed alone", b"2\n{}\r\n0\r\n\r\n"),
        ("more than there may be", chunked("{}" + " " * 1_048_576)),
    ]
} | {
    "33 levels": todo('{"id":' + "[" * 32 + "]" * 32 + "}"),
    "1,000 levels": todo('{"id":' + "[" * 999 + "]" * 999 + "}"),
    "a name twice": todo('{"title":"","title":5}'),
    "Content-Encoding in upper case": todo("{}", "Content-Encoding: IDENTITY"),
    "Content-Encoding empty": todo("{}", "Content-Encoding:"),
    "Content-Encoding twice": todo("{}", "Content-Encoding: identity, identity"),
    "two idempotency keys": todo("{}", "Idempotency-Key: a", "Idempotency-Key: b"),
}

FIELDS = {
    "two Authorizations": request("GET /api/users/me", ALICE, BOB),
    "a method before the token": request("PUT /api/todos", "Accept: image/png"),
    "CONNECT": request("CONNECT localhost:80"),
    "OPTIONS *": request("OPTIONS *"),
    "absolute form": request("GET http://{host}/api/health"),
    "absolute form of another host": request("GET http://evil.example/api/health"),
    "absolute form without a path": request("GET http://localhost"),
    "a later version": request("GET /api/health").replace(b"HTTP/1.1", b"HTTP/1.2"),
    "an upgrade": request("GET /api/health", "Upgrade: websocket"),
    "an upgrade to HTTP/2": request("GET /api/health", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
    "an empty preflight": request("OPTIONS /api/todos", "Access-Control-Request-Method:"),
    "an underscore in a name": request("GET /api/health", "X_Under: 1"),
    "a variable of WSGI": request("GET /api/health", "SCRIPT_NAME: /api"),
    "a path of WSGI": request("GET /api/health", "PATH_INFO: /api/users/me"),
    "two origins": request("GET /api/health", "Origin: https://a.example", "Origin: null"),
}

LEFT_OPEN = {
    **ACCEPT,
    **asked("If-None-Match", *TAGS),
    **CREDENTIALS,
    **HOSTS,
    **CONTENT_TYPES,
    **TARGETS,
    **BODIES,
    **FIELDS,
}

# None of them is the current tag, so the write must not go ahead.
UNMET = {
    tags[:30]: request(f"PATCH {BOBS_TODO}", BOB, MERGE_PATCH, f"If-Match: {tags}", body="{}")
    for tags in TAGS
    if "*" not in tags
}
