"""Each form of both twins, sent as an attacker on another site would."""

import re
from urllib.parse import urlencode

import pytest

from contract_tests.pages.visitor import Form, Page, Visitor
from contract_tests.pages.world import FORMS, PAGES, FormOf, World, quiet_world

pytestmark = pytest.mark.own_servers

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EACH_FORM = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)


def test_the_table_has_all_forms(world: World) -> None:
    found = set()
    for who, pages in PAGES.items():
        visitor = world.visitor(who)
        for page in pages:
            for form in visitor.get(world.address(page)).document.forms:
                if form.method == "post":
                    found.add((who, ID.sub("ID", form.action)))
    listed = {(form.who, ID.sub("ID", world.address(form.action))) for form in FORMS}
    assert found == {*listed, ("staff", "/logout")}


def wrong_tokens(world: World, right: Form) -> dict[str, str | None]:
    """Return what somebody else can put in the place of a token."""
    _, token = right.token
    _, strangers = Visitor(world.base_url).form("/login").token
    _, others = quiet_world(world.base_url).known["staff"].form("/", "/logout").token
    return {
        "missing": None,
        "empty": "",
        "made up": "x" * len(token),
        "cut off": token[:-1],
        "a stranger's": strangers,
        "another member's": others,
    }


@EACH_FORM
def test_forged_forms_are_refused(world: World, form: FormOf) -> None:
    visitor, action = world.visitor(form.who), world.address(form.action)
    right = visitor.form(world.address(form.page), action)
    name, token = right.token
    fields = {**right.fields, **form.filled(world)}
    bare = {each: value for each, value in fields.items() if each != name}
    before, was_logged_in = world.state(), visitor.is_logged_in()
    for kind, wrong in wrong_tokens(world, right).items():
        sent = {**bare, name: wrong} if wrong is not None else bare
        assert visitor.post(action, sent).is_forgery(), kind
    # The right one, where it is no field of a form or without the cookie that it belongs to.
    assert visitor.post(f"{action}?{urlencode({name: token})}", bare).is_forgery()
    as_json = {"Content-Type": "application/json"}
    assert visitor.ask("POST", action, fields, **as_json).is_forgery()
    assert Visitor(world.base_url).post(action, fields).is_forgery()
    # The right one, from other sites.
    here = world.base_url
    for origin in (
        "null",
        "http://evil.example",
        f"http://evil.example/{here}",
        f"{here}.evil.example",
        f"{here}0",
        here.replace("http:", "https:"),
        "http://127.0.0.1",
    ):
        assert visitor.post(action, fields, Origin=origin).is_forgery(), origin
    for referer in ("http://evil.example/", f"{here}.evil.example/login", f"http://x/?{here}/"):
        assert visitor.ask("POST", action, fields, Referer=referer).is_forgery(), referer
    assert (world.state(), visitor.is_logged_in()) == (before, was_logged_in)
    assert_done(world, form, visitor.ask("POST", action, fields, Referer=f"{here}/dashboard"))


@EACH_FORM
def test_a_token_is_of_no_use_after_logging_out(world: World, form: FormOf) -> None:
    visitor, action = world.visitor(form.who), world.address(form.action)
    old = visitor.form(world.address(form.page), action)
    if form.who == "stranger":
        world.log_in(visitor, "member")
    last = visitor.form("/", "/logout").token
    assert visitor.log_out().location == "/"
    fields = form.filled(world)
    for address in (action, "/login", "/logout"):
        assert visitor.post(address, {**old.fields, **fields, **dict([last])}).is_forgery()
    world.log_in(visitor, form.who)
    before, was_logged_in = world.state(), visitor.is_logged_in()
    assert visitor.post(action, {**old.fields, **fields}).is_forgery()
    assert (world.state(), visitor.is_logged_in()) == (before, was_logged_in)
    assert_done(world, form, visitor.submit(world.address(form.page), action, **fields))


@EACH_FORM
def test_forms_are_sent_by_post_alone(site: str, form: FormOf) -> None:
    world = quiet_world(site)
    visitor, action = world.known[form.who], world.address(form.action)
    right = visitor.form(world.address(form.page), action)
    before, was_logged_in = world.state(), visitor.is_logged_in()
    sent = {**right.fields, **form.filled(world)}
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
        override = {"X-HTTP-Method-Override": "POST"}
        page = visitor.ask(method, f"{action}?{urlencode(sent)}", sent, **override)
        assert page.status in {200, 405}, method
        assert page.status == 200 or "POST" in page.headers["allow"]
    assert visitor.ask("OPTIONS", action).headers["allow"].endswith("POST")
    assert (world.state(), visitor.is_logged_in()) == (before, was_logged_in)


@pytest.mark.parametrize(
    "form", [form for form in FORMS if form.who != "stranger"], ids=lambda form: form.name
)
def test_forms_are_for_those_who_see_them(site: str, form: FormOf) -> None:
    world = quiet_world(site)
    action, before = world.address(form.action), world.state()
    stranger, other = world.known["stranger"], world.known["other"]
    name, token = stranger.form("/login").token
    page = stranger.post(action, {**form.filled(world), name: token})
    leads_to = "/" if form.name == "log out" else "/login"
    assert (page.status, page.location) == (303, leads_to)
    if "{" in form.action:  # something of the member's, or of the staff's
        name, token = other.form("/", "/logout").token
        page = other.post(action, {**form.filled(world), name: token})
        assert page.status == (403 if form.who == "staff" else 404)
        assert not page.is_forgery()
    assert world.state() == before


def assert_done(world: World, form: FormOf, page: Page) -> None:
    """Make sure that the form itself is right: what was refused before is so for its token."""
    assert page.status == form.status, page.answer.lacks("is not what the form is for")
    if form.status == 303:
        assert page.location == world.address(form.leads_to)
