"""The Host header, which is looked at before everything else (openapi.yaml, Order of checks)."""

from contract_tests.raw_http.probe import ALICE, JSON, Probe, request, without

HEALTH = b'{"status":"healthy"}'


def good(name: str, *fields: str) -> Probe:
    """Expect that a host is served."""
    return Probe(name, request("GET /api/health", *fields), 200, body=HEALTH)


def bad(name: str, host: str) -> Probe:
    """Expect that a host is refused."""
    return Probe(name, request("GET /api/health", f"Host: {host}"), 400, "bad-host")


GOOD = [
    good("the server's own address"),
    good("localhost", "Host: localhost"),
    good("upper case: host names have none", "Host: LOCALHOST"),
    good("mixed case and a port", "Host: LocalHost:8000"),
    good("a port that is not the server's", "Host: localhost:1"),
    good("X-Forwarded-Host is ignored", "X-Forwarded-Host: evil.example"),
    good("Forwarded is ignored", "Forwarded: host=evil.example;proto=https"),
    good("X-Forwarded-Proto is ignored", "X-Forwarded-Proto: https"),
    good("X-Forwarded-Prefix is ignored", "X-Forwarded-Prefix: /evil"),
    good("X-Original-URL is ignored", "X-Original-URL: /api/users/me"),
    good("X-HTTP-Method-Override is ignored", "X-HTTP-Method-Override: DELETE"),
]

BAD = [
    bad("another host", "evil.example"),
    bad("another host with a port", "evil.example:80"),
    bad("a host that ends like a good one", "evil-localhost"),
    bad("a host that starts like a good one", "localhost.evil.example"),
    bad("a name below a good one", "a.localhost"),
    bad("the address that means all", "0.0.0.0"),  # noqa: S104 (nothing is bound to it)
    bad("empty", ""),
    bad("user information", "user@localhost"),
    bad("user information that looks like a good host", "localhost@evil.example"),
    bad("a path", "localhost/api"),
    bad("two hosts in one", "localhost,evil.example"),
    bad("the same host twice in one", "localhost, localhost"),
    bad("a space", "local host"),
    bad("a letter beyond ASCII", "l\xf6calhost"),
    bad("a fullwidth letter", "\xef\xbd\x8cocalhost"),
    bad("an underscore", "local_host"),
    bad("a port that is no number", "localhost:http"),
    bad("a port with an Arabic digit", "localhost:\xd9\xa3"),
    bad("brackets that don't close", "[::1"),
    bad("another IPv6 address", "[2001:db8::1]"),
    bad("an IPv6 address without brackets", "2001:db8::1"),
    bad("a wildcard", "*"),
    bad("a quotation mark", 'localhost"'),
    bad("script", "<script>alert(1)</script>"),
]

# A request without a Host names no host that is served.
NONE = [
    Probe("none", without("Host", request("GET /api/health")), 400, "bad-host"),
    Probe(
        "none, but a forwarded one",
        without("Host", request("GET /api/health", "X-Forwarded-Host: localhost")),
        400,
        "bad-host",
    ),
    Probe(
        "none, in HTTP/1.0, which doesn't ask for one",
        without("Host", request("GET /api/health")).replace(b"HTTP/1.1", b"HTTP/1.0"),
        400,
        "bad-host",
    ),
]

FIRST = [
    Probe(
        "a bad host comes before an unrouted path",
        request("GET /api/nothing", "Host: evil.example"),
        400,
        "bad-host",
    ),
    Probe(
        "a bad host comes before a path that begins like a host",
        request("GET //api/health", "Host: evil.example"),
        400,
        "bad-host",
    ),
    Probe(
        "a bad host comes before a method that is not allowed",
        request("DELETE /api/health", "Host: evil.example"),
        400,
        "bad-host",
        fields={"Allow": None},
    ),
    Probe(
        "a bad host comes before OPTIONS",
        request("OPTIONS /api/health", "Host: evil.example"),
        400,
        "bad-host",
        fields={"Allow": None},
    ),
    Probe(
        "a bad host comes before a bad query",
        request("GET /api/products?%FF", "Host: evil.example"),
        400,
        "bad-host",
    ),
    Probe(
        "a bad host comes before a bad body",
        request("POST /api/todos", ALICE, JSON, "Host: evil.example", body="no JSON"),
        400,
        "bad-host",
    ),
    Probe(
        "a bad host of HEAD has no body",
        request("HEAD /api/health", "Host: evil.example"),
        400,
        "bad-host",
    ),
]

PROBES = GOOD + BAD + NONE + FIRST
