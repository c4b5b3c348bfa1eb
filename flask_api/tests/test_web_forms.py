"""The forms: tokens against forgery, the contract's rules and texts, and markup that stays text."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from flask_api.accounts.models import Token, User
from flask_api.contract.database import db, now, transaction
from flask_api.contract.idempotency import IdempotencyKey
from flask_api.contract.openapi import contract
from flask_api.products.models import StockAdjustment
from flask_api.tests.conftest import make_user
from flask_api.tests.web import (
    PASSWORD,
    Browser,
    errors,
    make_person,
    make_product,
    messages,
    text_of,
)
from flask_api.todos.models import ChecklistItem, Todo

MARKUP = "<script>alert(1)</script>\"'&"


@pytest.fixture
def alice(app: Flask) -> Browser:
    make_person(app, "alice")
    browser = Browser(app)
    browser.log_in()
    return browser


@pytest.fixture
def sam(app: Flask) -> Browser:
    make_person(app, "sam", is_staff=True)
    browser = Browser(app)
    browser.log_in("sam")
    return browser


def add_todo(browser: Browser, title: str = "Water the plants", **fields: str) -> str:
    """Add a todo, and return its path."""
    answer = browser.post("/dashboard", title=title, priority="normal", **fields)
    assert answer.status_code == 303, answer.text
    found = re.search(r'action="(/dashboard/todos/[^/]+)/toggle"', browser.get("/dashboard").text)
    assert found
    return found[1]


def state(app: Flask) -> list[object]:
    """Return what forms could have changed."""
    with app.app_context():
        return [
            db.session.execute(select(User.username, User.email, User.password)).all(),
            db.session.execute(select(Todo.title, Todo.completed)).all(),
            db.session.execute(select(ChecklistItem.text, ChecklistItem.position)).all(),
            db.session.execute(select(Token.id)).all(),
            db.session.execute(select(StockAdjustment.id)).all(),
        ]


FORMS = {  # each form's path, and what it is sent with
    "/register": {"username": "carol", "email": "carol@example.com", "password": PASSWORD},
    "/login": {"username": "sam", "password": PASSWORD},
    "/logout": {},
    "/products/MUG-RED": {"delta": "1", "reason": "received", "note": ""},
    "/dashboard": {"title": "New", "priority": "normal"},
    "{todo}/toggle": {},
    "{todo}/delete": {},
    "{todo}/items/{item}/up": {},
    "/account/email": {"email": "new@example.com"},
    "/account/password": {"current_password": PASSWORD, "new_password": "another-password"},
    "/account/tokens": {},
    "/account/tokens/{token}/revoke": {},
    "/account/close": {"password": PASSWORD},
}


@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_its_token_does_nothing(app: Flask, sam: Browser, path: str) -> None:
    make_product(app)
    todo = add_todo(sam, items="first\nsecond")
    sam.post("/account/tokens", page="/account")
    with app.app_context():
        token = db.session.scalars(select(Token.id)).one()
        item = db.session.scalars(select(ChecklistItem.id).order_by("position")).all()[1]
    real = path.format(todo=todo, token=token, item=item)
    before = state(app)
    own = sam.token("/dashboard")
    foreign = Browser(app).token("/login")
    unsigned = own.split(".")[0]
    for data in (
        {},
        {"csrf_token": ""},
        {"csrf_token": foreign},
        {"csrf_token": unsigned},
        {"csrf_token": own.swapcase()},
    ):
        answer = sam.client.post(real, data={**FORMS[path], **data})
        assert answer.status_code == 403
        assert "<h1>Forbidden</h1>" in answer.text
        assert "This form has expired" in answer.text
    header = {"X-CSRFToken": own}
    assert sam.client.post(real, data=FORMS[path], headers=header).status_code == 403
    assert sam.client.post(real, json={**FORMS[path], "csrf_token": own}).status_code == 403
    for elsewhere in (
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:8080"},
        {"Origin": "http://localhost:port"},
        {"Origin": "http://["},
        {"Referer": "http://elsewhere.example/"},
        {"Referer": "http://localhost.elsewhere.example/"},
    ):
        data = {**FORMS[path], "csrf_token": own}
        assert sam.client.post(real, data=data, headers=elsewhere).status_code == 403
    assert state(app) == before
    assert sam.get("/account").status_code == 200  # still logged in
    here = {"Origin": "http://localhost", "Referer": "http://localhost/dashboard"}
    data = {**FORMS[path], "csrf_token": own}
    assert sam.client.post(real, data=data, headers=here).status_code in {201, 303}


def test_a_token_ends_with_its_session(app: Flask, alice: Browser) -> None:
    old = alice.token("/dashboard")
    alice.post("/logout", page="/dashboard")
    data = {"csrf_token": old, "username": "alice", "password": PASSWORD}
    assert alice.client.post("/login", data=data).status_code == 403
    alice.log_in()
    data = {"csrf_token": old, "title": "Forged", "priority": "normal"}
    assert alice.client.post("/dashboard", data=data).status_code == 403
    assert "Forged" not in alice.get("/dashboard").text


def test_a_token_of_a_visitor_is_none_of_who_has_logged_in(app: Flask) -> None:
    make_person(app, "alice")
    browser = Browser(app)
    before = browser.token("/login")
    browser.log_in()
    assert browser.client.post("/logout", data={"csrf_token": before}).status_code == 403


def test_a_large_form(client: FlaskClient) -> None:
    answer = client.post("/login", data={"username": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "<h1>Content too large</h1>" in answer.text


@pytest.mark.parametrize(
    ("path", "fields", "wrong"),
    [
        (
            "/register",
            {"username": "A", "email": "no", "password": "short"},
            {
                "username": "Must have 3 or more characters.",
                "email": "Must be an email address.",
                "password": "Must have 8 or more characters.",
            },
        ),
        ("/register", {}, {"username": "Must have 3 or more characters."}),
        (
            "/register",
            {"username": "Alice", "email": "a@example.com", "password": PASSWORD},
            {"username": "Must consist of lower-case letters a to z, digits and underscores."},
        ),
        (
            "/register",
            {"username": "sam", "email": "SAM@example.com", "password": PASSWORD},
            {"username": "Must not be taken already.", "email": "Must not be taken already."},
        ),
        ("/login", {}, {"username": "Must have 1 or more characters."}),
        ("/login", {"username": "x" * 31}, {"username": "Must have 30 or fewer characters."}),
    ],
)
def test_wrong_values_of_a_visitor(
    app: Flask, path: str, fields: dict[str, str], wrong: dict[str, str]
) -> None:
    make_person(app, "sam")
    answer = Browser(app).post(path, **fields)
    check_errors(answer.status_code, answer.text, fields, wrong)


@pytest.mark.parametrize(
    ("path", "fields", "wrong"),
    [
        (
            "/dashboard",
            {"title": " ", "priority": "huge", "due_on": "2026-02-30", "tags": "ok NOT no_t"},
            {
                "title": "Must have a character other than white space.",
                "priority": "Must be one of: low, normal, high, urgent.",
                "due_on": "Must be an RFC 3339 date-time with an offset and at most six "
                "fractional digits.",
                "tags": "Must be lower-case letters and digits, in parts joined by single hyphens.",
            },
        ),
        (
            "/dashboard",
            {"title": "", "items": "ok\n" + "x" * 201},
            {
                "title": "Must have 1 or more characters.",
                "priority": "Must be one of: low, normal, high, urgent.",
                "items": "Must have 200 or fewer characters.",
            },
        ),
        ("/account/email", {"email": ""}, {"email": "Must be an email address."}),
        (
            "/account/email",
            {"email": "BOB@example.com"},
            {"email": "Must not be taken already."},
        ),
        (
            "/account/password",
            {"current_password": "wrong", "new_password": "long-enough"},
            {"current_password": "Must be the current password."},
        ),
        (
            "/account/password",
            {"current_password": PASSWORD, "new_password": "short"},
            {"new_password": "Must have 8 or more characters."},
        ),
        (
            "/account/close",
            {"password": "wrong"},
            {"password": "Must be the current password."},
        ),
        (
            "/products/MUG-RED",
            {"delta": "many", "reason": "stolen", "note": "x" * 501},
            {
                "delta": "Must be an integer.",
                "reason": "Must be one of: received, sold, returned, damaged, corrected.",
                "note": "Must have 500 or fewer characters.",
            },
        ),
        ("/products/MUG-RED", {"delta": "0"}, {"delta": "Must not be zero."}),
        (
            "/products/MUG-RED",
            {"delta": "-7", "reason": "sold"},
            {"delta": "Must not take the stock below zero."},
        ),
        (
            "/products/MUG-RED",
            {"delta": "9" * 5000, "reason": "sold"},
            {"delta": "Must be from -1000000 to 1000000."},
        ),
    ],
)
def test_wrong_values(
    app: Flask, sam: Browser, path: str, fields: dict[str, str], wrong: dict[str, str]
) -> None:
    make_product(app)
    make_person(app, "bob")
    before = state(app)
    page = "/account" if path in {"/account/email", "/account/password"} else path
    answer = sam.post(path, page, **fields)
    check_errors(answer.status_code, answer.text, fields, wrong)
    assert state(app) == before


def check_errors(status: int, html: str, fields: dict[str, str], wrong: dict[str, str]) -> None:
    assert status == 422
    for name, error in wrong.items():
        assert errors(html, name) == [error]
    for name, value in fields.items():
        if name not in wrong:
            assert not errors(html, name)
        field = re.search(rf'<(?:input|textarea)[^>]* id="{name}"[^>]*>([^<]*)', html)
        if field:
            is_kept = value in unescape(field[0]).replace("\r\n", "\n")
            assert is_kept != ("password" in name), name


def test_registering(app: Flask) -> None:
    browser = Browser(app)
    answer = browser.post(
        "/register", username="carol", email="carol@example.com", password=PASSWORD
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")
    page = browser.get("/dashboard").text
    assert messages(page) == ["Welcome, carol."]
    assert "Nothing to do." in page
    assert messages(browser.get("/dashboard").text) == []
    credentials = {"username": "carol", "password": PASSWORD}
    assert browser.client.post("/api/tokens", json=credentials).status_code == 201


def test_todos(app: Flask, alice: Browser) -> None:
    path = add_todo(
        alice,
        "Pack",
        due_on="2020-02-29",
        tags="  trip  home trip ",
        items=" socks \r\n\r\nshirts\nshoes",
    )
    page = alice.get("/dashboard").text
    assert messages(page) == []
    read = text_of(page)
    assert "Pack due 2020-02-29 23:59 UTC · Overdue · home, trip" in read
    assert '<time datetime="2020-02-29T23:59:59Z">' in page
    assert re.findall(r'aria-label="Move ([^"]+)"', page) == [
        "down: socks",
        "up: shirts",
        "down: shirts",
        "up: shoes",
    ]
    assert alice.post(f"{path}/toggle", "/dashboard").headers["Location"] == "/dashboard"
    assert messages(alice.get("/dashboard").text) == ["Completed: Pack"]
    assert "Nothing to do." in alice.get("/dashboard").text
    done = alice.get("/dashboard?status=done").text
    assert '<li class="done">' in done
    assert "Overdue" not in done.split("<h2>Todos</h2>")[1]
    alice.post(f"{path}/toggle", "/dashboard")
    assert messages(alice.get("/dashboard").text) == ["Reopened: Pack"]
    assert "Delete “Pack”? This can’t be undone." in alice.get(f"{path}/delete").text
    assert alice.post(f"{path}/delete").headers["Location"] == "/dashboard"
    assert messages(alice.get("/dashboard").text) == ["Deleted: Pack"]
    assert alice.get(f"{path}/delete").status_code == 404
    assert alice.post(f"{path}/toggle", "/dashboard").status_code == 404


def test_items_are_moved(app: Flask, alice: Browser) -> None:
    path = add_todo(alice, items="a\nb\nc")

    def move(text: str, way: str) -> list[str]:
        with app.app_context():
            item = db.session.scalars(
                select(ChecklistItem.id).where(ChecklistItem.text == text)
            ).one()
        answer = alice.post(f"{path}/items/{item}/{way}", "/dashboard")
        assert answer.status_code == 303
        assert messages(alice.get("/dashboard").text) == [f"Moved: {text}"]
        with app.app_context():
            return [
                *db.session.scalars(select(ChecklistItem.text).order_by(ChecklistItem.position))
            ]

    assert move("c", "up") == ["a", "c", "b"]
    assert move("a", "down") == ["c", "a", "b"]
    assert move("c", "up") == ["c", "a", "b"]
    assert move("b", "down") == ["c", "a", "b"]
    assert alice.post(f"{path}/items/{path[-36:]}/up", "/dashboard").status_code == 404


def test_what_is_shown_of_todos(alice: Browser) -> None:
    for number in range(21):
        alice.post("/dashboard", title=f"Todo {number}", priority="urgent")
    page = alice.get("/dashboard").text
    assert re.findall(r"<h3>(.*?)</h3>", page) == [f"Todo {number}" for number in range(20, 0, -1)]
    assert text_of(page).count("Urgent priority") == 20
    link = re.search(r'href="(/dashboard\?[^"]+)">Next page', page)
    assert link
    assert re.findall(r"<h3>(.*?)</h3>", alice.get(link[1]).text) == ["Todo 0"]
    assert re.findall(r"<h3>(.*?)</h3>", alice.get("/dashboard?q=do+7").text) == ["Todo 7"]
    assert "Nothing to do." in alice.get("/dashboard?status=overdue").text
    wrong = alice.get("/dashboard?status=some&q=")
    assert wrong.status_code == 400
    assert errors(wrong.text, "status") == ["Must be one of: open, overdue, done, all."]
    assert "<h3>" not in wrong.text


def test_others_todos_dont_exist(app: Flask, alice: Browser) -> None:
    path = add_todo(alice, items="a\nb")
    make_person(app, "bob")
    bob = Browser(app)
    bob.log_in("bob")
    with app.app_context():
        item = db.session.scalars(select(ChecklistItem.id)).first()
    before = state(app)
    assert bob.get(f"{path}/delete").status_code == 404
    for action in ("toggle", "delete", f"items/{item}/down"):
        assert bob.post(f"{path}/{action}", "/dashboard").status_code == 404
    assert state(app) == before
    assert "Water" not in bob.get("/dashboard?status=all").text


def test_stock(app: Flask, sam: Browser) -> None:
    make_product(app)
    answer = sam.post("/products/MUG-RED", delta="+1", reason="received", note="Found one")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/products/MUG-RED")
    page = sam.get("/products/MUG-RED").text
    assert messages(page) == ["Stock is now 7."]
    assert "+1 Received Found one 7 sam" in text_of(page)
    assert "Stock 7 in stock" in text_of(page)
    with app.app_context():
        assert db.session.scalar(select(func.sum(StockAdjustment.delta))) == 1


def test_stock_is_moved_by_staff_only(app: Flask, alice: Browser) -> None:
    make_product(app)
    answer = alice.post("/products/MUG-RED", "/dashboard", delta="1", reason="received")
    assert answer.status_code == 403
    assert "This operation is for staff." in answer.text
    answer = Browser(app).post("/products/MUG-RED", "/login", delta="1", reason="received")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert alice.post("/products/NONE", "/dashboard").status_code == 403
    assert state(app)[-1] == []


def test_email(app: Flask, alice: Browser) -> None:
    assert 'value="alice@example.com"' in alice.get("/account").text
    answer = alice.post("/account/email", "/account", email="Alice@example.com")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    page = alice.get("/account").text
    assert messages(page) == ["Your email is changed."]
    assert 'value="Alice@example.com"' in page


def test_tokens(app: Flask, alice: Browser) -> None:
    assert "No tokens." in alice.get("/account").text
    made = alice.post("/account/tokens", "/account")
    assert made.status_code == 201
    assert "<h1>Your new token</h1>" in made.text
    found = re.search(r'<code class="secret">(.+?)</code>', made.text)
    assert found
    bearer = {"Authorization": f"Bearer {found[1]}"}
    page = alice.get("/account").text
    assert "never" in page
    assert found[1] not in page
    assert alice.client.get("/api/users/me", headers=bearer).status_code == 200
    assert "never" not in alice.get("/account").text
    revoke = re.search(r'action="(/account/tokens/[^"]+/revoke)"', page)
    assert revoke
    make_person(app, "bob")
    bob = Browser(app)
    bob.log_in("bob")
    assert bob.post(revoke[1], "/account").status_code == 404
    assert alice.client.get("/api/users/me", headers=bearer).status_code == 200
    assert alice.post(revoke[1], "/account").headers["Location"] == "/account"
    assert messages(alice.get("/account").text) == ["The token is revoked."]
    assert alice.client.get("/api/users/me", headers=bearer).status_code == 401
    assert alice.post(revoke[1], "/account").status_code == 404


def test_an_expired_token_is_not_shown(app: Flask, alice: Browser) -> None:
    alice.post("/account/tokens", "/account")
    with app.app_context(), transaction():
        db.session.execute(update(Token).values(expires_at=now() - timedelta(seconds=1)))
    assert "No tokens." in alice.get("/account").text


def test_closing_the_account(app: Flask, alice: Browser) -> None:
    add_todo(alice)
    alice.client.post("/api/todos", json={})
    answer = alice.post("/account/close", password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    page = alice.get("/").text
    assert messages(page) == ["Your account is closed."]
    assert 'href="/login"' in page
    assert state(app) == [[], [], [], [], []]


@pytest.mark.parametrize("door", ["the page", "the API"])
def test_the_keys_of_who_has_gone_are_forgotten(app: Flask, alice: Browser, door: str) -> None:
    credentials = {"username": "alice", "password": PASSWORD}
    token = alice.client.post("/api/tokens", json=credentials).get_json()["token"]
    people = [{"Authorization": f"Bearer {token}"}, make_user(app, "bob")]
    for headers in people:
        keyed = {**headers, "Idempotency-Key": "once"}
        todo = alice.client.post("/api/todos", json={"title": "Paint"}, headers=keyed)
        assert todo.status_code == 201
    if door == "the page":
        assert alice.post("/account/close", password=PASSWORD).status_code == 303
    else:
        assert alice.client.delete("/api/users/me", headers=people[0]).status_code == 204
    with app.app_context():
        [key] = db.session.scalars(select(IdempotencyKey))
        bob = db.session.scalars(select(User).where(User.username == "bob")).one()
        assert key.scope == str(bob.id)


def test_markup_stays_text(app: Flask, sam: Browser) -> None:
    """Store markup where one can, send it where it is shown again, and look at each page."""
    make_product(
        app,
        "BAD",
        name=MARKUP,
        description=MARKUP,
        category=MARKUP,
        attributes={MARKUP: MARKUP},
    )
    path = add_todo(sam, MARKUP, items=f"{MARKUP}1\n{MARKUP}2")
    answers = [
        sam.get("/"),
        sam.post("/products/BAD", delta="1", reason="received", note=MARKUP),
        sam.get("/products/BAD"),
        sam.post("/products/BAD", delta=MARKUP, reason=MARKUP, note=MARKUP),
        sam.get(f"{path}/delete"),
        sam.post(f"{path}/toggle", "/dashboard"),
        sam.get("/dashboard?status=all"),
        sam.post("/dashboard", title="", priority=MARKUP, due_on=MARKUP, tags=MARKUP, items=MARKUP),
        sam.post("/account/email", "/account", email=MARKUP),
        sam.post("/account/close", password=MARKUP),
        sam.client.get("/", query_string=dict.fromkeys(("q", "category", "min_price"), MARKUP)),
        sam.client.get("/", query_string=dict.fromkeys(("in_stock", "sort", "cursor"), MARKUP)),
        sam.client.get("/dashboard", query_string=dict.fromkeys(("q", "status"), MARKUP)),
        sam.client.get(f"/{MARKUP}"),
        sam.post("/logout", "/dashboard"),
        sam.post("/login", username=MARKUP, password=MARKUP, next=f"/{MARKUP}"),
        sam.post("/register", username=MARKUP, email=MARKUP, password=MARKUP),
        sam.client.get("/login", query_string={"next": f"/{MARKUP}"}),
        sam.client.get("/dashboard", query_string={MARKUP: MARKUP}),
    ]
    shown = 0
    for answer in answers:
        assert answer.status_code < 500
        assert "<script>" not in answer.text
        assert "alert(1)</" not in answer.text
        assert not re.search(r'="[^"<>]*<', answer.text)
        shown += "&lt;script&gt;alert(1)" in answer.text
    assert shown >= 12


def test_texts_are_the_contracts(app: Flask) -> None:
    make_person(app, "alice")
    answer = Browser(app).post("/login", username="alice", password="wrong")
    with app.app_context():
        detail = contract().problem_types["invalid-credentials"].detail
    assert answer.status_code == 422
    found = re.search(r'<div role="alert"><ul class="errors">\s*<li>(.*?)</li>', answer.text)
    assert found
    assert found[1] == detail
    assert 'value="alice"' in answer.text
    assert 'value="wrong"' not in answer.text
