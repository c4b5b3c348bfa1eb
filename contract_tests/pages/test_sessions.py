"""Logins: where they redirect to, whom they belong to, and what ends them."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from contract_tests.client import Request, send
from contract_tests.pages.visitor import Visitor, percent_encoded
from contract_tests.pages.world import FORMS, NEW_PASSWORD, World, call, quiet_world

pytestmark = pytest.mark.own_servers

OWN = ["/account", "/dashboard?q=a%20b&status=all", "/products/%E2%98%95", "/?q=//evil.example"]
# What browsers, or those who wrote them, have taken for the address of another site.
ELSEWHERE = [
    "http://evil.example/",
    "https://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "http:///evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    " //evil.example",
    " https://evil.example",
    "\x00//evil.example",
    "javascript:alert(1)",
    "data:text/html,evil",
    "evil.example",
    "@evil.example",
    ".evil.example",
    "?next=//evil.example",
    "/a\\b",
    "/" + "x" * 4000,
    "",
]


@pytest.mark.parametrize("target", OWN)
def test_a_login_leads_back(site: str, target: str) -> None:
    world = quiet_world(site)
    visitor = Visitor(site)
    asked = visitor.get(target) if target in OWN[:2] else None
    way_in = f"/login?next={percent_encoded(target)}"
    assert asked is None or (asked.status, asked.location) == (303, way_in)
    form = visitor.form(way_in, "/login")
    assert form.fields["next"] == target
    wrong = visitor.post("/login", {**form.fields, "username": world.username, "password": "no"})
    assert (wrong.status, wrong.form("/login").fields["next"]) == (422, target)
    known = {"username": world.username, "password": world.password}
    page = visitor.post("/login", {**wrong.form("/login").fields, **known})
    assert (page.status, page.location) == (303, target)


@pytest.mark.parametrize("target", ELSEWHERE, ids=lambda target: repr(target)[:30])
def test_a_login_leads_nowhere_else(site: str, target: str) -> None:
    world = quiet_world(site)
    visitor = Visitor(site)
    shown = visitor.get(f"/login?{urlencode({'next': target})}")
    assert shown.form("/login").fields["next"] == ""
    page = visitor.log_in(world.username, world.password, next=target)
    assert (page.status, page.location) == (303, "/dashboard")
    # Nor does the login page, to somebody who has logged in.
    page = visitor.get(f"/login?{urlencode({'next': target})}")
    assert (page.status, page.location) == (303, "/dashboard")


def test_no_other_redirect_leads_elsewhere(site: str) -> None:
    """Not even by a host that isn't this one's, which `Location` doesn't name."""
    visitor = quiet_world(site).known["stranger"]
    for path in ("//evil.example", "//evil.example/%2f..", "/%5cevil.example", "/dashboard//x"):
        page = visitor.get(path)
        assert page.status == 404, path
    assert visitor.get("/dashboard", Host="localhost").location.startswith("/login?")
    assert visitor.get("/dashboard", Host="evil.example").status == 400
    forwarded = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert "evil" not in visitor.get("/dashboard", **forwarded).location


@pytest.mark.parametrize("way_in", ["log in", "register"])
def test_a_login_takes_no_session_that_somebody_else_knows(world: World, way_in: str) -> None:
    [form] = [form for form in FORMS if form.name == way_in]
    attacker = Visitor(world.base_url)
    token = attacker.form("/login").token
    planted = {**attacker.cookies}
    made_up = {"flask_session": "x", "django_session": "a" * 32}
    for cookies in (planted, made_up):
        victim = Visitor(world.base_url)
        victim.cookies = {**cookies}
        assert victim.submit(form.action, **form.filled(world)).status == 303
        assert victim.is_logged_in()
        assert victim.session not in cookies.values()
        attacker.cookies = {**cookies}
        assert not attacker.is_logged_in()
        # Nor the token against forgery, with which another site could send forms.
        assert victim.post("/logout", dict([token])).is_forgery()
        assert victim.is_logged_in()


def test_a_login_takes_over_nothing_of_the_one_before(world: World) -> None:
    visitor = world.visitor("member")
    first = visitor.session
    visitor.log_out()
    world.log_in(visitor, "member")
    assert visitor.session != first
    # Somebody logs in where somebody else is logged in: the forms aren't even shown.
    assert visitor.get("/login").location == "/dashboard"
    assert visitor.get("/register").location == "/dashboard"


def test_cookies_that_were_tampered_with_are_nobodys(world: World) -> None:
    visitor = world.visitor("member")
    name = next(name for name in visitor.cookies if name.endswith("_session"))
    value = visitor.cookies[name]
    wrong = [value[:-1], value[1:], value + "A", value.swapcase(), value[::-1], "", "null", "{}"]
    wrong += ["' OR 1=1 --", "é".encode().decode("latin-1"), "x" * 5000, value.split(".")[0]]
    for each in {*wrong} - {value}:
        other = Visitor(world.base_url)
        other.cookies = {name: each}
        assert not other.is_logged_in(), each
    assert visitor.is_logged_in()


# What ends a login, by whoever has a copy of its cookies, and whether the one who did so stays.


def by_logging_out(world: World, visitor: Visitor) -> bool:
    assert visitor.log_out().status == 303
    return False


def by_a_new_password(world: World, visitor: Visitor) -> bool:
    passwords = {"current_password": world.password, "new_password": NEW_PASSWORD}
    assert visitor.submit("/account", "/account/password", **passwords).status == 303
    return True


def by_a_new_password_at_the_api(world: World, visitor: Visitor) -> bool:
    passwords = {"current_password": world.password, "new_password": NEW_PASSWORD}
    call(world.base_url, "PUT", "/api/users/me/password", passwords, world.token)
    return False


def by_closing_the_account(world: World, visitor: Visitor) -> bool:
    assert visitor.submit("/account/close", password=world.password).status == 303
    return False


def by_closing_it_at_the_api(world: World, visitor: Visitor) -> bool:
    call(world.base_url, "DELETE", "/api/users/me", token=world.token)
    return False


@pytest.mark.parametrize(
    ("end", "is_for_all"),
    [
        (by_logging_out, False),
        (by_a_new_password, True),
        (by_a_new_password_at_the_api, True),
        (by_closing_the_account, True),
        (by_closing_it_at_the_api, True),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_a_login_ends_for_everybody_who_has_its_cookie(
    world: World, end: Callable[[World, Visitor], bool], *, is_for_all: bool
) -> None:
    visitor, elsewhere = world.visitor("member"), world.visitor("member")
    thief = visitor.copy()
    old = visitor.session
    assert thief.is_logged_in()
    stays = end(world, visitor)
    assert visitor.is_logged_in() == stays
    assert not thief.is_logged_in()
    assert elsewhere.is_logged_in() != is_for_all
    if stays:
        assert visitor.session != old
        assert visitor.get("/account").heading == "Account"
    # Its token has ended with the password, but not with a login on the pages.
    me = Request("GET", "/api/users/me", {"Authorization": f"Bearer {world.token}"})
    by_api = end is by_a_new_password_at_the_api
    expected = 200 if end is by_logging_out or by_api else 401
    assert send(world.base_url, me).status == expected
