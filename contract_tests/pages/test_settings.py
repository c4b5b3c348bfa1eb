"""The pages with settings of their own: behind TLS, and with few failed logins."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from contract_tests import servers
from contract_tests.client import Request, send
from contract_tests.pages.conftest import THROTTLE
from contract_tests.pages.visitor import Visitor
from contract_tests.pages.world import World, credentials

pytestmark = pytest.mark.own_servers

TLS = {"X-Forwarded-Proto": "https"}
MINUTES = 15
TOO_MANY = "Too many requests"


def over_tls(site: str) -> Visitor:
    """Return somebody who comes through a proxy that speaks TLS."""
    visitor = Visitor(site)
    visitor.headers = TLS
    return visitor


def origin(site: str) -> dict[str, str]:
    return {"Origin": site.replace("http:", "https:")}


def test_the_site_over_tls(strict_site: str) -> None:
    world = World.make(strict_site)
    visitor = over_tls(strict_site)
    form = visitor.form("/login")
    fields = {**form.fields, **credentials(world.username, world.password)}
    assert visitor.post("/login", fields).is_forgery()  # it says that it comes from http://
    page = visitor.post("/login", fields, **origin(strict_site))
    assert (page.status, page.location) == (303, "/dashboard")
    assert visitor.is_logged_in()
    assert visitor.cookies


@pytest.mark.parametrize("path", ["/", "/dashboard", "/nonsense", "/docs", "/api/products", "/api"])
def test_browsers_are_told_to_stay_with_tls(site: str, strict_site: str, path: str) -> None:
    field = "strict-transport-security"
    assert over_tls(strict_site).get(path).headers[field] == "max-age=3600"
    # Not over http, where anybody could say so; nor unless the setting is there.
    assert field not in Visitor(strict_site).get(path).headers
    assert field not in over_tls(site).get(path).headers


# Failed logins, at each door

Door = Callable[[World, str], bool | None]


def at_the_page(world: World, password: str) -> bool | None:
    """Try to log in; None is that it isn't even tried."""
    visitor = Visitor(world.base_url)
    page = visitor.log_in(world.username, password)
    if page.status == 429:
        assert page.heading == TOO_MANY
        assert 1 <= int(page.headers["retry-after"]) <= MINUTES * 60
        return None
    assert page.status in {303, 422}
    assert visitor.is_logged_in() == (page.status == 303)
    return page.status == 303


def at_the_api(world: World, password: str) -> bool | None:
    body = credentials(world.username, password)
    answer = send(world.base_url, Request.with_json("POST", "/api/tokens", body))
    return {201: True, 401: False, 429: None}[answer.status]


def at_the_admin(world: World, password: str) -> bool | None:
    """Try to log in where the admin site sends somebody to whom it doesn't know.

    That may be the page; without an admin site it is.
    """
    visitor = Visitor(world.base_url)
    sent = visitor.get("/admin/")
    way_in = sent.location if sent.status in {302, 303} else "/login"
    forms = visitor.get(way_in).document.forms
    [form] = [form for form in forms if "password" in form.kinds]
    known = credentials(world.username, password)
    page = visitor.post(form.action or way_in, {**form.fields, **known})
    if page.status == 429:
        return None
    return page.status in {302, 303}


@pytest.fixture
def person(strict_site: str) -> World:
    """Return somebody who hasn't failed yet."""
    return World.make(strict_site)


@pytest.mark.parametrize("other", [at_the_page, at_the_api])
@pytest.mark.parametrize("one", [at_the_page, at_the_api])
def test_failures_count_together(person: World, one: Door, other: Door) -> None:
    # A success at either door forgets the failures at both.
    for _ in range(2):
        assert [one(person, "wrong") for _ in range(THROTTLE - 1)] == [False] * (THROTTLE - 1)
        assert other(person, person.password) is True
    assert [one(person, "wrong") for _ in range(THROTTLE)] == [False] * THROTTLE
    assert other(person, "wrong") is None
    assert other(person, person.password) is None


@pytest.mark.parametrize(
    ("page", "field", "others"),
    [
        ("/account/password", "current_password", {"new_password": "another long password"}),
        ("/account/close", "password", {}),
    ],
)
def test_guesses_in_an_open_session_count(
    person: World, page: str, field: str, others: dict[str, str]
) -> None:
    shown = "/account" if page == "/account/password" else page
    visitor = person.visitor("member")
    for _ in range(THROTTLE):
        refused = visitor.submit(shown, page, **{field: "wrong"}, **others)
        assert refused.status == 422
        assert "Must be the current password." in refused.text
    for password in ("wrong", person.password):
        refused = visitor.submit(shown, page, **{field: password}, **others)
        assert (refused.status, refused.heading) == (429, TOO_MANY)
    assert at_the_page(person, person.password) is None
    assert at_the_api(person, person.password) is None
    assert visitor.is_logged_in()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_nobody_escapes_by_naming_another_address(person: World, header: str) -> None:
    statuses = []
    for number in range(THROTTLE + 1):
        claimed = f"for=203.0.113.{number}" if header == "Forwarded" else f"203.0.113.{number}"
        visitor = Visitor(person.base_url)
        visitor.headers = {header: claimed}
        statuses.append(visitor.log_in(person.username, "wrong").status)
    assert statuses == [422] * THROTTLE + [429]


def test_a_name_that_nobody_has_is_no_different(strict_site: str, person: World) -> None:
    nobody = replace(person, username=f"{person.username}x")
    wrong, unknown = (
        Visitor(strict_site).log_in(name, "wrong password").text
        for name in (person.username, nobody.username)
    )
    assert wrong == unknown
    tries = [at_the_page(nobody, "wrong") for _ in range(THROTTLE)]
    assert tries == [False] * (THROTTLE - 1) + [None]


@pytest.mark.parametrize(
    ("one", "other"), [(at_the_page, at_the_admin), (at_the_admin, at_the_page)]
)
def test_the_admin_site_counts_with_them(person: World, one: Door, other: Door) -> None:
    assert [one(person, "wrong") for _ in range(THROTTLE)] == [False] * THROTTLE
    assert other(person, "wrong") is None


# Other settings

REQUESTS = 30


@pytest.fixture(scope="session")
def http_sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve both for http, and few requests."""
    with servers.twins(
        tmp_path_factory.mktemp("http"),
        servers.chosen,
        SECURE_COOKIES="false",
        RATE_LIMIT=f"{REQUESTS}/600",
    ) as base_urls:
        yield {twin.name: url for twin, url in zip(servers.chosen, base_urls, strict=True)}


def test_pages_count_as_requests(twin: str, http_sites: dict[str, str]) -> None:
    visitor = Visitor(http_sites[twin], is_secure=False)
    known = credentials("alice", "alice-demo-password")
    assert visitor.submit("/login", **known).status == 303
    assert visitor.submit("/dashboard", title="Paint", priority="low").status == 303
    assert visitor.cookies
    left = int(visitor.get("/").headers["ratelimit"].partition(";r=")[2].partition(";")[0])
    assert 0 < left < REQUESTS - 4
    for number in range(left):
        assert visitor.get("/dashboard").status == 200, number
        assert visitor.get("/static/web/style.css").status == 200  # is free
    for page in (visitor.get("/dashboard"), visitor.post("/login", {}), visitor.get("/nonsense")):
        if page.status != 404:  # which is nobody's page
            assert (page.status, page.heading) == (429, TOO_MANY)
            assert 1 <= int(page.headers["retry-after"]) <= 600
    assert visitor.get("/api/products").status == 429
