"""White space and letters that only Unicode knows, around and within what header fields hold.

Of a field's value the spaces and tabs around it are left out, and nothing else (RFC 9110, section
5.5). A program that strips or compares texts as Python does by default takes more than that.
"""

from collections.abc import Callable
from dataclasses import replace

from contract_tests.raw_http import headers, media_types
from contract_tests.raw_http.cors import NOTHING
from contract_tests.raw_http.headers import BOBS_TAG, HEALTH_TAG
from contract_tests.raw_http.probe import (
    ALICE,
    BOB,
    BOBS_TODO,
    JSON,
    NO_TODO,
    Probe,
    header,
    latin1,
    request,
)

# WSGI decodes fields as Latin-1, in which the first two are one byte each; a program that decodes
# UTF-8 would meet the third. What else Python calls white space are control characters, which the
# server refuses in any field.
SPACES = {
    "no-break space": "\xa0",
    "next line": "\x85",
    "em space in UTF-8": latin1("\u2003"),
}


def unacceptable(accept: str) -> Probe:
    """Expect that nothing but the first range of an Accept header is well-formed."""
    raw = request("GET /api/health", f"Accept: text/html, {accept}")
    return Probe(accept, raw, 406, "not-acceptable")


def stranger(origin: str) -> Probe:
    """Expect that an origin is not on the allow-list."""
    raw = request("GET /api/health", f"Origin: {origin}")
    return Probe(origin, raw, 200, fields=NOTHING)


def bad_host(host: str) -> Probe:
    """Expect that a host is not served."""
    return Probe(host, request("GET /api/health", f"Host: {host}"), 400, "bad-host")


def unnamed(request_id: str) -> Probe:
    """Expect that a request's name is not taken over."""
    return headers.request_id(request_id, request_id)


def if_match(value: str) -> Probe:
    """Expect that an If-Match is ill-formed."""
    error = header("If-Match", headers.ILL_FORMED)
    return headers.if_match(value, value, 400, "invalid-parameters", error)


# What is asked with a value, the field, and values with "_" where the space goes.
PLACES: list[tuple[Callable[[str], Probe], str, list[str]]] = [
    (lambda value: media_types.encoded(value, 415), "Content-Encoding", ["_identity", "identity_"]),
    (
        media_types.refused,
        "Content-Type",
        [
            "_application/json",
            "application/json_",
            "application/json;_charset=utf-8",
            "application/json_;charset=utf-8",
            "application/json; charset=utf-8_",
            "application/json; charset=_utf-8",
        ],
    ),
    (
        lambda value: media_types.refused(value, f"PATCH {NO_TODO}"),
        "Content-Type of PATCH",
        ["application/merge-patch+json_"],
    ),
    (
        unacceptable,
        "Accept",
        ["_application/json", "application/json_", "application/json_;q=1", "*/*;q=1_"],
    ),
    (
        lambda value: headers.challenged(value, f"Authorization: {value}"),
        "Authorization",
        ["_Bearer {alice}", "Bearer_{alice}", "Bearer_ {alice}"],
    ),
    (
        lambda value: headers.invalid(value, f"Authorization: {value}"),
        "Authorization's token",
        ["Bearer _{alice}", "Bearer {alice}_"],
    ),
    (
        headers.no_tags,
        "If-None-Match",
        ["_*", "*_", f"{HEALTH_TAG}_", f'"a",_{HEALTH_TAG}', f"W/_{HEALTH_TAG}"],
    ),
    (if_match, "If-Match", ["*_", f"{BOBS_TAG}_", f'"a"_,{BOBS_TAG}']),
    (
        lambda value: headers.bad_key(value, value),
        "Idempotency-Key",
        ["_{unique-key}", "{unique-key}_"],
    ),
    (stranger, "Origin", ["_https://shop.example", "https://shop.example_"]),
    (bad_host, "Host", ["_localhost", "localhost_", "localhost:_80", "localhost:80_"]),
    (unnamed, "X-Request-ID", ["_wire", "wire_"]),
]

WHITE = [
    replace(ask(place.replace("_", space)), name=f"{field}: {place!r} with _ as a {name}")
    for ask, field, places in PLACES
    for place in places
    for name, space in SPACES.items()
]

# Letters that become ASCII's in upper or lower case, or when case is ignored.
LETTERS = [
    media_types.encoded(latin1("\u0130dentity"), 415),  # I with a dot
    media_types.encoded(latin1("\u0131dentity"), 415),  # i without one
    media_types.refused(latin1("application/j\u017fon")),  # long s
    media_types.refused(latin1("application/json; char\u017fet=utf-8")),
    unacceptable(latin1("application/j\u017fon")),
    unacceptable(latin1("appl\u0131cation/json")),
    unacceptable(latin1("*/*;\uff51=1")),  # fullwidth q
    bad_host(latin1("localho\u017ft")),
    bad_host(latin1("\u217cocalhost")),  # Roman numeral fifty
]

OPTIONAL = [
    media_types.encoded("\t identity \t", 422),
    media_types.taken("\tapplication/json\t"),
    headers.welcome("tabs around the field", "Authorization: \tBearer {alice}\t"),
    headers.none_match("tabs around the tag", 304, f"\t{HEALTH_TAG}\t"),
    headers.request_id("tabs around", "\twire\t", echoed="wire"),
    Probe(
        "tabs around If-Match",
        request(f"PATCH {BOBS_TODO}", BOB, JSON, 'If-Match: \t"a"\t', body="{}"),
        412,
        "precondition-failed",
    ),
    Probe("spaces around Host", request("GET /api/health", "Host:  localhost  "), 200),
    Probe(
        "tabs around a range",
        request("GET /api/health", "Accept:\ttext/html\t,\tapplication/json\t"),
        200,
    ),
    Probe(
        "no space around an encoding",
        request("POST /api/todos", ALICE, JSON, "Content-Encoding:identity", body="{}"),
        422,
        "invalid-body",
        media_types.TITLE_MISSING,
    ),
]

PROBES = WHITE + LETTERS + OPTIONAL
