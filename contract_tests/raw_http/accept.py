"""Content negotiation: what an Accept header has to admit (openapi.yaml, Media types)."""

from contract_tests.raw_http.probe import ALICE, JSON, NO_TODO, PRODUCT, Probe, request

HEALTH = b'{"status":"healthy"}'


def fine(accept: str, *more: str, line: str = "GET /api/health") -> Probe:
    """Expect that an Accept header (or several) is satisfied by the successful answer."""
    named = " + ".join([accept, *more])
    body = HEALTH if line == "GET /api/health" else None
    return Probe(
        f"{line} with {named}",
        request(line, *(f"Accept: {each}" for each in [accept, *more])),
        200,
        body=body,
    )


def refused(accept: str, *more: str, line: str = "GET /api/health") -> Probe:
    """Expect that an Accept header (or several) is not."""
    named = " + ".join([accept, *more])
    return Probe(
        f"{line} with {named}, refused",
        request(line, *(f"Accept: {each}" for each in [accept, *more])),
        406,
        "not-acceptable",
    )


PLAIN = [
    Probe("no Accept", request("GET /api/health"), 200, body=HEALTH),
    fine(""),
    fine("*/*"),
    fine("application/*"),
    fine("application/json"),
    fine("application/problem+json"),
    fine("Application/JSON"),
    fine("text/html, application/json"),
    fine("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    refused("text/html"),
    refused("text/*"),
    refused("application/xml"),
    refused("application/problem+xml"),
    refused("application/jsonp"),
    refused("application/json-seq"),
    refused("image/png, text/plain;q=0.5"),
]

WEIGHTS = [
    fine("application/json;q=1"),
    fine("application/json;q=1.000"),
    fine("application/json;q=1."),
    fine("application/json;q=0.001"),
    fine("application/json;Q=0.5"),
    fine("application/json ; q=0.5"),
    fine("application/json;\tq=0.5"),
    refused("application/json;q=0"),
    refused("application/json;q=0."),
    refused("application/json;q=0.000"),
    refused("application/json;Q=0"),
    refused("application/json; q=0"),
    refused("*/*;q=0"),
    refused("application/*;q=0"),
]

# For each of the two media types by itself the most specific range decides.
PRECEDENCE = [
    fine("application/json;q=0, */*"),  # problem+json is admitted by */*
    fine("application/json;q=0, application/*"),
    fine("application/problem+json;q=0, */*"),
    fine("*/*;q=0, application/json"),
    fine("application/*;q=0, application/json"),
    fine("application/*, */*;q=0"),
    refused("application/json;q=0, application/problem+json;q=0, */*"),
    refused("application/*;q=0, */*"),
    refused("*/*, application/*;q=0"),
    refused("application/json;q=0, text/html"),
    fine("application/json;q=0.1, application/json;q=0"),  # of equal ones the first
    refused("application/json;q=0, application/json;q=1"),
    refused("*/*;q=0, */*"),
    fine("*/*, */*;q=0"),
    refused("application/json;a=1;q=0, application/json"),  # parameters make it no more specific
    fine("application/json, application/json;a=1;q=0"),
]

PARAMETERS = [
    fine("application/json;charset=utf-8"),
    fine("application/json;charset=iso-8859-1"),
    fine("application/json;version=2;q=0.5"),
    fine("application/json;q=0.5;ext=1"),
    fine("application/json;"),
    fine("application/json;;q=1"),
    fine('application/json;a="b"'),
    fine('application/json;a="x, y;q=0"'),
    fine('application/json;a="x\\"y";q=1'),
    fine('application/json;a="\xff"'),
    refused('application/json;a="q=1";q=0'),
    refused('text/html;a=", application/json, "'),
    fine("*/*;q=0.1;level=1"),
]

# A range that is ill-formed counts as absent: the others decide.
ILL_FORMED = [
    fine("application/json, ;;;"),
    fine(",, application/json,"),
    fine("application/json;q=0 5, application/json"),
    fine("application/json;q=-1, */*"),
    refused("application/json;q=2, text/html"),
    refused("application/json;q=1.001, text/html"),
    refused("application/json;q=0.1234, text/html"),
    refused("application/json;q=, text/html"),
    refused("application/json;q, text/html"),
    refused("application/json;q=abc, text/html"),
    refused("application/json;q=.5, text/html"),
    refused("application/json;q=1e0, text/html"),
    refused("application/json;q= 1, text/html"),
    refused("application/json;q =1, text/html"),
    refused("application/json;q=+1, text/html"),
    refused("application/json;q=\xd9\xa1, text/html"),
    refused("application/ json, text/html"),
    refused("application /json, text/html"),
    refused("application/, text/html"),
    refused("/json, text/html"),
    refused("application/json/x, text/html"),
    refused("application/json text/html, text/plain"),
    refused("application/json;a=b c, text/html"),
    refused("application/json\xff, text/html"),
    refused("text/html, */json"),
    fine("application/json;q=0;a b, application/json"),
]


def long(name: str, accept: str, status: int) -> Probe:
    """Send a header that careless patterns need minutes for."""
    return Probe(
        name,
        request("GET /api/health", f"Accept: {accept}"),
        status,
        "" if status == 200 else "not-acceptable",
        body=HEALTH if status == 200 else None,
    )


LONG = [
    long("1,500 ranges", ", ".join(["a/b"] * 1500), 406),
    long("1,500 ranges, the last of them good", ", ".join(["a/b"] * 1500) + ", */*", 200),
    long("2,500 empty parameters", "application/json" + " ; " * 2500 + ";q=1", 200),
    long("8,000 spaces, then something bad", "application/json" + " " * 8000 + "@, a/b", 406),
    long("8,000 commas", "," * 4000 + "a/b" + "," * 4000, 406),
    long("a string of 3,000 escapes", 'application/json;a="' + '\\"' * 3000 + '"', 200),
    long("a string that is never closed", 'a/b, application/json;a="' + '\\"' * 3000, 406),
    long("2,000 strings", "application/json" + ';a="b"' * 1300, 200),
    # The last quote opens a string that is never closed, so that the comma separates nothing.
    long("2,000 strings, then a bad one", "application/json" + ';a="b"' * 1300 + '", a/b', 200),
    long("a type of 8,000 characters", "a" * 8000 + "/b", 406),
    # The last, as it keeps a careless server busy for long.
    long(
        "2,500 empty parameters, then a bad one", "application/json" + " ; " * 2500 + "@, a/b", 406
    ),
]

SEVERAL = [
    fine("text/html", "application/json"),
    fine("application/json", "text/html"),
    refused("text/html", "text/plain"),
    refused("application/json;q=0", "application/json"),
    fine("application/json;q=0", "*/*;q=0.1"),
]

OTHERS = [
    fine("application/yaml", line="GET /api/openapi.yaml"),
    fine("application/*", line="GET /api/openapi.yaml"),
    fine("application/problem+json", line="GET /api/openapi.yaml"),
    refused("application/json", line="GET /api/openapi.yaml"),
    refused("text/yaml", line="GET /api/openapi.yaml"),
    refused("application/x-yaml", line="GET /api/openapi.yaml"),
    refused("text/plain", line="GET /api/openapi.yaml"),
    fine("text/plain", line="GET /api/problems/not-found"),
    fine("text/*", line="GET /api/problems/not-found"),
    fine("text/plain;charset=iso-8859-1", line="GET /api/problems/not-found"),
    fine("application/problem+json", line="GET /api/problems/not-found"),
    refused("application/json", line="GET /api/problems/not-found"),
    refused("text/html", line="GET /api/problems/not-found"),
    refused("text/html", line="GET /api/health/ready"),
    refused("text/html", line=f"GET {PRODUCT}"),
    refused("text/html", line=f"HEAD {PRODUCT}"),
    refused("text/html", line="GET /api/todos"),  # before the token is looked for
    refused("text/html", line=f"PUT {NO_TODO}"),
    refused("text/html", line="DELETE /api/tokens/current"),
    Probe(
        "an answer without a body counts as JSON",
        request(f"DELETE {NO_TODO}", ALICE, "Accept: application/json"),
        404,
        "not-found",
    ),
    Probe(
        "a creation that can't be answered isn't begun",
        request("POST /api/todos", ALICE, JSON, "Accept: text/csv", body='{"title":"Never"}'),
        406,
        "not-acceptable",
    ),
    Probe(
        "a problem is sent whatever Accept says",
        request("GET /api/nothing", "Accept: text/html"),
        404,
        "not-found",
    ),
    Probe(
        "the method comes first",
        request("DELETE /api/health", "Accept: text/html"),
        405,
        "method-not-allowed",
        fields={"Allow": "GET, HEAD, OPTIONS"},
    ),
    Probe(
        "OPTIONS is answered before",
        request("OPTIONS /api/health", "Accept: text/html"),
        204,
        fields={"Allow": "GET, HEAD, OPTIONS"},
    ),
    Probe(
        "Accept-Language, Accept-Charset and Accept-Encoding are ignored",
        request(
            "GET /api/health",
            "Accept-Language: de, *;q=0",
            "Accept-Charset: utf-16",
            "Accept-Encoding: gzip, identity;q=0",
        ),
        200,
        body=HEALTH,
        fields={"Content-Encoding": None},
    ),
]

PROBES = PLAIN + WEIGHTS + PRECEDENCE + PARAMETERS + ILL_FORMED + SEVERAL + OTHERS + LONG
