"""The pages: what they show, what they carry, and what is shown in the place of a fault."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from flask_api import create_app
from flask_api.config import ROOT, Config
from flask_api.contract.database import db
from flask_api.tests.conftest import environment
from flask_api.tests.web import Browser, make_person, make_product, text_of

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def alice_browser(app: Flask, browser: Browser) -> Browser:
    make_person(app, "alice")
    browser.log_in()
    return browser


@pytest.fixture
def staff_browser(app: Flask, browser: Browser) -> Browser:
    make_person(app, "sam", is_staff=True)
    browser.log_in("sam")
    return browser


PAGES = {
    "/": "Catalogue",
    "/products/MUG-RED": "Product MUG-RED",
    "/register": "Register",
    "/login": "Log in",
    "/docs": "API documentation",
}
OWN_PAGES = {
    "/": "Catalogue",
    "/dashboard": "Dashboard",
    "/account": "Account",
    "/account/close": "Close your account",
}


def check_frame(html: str, title: str) -> None:
    assert html.startswith('<!doctype html>\n<html lang="en">')
    assert f"<title>{title} – Shop</title>" in html
    assert re.findall(r"<h1>(.*?)</h1>", html) == [title]
    assert html.count('<main id="main">') == 1
    assert '<a class="skip" href="#main">Skip to content</a>' in html
    assert "on" not in {name[:2] for name in re.findall(r"<[^>]* (on\w+)=", html)}
    assert "style=" not in html
    assert not re.search(r"<script(?! src=)", html)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len({*ids})


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_a_page_for_everybody(app: Flask, browser: Browser, path: str, title: str) -> None:
    make_product(app)
    answer = browser.get(path)
    assert answer.status_code == 200
    check_frame(answer.text, title)
    assert '<a href="/login">Log in</a>' in answer.text
    assert "Log out" not in answer.text


@pytest.mark.parametrize(("path", "title"), OWN_PAGES.items())
def test_a_page_for_who_is_logged_in(alice_browser: Browser, path: str, title: str) -> None:
    answer = alice_browser.get(path)
    assert answer.status_code == 200
    check_frame(answer.text, title)
    assert '<a href="/account">alice</a>' in answer.text
    assert 'action="/logout"' in answer.text
    assert 'href="/login"' not in answer.text


@pytest.mark.parametrize("path", ["/", "/dashboard", "/docs"])
def test_navigation_names_the_page_one_is_on(alice_browser: Browser, path: str) -> None:
    current = re.findall(r'href="([^"]+)" aria-current="page"', alice_browser.get(path).text)
    assert current == [path]


@pytest.mark.parametrize(
    "path", ["/", "/login", "/dashboard", "/nowhere", "/account/email", "/products/NONE"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_what_every_page_carries(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Vary"] == "Cookie, Origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Request-ID"]
    assert "ETag" not in answer.headers
    assert "Strict-Transport-Security" not in answer.headers
    if answer.status_code != 204:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/", "GET, HEAD, OPTIONS"),
        ("/login", "GET, HEAD, OPTIONS, POST"),
        ("/logout", "OPTIONS, POST"),
        ("/account", "GET, HEAD, OPTIONS"),
        ("/account/email", "OPTIONS, POST"),
        ("/products/MUG-RED", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_methods(client: FlaskClient, path: str, allow: str) -> None:
    answer = client.options(path)
    assert (answer.status_code, answer.headers["Allow"], answer.data) == (204, allow, b"")
    for method in {"GET", "DELETE", "PUT", "PATCH"} - {*allow.split(", ")}:
        refused = client.open(path, method=method)
        assert refused.status_code == 405
        assert refused.headers["Allow"] == allow
        check_frame(refused.text, "Method not allowed")


def test_a_target_without_a_path_is_the_catalogue(client: FlaskClient) -> None:
    assert client.get("/", environ_overrides={"PATH_INFO": ""}).status_code == 200


def test_head_is_get_without_its_body(client: FlaskClient) -> None:
    answer = client.head("/")
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(client.get("/").data)


def test_documentation_may_have_scripts_of_this_site(client: FlaskClient) -> None:
    page = client.get("/docs")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<noscript>" in page.text
    sources = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert len(sources) == 6
    for source in sources:
        file = client.get(source, buffered=True)
        assert file.status_code == 200
        assert file.mimetype in {"text/css", "text/javascript", "image/svg+xml"}
    assert client.get("/static/swagger-ui/index.css").status_code == 404
    assert client.get("/static/web/../../views.py").status_code == 404


def test_static_files_are_for_everybody_and_remembered(alice_browser: Browser) -> None:
    answer = alice_browser.get("/static/web/style.css")
    assert answer.headers["Vary"] == "Origin"
    assert "Set-Cookie" not in answer.headers
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert alice_browser.get("/static/web/style.css", headers=tag).status_code == 304


def test_the_catalogue(app: Flask, browser: Browser) -> None:
    for number in range(14):
        make_product(app, f"SKU-{number:02}", price=f"{number}.50", stock=number)
    make_product(app, "HIDDEN", active=False, category="secret")
    make_product(app, "LAMP", category="light", name="A lamp")
    first = browser.get("/?sort=price&category=kitchen&q=")
    skus = re.findall(r'href="/products/([^"]+)"', first.text)
    assert skus == [f"SKU-{number:02}" for number in range(12)]
    assert "0.50 EUR Out of stock" in text_of(first.text)
    assert "1.50 EUR 1 in stock" in text_of(first.text)
    assert re.findall(r'<option [^>]*value="([a-z]*)"', first.text)[:3] == ["", "kitchen", "light"]
    link = re.search(r'href="(/\?[^"]+)">Next page', first.text)
    assert link
    second = browser.get(link[1].replace("&amp;", "&")).text
    assert re.findall(r'href="/products/([^"]+)"', second) == ["SKU-12", "SKU-13"]
    assert "Next page" not in second


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"CHEAP", "DEAR", "NONE"}),
        ("?min_price=10", {"DEAR"}),
        ("?max_price=9.5", {"CHEAP", "NONE"}),
        ("?in_stock=true", {"CHEAP", "DEAR"}),
        ("?q=dea&unknown=1", {"DEAR"}),
        ("?category=garden", {"DEAR"}),
        ("?category=nothing", set()),
    ],
)
def test_filters(app: Flask, browser: Browser, query: str, found: set[str]) -> None:
    make_product(app, "CHEAP", price="9.50")
    make_product(app, "DEAR", price="10.00", category="garden")
    make_product(app, "NONE", price="1.00", stock=0)
    page = browser.get(f"/{query}").text
    assert {*re.findall(r'href="/products/([^"]+)"', page)} == found
    assert ("No products match." in page) == (not found)


@pytest.mark.parametrize(
    ("query", "name", "error"),
    [
        ("min_price=cheap", "min_price", "Must be a decimal number from 0.00 to 99999999.99"),
        ("category=No+Slug", "category", "Must be lower-case letters and digits"),
        ("in_stock=maybe", "in_stock", "Must be one of: true, false."),
        ("sort=-name", "sort", "Must be one of: -created_at, name, price, -price."),
        ("q=%00", "q", "Must not contain the NUL character (U+0000)."),
        ("q=a&q=b", "q", "This parameter may be given only once."),
    ],
)
def test_a_wrong_filter(app: Flask, browser: Browser, query: str, name: str, error: str) -> None:
    make_product(app)
    answer = browser.get(f"/?{query}")
    assert answer.status_code == 400
    assert f'<ul class="errors" id="{name}-errors">' in answer.text
    assert error in answer.text
    assert "MUG-RED" not in answer.text
    assert "No products match." not in answer.text


@pytest.mark.parametrize("path", ["/?q=%FF", "/login?%FF", "/products/MUG-RED?x=%ED%A0%80"])
def test_a_query_that_is_not_utf_8(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    check_frame(answer.text, "Malformed request")


def test_a_wrong_cursor_is_an_error_of_the_form(browser: Browser) -> None:
    answer = browser.get("/?cursor=abc")
    assert answer.status_code == 400
    found = re.search(r'<div role="alert"><ul class="errors">\s*<li>(.*?)</li>', answer.text)
    assert found
    assert found[1] == "Must be a cursor that this list gave for these parameters."


def test_staff_see_the_catalogue_in_figures(app: Flask, staff_browser: Browser) -> None:
    heading = "The catalogue in figures"
    assert heading not in staff_browser.get("/").text  # as there is nothing yet
    make_product(app)
    make_product(app, "OLD", active=False, price="5.50", stock=0)
    for query in ("", "?q=nothing", "?min_price=x"):
        shown = text_of(staff_browser.get(f"/{query}").text)
        assert shown.partition(heading)[2].startswith(
            " Category Products Units Lowest price Mean price Highest price Stock value Currency "
            "Open todos kitchen 2 6 5.50 10.00 14.50 87.00 EUR 0 "
        )
    stranger = Browser(app)
    assert heading not in stranger.get("/").text
    make_person(app, "alice")
    stranger.log_in()
    assert heading not in stranger.get("/").text


def test_products(app: Flask, browser: Browser) -> None:
    make_product(app, attributes={"width": "9 cm", "colour": "red"})
    make_product(app, "OLD", active=False)
    page = text_of(browser.get("/products/MUG-RED").text)
    assert "SKU MUG-RED Category kitchen Price 14.50 EUR Stock 6 in stock" in page
    assert "colour red width 9 cm" in page
    assert "Stock history" not in page
    for path in ("/products/OLD", "/products/NEW", "/products/mug-red", "/products/%00"):
        assert browser.get(path).status_code == 404
    make_person(app, "sam", is_staff=True)
    browser.log_in("sam")
    assert "Not for sale." in browser.get("/products/OLD").text
    assert "No movements." in browser.get("/products/OLD").text


ERRORS = {
    "/nowhere": (404, "Not found", "Nothing is found at this address."),
    "/products/MUG-RED/": (404, "Not found", "Nothing is found at this address."),
    "/dashboard/": (404, "Not found", "Nothing is found at this address."),
    "/static/": (404, "Not found", "Nothing is found at this address."),
    "/static/web/none.css": (404, "Not found", "Nothing is found at this address."),
}


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html"])
@pytest.mark.parametrize(("path", "expected"), ERRORS.items())
def test_error_pages(client: FlaskClient, path: str, expected: Any, accept: str) -> None:
    answer = client.get(path, headers={"Accept": accept})
    status, title, detail = expected
    assert answer.status_code == status
    check_frame(answer.text, title)
    assert f"<p>{detail}</p>" in answer.text
    assert '<p><a href="/">Back to the catalogue</a></p>' in answer.text
    assert 'href="/login"' in answer.text


def test_errors_of_the_api_stay_problems(client: FlaskClient) -> None:
    for path in ("/api", "/api/", "/api/nowhere"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["Vary"] == "Origin"
    for method in ("OPTIONS", "GET", "DELETE", "POST"):
        answer = client.open("/api/products", method=method)
        assert answer.headers["Vary"] == "Origin"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_wrong_host(client: FlaskClient) -> None:
    for host in ("elsewhere.example", "a b"):
        answer = client.get("/", headers={"Host": host})
        assert answer.status_code == 400
        check_frame(answer.text, "Bad host")


def test_a_fault_is_a_page(app: Flask, alice_browser: Browser, engine: Engine) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE stock_adjustments"))
        connection.execute(text("DROP TABLE todo_tags"))
        connection.execute(text("DROP TABLE todos"))
    answer = alice_browser.get("/dashboard")
    assert answer.status_code == 500
    check_frame(answer.text, "Internal error")
    assert "alice" not in answer.text


def test_an_outage_is_a_page(
    app: Flask, alice_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(db.session, "scalar", fail)
    for path in ("/", "/dashboard", "/nowhere"):
        answer = alice_browser.get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        check_frame(answer.text, "Service unavailable")
        assert 'aria-label="Account"' not in answer.text
    assert alice_browser.get("/static/web/style.css").status_code == 200


def test_pages_can_be_left_out(tmp_path: Path) -> None:
    config = Config.from_environment({**environment(tmp_path), "PAGES_ENABLED": "false"})
    client = create_app(config).test_client()
    for path in ("/", "/login", "/static/web/style.css", "/nowhere"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"


def test_hsts_is_sent_over_tls_only(app: Flask, client: FlaskClient) -> None:
    app.config["HSTS_SECONDS"] = 3600
    for path in ("/", "/api/health", "/nowhere"):
        assert "Strict-Transport-Security" not in client.get(path).headers
        secure = client.get(path, base_url="https://localhost")
        assert secure.headers["Strict-Transport-Security"] == "max-age=3600"


def test_the_general_limit_counts_pages(tmp_path: Path) -> None:
    config = Config.from_environment({**environment(tmp_path), "RATE_LIMIT": "3/600"})
    client = create_app(config).test_client()
    client.get("/api/openapi.json")
    for _ in range(2):
        assert client.get("/docs").status_code == 200
    answer = client.get("/docs")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    check_frame(answer.text, "Too many requests")
    assert client.get("/static/web/style.css", buffered=True).status_code == 200


def test_the_two_style_sheets_are_one() -> None:
    ours = ROOT / "flask_api/web/static/style.css"
    theirs = ROOT / "drf_api/web/static/web/style.css"
    assert not theirs.exists() or ours.read_bytes() == theirs.read_bytes()
    assert "@import" not in ours.read_text()
    assert "url(" not in ours.read_text()


@pytest.mark.parametrize("template", sorted((ROOT / "flask_api/web/templates/web").glob("*.html")))
def test_no_template_turns_escaping_off(template: Path) -> None:
    source = template.read_text()
    assert "autoescape" not in source
    assert re.findall(r"'[^']*' \| safe", source) == re.findall(r"'[^']*' ?\|\s*safe", source)
    assert source.count("safe }}") == 0
