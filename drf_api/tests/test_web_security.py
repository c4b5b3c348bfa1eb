"""How the pages keep visitors' sessions, forms and texts from others."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils import timezone

from drf_api.accounts.models import Token, User
from drf_api.contract.browsers import CONTENT_SECURITY_POLICY
from drf_api.contract.openapi import PROBLEMS
from drf_api.contract.throttling import ClientThrottle
from drf_api.contract.wire import WSGIApplication
from drf_api.products.models import Product
from drf_api.tests.conftest import Call
from drf_api.tests.web import Browser, text
from drf_api.todos.models import ChecklistItem, Todo
from drf_api.web.pages import FORGED

FORM = re.compile(r'<form[^>]* method="post" action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
SECRET = "csrfmiddlewaretoken"
ANY_ID = "01900000-0000-7000-8000-000000000000"
VISITORS_FORMS = ["/login", "/register"]
MEMBERS_FORMS = [
    "/logout",
    "/dashboard",
    f"/dashboard/todos/{ANY_ID}/toggle",
    f"/dashboard/todos/{ANY_ID}/delete",
    f"/dashboard/todos/{ANY_ID}/items/{ANY_ID}/up",
    f"/dashboard/todos/{ANY_ID}/items/{ANY_ID}/down",
    "/account/email",
    "/account/password",
    "/account/tokens",
    f"/account/tokens/{ANY_ID}/revoke",
    "/account/close",
    "/products/MUG-1",
]
PAGES = ["/", "/products/MUG-1", "/login", "/register", "/dashboard", "/account", "/docs"]


def session_of(browser: Client) -> str:
    return browser.cookies["django_session"].value


def is_logged_in(browser: Client) -> bool:
    return browser.get("/account").status_code == 200


def is_refused(answer: Any) -> bool:
    return answer.status_code == 403 and f"Forbidden {FORGED}" in text(answer)


# Forgery


@pytest.mark.parametrize("form", [*VISITORS_FORMS, *MEMBERS_FORMS])
def test_each_form_needs_its_sessions_token(
    browser: Browser, alice: User, product: Product, form: str
) -> None:
    if form in MEMBERS_FORMS:
        browser.log_in("alice")
    here = browser.token("/dashboard" if form in MEMBERS_FORMS else form)
    foreign = Browser().token("/login")
    assert is_refused(browser.post(form))
    for wrong in ("", "x", "x" * len(here), foreign):
        assert is_refused(browser.post(form, {SECRET: wrong}))
    assert not is_refused(browser.post(form, {SECRET: here}))


def test_a_token_of_the_form_is_read_nowhere_else(alices: Browser) -> None:
    token = alices.token("/dashboard")
    body = f'{{"{SECRET}": "{token}"}}'
    assert is_refused(alices.post("/logout", body, content_type="application/json"))
    assert is_refused(alices.post(f"/logout?{SECRET}={token}"))
    assert is_logged_in(alices)


@pytest.mark.parametrize("form", ["/logout", "/account/tokens", "/login"])
def test_a_form_from_before_logging_out_is_of_no_use(alices: Browser, form: str) -> None:
    token = alices.token("/dashboard")
    assert alices.post("/logout", {SECRET: token}).status_code == 303
    assert is_refused(alices.post(form, {SECRET: token}))


def test_a_form_from_before_logging_in_is_of_no_use(browser: Browser, alice: User) -> None:
    token = browser.token("/login")
    browser.log_in("alice")
    assert is_refused(browser.post("/logout", {SECRET: token}))
    assert is_logged_in(browser)


@pytest.mark.parametrize("header", ["Origin", "Referer"])
@pytest.mark.parametrize(
    ("sender", "accepted"),
    [
        ("http://localhost", True),
        ("http://evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://localhost:8080", False),
        ("https://evil.example/http://localhost/", False),
    ],
)
def test_forms_of_other_sites_are_refused(
    alices: Browser, header: str, sender: str, *, accepted: bool
) -> None:
    headers = {header: sender if header == "Origin" else f"{sender}/dashboard"}
    token = alices.token("/dashboard")
    answer = alices.post("/account/tokens", {SECRET: token}, headers=headers)
    assert answer.status_code == (201 if accepted else 403)
    assert Token.objects.count() == (1 if accepted else 0)


def test_a_hidden_origin_is_another_site(alices: Browser) -> None:
    token = alices.token("/dashboard")
    assert is_refused(alices.post("/logout", {SECRET: token}, headers={"Origin": "null"}))


def test_the_token_is_asked_for_before_who_asks(browser: Browser, product: Product) -> None:
    for form in MEMBERS_FORMS[1:]:
        assert is_refused(browser.post(form))
        answer = browser.post(form, {SECRET: browser.token("/login")})
        assert (answer.status_code, answer["Location"]) == (303, "/login")


# Where a login leads


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/account", "/account"),
        ("/dashboard?q=a%20b&status=all", "/dashboard?q=a%20b&status=all"),
        ("/products/%E2%98%95", "/products/%E2%98%95"),
        ("", "/dashboard"),
        ("account", "/dashboard"),
        ("//evil.example", "/dashboard"),
        ("///evil.example", "/dashboard"),
        ("/\\evil.example", "/dashboard"),
        ("/a\\b", "/dashboard"),
        ("\\\\evil.example", "/dashboard"),
        ("/\t/evil.example", "/dashboard"),
        ("/a\r\nb", "/dashboard"),
        (" //evil.example", "/dashboard"),
        ("http://evil.example/", "/dashboard"),
        ("http://localhost/account", "/dashboard"),
        ("https:evil.example", "/dashboard"),
        ("javascript:alert(1)", "/dashboard"),
        ("/" + "x" * 3000, "/dashboard"),
    ],
)
def test_a_login_leads_nowhere_else(
    browser: Browser, alice: User, target: str, leads_to: str
) -> None:
    shown = browser.get("/login", {"next": target})
    assert shown.context["next"] == (target if leads_to == target else "")
    answer = browser.log_in("alice", next=target)
    assert (answer.status_code, answer["Location"]) == (303, leads_to)


def test_strangers_are_led_back_after_the_login(browser: Browser, alice: User) -> None:
    asked = browser.get("/dashboard?q=a%20b&status=all")
    assert asked.status_code == 303
    assert asked["Location"] == "/login?next=%2Fdashboard%3Fq%3Da%2520b%26status%3Dall"
    shown = browser.get(asked["Location"])
    target = "/dashboard?q=a%20b&status=all"
    assert 'value="/dashboard?q=a%20b&amp;status=all"' in shown.content.decode()
    wrong = browser.log_in("alice", "wrong", next=target)
    assert 'value="/dashboard?q=a%20b&amp;status=all"' in wrong.content.decode()
    assert browser.log_in("alice", next=target)["Location"] == target


def test_an_address_too_long_to_come_back_to_is_dropped(browser: Browser) -> None:
    asked = browser.get("/dashboard?" + "&" * 6000)
    assert (asked.status_code, asked["Location"]) == (303, "/login")


# Sessions


def test_a_login_takes_no_session_that_a_stranger_has_made(
    browser: Browser, alice: User, sam: User
) -> None:
    browser.cookies["django_session"] = "a" * 32
    browser.log_in("alice")
    first = session_of(browser)
    assert first != "a" * 32
    assert not Session.objects.filter(pk="a" * 32).exists()
    browser.submit("/dashboard", "/logout")
    browser.log_in("alice")
    assert session_of(browser) != first


def test_logging_out_ends_the_session_on_the_server(alices: Browser) -> None:
    thief = Browser()
    thief.cookies["django_session"] = session_of(alices)
    assert is_logged_in(thief)
    alices.submit("/dashboard", "/logout")
    assert not is_logged_in(thief)
    assert not Session.objects.exists()


def test_sessions_end_after_two_weeks(alices: Browser) -> None:
    cookie = alices.cookies["django_session"]
    assert cookie["max-age"] == 14 * 24 * 60 * 60
    expires = Session.objects.get().expire_date
    left = expires - timezone.now()
    assert timedelta(days=13, hours=23) < left <= timedelta(days=14)
    alices.get("/dashboard")
    alices.submit("/dashboard", title="Paint", priority="low")
    assert Session.objects.get().expire_date == expires  # not renewed by use
    Session.objects.update(expire_date=timezone.now())
    assert not is_logged_in(alices)


def test_a_password_change_ends_all_other_sessions(alices: Browser, alice: User) -> None:
    other = Browser()
    other.log_in("alice")
    before = session_of(alices)
    alices.submit(
        "/account",
        "/account/password",
        current_password="alice-password",
        new_password="another-password",
    )
    assert is_logged_in(alices)
    assert session_of(alices) != before
    assert not is_logged_in(other)


def test_a_password_change_by_the_api_ends_all_sessions(
    alices: Browser, call: Call, alice_token: str
) -> None:
    passwords = {"current_password": "alice-password", "new_password": "another-password"}
    assert call("PUT", "/api/users/me/password", passwords, alice_token).status == 204
    assert not is_logged_in(alices)


@pytest.mark.parametrize("change", [{"is_active": False}, None])
def test_who_is_gone_is_logged_out(
    alices: Browser, alice: User, change: dict[str, bool] | None
) -> None:
    if change:
        User.objects.filter(pk=alice.pk).update(**change)
    else:
        alice.delete()
    assert not is_logged_in(alices)


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_for_this_site_and_no_script(
    browser: Browser, alice: User, settings: Any, *, secure: bool
) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = secure
    browser.log_in("alice")
    browser.submit("/dashboard", title="Paint", priority="low")  # its message is a cookie
    assert {*browser.cookies} == {"csrftoken", "django_session", "messages"}
    for cookie in browser.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
        assert bool(cookie["secure"]) == secure


def test_visitors_who_send_no_form_get_no_cookie(browser: Browser, product: Product) -> None:
    for page in ("/", "/products/MUG-1", "/docs", "/nonsense", "/static/web/style.css"):
        browser.get(page).close()
    assert not browser.cookies
    assert not Session.objects.exists()


# The API beside them


@pytest.mark.parametrize("cookies", ["", "django_session=x; csrftoken=y; messages=z"])
def test_the_api_reads_and_sets_no_cookie(
    browser: Browser, alices: Browser, call: Call, cookies: str
) -> None:
    cookies = cookies or f"django_session={session_of(alices)}"
    for path in ("/api/products", "/api/users/me", "/api/nonsense", "/api"):
        plain, with_cookie = call("GET", path), call("GET", path, Cookie=cookies)
        assert (with_cookie.status, with_cookie.body) == (plain.status, plain.body)
        assert "Set-Cookie" not in with_cookie.headers
        assert with_cookie.headers["Vary"] == "Origin"
        assert with_cookie.headers.keys() == plain.headers.keys()
        assert plain.headers["Content-Type"].startswith("application/")
    assert call("GET", "/api/users/me", Cookie=cookies).status == 401


def test_the_pages_read_no_bearer_token(call: Call, alice_token: str) -> None:
    assert call("GET", "/account", token=alice_token).status == 303


# Failed logins


def failures(where: str, browser: Browser, call: Call, password: str) -> int:
    """Try to log in with a password, and return the status."""
    if where == "api":
        return call("POST", "/api/tokens", {"username": "alice", "password": password}).status
    status: int = browser.log_in("alice", password).status_code
    return status


@pytest.mark.parametrize(("one", "other"), [("api", "page"), ("page", "api"), ("page", "page")])
def test_failed_logins_count_together(
    browser: Browser, alice: User, call: Call, one: str, other: str
) -> None:
    assert {failures(one, browser, call, "wrong") for _ in range(10)} <= {401, 422}
    assert failures(other, browser, call, "alice-password") == 429
    answer = browser.log_in("alice")
    assert "Too many requests" in text(answer)
    assert 1 <= int(answer["Retry-After"]) <= 900
    assert not is_logged_in(browser)


def test_a_success_forgets_failures(browser: Browser, alice: User, call: Call) -> None:
    for _ in range(2):
        assert {failures("page", browser, call, "wrong") for _ in range(9)} == {422}
        assert failures("api", browser, call, "alice-password") == 201
        assert {failures("api", browser, call, "wrong") for _ in range(9)} == {401}
        assert failures("page", browser, call, "alice-password") == 303
        browser.submit("/dashboard", "/logout")


@pytest.mark.parametrize(
    ("page", "action", "fields"),
    [
        ("/account", "/account/password", {"new_password": "another-password"}),
        ("/account/close", "", {}),
    ],
)
def test_a_wrong_current_password_is_a_failed_login(
    alices: Browser, call: Call, page: str, action: str, fields: dict[str, str]
) -> None:
    wrong = {"current_password": "wrong", "password": "wrong", **fields}
    statuses = [alices.submit(page, action, **wrong).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert failures("api", alices, call, "alice-password") == 429


# Markup

MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def assert_is_escaped(answer: Any, *, shown: bool = True) -> None:
    body = answer.content.decode()
    assert "<script>alert" not in body
    assert "<img" not in body
    assert ("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&gt;&lt;img" in body) == shown


def test_stored_markup_is_text(sams: Browser, sam: User) -> None:
    product = Product.objects.create(
        sku="XSS",
        name=MARKUP,
        description=MARKUP,
        category="kitchen",
        price="1.00",
        currency="EUR",
        attributes={MARKUP[:50]: MARKUP},
    )
    todo = Todo.objects.create(owner=sam, title=MARKUP, due_at=timezone.now())
    ChecklistItem.objects.bulk_create(todo.checklist([{"text": MARKUP}, {"text": MARKUP}]))
    product.adjust_stock(sam, 1, "received", MARKUP)
    for page in ("/", "/products/XSS", "/dashboard", f"/dashboard/todos/{todo.pk}/delete"):
        assert_is_escaped(sams.get(page))
    sams.submit("/dashboard", f"/dashboard/todos/{todo.pk}/toggle")
    assert_is_escaped(sams.get("/dashboard"))  # as a message
    User.objects.update(username=MARKUP[:30], email=MARKUP)
    assert_is_escaped(sams.get("/account"))


@pytest.mark.parametrize(
    ("page", "action", "names"),
    [
        ("/dashboard", "", ["title", "priority", "due_on", "tags", "items"]),
        ("/account", "/account/email", ["email"]),
        ("/products/MUG-1", "", ["delta", "reason", "note"]),
    ],
)
def test_sent_markup_is_text(
    sams: Browser, product: Product, page: str, action: str, names: list[str]
) -> None:
    answer = sams.submit(page, action, **dict.fromkeys(names, MARKUP))
    assert answer.status_code == 422
    assert_is_escaped(answer)


@pytest.mark.parametrize("page", ["/login", "/register"])
def test_markup_of_strangers_is_text(browser: Browser, page: str) -> None:
    names = ["username", "email", "password", "next"]
    answer = browser.submit(page, **dict.fromkeys(names, MARKUP))
    assert answer.status_code == 422
    assert_is_escaped(answer)
    assert 'type="password" name="password" value' not in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/dashboard", "/login"])
def test_markup_in_a_query_is_text(alices: Browser, path: str) -> None:
    names = ["q", "category", "min_price", "sort", "cursor", "status", "next", MARKUP]
    assert_is_escaped(alices.get(path, dict.fromkeys(names, MARKUP)), shown=path != "/login")
    assert_is_escaped(Browser().get("/login", {"next": MARKUP}), shown=False)
    assert_is_escaped(alices.get(f"/{MARKUP}"), shown=False)


# Header fields, methods and error pages


@pytest.mark.parametrize("page", [*PAGES, "/account/close", "/nonsense", "/login/", "/apiary"])
def test_each_page_has_the_header_fields_of_pages(
    alices: Browser, product: Product, page: str
) -> None:
    answer = alices.get(page)
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Request-ID"]
    assert answer["Vary"] == "Cookie, Origin"
    if page != "/docs":
        assert answer["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    for absent in ("ETag", "Expires", "Strict-Transport-Security", "Link"):
        assert absent not in answer


def test_files_are_for_everybody_and_validated(alices: Browser) -> None:
    file = alices.get("/static/web/style.css")
    file.close()
    assert file.status_code == 200
    assert file["Content-Type"].startswith("text/css")
    assert file["Cache-Control"] == "max-age=0, public"
    assert file["Vary"] == "Origin"
    assert file["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in file
    assert not file.cookies
    again = alices.get("/static/web/style.css", headers={"If-None-Match": file["ETag"]})
    again.close()
    assert again.status_code == 304
    elsewhere = alices.get("/static/web/style.css", headers={"Host": "evil.example"})
    assert elsewhere.status_code == 400
    for path in ("/static/web/../../views.py", "/static/", "/static/web/", "/static/settings.py"):
        assert alices.get(path).status_code == 404


def test_https_is_insisted_on_by_a_setting_alone(browser: Browser, settings: Any) -> None:
    assert "Strict-Transport-Security" not in browser.get("/", secure=True)
    settings.SECURE_HSTS_SECONDS = 60
    assert Browser().get("/", secure=True)["Strict-Transport-Security"] == "max-age=60"
    assert "Strict-Transport-Security" not in Browser().get("/")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        *((page, "GET, HEAD, OPTIONS") for page in ("/", "/account", "/docs")),
        *((page, "GET, HEAD, OPTIONS, POST") for page in ("/login", "/register", "/dashboard")),
        *((page, "GET, HEAD, OPTIONS, POST") for page in ("/products/MUG-1", "/account/close")),
        (f"/dashboard/todos/{ANY_ID}/delete", "GET, HEAD, OPTIONS, POST"),
        (f"/dashboard/todos/{ANY_ID}/toggle", "OPTIONS, POST"),
        (f"/dashboard/todos/{ANY_ID}/items/{ANY_ID}/up", "OPTIONS, POST"),
        ("/logout", "OPTIONS, POST"),
        ("/account/email", "OPTIONS, POST"),
        ("/account/password", "OPTIONS, POST"),
        ("/account/tokens", "OPTIONS, POST"),
        (f"/account/tokens/{ANY_ID}/revoke", "OPTIONS, POST"),
    ],
)
def test_each_page_has_its_methods(browser: Browser, path: str, allowed: str) -> None:
    options = browser.options(path)
    assert (options.status_code, options["Allow"]) == (204, allowed)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - {*allowed.split(", ")}:
        answer = browser.generic(method, path)
        assert (answer.status_code, answer["Allow"]) == (405, allowed)
        assert "Method not allowed" in text(answer)


@pytest.mark.parametrize("accept", ["", "application/json", "image/png"])
def test_what_is_nowhere_is_a_page(browser: Browser, accept: str) -> None:
    for path in ("/nonsense", "/login/", "/products", "/dashboard/todos/x/toggle", "/static/x"):
        answer = browser.get(path, headers={"Accept": accept})
        assert answer.status_code == 404
        problem = PROBLEMS["not-found"]
        assert f"{problem.title} {problem.detail} Back to the catalogue" in text(answer)
        assert "Log in Register" in text(answer)
        assert "aria-current" not in answer.content.decode()


def test_a_page_for_staff_alone_is_refused(alices: Browser, product: Product) -> None:
    token = alices.token("/dashboard")
    fields = {SECRET: token, "delta": "1", "reason": "sold"}
    answer = alices.post("/products/MUG-1", fields)
    assert answer.status_code == 403
    assert f"Forbidden {PROBLEMS['forbidden'].detail}" in text(answer)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_has_a_limit(alices: Browser, kind: str) -> None:
    if kind.startswith("multipart"):
        kind += "; boundary=x"
    answer = alices.post("/dashboard", "x" * 1_048_577, content_type=kind)
    assert answer.status_code == 413
    assert "Content too large" in text(answer)
    fields = "&".join(f"x{number}=" for number in range(5000))
    many = alices.post("/dashboard", fields, content_type="application/x-www-form-urlencoded")
    assert many.status_code == 400


@pytest.mark.parametrize("query", ["q=%FF", "unknown=%E2%82", "%ED%A0%80=1"])
def test_a_query_that_is_no_text_is_refused(browser: Browser, query: str) -> None:
    for page in ("/", "/login", "/dashboard"):
        answer = browser.get(f"{page}?{query}")
        assert answer.status_code == 400
        assert f"Malformed request {PROBLEMS['malformed-request'].detail}" in text(answer)
    assert browser.get("/?q=%E2%82%AC").status_code == 200


def test_a_body_that_ends_early_is_refused(db: None, handler: WSGIApplication) -> None:
    request = RequestFactory().post("/login", {"username": "alice"}, HTTP_HOST="localhost")
    environ = {**request.environ, "wsgi.input": BytesIO(b"user"), "CONTENT_LENGTH": "20"}
    started: list[str] = []
    chunks: Any = handler(environ, lambda status, *_: started.append(status))
    body = b"".join(chunks)
    chunks.close()
    assert started == ["400 Bad Request"]
    assert b"<h1>Malformed body</h1>" in body


def test_a_host_that_is_not_served_is_a_page(db: None) -> None:
    answer = Browser().get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert PROBLEMS["bad-host"].detail in text(answer)
    assert answer["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert Client().get("/api/health", headers={"Host": "evil.example"})["Content-Type"] == (
        "application/problem+json"
    )


def test_the_general_limit_counts_pages(
    browser: Browser, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ClientThrottle.THROTTLE_RATES, "client", "3/60")
    browser.get("/static/web/style.css").close()
    first = browser.get("/")
    assert first["RateLimit"].startswith('"default";r=2;t=')
    assert call("GET", "/api/products").status == 200
    assert browser.get("/login").status_code == 200
    refused = browser.get("/")
    assert refused.status_code == 429
    assert "Too many requests" in text(refused)
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert call("GET", "/api/products").status == 429


def broken(*_: object, **__: object) -> None:
    raise OperationalError("the server closed the connection")


@pytest.mark.parametrize("where", ["a view", "a session", "a session's end", "an error page"])
def test_an_outage_is_a_page(alices: Browser, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    token = alices.token("/dashboard")
    fields: dict[str, str] = {}
    path = "/dashboard"
    match where:
        case "a view":
            monkeypatch.setattr(Todo.objects, "owned_by", broken)
        case "a session":
            monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)
        case "a session's end":
            monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.flush", broken)
            path, fields = "/logout", {SECRET: token}
        case _:
            monkeypatch.setattr("drf_api.accounts.backends.AccountBackend.get_user", broken)
            path = "/nonsense"
    answer = alices.post(path, fields) if fields else alices.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    problem = PROBLEMS["service-unavailable"]
    assert f"{problem.title} {problem.detail} Back to the catalogue" in text(answer)
    assert 'aria-label="Account"' not in answer.content.decode()


def test_a_session_that_can_not_be_stored_is_an_outage(
    browser: Browser, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.save", broken)
    assert browser.log_in("alice").status_code == 503


def test_a_fault_of_the_program_is_a_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DEBUG", False)
    monkeypatch.setattr("drf_api.web.views.CatalogueForm", None)
    browser.raise_request_exception = False
    answer = browser.get("/")
    assert answer.status_code == 500
    problem = PROBLEMS["internal-error"]
    assert f"{problem.title} {problem.detail} Back to the catalogue" in text(answer)
    assert answer["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_each_form_that_is_shown_has_its_token(sams: Browser, sam: User, product: Product) -> None:
    todo = Todo.objects.create(owner=sam, title="Paint")
    ChecklistItem.objects.bulk_create(todo.checklist([{"text": "a"}, {"text": "b"}]))
    Token.objects.issue(sam)
    pages = ["/", "/products/MUG-1", "/dashboard", "/account", "/account/close", "/nonsense"]
    shown = [sams.get(page) for page in [*pages, f"/dashboard/todos/{todo.pk}/delete"]]
    shown += [Browser().get(page) for page in VISITORS_FORMS]
    forms = [form for answer in shown for form in FORM.findall(answer.content.decode())]
    assert {action.replace(str(todo.pk), ANY_ID) for action, _ in forms} >= {
        *(VISITORS_FORMS + MEMBERS_FORMS[:4] + MEMBERS_FORMS[6:9] + MEMBERS_FORMS[10:])
    }
    assert all(SECRET in form for _, form in forms)
    assert len(forms) == 20
