"""Sessions: how they begin and end, what their cookie is like, and who is let in."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select, text, update

from flask_api import create_app
from flask_api.accounts.models import Token, User, hash_password
from flask_api.config import Config
from flask_api.contract.database import db, now, transaction
from flask_api.products.models import Product
from flask_api.tests.conftest import environment, make_app
from flask_api.tests.web import (
    PASSWORD,
    Browser,
    make_person,
    make_product,
    meanwhile,
    messages,
)
from flask_api.todos.models import Todo
from flask_api.web import views
from flask_api.web.login import is_own_path
from flask_api.web.models import LoginSession


@pytest.fixture
def browser(app: Flask) -> Browser:
    make_person(app, "alice")
    return Browser(app)


def is_logged_in(browser: Browser) -> bool:
    status = browser.get("/account").status_code
    assert status in {200, 303}
    return status == 200


def sessions(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(LoginSession.id))) or 0


@pytest.mark.parametrize(
    ("path", "login"),
    [
        ("/dashboard", "/login?next=%2Fdashboard"),
        ("/dashboard?q=a%20b&x=1", "/login?next=%2Fdashboard%3Fq%3Da%2520b%26x%3D1"),
        ("/account", "/login?next=%2Faccount"),
        ("/account/close", "/login?next=%2Faccount%2Fclose"),
    ],
)
def test_login_leads_back(browser: Browser, path: str, login: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, login)
    page = browser.get(login)
    assert page.status_code == 200
    data = {"csrf_token": browser.token(login), "username": "alice", "password": PASSWORD}
    data["next"] = page.text.split('name="next" value="')[1].split('"')[0].replace("&amp;", "&")
    answer = browser.client.post("/login", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "//elsewhere.example",
        "//[elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "http://elsewhere.example",
        "https:elsewhere.example",
        "javascript:alert(1)",
        "/\t/elsewhere.example",
        "\n//elsewhere.example",
        "/\x00/elsewhere.example",
        "elsewhere.example",
        " /account",
        "/elsewhere" + "x" * 2048,
        "",
    ],
)
def test_login_leads_nowhere_else(browser: Browser, target: str) -> None:
    assert not is_own_path(target)
    page = browser.client.get("/login", query_string={"next": target})
    assert "elsewhere" not in page.text
    answer = browser.post("/login", username="alice", password=PASSWORD, next=target)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_who_is_logged_in_needs_no_login(browser: Browser, path: str) -> None:
    browser.log_in()
    for answer in (browser.get(path), browser.post(path, "/dashboard")):
        assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")


def test_the_cookie(browser: Browser, client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/").headers
    cookie = browser.log_in().headers["Set-Cookie"]
    name, *attributes = cookie.split("; ")
    assert name.startswith("flask_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Secure"} <= {*attributes}
    assert not [each for each in attributes if each.startswith("Domain=")]
    [expires] = [each for each in attributes if each.startswith("Expires=")]
    assert expires
    browser.get("/")  # whose form to log out has the new session's token
    assert "Set-Cookie" not in browser.get("/").headers


@pytest.mark.parametrize(
    ("setting", "is_secure"),
    [
        ({}, True),
        ({"SECURE_COOKIES": "false"}, False),
        ({"APP_ENV": "development"}, False),
        ({"APP_ENV": "development", "SECURE_COOKIES": "true"}, True),
    ],
)
def test_secure_cookies(tmp_path: Path, setting: dict[str, str], is_secure: bool) -> None:  # noqa: FBT001
    config = Config.from_environment({**environment(tmp_path), **setting})
    answer = create_app(config).test_client().get("/login")
    assert ("; Secure" in answer.headers["Set-Cookie"]) == is_secure


def test_login_begins_another_session(app: Flask, browser: Browser) -> None:
    browser.get("/login")
    planted = browser.cookie
    browser.log_in()
    assert browser.cookie != planted
    assert not is_logged_in(Browser(app).with_cookie(planted))
    first = browser.cookie
    browser.post("/logout", "/dashboard")
    browser.log_in()
    assert is_logged_in(browser)
    assert not is_logged_in(Browser(app).with_cookie(first))


def test_logout_ends_the_session_on_the_server(app: Flask, browser: Browser) -> None:
    browser.log_in()
    copied = Browser(app).with_cookie(browser.cookie)
    assert is_logged_in(copied)
    answer = browser.post("/logout", "/dashboard")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert messages(browser.get("/").text) == ["You are logged out."]
    assert not is_logged_in(copied)
    assert not is_logged_in(browser)
    assert sessions(app) == 0


def test_logout_ends_one_session_only(app: Flask, browser: Browser) -> None:
    browser.log_in()
    other = Browser(app)
    other.log_in()
    browser.post("/logout", "/dashboard")
    assert is_logged_in(other)


def test_logout_without_login(app: Flask, browser: Browser) -> None:
    answer = browser.post("/logout", "/login")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_new_password_ends_all_other_sessions(app: Flask, browser: Browser) -> None:
    browser.log_in()
    other = Browser(app)
    other.log_in()
    old = Browser(app).with_cookie(browser.cookie)
    browser.post("/account/tokens", "/account")
    answer = browser.post(
        "/account/password", "/account", current_password=PASSWORD, new_password="another-password"
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert messages(browser.get("/account").text) == [
        "Your password is changed. You are logged out everywhere else."
    ]
    assert is_logged_in(browser)
    assert not is_logged_in(other)
    assert not is_logged_in(old)
    with app.app_context():
        assert db.session.scalar(select(func.count(Token.id))) == 0
    other.log_in(password="another-password")


def test_a_new_password_by_the_api_ends_sessions(app: Flask, browser: Browser) -> None:
    browser.log_in()
    client = app.test_client()
    made = client.post("/api/tokens", json={"username": "alice", "password": PASSWORD})
    bearer = {"Authorization": f"Bearer {made.get_json()['token']}"}
    change = {"current_password": PASSWORD, "new_password": "another-password"}
    answer = client.put("/api/users/me/password", json=change, headers=bearer)
    assert answer.status_code == 204
    assert not is_logged_in(browser)


def test_a_session_ends_with_its_time(app: Flask, browser: Browser) -> None:
    browser.log_in()
    with app.app_context(), transaction():
        db.session.execute(update(LoginSession).values(expires_at=now() - timedelta(seconds=1)))
    assert not is_logged_in(browser)
    browser.log_in()
    assert sessions(app) == 1
    with app.app_context():
        left = db.session.scalars(select(LoginSession.expires_at)).one() - now()
    assert timedelta(days=13) < left < timedelta(days=15)


def test_expired_sessions_are_cleared(app: Flask, browser: Browser) -> None:
    browser.log_in()
    assert app.test_cli_runner().invoke(args="clear-sessions").output == "Deleted 0 sessions.\n"
    with app.app_context(), transaction():
        db.session.execute(update(LoginSession).values(expires_at=now() - timedelta(seconds=1)))
    assert app.test_cli_runner().invoke(args="clear-sessions").output == "Deleted 1 sessions.\n"
    assert sessions(app) == 0


def test_a_session_ends_with_its_user(app: Flask, browser: Browser, engine: Engine) -> None:
    browser.log_in()
    with app.app_context(), transaction():
        db.session.execute(update(User).values(is_active=False))
    assert not is_logged_in(browser)
    answer = browser.post("/login", username="alice", password=PASSWORD)
    assert answer.status_code == 422
    with engine.begin() as connection:  # as another program does it, that knows of no sessions
        connection.execute(text("DELETE FROM users"))
    assert sessions(app) == 0


def test_a_stolen_database_opens_no_session(app: Flask, browser: Browser) -> None:
    browser.log_in()
    with browser.client.session_transaction() as session:
        secret = session["_user_id"]
    with app.app_context():
        row = db.session.execute(select(LoginSession.__table__)).one()
    assert secret not in map(str, row)
    with browser.client.session_transaction() as session:
        session["_user_id"] = row.digest
    assert not is_logged_in(browser)


def test_the_api_knows_no_session(app: Flask, browser: Browser) -> None:
    browser.log_in()
    for path in ("/api/users/me", "/api/todos", "/api/tokens"):
        answer = browser.get(path)
        assert answer.status_code == 401
        assert answer.headers["Vary"] == "Origin"
    for path in ("/api/health", "/api/products", "/api/openapi.json", "/api/nowhere", "/api"):
        with_cookie, without = browser.get(path), app.test_client().get(path)
        assert "Set-Cookie" not in with_cookie.headers
        assert with_cookie.headers["Vary"] == without.headers["Vary"]
        assert with_cookie.data == without.data


def test_a_page_knows_no_token(app: Flask, browser: Browser) -> None:
    credentials = {"username": "alice", "password": PASSWORD}
    made = app.test_client().post("/api/tokens", json=credentials).get_json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert browser.get("/account", headers=bearer).status_code == 303


@pytest.fixture
def strict(tmp_path: Path) -> Flask:
    """Make an application that refuses logins after three failures."""
    app = make_app(tmp_path, LOGIN_THROTTLE="3/600")
    make_person(app, "alice")
    return app


def test_the_login_and_the_api_count_together(strict: Flask) -> None:
    browser = Browser(strict)
    wrong = {"username": "alice", "password": "wrong"}
    assert browser.post("/login", **wrong).status_code == 422
    assert browser.client.post("/api/tokens", json=wrong).status_code == 401
    assert browser.post("/login", **wrong).status_code == 422
    for password in ("wrong", PASSWORD):
        answer = browser.post("/login", username="alice", password=password)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 600
        assert "<h1>Too many requests</h1>" in answer.text
        login = {"username": "alice", "password": password}
        assert browser.client.post("/api/tokens", json=login).status_code == 429
    assert browser.post("/login", username="bob", password="wrong").status_code == 422


def test_a_wrong_password_in_the_account_counts(strict: Flask) -> None:
    browser = Browser(strict)
    browser.log_in()
    change = {"current_password": "wrong", "new_password": "another-password"}
    assert browser.post("/account/password", "/account", **change).status_code == 422
    assert browser.post("/account/close", password="wrong").status_code == 422
    assert browser.post("/account/close", password="").status_code == 422  # counts as none
    assert browser.post("/account/close", password="wrong").status_code == 422
    answer = browser.post("/account/close", password=PASSWORD)
    assert answer.status_code == 429
    assert is_logged_in(browser)


def test_success_forgets_failures(strict: Flask) -> None:
    browser = Browser(strict)
    for _ in range(2):
        for _ in range(2):
            browser.post("/login", username="alice", password="wrong")
        browser.log_in()
        browser.post("/logout", "/dashboard")
    browser.log_in()
    assert is_logged_in(browser)


def test_staff_are_made_by_a_command(app: Flask) -> None:
    command = ["create-staff", "--username", "eve", "--email", "eve@example.com"]
    result = app.test_cli_runner().invoke(args=[*command, "--password", PASSWORD])
    assert result.output == "Created eve, who is staff.\n"
    browser = Browser(app)
    browser.log_in("eve")
    make_product(app)
    assert "Move stock" in browser.get("/products/MUG-RED").text


def test_a_password_that_changes_meanwhile(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes the password just before a form is worked on has ended its session."""
    browser.log_in()

    def change_first(password: str) -> str:
        with app.app_context(), transaction():
            db.session.execute(update(User).values(password=hash_password("someone-else's")))
        return hash_password(password)

    monkeypatch.setattr(views, "hash_password", change_first)
    answer = browser.post(
        "/account/password", "/account", current_password=PASSWORD, new_password="another-password"
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert not is_logged_in(browser)
    browser.log_in(password="someone-else's")


CLOSED = "DELETE FROM users"
CHANGED = "UPDATE users SET password = 'another'"


@pytest.mark.parametrize(
    ("path", "page", "fields", "ended", "outcome"),
    [
        ("/dashboard", None, {"title": "Call", "priority": "low"}, CLOSED, "/login"),
        ("/dashboard", None, {"title": "Call", "priority": "low"}, CHANGED, "/login"),
        ("/dashboard/todos/{todo}/toggle", "/dashboard", {}, CLOSED, None),
        ("/dashboard/todos/{todo}/delete", None, {}, CLOSED, None),
        ("/account/email", "/account", {"email": "new@example.com"}, CLOSED, "/login"),
        ("/account/email", "/account", {"email": "new@example.com"}, CHANGED, "/login"),
        ("/account/tokens", "/account", {}, CLOSED, "/login"),
        ("/account/tokens", "/account", {}, CHANGED, "/login"),
        ("/account/close", None, {"password": PASSWORD}, CLOSED, "/login"),
        ("/account/close", None, {"password": PASSWORD}, CHANGED, "/login"),
        ("/products/MUG-RED", None, {"delta": "1", "reason": "sold"}, CLOSED, "/login"),
        ("/products/MUG-RED", None, {"delta": "1", "reason": "sold"}, CHANGED, "/login"),
    ],
)
@pytest.mark.parametrize("retried", [False, True])
def test_a_session_that_ends_meanwhile(
    *,
    app: Flask,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    page: str | None,
    fields: dict[str, str],
    ended: str,
    outcome: str | None,
    retried: bool,
) -> None:
    """What another request ends writes nothing any more, not at a second attempt either."""
    make_person(app, "alice", is_staff=True)
    make_product(app)
    browser = Browser(app)
    browser.log_in()
    browser.post("/dashboard", title="Write", priority="low")
    with app.app_context():
        todo = db.session.scalars(select(Todo.id)).one()
    token = browser.token(page or path.format(todo=todo))
    todos = ["DELETE FROM todos"] if ended == CLOSED else []
    meanwhile(monkeypatch, engine, *todos, ended, retried=retried)
    answer = browser.client.post(path.format(todo=todo), data={"csrf_token": token, **fields})
    assert answer.status_code == (303 if outcome else 404)
    assert answer.headers.get("Location") == outcome
    with app.app_context():
        assert db.session.scalar(select(func.count(Token.id))) == 0
        assert not db.session.scalar(select(User.id).where(User.email == "new@example.com"))
        assert db.session.scalar(select(Product.stock)) == 6


def test_an_account_that_is_closed_during_a_login(
    app: Flask, engine: Engine, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = browser.token("/login")
    meanwhile(monkeypatch, engine, CLOSED, retried=False)
    login = {"csrf_token": token, "username": "alice", "password": PASSWORD}
    assert browser.client.post("/login", data=login).status_code == 422
    assert sessions(app) == 0
