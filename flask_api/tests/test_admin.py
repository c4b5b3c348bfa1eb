"""The admin site: whom it lets in, what it shows and changes, and that the data's rules hold."""

import csv
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select, text, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from flask_api import create_app
from flask_api.accounts.models import Token, User
from flask_api.config import Config, ConfigurationError
from flask_api.contract.database import db, transaction
from flask_api.contract.errors import ProblemError
from flask_api.contract.idempotency import IdempotencyKey
from flask_api.products import resources
from flask_api.products.models import Product, StockAdjustment
from flask_api.tests.conftest import environment, make_app, make_user
from flask_api.tests.web import PASSWORD, Browser, make_person, make_product, meanwhile, text_of
from flask_api.todos.models import Todo
from flask_api.web import admin

TABLES = [
    *("users", "tokens", "products", "stock-adjustments", "todos", "tags", "idempotency-keys"),
]
GOOD = {
    "sku": "ADMIN-1",
    "name": "Stoneware mug",
    "description": "",
    "category": "kitchen",
    "price": "14.50",
    "currency": "EUR",
    "attributes": '{"colour": "blue"}',
    "active": "y",
}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path, ADMIN_ENABLED="true")
    make_person(app, "sam", is_staff=True)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def sams(app: Flask) -> Browser:
    browser = Browser(app)
    browser.log_in("sam")
    return browser


def all_of(app: Flask, *what: Any) -> list[Any]:
    """Read rows."""
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(*what))]


def id_of(app: Flask, model: Any, **values: str) -> str:
    with app.app_context():
        return str(db.session.scalars(select(model.id).filter_by(**values)).one())


def errors(html: str) -> dict[str, list[str]]:
    """Return the errors beside each field."""
    groups = re.findall(r'<label for="(\w+)"(.*?)(?=<label for=|</fieldset>)', html, re.DOTALL)
    found = {name: re.findall(r"<li>(.*?)</li>", unescape(group)) for name, group in groups}
    return {name: texts for name, texts in found.items() if texts}


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return [*csv.DictReader(answer.text.splitlines())]


def links(page: TestResponse) -> list[str]:
    """Return the addresses of a list's further pages: one for each row, and for a new one."""
    found = re.findall(r'href="(/admin/[^"]*/(?:edit|details|new)/[^"]*)"', page.text)
    return [unescape(path) for path in found]


# Whom it lets in


def test_it_is_off_unless_asked_for(tmp_path: Path) -> None:
    app = create_app(Config.from_environment(environment(tmp_path)))
    assert app.test_client().get("/admin/").status_code == 404


def test_it_needs_the_pages_where_staff_logs_in(tmp_path: Path) -> None:
    settings = {**environment(tmp_path), "ADMIN_ENABLED": "true", "PAGES_ENABLED": "false"}
    with pytest.raises(ConfigurationError, match="ADMIN_ENABLED needs PAGES_ENABLED"):
        Config.from_environment(settings)


@pytest.mark.parametrize("path", ["", *(f"{table}/" for table in TABLES), "products/new/"])
def test_strangers_log_in_and_others_are_refused(app: Flask, path: str) -> None:
    browser = Browser(app)
    answer = browser.get(f"/admin/{path}")
    target = f"/admin/{path}".replace("/", "%2F")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/login?next={target}")
    make_person(app, "alice")
    browser.log_in()
    answer = browser.get(f"/admin/{path}")
    assert answer.status_code == 403
    assert "Only staff may do this" in answer.text or "Forbidden" in answer.text


def test_a_login_leads_to_it(app: Flask) -> None:
    fields = {"username": "sam", "password": PASSWORD, "next": "/admin/products/"}
    answer = Browser(app).post("/login", **fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/products/")


def test_who_is_no_longer_staff_is_refused_at_once(app: Flask, sams: Browser) -> None:
    assert sams.get("/admin/").status_code == 200
    with app.app_context(), transaction():
        db.session.execute(update(User).values(is_staff=False))
    assert sams.get("/admin/").status_code == 403


POSTS = [
    "/admin/products/new/",
    "/admin/products/edit/?id={id}",
    "/admin/products/stock/?id={id}",
    "/admin/products/delete/",
    "/admin/products/action/",
    "/admin/products/ajax/update/",
]


@pytest.mark.parametrize("path", POSTS)
def test_forms_are_its_own(app: Flask, sams: Browser, path: str) -> None:
    make_product(app)
    product = id_of(app, Product, sku="MUG-RED")
    path = path.format(id=product)
    fields = {**GOOD, "id": product, "action": "delete", "rowid": product, "delta": "1"}
    fields |= {"reason": "received", "note": ""}
    before = all_of(app, Product.sku, Product.stock, Product.updated_at)
    assert sams.client.post(path, data=fields).status_code == 403
    token = Browser(app).token()  # of another session
    assert sams.client.post(path, data={**fields, "csrf_token": token}).status_code == 403
    own = {**fields, "csrf_token": sams.token("/admin/products/new/")}
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert sams.client.post(path, data=own, headers=elsewhere).status_code == 403
    alices = Browser(app)
    make_person(app, "alice")
    alices.log_in()
    fields["csrf_token"] = alices.token("/account")
    assert alices.client.post(path, data=fields).status_code == 403
    assert all_of(app, Product.sku, Product.stock, Product.updated_at) == before


def test_failed_logins_count_for_it_too(app: Flask) -> None:
    browser = Browser(app)
    wrong = {"username": "sam", "password": "wrong"}
    for _ in range(10):
        assert browser.client.post("/api/tokens", json=wrong).status_code == 401
    fields = {"username": "sam", "password": PASSWORD, "next": "/admin/"}
    assert browser.post("/login", **fields).status_code == 429
    assert browser.get("/admin/").status_code == 303


# What its pages are like


@pytest.fixture
def shop(app: Flask) -> Flask:
    """Put in one row at least of each table."""
    make_product(app)
    alice = make_user(app, "alice")
    client = app.test_client()
    todo = {"title": "Dust the mugs", "tags": ["dust"], "items": [{"text": "Find a cloth"}]}
    headers = {**alice, "Idempotency-Key": "once"}
    assert client.post("/api/todos", json=todo, headers=headers).status_code == 201
    with app.app_context(), transaction():
        product = db.session.scalars(select(Product)).one()
        sam = db.session.scalars(select(User).where(User.username == "sam")).one()
        product.adjust(5, "received", "A delivery", sam)
    return app


@pytest.mark.parametrize("table", TABLES)
def test_pages_run_no_script_but_files_of_this_site(shop: Flask, sams: Browser, table: str) -> None:
    page = sams.get(f"/admin/{table}/")
    assert page.status_code == 200
    pages = [page, *(sams.get(path) for path in links(page))]
    assert len(pages) == {"users": 3, "products": 3, "todos": 2}.get(table, 1)
    for each in pages:
        assert each.status_code == 200
        policy = each.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'; img-src 'self' data:; form-action 'self'")
        assert "unsafe" not in policy
        assert each.headers["Cache-Control"] == "no-store"
        assert not re.search(r'\son\w+="', each.text)
        assert " style=" not in each.text
        assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", each.text)
        for address in re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', each.text):
            assert address.startswith("/")
            answer = sams.get(address)
            assert answer.status_code == 200
            assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("table", TABLES)
def test_a_password_and_a_digest_are_nowhere(shop: Flask, sams: Browser, table: str) -> None:
    secrets = [
        *(password for (password,) in all_of(shop, User.password) if password),
        *(digest for (digest,) in all_of(shop, Token.digest)),
        *(fingerprint for (fingerprint,) in all_of(shop, IdempotencyKey.fingerprint)),
    ]
    assert len(secrets) == 3
    page = sams.get(f"/admin/{table}/")
    texts = [page.text, sams.get(f"/admin/{table}/export/csv/").text]
    for each in [*texts, *(sams.get(path).text for path in links(page))]:
        assert "password" not in each.lower()
        assert not any(secret in each for secret in secrets)


def test_markup_is_shown_as_text(app: Flask, sams: Browser) -> None:
    markup = "<script>alert(1)</script>"
    make_product(app, name=markup, description=markup, attributes={markup: markup})
    product = id_of(app, Product, sku="MUG-RED")
    for path in ("", f"edit/?id={product}", f"?search={markup}", f"?flt0_category_equals={markup}"):
        page = sams.get(f"/admin/products/{path}")
        assert page.status_code == 200
        assert markup not in page.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        *(("page=-1", 200), ("page=" + "9" * 30, 200), ("page=x", 200)),
        *(("sort=-5", 200), ("sort=99", 200), ("sort=0&desc=1", 200), ("sort=0", 200)),
        *(("search=%00", 200), ("search=%25_%5E%3D", 200), ("page_size=7", 200)),
        *(("flt0_active_equals=zz", 200), ("flt0_category_equals=%00", 200), ("flt=1", 200)),
        *(("endpoint=x", 400), ("_external=1", 400), ("self=1", 400), ("search=%FF", 400)),
    ],
)
def test_no_query_is_a_fault(shop: Flask, sams: Browser, query: str, status: int) -> None:
    for table in TABLES:
        assert sams.get(f"/admin/{table}/?{query}").status_code == status
        assert sams.get(f"/admin/{table}/export/csv/?{query}").status_code == status


@pytest.mark.parametrize("key", ["x", "", "00000000-0000-0000-0000-000000000000", "%00"])
def test_no_id_is_a_fault(shop: Flask, sams: Browser, key: str) -> None:
    token = sams.token("/admin/products/new/")
    data = {"csrf_token": token, "id": key, "rowid": key}
    for table in TABLES:
        for view in ("edit", "details"):
            answer = sams.get(f"/admin/{table}/{view}/?id={key}")
            assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin/{table}/")
        assert sams.client.post(f"/admin/{table}/delete/", data=data).status_code == 302
        for name in ("delete", "activate", "deactivate", "nonsense"):
            answer = sams.client.post(f"/admin/{table}/action/", data={**data, "action": name})
            assert answer.status_code == 302
    assert len(all_of(shop, User.id)) == 2


def test_the_way_back_is_on_this_site(shop: Flask, sams: Browser) -> None:
    page = sams.get("/admin/products/new/?url=https://elsewhere.example/")
    assert 'href="https://elsewhere' not in page.text
    token = sams.token("/admin/products/new/")
    data = {"csrf_token": token, "id": "x", "url": "//elsewhere.example"}
    answer = sams.client.post("/admin/products/delete/", data=data)
    assert answer.headers["Location"] == "/admin/products/"


def test_an_outage_is_a_page_that_says_when_to_come_back(
    app: Flask, sams: Browser, engine: Engine
) -> None:
    make_product(app)
    product = id_of(app, Product, sku="MUG-RED")
    token = sams.token("/admin/products/new/")

    def fail(*_: object) -> None:
        raise OperationalError("", {}, Exception("out of reach"))

    event.listen(engine, "before_cursor_execute", fail)
    try:
        data = {**GOOD, "csrf_token": token, "id": product, "rowid": product, "action": "delete"}
        data |= {"delta": "1", "reason": "received"}
        answers = [sams.client.post(path.format(id=product), data=data) for path in POSTS]
        answers += [sams.get(path) for path in ("/admin/", "/admin/products/")]
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    for answer in answers:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.mimetype == "text/html"
    assert sams.get("/admin/products/").status_code == 200


# Users and tokens


def test_users_are_searched_and_filtered(app: Flask, sams: Browser) -> None:
    make_person(app, "alice")
    make_person(app, "bob")

    def found(query: str) -> list[str]:
        return [row["Username"] for row in rows(sams.get(f"/admin/users/export/csv/?{query}"))]

    assert found("") == ["alice", "bob", "sam"]
    assert found("search=ALICE%40") == ["alice"]
    assert found("flt0_staff_equals=1") == ["sam"]
    assert found("flt0_staff_equals=0&search=b") == ["bob"]


def test_a_user_is_changed_by_the_rules_of_the_api(app: Flask, sams: Browser) -> None:
    make_person(app, "alice")
    path = f"/admin/users/edit/?id={id_of(app, User, username='alice')}"
    good = {"username": "alice", "email": "alice@example.com", "is_active": "y"}
    for wrong, expected in [
        ({"username": "No Name"}, {"username": ["Must be lower-case letters, digits or _."]}),
        ({"username": "me"}, {"username": ["Must have 3 or more characters."]}),
        ({"email": "nonsense"}, {"email": ["Must be an email address."]}),
        ({"username": "sam"}, {"username": ["Is taken already."]}),
        ({"email": "SAM@example.com"}, {"email": ["Is taken already."]}),
    ]:
        answer = sams.post(path, **{**good, **wrong})
        assert answer.status_code == 200
        assert errors(answer.text).keys() == expected.keys()
    password = all_of(app, User.username, User.password)
    answer = sams.post(path, **{**good, "email": "new@example.com", "is_staff": "y"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/users/")
    assert ("alice", "new@example.com", True, True) in all_of(
        app, User.username, User.email, User.is_staff, User.is_active
    )
    assert all_of(app, User.username, User.password) == password


def test_users_are_deactivated_and_activated_together(app: Flask, sams: Browser) -> None:
    for name in ("alice", "bob", "carol"):
        make_person(app, name)
    alices = Browser(app)
    alices.log_in()
    chosen = [id_of(app, User, username=name) for name in ("alice", "bob")]
    assert act(sams, "users", "deactivate", chosen) == ["2 deactivated."]
    assert alices.get("/account").status_code == 303
    active = select(User.username).where(User.is_active).order_by(User.username)
    with app.app_context():
        assert db.session.scalars(active).all() == ["carol", "sam"]
    assert act(sams, "users", "activate", [*chosen, str(uuid4())]) == ["2 activated."]
    assert act(sams, "users", "activate", chosen) == ["0 activated."]


def act(browser: Browser, table: str, name: str, ids: list[str]) -> list[str]:
    """Do something to chosen rows, and return the messages."""
    data: dict[str, Any] = {"action": name, "rowid": ids}
    data["csrf_token"] = browser.token(f"/admin/{table}/")
    assert browser.client.post(f"/admin/{table}/action/", data=data).status_code == 302
    page = browser.get(f"/admin/{table}/").text
    return re.findall(r'<div class="alert[^>]*>.*?</button>\s*(.*?)\s*</div>', page, re.DOTALL)


def test_who_is_deleted_takes_along_what_is_their_own(shop: Flask, sams: Browser) -> None:
    alice = id_of(shop, User, username="alice")
    answer = sams.post("/admin/users/delete/", "/admin/users/", id=alice)
    assert answer.status_code == 302
    assert all_of(shop, User.username) == [("sam",)]
    assert all_of(shop, Token.id) == all_of(shop, Todo.id) == all_of(shop, IdempotencyKey.id) == []
    sam = id_of(shop, User, username="sam")  # whose movement stays
    sams.post("/admin/users/delete/", "/admin/users/", id=sam)
    assert all_of(shop, User.id) == []
    assert all_of(shop, StockAdjustment.delta, StockAdjustment.created_by_id) == [(5, None)]


def test_tokens_are_shown_and_revoked(app: Flask, sams: Browser) -> None:
    alice, bob = make_user(app, "alice"), make_user(app, "bob")
    client = app.test_client()
    listed = rows(sams.get("/admin/tokens/export/csv/?search=alice"))
    assert [row["User"] for row in listed] == ["alice"]
    with app.app_context():
        statement = select(Token.id).join(Token.user).where(User.username == "alice")
        token = str(db.session.scalars(statement).one())
    sams.post("/admin/tokens/delete/", "/admin/tokens/", id=token)
    assert client.get("/api/users/me", headers=alice).status_code == 401
    assert client.get("/api/users/me", headers=bob).status_code == 200
    assert act(sams, "tokens", "delete", [id_of(app, Token)]) == ["1 deleted."]
    assert client.get("/api/users/me", headers=bob).status_code == 401


# Products and their stock


def test_products_are_searched_and_filtered(app: Flask, sams: Browser) -> None:
    make_product(app, "MUG-RED")
    make_product(app, "MUG-BLUE", currency="USD")
    make_product(app, "LAMP-1", category="lamps", active=False)

    def found(query: str) -> set[str]:
        return {row["SKU"] for row in rows(sams.get(f"/admin/products/export/csv/?{query}"))}

    assert found("") == {"MUG-RED", "MUG-BLUE", "LAMP-1"}
    assert found("search=mug") == {"MUG-RED", "MUG-BLUE"}
    assert found("flt0_active_equals=0") == {"LAMP-1"}
    assert found("flt0_category_equals=kitchen&flt1_currency_equals=USD") == {"MUG-BLUE"}
    page = text_of(sams.get("/admin/products/?search=mug&flt0_currency_equals=USD").text)
    assert "MUG-BLUE" in page
    assert "MUG-RED" not in page


def test_a_product_is_added_and_changed(app: Flask, sams: Browser) -> None:
    answer = sams.post("/admin/products/new/", **GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/products/")
    shown = app.test_client().get("/api/products").json["items"]  # type: ignore[index]
    assert [(item["sku"], item["price"], item["stock"], item["active"]) for item in shown] == [
        ("ADMIN-1", "14.50", 0, True)
    ]
    assert shown[0]["attributes"] == {"colour": "blue"}
    path = f"/admin/products/edit/?id={shown[0]['id']}"
    without = {name: value for name, value in GOOD.items() if name != "active"}
    assert sams.post(path, **{**without, "price": "3", "attributes": ""}).status_code == 302
    [item] = app.test_client().get("/api/products").json["items"]  # type: ignore[index]
    assert (item["price"], item["attributes"], item["active"]) == ("3.00", {}, False)
    assert item["updated_at"] > shown[0]["updated_at"]
    assert sams.post(path, **{**without, "price": "3", "attributes": ""}).status_code == 302
    [again] = app.test_client().get("/api/products").json["items"]  # type: ignore[index]
    assert again["updated_at"] == item["updated_at"]  # as nothing was changed


@pytest.mark.parametrize(
    ("wrong", "field", "error"),
    [
        ({"sku": "not a sku!"}, "sku", "Must be 3 to 32"),
        ({"sku": ""}, "sku", "Must be 3 to 32"),
        ({"sku": "MUG-RED"}, "sku", "Is taken"),
        ({"category": "Not A Slug"}, "category", "Must be"),
        ({"name": "   "}, "name", "Must not be blank"),
        ({"name": "a\0b"}, "name", "Must not contain U+0000"),
        ({"price": "-1.00"}, "price", "Must be"),
        ({"currency": "XXX"}, "currency", "Must be one of"),
        ({"attributes": "[1, 2]"}, "attributes", "Must be an object."),
        ({"attributes": "{"}, "attributes", "Must be an object."),
        ({"attributes": "[" * 100_000}, "attributes", "Must be an object."),
        ({"attributes": '{"a": 5}'}, "attributes", "Must be a string."),
        ({"attributes": '{"": "b"}'}, "attributes", "Must be"),
        ({"attributes": f'{{"a": "{"b" * 201}"}}'}, "attributes", "Must have 200"),
    ],
)
def test_what_the_api_refuses_is_refused_beside_its_field(
    app: Flask, sams: Browser, wrong: dict[str, str], field: str, error: str
) -> None:
    make_product(app)
    make_product(app, "MUG-BLUE")
    before = all_of(app, Product.id, Product.sku, Product.name, Product.updated_at)
    blue = id_of(app, Product, sku="MUG-BLUE")
    for path in ("/admin/products/new/", f"/admin/products/edit/?id={blue}"):
        answer = sams.post(path, **{**GOOD, **wrong})
        assert answer.status_code == 200
        found = errors(answer.text)
        assert found.keys() == {field}
        assert "Stoneware mug" in answer.text or field == "name"
    assert all_of(app, Product.id, Product.sku, Product.name, Product.updated_at) == before


def test_what_others_store_meanwhile_stays(
    app: Flask, sams: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_product(app)
    locked = admin.locked

    def slow(model: type[Any], key: Any) -> Any:
        values = {"stock": 77, "name": "changed"}
        db.session.execute(update(Product).values(**values))
        return locked(model, key)

    monkeypatch.setattr(admin, "locked", slow)
    product = id_of(app, Product, sku="MUG-RED")
    form = {**GOOD, "sku": "MUG-RED", "name": "Product MUG-RED", "price": "3.21"}
    assert sams.post(f"/admin/products/edit/?id={product}", **form).status_code == 302
    assert all_of(app, Product.name, Product.stock) == [("changed", 77)]
    assert rows(sams.get("/admin/products/export/csv/"))[0]["Price"] == "3.21"


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/admin/products/edit/?id={}", {**GOOD, "sku": "MUG-RED"}, 404),
        ("/admin/products/delete/", {"id": "{}"}, 404),
        ("/admin/products/stock/?id={}", {"delta": "1", "reason": "sold"}, 404),
        ("/admin/products/action/", {"action": "delete", "rowid": "{}"}, 302),
        ("/admin/products/action/", {"action": "deactivate", "rowid": "{}"}, 302),
    ],
)
@pytest.mark.parametrize("retried", [False, True])
def test_what_others_delete_meanwhile_is_gone(
    *,
    app: Flask,
    sams: Browser,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    data: dict[str, str],
    status: int,
    retried: bool,
) -> None:
    make_product(app)
    product = id_of(app, Product, sku="MUG-RED")
    token = sams.token("/admin/products/")
    meanwhile(monkeypatch, engine, "DELETE FROM products", retried=retried)
    fields = {name: value.replace("{}", product) for name, value in data.items()}
    answer = sams.client.post(path.format(product), data={"csrf_token": token, **fields})
    assert answer.status_code == status


def test_rows_are_deleted_together_or_not_at_all(
    app: Flask, sams: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sku in ("MUG-RED", "MUG-BLUE"):
        make_product(app, sku)
    chosen = [str(key) for (key,) in all_of(app, Product.id)]
    token = sams.token("/admin/products/")

    def refuse_one(_view: Any, product: Product) -> None:
        if product.sku == "MUG-BLUE":
            raise ProblemError("forbidden")

    monkeypatch.setattr(admin.ProductView, "on_model_delete", refuse_one)
    data = {"csrf_token": token, "action": "delete", "rowid": chosen}
    assert sams.client.post("/admin/products/action/", data=data).status_code == 403
    assert len(all_of(app, Product.id)) == 2


def test_who_is_first_has_the_name(
    app: Flask, sams: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The constraint decides, and the second attempt has an error beside the field."""
    make_product(app)
    looked_up = resources.refuse_conflict
    attempts = []

    def look(sku: str, exclude: Any = None) -> None:
        attempts.append(sku)
        if len(attempts) > 1:
            looked_up(sku, exclude)

    monkeypatch.setattr(admin, "refuse_conflict", look)
    answer = sams.post("/admin/products/new/", **{**GOOD, "sku": "MUG-RED"})
    assert answer.status_code == 200
    assert errors(answer.text).keys() == {"sku"}
    assert len(attempts) == 2


def move(browser: Browser, product: str, **fields: str) -> TestResponse:
    page = f"/admin/products/edit/?id={product}"
    fields = {"delta": "5", "reason": "received", "note": "", **fields}
    return browser.post(f"/admin/products/stock/?id={product}", page, **fields)


def test_stock_is_moved_beside_its_history(app: Flask, sams: Browser) -> None:
    make_product(app, stock=0)
    product = id_of(app, Product, sku="MUG-RED")
    answer = move(sams, product, delta="7", note="A delivery")
    assert answer.headers["Location"] == f"/admin/products/edit/?id={product}"
    assert move(sams, product, delta="-3", reason="sold").status_code == 302
    page = text_of(sams.get(f"/admin/products/edit/?id={product}").text)
    assert "Stock is now 4." in page
    assert re.search(r"UTC -3 Sold 4 sam .* UTC \+7 Received A delivery 7 sam", page)
    listed = rows(sams.get("/admin/stock-adjustments/export/csv/?search=MUG"))
    assert [(row["Delta"], row["Balance"], row["By"]) for row in listed] == [
        ("-3", "4", "sam"),
        ("7", "7", "sam"),
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"delta": "-7"}, "delta"),
        ({"delta": "0"}, "delta"),
        ({"delta": "x"}, "delta"),
        ({"delta": "1000001"}, "delta"),
        ({"delta": "9" * 5000}, "delta"),
        ({"reason": "stolen"}, "reason"),
        ({"note": "n" * 501}, "note"),
    ],
)
def test_a_movement_that_cannot_be_is_refused(
    app: Flask, sams: Browser, wrong: dict[str, str], field: str
) -> None:
    make_product(app, stock=6)
    answer = move(sams, id_of(app, Product, sku="MUG-RED"), **wrong)
    assert answer.status_code == 200
    assert errors(answer.text).keys() == {field}
    assert all_of(app, Product.stock) == [(6,)]
    assert all_of(app, StockAdjustment.id) == []


def test_movements_can_only_be_added(shop: Flask, sams: Browser) -> None:
    movement = id_of(shop, StockAdjustment)
    before = all_of(shop, StockAdjustment.id, StockAdjustment.delta)
    token = sams.token("/admin/products/new/")
    data = {"csrf_token": token, "id": movement, "rowid": movement, "delta": "9"}
    for path in ("new/", f"edit/?id={movement}", "delete/", "action/"):
        for name in ("delete", "activate"):
            answer = sams.client.post(
                f"/admin/stock-adjustments/{path}", data={**data, "action": name}
            )
            assert answer.status_code == 302
    assert all_of(shop, StockAdjustment.id, StockAdjustment.delta) == before
    # Nor does the product's own form have anything to do with its stock.
    product = id_of(shop, Product)
    form = {**GOOD, "stock": "99", "delta": "9", "reason": "received", "id": str(uuid4())}
    assert sams.post(f"/admin/products/edit/?id={product}", **form).status_code == 302
    assert all_of(shop, Product.sku, Product.stock) == [("ADMIN-1", 11)]


def test_stock_that_many_move_at_once_is_the_sum_of_its_movements(
    app: Flask, sams: Browser
) -> None:
    make_product(app, stock=0)
    product = id_of(app, Product, sku="MUG-RED")
    browsers = [Browser(app) for _ in range(4)]
    for browser in browsers:
        browser.log_in("sam")

    def work(browser: Browser) -> list[int]:
        edit = f"/admin/products/edit/?id={product}"
        form = {**GOOD, "sku": "MUG-RED"}
        return [
            status
            for number in range(4)
            for status in (
                move(browser, product, delta="2").status_code,
                browser.post(edit, **{**form, "name": f"Mug {number}"}).status_code,
                move(browser, product, delta="-1", reason="sold").status_code,
            )
        ]

    with ThreadPoolExecutor(4) as pool:
        statuses = [status for found in pool.map(work, browsers) for status in found]
    assert {*statuses} == {302}
    assert all_of(app, Product.stock) == [(16,)]
    assert all_of(app, func.sum(StockAdjustment.delta)) == [(16,)]
    assert all_of(app, func.count(StockAdjustment.id)) == [(32,)]


def test_products_are_deactivated_and_activated_together(app: Flask, sams: Browser) -> None:
    for sku in ("MUG-RED", "MUG-BLUE", "LAMP-1"):
        make_product(app, sku)
    before = dict(all_of(app, Product.sku, Product.updated_at))
    chosen = [id_of(app, Product, sku=sku) for sku in ("MUG-RED", "MUG-BLUE")]
    assert act(sams, "products", "deactivate", chosen) == ["2 deactivated."]
    assert {*all_of(app, Product.sku, Product.active)} == {
        *(("MUG-RED", False), ("MUG-BLUE", False), ("LAMP-1", True)),
    }
    after = dict(all_of(app, Product.sku, Product.updated_at))
    assert {sku for sku in after if after[sku] > before[sku]} == {"MUG-RED", "MUG-BLUE"}
    assert act(sams, "products", "activate", chosen) == ["2 activated."]


def test_who_may_not_edit_may_neither_switch_nor_move(
    shop: Flask, sams: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(shop, "bob")
    before = all_of(shop, Product.active, Product.stock), all_of(shop, User.is_active)
    chosen = {
        "products": id_of(shop, Product),
        "users": id_of(shop, User, username="bob"),
    }
    for view in (admin.ProductView, admin.UserView):
        monkeypatch.setattr(view, "can_edit", False)
    for table, key in chosen.items():
        assert act(sams, table, "deactivate", [key]) == []
        assert "Deactivate" not in sams.get(f"/admin/{table}/").text
    fields = {"csrf_token": sams.token("/account"), "delta": "5", "reason": "received", "note": ""}
    path = f"/admin/products/stock/?id={chosen['products']}"
    assert sams.client.post(path, data=fields).status_code == 404
    assert (all_of(shop, Product.active, Product.stock), all_of(shop, User.is_active)) == before


def test_a_deleted_product_goes_with_its_history(shop: Flask, sams: Browser) -> None:
    assert act(sams, "products", "delete", [id_of(shop, Product)]) == ["1 deleted."]
    assert all_of(shop, Product.id) == all_of(shop, StockAdjustment.id) == []


# Todos


def test_todos_are_shown_whole_and_belong_to_their_owners(shop: Flask, sams: Browser) -> None:
    [row] = rows(sams.get("/admin/todos/export/csv/?search=dust"))
    assert (row["Title"], row["Owner"], row["Tags"]) == ("Dust the mugs", "alice", "dust")
    todo = id_of(shop, Todo)
    page = text_of(sams.get(f"/admin/todos/details/?id={todo}").text)
    assert "Tags dust Checklist Find a cloth" in page
    for path in ("new/", f"edit/?id={todo}"):
        data = {"csrf_token": sams.token("/admin/products/new/"), "title": "Mine"}
        assert sams.client.post(f"/admin/todos/{path}", data=data).status_code == 302
    assert all_of(shop, Todo.title) == [("Dust the mugs",)]
    sams.post("/admin/todos/delete/", "/admin/todos/", id=todo)
    assert all_of(shop, Todo.id) == []
    with shop.app_context():
        assert db.session.execute(text("SELECT count(*) FROM checklist_items")).scalar() == 0
