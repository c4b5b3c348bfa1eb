"""Header fields of pages: `visitor.py` checks every response, and here is one of each kind."""

import re
from collections.abc import Callable, Mapping

import pytest

from contract_tests.client import Request, send
from contract_tests.contract import CONTRACT
from contract_tests.pages.visitor import FORM, Page, Visitor
from contract_tests.pages.world import PAGES, QuietWorld, World, quiet_world

pytestmark = pytest.mark.own_servers

LARGE = {"Content-Type": FORM, "Content-Length": "1048577"}  # announced, and not sent
# Each kind of answer that pages have, and how one gets it.
KINDS: Mapping[str, tuple[int, Callable[[QuietWorld], Page]]] = {
    "a page": (200, lambda world: world.known["stranger"].get("/")),
    "a page for members": (200, lambda world: world.known["member"].get("/account")),
    "documentation": (200, lambda world: world.known["stranger"].get("/docs")),
    "options": (204, lambda world: world.known["stranger"].ask("OPTIONS", "/login")),
    "a redirect": (303, lambda world: world.known["stranger"].get("/dashboard")),
    "a wrong filter": (400, lambda world: world.known["stranger"].get("/?min_price=x")),
    "a broken query": (400, lambda world: world.known["stranger"].get("/?q=%FF")),
    "another host": (400, lambda world: world.known["stranger"].get("/", Host="evil.example")),
    "a forged form": (403, lambda world: world.known["member"].post("/logout", {})),
    "a page that isn't there": (404, lambda world: world.known["member"].get("/nonsense")),
    "a file that isn't there": (404, lambda world: world.known["member"].get("/static/x.css")),
    "another method": (405, lambda world: world.known["member"].ask("DELETE", "/login")),
    "a large form": (413, lambda world: world.known["member"].ask("POST", "/dashboard", **LARGE)),
    "a wrong form": (422, lambda world: world.known["stranger"].submit("/login", username="")),
}
TITLES = {
    problem["status"]: problem["title"]
    for name, problem in CONTRACT["x-problems"].items()
    if name in {"forbidden", "not-found", "method-not-allowed", "content-too-large"}
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer(site: str, kind: str) -> None:
    status, ask = KINDS[kind]
    page = ask(quiet_world(site))
    assert page.status == status
    if status in TITLES:
        assert page.heading == TITLES[status]
        assert [form.action for form in page.document.forms if form.method == "get"] == []


@pytest.mark.parametrize("who", PAGES)
def test_pages_have_neither_inline_scripts_nor_styles_nor_addresses_elsewhere(
    site: str, who: str
) -> None:
    world = quiet_world(site)
    for path in PAGES[who]:
        page = world.known[who].get(world.address(path))
        assert page.status == 200
        for tag, given in page.document.elements:
            assert tag not in {"style", "iframe", "object", "embed", "base"}
            assert tag != "script" or (given.keys() == {"src", "defer"} and path == "/docs")
            assert not [name for name in given if name == "style" or name.startswith("on")]
            for name in ("href", "src", "action", "formaction"):
                assert re.match(r"/(?!/)|#|$", given.get(name, "")), (path, given)


def test_head_is_get_without_a_body(site: str) -> None:
    world = quiet_world(site)
    changing = {"date", "x-request-id", "set-cookie"}
    for who, paths in PAGES.items():
        for path in map(world.address, paths):
            got, head = world.known[who].get(path), world.known[who].ask("HEAD", path)
            assert (head.status, head.answer.body) == (200, b"")
            for name in {*got.headers, *head.headers} - changing - {"content-length"}:
                assert head.headers[name] == got.headers[name], (path, name)


def test_strangers_get_a_cookie_with_a_form_at_the_earliest(site: str) -> None:
    visitor = Visitor(site)
    for path in ("/", "/products/MUG-RED", "/docs", "/nonsense", "/static/web/style.css"):
        visitor.get(path)
    assert visitor.cookies == {}
    visitor.get("/login")
    assert visitor.cookies


# The API beside the pages


def test_the_api_reads_no_cookie_and_sets_none(site: str) -> None:
    world = quiet_world(site)
    member, broken = world.known["member"], Visitor(site)
    broken.cookies = {"csrftoken": "x", "messages": "x", "flask_session": "x", "django_session": ""}
    for path in CONTRACT["paths"]:
        is_asked = path.startswith("/api/") and "{" not in path and "get" in CONTRACT["paths"][path]
        if not is_asked:
            continue
        plain = Visitor(site).get(path).answer
        left_out = {"date", "x-request-id"}
        fields = [(name, value) for name, value in plain.fields if name.lower() not in left_out]
        for given in (member.get(path).answer, broken.get(path).answer):
            same = [(name, value) for name, value in given.fields if name.lower() not in left_out]
            assert same == fields, path
            assert given.body == plain.body, path
            assert "set-cookie" not in given.headers
            assert "cookie" not in given.headers["vary"].lower()
    assert member.get("/api/users/me").status == 401
    changed = member.ask("POST", "/api/todos", {"title": "x"})
    assert changed.status == 401
    assert member.is_logged_in()


def test_pages_read_no_bearer_token(world: World) -> None:
    bearer = {"Authorization": f"Bearer {world.token}"}
    page = Visitor(world.base_url).get("/account", **bearer)
    assert (page.status, page.location) == (303, "/login?next=%2Faccount")
    me = send(world.base_url, Request("GET", "/api/users/me", bearer))
    assert me.status == 200


def test_scripts_of_other_sites_may_not_send_cookies(site: str) -> None:
    """They may read what everybody can, where the API allows their origin, and nothing else."""
    visitor = quiet_world(site).known["member"]
    for origin in ("https://shop.example", "https://evil.example", "null"):
        page = visitor.get("/account", Origin=origin)
        assert "access-control-allow-credentials" not in page.headers
        assert page.headers.get("access-control-allow-origin") in {None, "https://shop.example"}
