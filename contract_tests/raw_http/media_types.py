"""Content-Type and Content-Encoding of request bodies (openapi.yaml, Media types)."""

import gzip

from contract_tests.raw_http.probe import (
    ALICE,
    JSON,
    NO_TODO,
    SAM,
    Probe,
    pointer,
    request,
    without,
)

# Well-formed JSON without a title: a media type that is taken shows as 422, nothing is written.
EMPTY = "{}"
TITLE_MISSING = (pointer("/title", "required"),)


def taken(content_type: str) -> Probe:
    """Expect that a body of this media type is read."""
    return Probe(
        f"POST {content_type}",
        request("POST /api/todos", ALICE, f"Content-Type: {content_type}", body=EMPTY),
        422,
        "invalid-body",
        TITLE_MISSING,
    )


def refused(content_type: str, line: str = "POST /api/todos") -> Probe:
    """Expect that a body of this media type is not."""
    return Probe(
        f"{line} {content_type}, refused",
        request(line, ALICE, f"Content-Type: {content_type}", body=EMPTY),
        415,
        "unsupported-media-type",
    )


def patch(content_type: str) -> Probe:
    """Expect that PATCH reads a body of this media type, to find that there is no such todo."""
    return Probe(
        f"PATCH {content_type}",
        request(f"PATCH {NO_TODO}", ALICE, f"Content-Type: {content_type}", body=EMPTY),
        404,
        "not-found",
    )


TAKEN = [
    taken("application/json"),
    taken("Application/JSON"),
    taken("APPLICATION/JSON"),
    taken("application/json;charset=utf-8"),
    taken("application/json; charset=utf-8"),
    taken("application/json ;charset=UTF-8"),
    taken("application/json\t;\tcharset=utf-8"),
    taken("application/json; CHARSET=Utf-8"),
    taken('application/json; charset="utf-8"'),
    taken('application/json; charset="UTF-8"'),
    taken("  application/json  "),
]

REFUSED = [
    refused(""),
    refused("application/json;"),
    refused("application/json; "),
    refused("application/json;;charset=utf-8"),
    refused("application/json; charset=utf8"),
    refused("application/json; charset=utf-16"),
    refused("application/json; charset=iso-8859-1"),
    refused("application/json; charset=us-ascii"),
    refused("application/json; charset="),
    refused("application/json; charset"),
    refused("application/json; charset = utf-8"),
    refused("application/json; charset='utf-8'"),
    refused('application/json; charset="utf-8'),
    refused('application/json; charset=" utf-8"'),
    refused("application/json; charset=utf-8; charset=utf-8"),
    refused("application/json; charset=utf-8;"),
    refused("application/json; charset=utf-8; version=1"),
    refused("application/json; version=1"),
    refused("application/json charset=utf-8"),
    refused("application/json, application/json"),
    refused("application/jsonp"),
    refused("application/json5"),
    refused("application/x-json"),
    refused("text/json"),
    refused("text/plain"),
    refused("text/html; charset=utf-8"),
    refused("json"),
    refused("*/*"),
    refused("application/*"),
    refused("application/ json"),
    refused('"application/json"'),
    refused("application/vnd.api+json"),
    refused("application/problem+json"),
    refused("application/merge-patch+json"),
    refused("application/x-www-form-urlencoded"),
    refused("multipart/form-data"),
    refused("multipart/form-data; boundary=x"),
    refused("multipart/form-data; boundary="),
    refused("multipart/form-data; boundary=\xff"),
    refused("application/octet-stream"),
    refused("application/\xffjson"),
    refused("application/json; charset=\xff"),
    refused("application/j\xc5\xbfon"),
    refused("application/merge-patch+json", f"PUT {NO_TODO}"),
    refused("application/json-patch+json", f"PATCH {NO_TODO}"),
    refused("application/merge-patch+json; version=1", f"PATCH {NO_TODO}"),
    refused("application/merge-patch", f"PATCH {NO_TODO}"),
    refused("text/plain", "PUT /api/users/me/password"),
    refused("application/x-www-form-urlencoded", "POST /api/tokens"),
    refused("multipart/form-data; boundary=x", "POST /api/users"),
    Probe(
        "no Content-Type",
        request("POST /api/todos", ALICE, body=EMPTY),
        415,
        "unsupported-media-type",
    ),
    Probe(
        "neither Content-Type nor body",
        request("POST /api/todos", ALICE),
        415,
        "unsupported-media-type",
    ),
    Probe(
        "a form that looks like a login",
        request(
            "POST /api/tokens",
            "Content-Type: application/x-www-form-urlencoded",
            body="username=alice&password=alice-demo-password",
        ),
        415,
        "unsupported-media-type",
    ),
    Probe(
        "a real multipart body",
        request(
            "POST /api/todos",
            ALICE,
            "Content-Type: multipart/form-data; boundary=x",
            body='--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nA\r\n--x--\r\n',
        ),
        415,
        "unsupported-media-type",
    ),
]

PATCHES = [
    patch("application/json"),
    patch("application/merge-patch+json"),
    patch("Application/Merge-Patch+JSON; charset=UTF-8"),
    patch('application/merge-patch+json;charset="utf-8"'),
]


def encoded(encoding: str, status: int, body: str | bytes = EMPTY) -> Probe:
    """Send a body with a Content-Encoding."""
    return Probe(
        f"Content-Encoding: {encoding}",
        request("POST /api/todos", ALICE, JSON, f"Content-Encoding: {encoding}", body=body),
        status,
        "invalid-body" if status == 422 else "unsupported-media-type",
        TITLE_MISSING if status == 422 else (),
    )


ENCODINGS = [
    encoded("identity", 422),
    encoded("gzip", 415, gzip.compress(b'{"title":"Compressed"}', mtime=0)),
    encoded("deflate", 415),
    encoded("br", 415),
    encoded("x-gzip", 415),
    encoded("utf-8", 415),
    encoded("gzip, identity", 415),
    encoded("identity, gzip", 415),
    Probe(
        "Content-Language and Content-Disposition are ignored",
        request(
            "POST /api/todos",
            ALICE,
            JSON,
            "Content-Language: de",
            "Content-Disposition: attachment",
            "Content-MD5: x",
            body=EMPTY,
        ),
        422,
        "invalid-body",
        TITLE_MISSING,
    ),
]

HEALTH = b'{"status":"healthy"}'

# Bodies of GET, HEAD, OPTIONS and DELETE are ignored, and with them all that is said of them.
IGNORED = [
    Probe(
        "GET with a body",
        request("GET /api/health", "Content-Type: text/plain", body="no JSON"),
        200,
        body=HEALTH,
    ),
    Probe(
        "GET with a body that is a JSON array",
        request("GET /api/health", JSON, body="[1]"),
        200,
        body=HEALTH,
    ),
    Probe(
        "GET with a form does not add parameters",
        request(
            "GET /api/health", "Content-Type: application/x-www-form-urlencoded", body="limit=0&x=1"
        ),
        200,
        body=HEALTH,
    ),
    Probe(
        "GET with an encoding",
        request("GET /api/health", "Content-Encoding: gzip", body="x"),
        200,
        body=HEALTH,
    ),
    Probe("HEAD with a body", request("HEAD /api/health", JSON, body="{"), 200),
    Probe("OPTIONS with a body", request("OPTIONS /api/todos", JSON, body="{"), 204),
    Probe(
        "DELETE with a body",
        request(f"DELETE {NO_TODO}", ALICE, "Content-Type: text/plain", body="really?"),
        404,
        "not-found",
    ),
    Probe(
        "DELETE with a broken body and an encoding",
        request(f"DELETE {NO_TODO}", ALICE, JSON, "Content-Encoding: gzip", body="\xff{"),
        404,
        "not-found",
    ),
    Probe(
        "GET with a body of 2 MiB",
        request("GET /api/health", body="x" * 2097152),
        200,
        body=HEALTH,
    ),
    Probe(
        "405 with a body",
        request("POST /api/health", "Content-Type: text/plain", body="x"),
        405,
        "method-not-allowed",
        fields={"Allow": "GET, HEAD, OPTIONS"},
    ),
    Probe(
        "404 with a body",
        request("POST /api/nothing", SAM, JSON, body="{"),
        404,
        "not-found",
    ),
    Probe(
        "POST without Content-Length has an empty body",
        without("Content-Length", request("POST /api/todos", ALICE, JSON, body="")),
        400,
        "malformed-body",
    ),
]

PROBES = TAKEN + REFUSED + PATCHES + ENCODINGS + IGNORED
