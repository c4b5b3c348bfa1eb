"""The contract's rules for every response to any request (openapi.yaml, Headers)."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from contract_tests.contract import CONTRACT, operation
from contract_tests.markup import MarkupError, document, is_page

ALWAYS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
ON_PAGES = {
    **ALWAYS,
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "vary": "Cookie, Origin",
    "etag": None,
}
WITH_SCRIPTS = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
API = re.compile(r"(https?://[^/]*)?/api(/|$)")
CATALOGUE = re.compile(
    r"/api/(products(/summary|/[0-9a-f-]{36})?|openapi\.(yaml|json)|problems/[a-z-]+)"
)
NEGOTIATED = re.compile(r"/api/openapi\.(yaml|json)")
# What a server or a proxy adds, for the connection.
SERVERS_OWN = {"server", "date", "connection", "transfer-encoding", "keep-alive"}
ALWAYS_DECLARED = {
    *("content-type", "content-length", "allow"),
    *("access-control-allow-headers", "access-control-allow-methods", "access-control-max-age"),
}
KINDS_OF_PAGES = {"page", "page_wait"}
COOKIE = re.compile(r"[^=;]+=[^;]*")
ATTRIBUTES = {"httponly", "path=/", "samesite=lax"}  # that each cookie has; none has a domain
CHALLENGES = {
    "/api/problems/invalid-token": 'Bearer error="invalid_token"',
    "/api/problems/authentication-required": "Bearer",
    "/api/problems/invalid-credentials": "Bearer",
}


def digest(body: bytes) -> str:
    """Return the entity tag that the contract prescribes for a body (Conditional requests)."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def violations(
    method: str, target: str, status: int, fields: Sequence[tuple[str, str]], body: bytes
) -> Iterator[str]:
    """Yield what is wrong with an answer's header fields."""
    found = {name.lower(): value for name, value in fields}
    path = target.partition("?")[0]
    is_api = API.match(path) is not None
    cookies = [value for name, value in fields if name.lower() == "set-cookie"]
    if len(found) < len(fields) - max(len(cookies) - 1, 0):
        yield "a header field is sent twice"
    if unknown := found.keys() - declared_fields(is_page=not is_api) - SERVERS_OWN:
        yield f"header fields that the contract does not have: {sorted(unknown)}"
    for cookie in cookies:
        if not is_kept_close(cookie):
            yield f"a cookie that is not for this host, this site and no script: {cookie}"
    expected = due if is_api else due_of_page
    for name, value in expected(method, path, status, body).items():
        if (sent := found.get(name)) != value:
            yield f"{name} is {sent!r}, where {value!r} is due"
    if body and is_page(fields):
        try:
            document(body)
        except MarkupError as error:
            yield f"a page that is none: {error}"
    # Which statuses there may be is for test_statuses.py to say.
    media_types = declared(method, target, status) if status in {200, 201} else []
    if media_types and (sent := found.get("content-type")) not in media_types:
        yield f"content-type is {sent!r}, which is none of {media_types}"


def is_kept_close(cookie: str) -> bool:
    """Tell whether a cookie is for this host and this site, and out of scripts' reach.

    One that has ended holds nothing to be kept from scripts.
    """
    value, *attributes = (part.strip().lower() for part in cookie.split(";"))
    return (
        COOKIE.fullmatch(value) is not None
        and {*attributes, "httponly" if "max-age=0" in attributes else ""} >= ATTRIBUTES
        and not any(attribute.startswith("domain") for attribute in attributes)
    )


def declared_fields(*, is_page: bool) -> set[str]:
    """Return the names of the header fields that pages have, or the API's answers."""
    kinds: dict[str, dict[str, Any]] = CONTRACT["x-response-headers"]
    names = [name for kind in kinds if (kind in KINDS_OF_PAGES) == is_page for name in kinds[kind]]
    return {name.lower() for name in names} | ALWAYS_DECLARED | ({"location"} if is_page else set())


def due(method: str, path: str, status: int, body: bytes) -> dict[str, str | None]:
    """Return the header fields that follow from a request and the status of its answer."""
    is_read = method in {"GET", "HEAD"} and status in {200, 304}
    is_public = is_read and CATALOGUE.fullmatch(path)
    is_negotiated = is_read and NEGOTIATED.fullmatch(path)
    found: dict[str, str | None] = {
        **ALWAYS,
        "cache-control": "public, no-cache" if is_public else "no-store",
        "vary": "Accept, Origin" if is_negotiated else "Origin",
    }
    if status in {204, 304}:
        found |= {"content-type": None, "content-length": None}
    elif method != "HEAD":
        found["content-length"] = str(len(body))
        if status in {200, 201}:
            found["etag"] = digest(body)
    if status not in {200, 201, 304}:
        found["etag"] = None
    if status >= 400:
        found["content-type"] = "application/problem+json"
    if status != 405 and method != "OPTIONS":
        found["allow"] = None
    if status != 401:
        found["www-authenticate"] = None
    elif body:
        found["www-authenticate"] = CHALLENGES.get(problem_type(body), "Bearer")
    return found


def due_of_page(method: str, path: str, status: int, body: bytes) -> dict[str, str | None]:
    """Return the same for what is outside of the API: pages for people, errors included."""
    found: dict[str, str | None] = {**ON_PAGES}
    if (path, status) == ("/docs", 200):
        found["content-security-policy"] = WITH_SCRIPTS
    if status != 303:
        found["location"] = None
    if status == 204:
        return {**found, "content-type": None, "content-length": None}
    if method != "HEAD":
        found["content-length"] = str(len(body))
    return {**found, "content-type": "text/html; charset=utf-8"}


def problem_type(body: bytes) -> str:
    """Return which problem a body tells of, if any."""
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        return str(json.loads(body)["type"])
    return ""


def declared(method: str, target: str, status: int) -> list[str]:
    """Return the media types of an operation's success."""
    response: dict[str, Any] = operation(method, target).get("responses", {}).get(str(status), {})
    name = response.get("$ref", "").rpartition("/")[2]
    found = CONTRACT["components"]["responses"][name] if name else response
    return [*found.get("content", {})]
