"""Checks of the servers that `--base-url` names, before the first test.

A missing requirement of all tests ends the run with one line. If a server lacks what only some
tests need, those are skipped, with the reason.
"""

import http.client
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from contract_tests.address import Address, AddressError
from contract_tests.client import Answer, Request, send
from contract_tests.contract import CONTRACT_FILE
from contract_tests.markup import is_page
from deploy.servers import ALLOWED_ORIGIN

START_SO = "`make servers` starts the twins so"
FAILED_LOGINS = 11  # more than the contract allows in a quarter of an hour by default
TTL = timedelta(days=30)
# What the demo data has and the suite deletes: a product, two of Bob's todos, and a page that ends.
SEEDED = (
    "/api/products/019b8d49-3204-73bf-8e08-6130bb92870b",
    "/api/todos/019c27fa-d4b4-7f89-8e55-045230615ea6",
    "/api/todos/019c6ae8-84eb-747c-b319-1a778d567cf8",
)


class PreconditionError(Exception):
    """A server can't be tested, for the reason that the error's text gives in a line."""


def addresses(urls: Iterable[str]) -> list[str]:
    """Return the URLs as they are used, or raise a PreconditionError."""
    try:
        found = [Address.of(url).url for url in urls]
    except AddressError as error:
        raise PreconditionError(f"--base-url {error}") from None
    for url in found:
        if found.count(url) > 1:
            raise PreconditionError(f"--base-url {url} is given twice: each server is named once")
    return found


def check(urls: Sequence[str]) -> None:
    """Make sure that servers can be tested, or raise a PreconditionError."""
    with ThreadPoolExecutor() as pool:
        tokens = list(pool.map(check_one, urls))
    for url, token in zip(urls, tokens, strict=True):
        for other in urls:
            if other != url and get(other, "/api/users/me", token).status == 200:
                raise PreconditionError(
                    f"{url} and {other} have one database, so that what the one does looks like a "
                    f"fault of the other: name one of them, or give each its own; {START_SO}"
                )


def check_one(url: str) -> str:
    """Hold one server to what all tests need, and return a token of Bob's."""
    health = get(url, "/api/health")
    if health.status == 400:
        host = Address.of(url).host
        raise PreconditionError(f"{url} doesn't serve the host {host}: add it to ALLOWED_HOSTS")
    if health.status == 503 or get(url, "/api/health/ready").status == 503:
        raise PreconditionError(f"{url} is up but not ready (/api/health/ready): is its database?")
    if health.status != 200 or not is_object(health):
        raise PreconditionError(
            f"{url}/api/health is answered with {health.status} "
            f"{health.headers.get('content-type', '')}: is this the API of {CONTRACT_FILE.name}?"
        )
    if get(url, "/api/openapi.yaml").body != CONTRACT_FILE.read_bytes():
        raise PreconditionError(
            f"{url}/api/openapi.yaml is not this checkout's {CONTRACT_FILE.name}: "
            "test it with the suite of its own version"
        )
    if "ratelimit-policy" in get(url, "/api/products?limit=1").headers:
        raise PreconditionError(f"{url} limits requests: start it without RATE_LIMIT; {START_SO}")
    for name in ("alice", "sam", "bob"):
        login = log_in(url, name, f"{name}-demo-password")
        if login.status != 201:
            raise PreconditionError(
                f"{url} lets {name} of the demo data not log in ({login.status}): give it an empty "
                f"database and the demo data (x-demo-data); {START_SO}"
            )
    token = login.json
    valid = datetime.fromisoformat(token["expires_at"]) - datetime.fromisoformat(
        token["created_at"]
    )
    if valid != TTL:
        raise PreconditionError(
            f"{url} makes tokens for {valid}, not for 30 days: start it without TOKEN_TTL"
        )
    return str(token["token"])


def throttles(url: str) -> bool:
    """Tell whether a server refuses logins after some failures, as it does by default."""
    name = f"nobody_{uuid4().hex[:12]}"
    with ThreadPoolExecutor() as pool:
        tries = pool.map(partial(log_in, url, name), ["wrong"] * FAILED_LOGINS)
        return any(answer.status == 429 for answer in tries)


def refuses_the_origin(url: str) -> bool:
    """Tell whether scripts of the suite's origin may not read a server's answers."""
    answer = ask(url, Request("GET", "/api/health", {"Origin": ALLOWED_ORIGIN}))
    return "access-control-allow-origin" not in answer.headers


def is_changed(url: str) -> bool:
    """Tell whether a part of the demo data is gone that tests ask for by its id."""
    token = log_in(url, "bob", "bob-demo-password").json["token"]
    return any(get(url, target, token).status != 200 for target in SEEDED)


def speaks_tls(url: str) -> bool:
    """Tell whether connections are TLS, which has no way to end one direction only."""
    return Address.of(url).scheme == "https"


def lacks_pages(url: str) -> bool:
    """Tell whether a server has no pages for people."""
    answer = ask(url, Request("GET", "/"))
    return answer.status != 200 or not is_page(answer.fields)


def has_a_prefix(url: str) -> bool:
    """Tell whether a proxy reads the paths, so that bytes don't reach the server as they are."""
    return bool(Address.of(url).prefix)


# Without this, tests with a marker are skipped: the others can do without.
NEEDED: dict[str, tuple[Callable[[str], bool], str]] = {
    "unthrottled": (
        throttles,
        f"throttles failed logins: start it with LOGIN_THROTTLE=1000000/900; {START_SO}",
    ),
    "other_origin": (
        refuses_the_origin,
        f"refuses {ALLOWED_ORIGIN}: start it with CORS_ORIGINS={ALLOWED_ORIGIN}; {START_SO}",
    ),
    "pages": (
        lacks_pages,
        "has no pages (or PAGES_ENABLED=false), so it is tested as an API alone",
    ),
    "half_close": (speaks_tls, "is asked over TLS, where a client can't end its direction alone"),
    "raw_http": (
        has_a_prefix,
        "is below a path, so that raw requests would not reach it as they are",
    ),
}
CHANGED = (
    "{url} has lost some of the demo data, in an earlier run for one: give it an empty "
    f"database and the demo data; {START_SO}. For all but the layer "
    "raw_http (-m 'not raw_http') it will do"
)


def lacking(marker: str, urls: Sequence[str]) -> str | None:
    """Say why tests with a marker can't be run on servers, if one lacks what they need.

    Raise a PreconditionError where it shouldn't lack it.
    """
    lacks, reason = NEEDED[marker]
    for url in urls:
        if lacks(url):
            return f"{url} {reason}"
        if marker == "raw_http" and is_changed(url):
            raise PreconditionError(CHANGED.format(url=url))
    return None


def is_object(answer: Answer) -> bool:
    """Tell whether an answer's body is a JSON object."""
    try:
        return isinstance(json.loads(answer.body), dict)
    except ValueError:
        return False


def get(url: str, target: str, token: str | None = None) -> Answer:
    """Ask for something."""
    return ask(url, Request("GET", target, {"Authorization": f"Bearer {token}"} if token else {}))


def log_in(url: str, username: str, password: str) -> Answer:
    """Log in, or try to."""
    credentials: dict[str, Any] = {"username": username, "password": password}
    return ask(url, Request.with_json("POST", "/api/tokens", credentials))


def ask(url: str, request: Request) -> Answer:
    """Send a request, or raise a PreconditionError where nobody answers it."""
    try:
        return send(url, request)
    except (OSError, http.client.HTTPException) as error:
        said = str(error) or type(error).__name__
        raise PreconditionError(
            f"{url} gives no HTTP answer ({said}): is it running there?"
        ) from None


def is_gone(url: str) -> bool:
    """Tell whether nobody listens at an address any more."""
    try:
        Address.of(url).connect(5).close()
    except OSError:
        return True
    return False
