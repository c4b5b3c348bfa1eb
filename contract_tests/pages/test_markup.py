"""Markup that is typed or stored is shown as text: in every field and parameter."""

from urllib.parse import urlencode

import pytest

from contract_tests.pages.visitor import Page, percent_encoded
from contract_tests.pages.world import (
    FORMS,
    PAGES,
    FormOf,
    World,
    a_product,
    call,
    quiet_world,
)

pytestmark = pytest.mark.own_servers

# Ends texts, attributes, comments and elements; would be counted out by a template in a template.
PROBE = "\"'><probe onx=1></title></textarea></option>-->{{7*7}}{% now %}${7*7}&lt;b&amp;"
EMAIL = "{{7*7}}'%26&amp@example.com"
PARAMETERS = [
    *("q", "category", "min_price", "max_price", "in_stock", "sort", "cursor"),
    *("status", "next", "csrf_token", "csrfmiddlewaretoken"),
]


def is_text(page: Page) -> bool:
    """Tell whether the probe is on a page, where it must not have become a part of it."""
    elements = page.document.elements
    if page.status == 303:
        return False
    assert "probe" not in {tag for tag, _ in elements}
    assert not [given for _, given in elements if "onx" in given]
    assert "49" not in page.text.split(">")
    assert [tag for tag, _ in elements].count("main") == 1
    return any(PROBE in shown for shown in page.document.shown()) or any(
        PROBE in value for form in page.document.forms for value in form.fields.values()
    )


FIELDS = [(form, name) for form in FORMS for name in form.fields]


@pytest.mark.parametrize(
    ("form", "name"), FIELDS, ids=[f"{form.name}: {name}" for form, name in FIELDS]
)
def test_what_is_typed_into_a_form(site: str, form: FormOf, name: str) -> None:
    world = quiet_world(site) if form.name == "log in" else World.make(site)
    visitor = world.visitor(form.who)
    action = world.address(form.action)
    right = visitor.form(world.address(form.page), action)
    page = visitor.post(action, {**right.fields, **form.filled(world), name: PROBE})
    assert page.status in {303, 422}
    is_there = is_text(visitor.follow(page))
    kind = right.kinds[name]
    assert is_there == (kind not in {"password", "select"})
    if page.status == 303:  # it is stored, so more pages may show it
        for path in PAGES[form.who]:
            is_text(visitor.get(world.address(path)))
    if kind == "password":
        assert world.password not in visitor.follow(page).answer.body.decode()


@pytest.mark.parametrize("who", PAGES)
def test_what_stands_in_an_address(site: str, who: str) -> None:
    world = quiet_world(site)
    reflected = set()
    for path in map(world.address, PAGES[who]):
        joint = "&" if "?" in path else "?"
        for name in (*PARAMETERS, PROBE):
            page = world.known[who].get(f"{path}{joint}{urlencode({name: PROBE})}")
            assert page.status in {200, 400}
            if is_text(page):
                reflected.add((path, name))
        is_text(world.known[who].get(f"{path}/{percent_encoded(PROBE)}"))
    # What is filled in comes back, as a text.
    if who == "stranger":
        assert {("/", "q"), ("/", "min_price"), ("/", "max_price")} <= reflected


@pytest.mark.parametrize(
    "path", ["/{}", "/products/{}", "/dashboard/todos/{}/delete", "/static/{}", "/static/web/{}"]
)
def test_paths_that_are_not_there(site: str, path: str) -> None:
    page = quiet_world(site).known["member"].get(path.format(percent_encoded(PROBE)))
    assert page.status == 404
    is_text(page)


@pytest.mark.parametrize(
    "header", ["Referer", "User-Agent", "X-Forwarded-Host", "Accept-Language", "X-Request-ID"]
)
def test_what_is_sent_as_a_header_field(site: str, header: str) -> None:
    for path in ("/", "/nonsense", "/login"):
        page = quiet_world(site).known["stranger"].get(path, **{header: PROBE})
        assert not is_text(page)
        assert PROBE not in str(page.answer.fields)


@pytest.mark.parametrize("name", ["messages", "flask_session", "django_session", "csrftoken"])
def test_what_is_sent_as_a_cookie(site: str, name: str) -> None:
    visitor = quiet_world(site).visitor("stranger")
    probe = percent_encoded(PROBE)
    for value in (probe, f'[[\\"__json_message\\",0,25,\\"{probe}\\"]]', f'"{probe}"'):
        visitor.cookies = {name: value}
        for path in ("/", "/login"):
            page = visitor.get(path)
            assert page.status == 200
            assert not is_text(page)


def test_what_programs_store(world: World) -> None:
    product = a_product(name=PROBE, description=PROBE, attributes={PROBE[:50]: PROBE})
    made = call(world.base_url, "POST", "/api/products", product, world.staff_token)
    movement = {"delta": 3, "reason": "received", "note": PROBE}
    history = f"/api/products/{made['id']}/stock-adjustments"
    call(world.base_url, "POST", history, movement, world.staff_token)
    todo = {"title": PROBE, "items": [{"text": PROBE}, {"text": PROBE, "done": True}]}
    made_todo = call(world.base_url, "POST", "/api/todos", todo, world.token)
    call(world.base_url, "PATCH", "/api/users/me", {"email": EMAIL}, world.token)
    member, staff = world.visitor("member"), world.visitor("staff")
    delete = f"/dashboard/todos/{made_todo['id']}/delete"
    pages = [
        staff.get("/"),
        staff.get(f"/products/{product['sku']}"),
        member.get("/dashboard"),
        member.get(delete),
    ]
    assert [is_text(page) for page in pages] == [True] * 4
    # Each place where it stands, as often as it stands there.
    assert pages[1].text.count(" ".join(PROBE.split())) == 4
    account = member.get("/account")
    assert account.form("/account/email").fields["email"] == EMAIL
    # What is said of an action, too.
    toggle = f"/dashboard/todos/{made_todo['id']}/toggle"
    item = made_todo["items"][1]["id"]
    up = f"/dashboard/todos/{made_todo['id']}/items/{item}/up"
    for page, action, verb in (
        ("/dashboard", up, "Moved"),
        ("/dashboard", toggle, "Completed"),
        (delete, delete, "Deleted"),
    ):
        told = member.follow(member.submit(page, action))
        assert is_text(told)
        assert " ".join(told.document.statuses) == f"{verb}: {PROBE}"
