"""What both admin sites can, and what they never show or allow."""

import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any

import httpx
import pytest

from contract_tests import servers
from contract_tests.admin.forms import submit
from contract_tests.admin.sites import STAFF, DjangoSite, FlaskSite, Site, text_of
from contract_tests.client import Request, send
from contract_tests.operations.expected import a_name
from contract_tests.servers import environment_of, started
from deploy.twins import prepare

pytestmark = pytest.mark.own_servers

LIMIT = 10
PASSWORD = "a long enough password"
SITES = {"flask_api": FlaskSite, "drf_api": DjangoSite}
TABLES = ("users", "tokens", "products", "movements", "todos")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    """Run the twins with their admin sites, each on a database of its own."""
    folder = tmp_path_factory.mktemp("admin")
    settings = {
        twin: environment_of(
            f"sqlite:///{folder}/{twin.name}.sqlite3",
            ADMIN_ENABLED="true",
            SECURE_COOKIES="false",
            LOGIN_THROTTLE=f"{LIMIT}/900",
        )
        for twin in servers.chosen
    }
    for twin, environment in settings.items():
        prepare(twin, environment)
    with started(settings) as base_urls:
        yield {
            twin.name: SITES[twin.name](base_url, folder / f"{twin.name}.sqlite3")
            for twin, base_url in zip(settings, base_urls, strict=True)
        }


@pytest.fixture(params=[*SITES])
def site(request: pytest.FixtureRequest, running: dict[str, Site]) -> Site:
    """Return each twin's site."""
    if request.param not in running:
        pytest.skip("this twin is left out")
    return running[request.param]


@pytest.fixture
def browser(site: Site) -> Iterator[httpx.Client]:
    """Return a browser in which staff have logged in."""
    with site.browser(*STAFF) as browser:
        yield browser


@pytest.fixture
def staff(site: Site) -> dict[str, str]:
    """Return what authenticates staff at the API."""
    return bearer(site, *STAFF)


def bearer(site: Site, username: str, password: str) -> dict[str, str]:
    body = {"username": username, "password": password}
    answer = send(site.base_url, Request.with_json("POST", "/api/tokens", body))
    assert answer.status == 201
    return {"Authorization": f"Bearer {answer.json['token']}"}


def register(site: Site) -> str:
    name = a_name("user_")
    user = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    assert send(site.base_url, Request.with_json("POST", "/api/users", user)).status == 201
    return name


def make(site: Site, headers: dict[str, str], path: str, /, **values: Any) -> Any:
    request = Request.with_json("POST", f"/api{path}", values)
    answer = send(
        site.base_url, Request("POST", request.target, {**request.headers, **headers}, request.body)
    )
    assert answer.status == 201
    return answer.json


def make_product(site: Site, staff: dict[str, str], **values: Any) -> Any:
    """Make a product of a new SKU by the API."""
    named = {"sku": a_sku(), "name": "Mug", "category": "kitchen", "price": "1.00"}
    return make(site, staff, "/products", **{**named, "currency": "EUR", **values})


def a_sku() -> str:
    return a_name("ADM-").upper().replace("_", "-")[:32]


def shown(site: Site, path: str, headers: dict[str, str] | None = None) -> Any:
    answer = send(site.base_url, Request("GET", f"/api{path}", headers or {}))
    return answer.json if answer.status == 200 else answer.status


def movements(site: Site, staff: dict[str, str], product: Any) -> list[Any]:
    found: list[Any] = shown(site, f"/products/{product['id']}/stock-adjustments?limit=100", staff)[
        "items"
    ]
    return found


# Who is let in


def test_strangers_and_customers_are_not_let_in(site: Site) -> None:
    name = register(site)
    for credentials in ((), (name, PASSWORD)):
        with site.browser(*credentials) as browser:
            for address in ("/admin/", *site.tables.values(), site.add("products")):
                answer = browser.get(address)
                assert answer.status_code in {302, 303, 403}
                assert "/login" in answer.headers.get("location", "/login")
                assert "csv" not in answer.text.lower()


def test_failures_count_with_the_pages_and_the_api(site: Site) -> None:
    name = register(site)
    wrong = {"username": name, "password": "wrong"}
    for _ in range(LIMIT):
        assert send(site.base_url, Request.with_json("POST", "/api/tokens", wrong)).status == 401
    doors = {"flask_api": "/login?next=/admin/", "drf_api": "/admin/login/"}
    twin = next(name for name, kind in SITES.items() if isinstance(site, kind))
    with site.browser() as browser:
        answer = submit(browser, doors[twin], "password", username=name, password=PASSWORD)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 900


def test_forms_of_others_are_refused(site: Site, browser: httpx.Client) -> None:
    good = {"sku": a_sku(), "name": "Mug", "category": "kitchen", "price": "1", "currency": "EUR"}
    for address in (site.add("products"), site.tables["products"]):
        assert browser.post(address, data=good).status_code in {403, 405}
    with site.browser(*STAFF) as other:
        page = other.get(site.add("products"))
        token = re.search(r'name="(csrf\w+)"[^>]* value="([^"]+)"', page.text)
    assert token
    data = {**good, token[1]: token[2]}
    headers = {"Origin": "http://elsewhere.example"}
    assert browser.post(site.add("products"), data=data, headers=headers).status_code == 403
    assert shown(site, f"/products?q={good['sku']}")["items"] == []


def test_a_large_form_is_refused(site: Site, browser: httpx.Client) -> None:
    large = browser.post(site.add("products"), data={"name": "x" * 1_048_577})
    assert (large.status_code, "Content too large" in large.text) == (413, True)


# What is shown


@pytest.mark.usefixtures("staff")  # who has a token
def test_neither_passwords_nor_digests_are_shown(site: Site, browser: httpx.Client) -> None:
    with closing(sqlite3.connect(site.database)) as connection:
        passwords = connection.execute("SELECT password FROM users").fetchall()
        digests = connection.execute("SELECT digest FROM tokens").fetchall()
        ids = connection.execute("SELECT id FROM users").fetchall()
    secrets = [secret for (secret,) in (*passwords, *digests)]
    assert len(secrets) > 3
    pages = [browser.get(site.listing(table)) for table in TABLES]
    keys = [re.sub(r"^(.{8})(.{4})(.{4})(.{4})(.{12})$", r"\1-\2-\3-\4-\5", key) for (key,) in ids]
    pages += [browser.get(site.edit("users", key)) for key in keys]
    for page in pages:
        assert page.status_code == 200
        assert not any(secret in page.text or secret[:24] in page.text for secret in secrets)
        assert 'type="password"' not in page.text
        assert 'name="password"' not in page.text


def test_pages_load_and_run_what_this_site_has_as_files(site: Site, browser: httpx.Client) -> None:
    for address in ("/admin/", *map(site.listing, TABLES), site.add("products")):
        page = browser.get(address)
        assert page.status_code == 200
        policy = page.headers["content-security-policy"]
        for directive in ("default-src 'self'", "form-action 'self'", "base-uri 'none'"):
            assert directive in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.search(r'<[^>]+\son\w+="', page.text)
        for source in re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', page.text):
            assert source.startswith("/")
            assert browser.get(source).status_code == 200


def test_lists_are_searched_filtered_and_exported(site: Site, browser: httpx.Client) -> None:
    headers = bearer(site, *STAFF)
    one = make_product(site, headers, name="Samovar")
    other = make_product(site, headers, name="Samovar", active=False)
    listed = site.rows(browser, "products", "q=samovar")
    assert {row["sku"] for row in listed} == {one["sku"], other["sku"]}
    assert {(row["name"], row["price"], row["stock"]) for row in listed} == {
        ("Samovar", "1.00", "0")
    }
    listed = site.rows(browser, "products", f"q={other['sku']}&{site.inactive}")
    assert [row["sku"] for row in listed] == [other["sku"]]
    assert site.rows(browser, "products", f"q={one['sku']}&{site.inactive}") == []
    page = text_of(browser.get(site.listing("products", other["sku"])))
    assert other["sku"] in page
    assert one["sku"] not in page
    assert [row["username"] for row in site.rows(browser, "users", "q=sam%40")] == ["sam"]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        # Spreadsheets take the first for formulas (OWASP: CSV injection), and the others for texts.
        *((f"{start}1+1", f"'{start}1+1") for start in "=+-@\t\r\n"),
        ('=HYPERLINK("http://evil.example","x")', '\'=HYPERLINK("http://evil.example","x")'),
        *((text, text) for text in ("1+1=2", "'=1", " =1", "a\r\n=1", 'a,"=1', "–1", "1-1")),
    ],
    ids=repr,
)
def test_no_text_is_exported_as_a_formula(
    site: Site, browser: httpx.Client, staff: dict[str, str], text: str, cell: str
) -> None:
    product = make_product(site, staff, name=text)
    assert [row["name"] for row in site.rows(browser, "products", f"q={product['sku']}")] == [cell]


def test_every_column_that_others_fill_in_is_exported_as_text(
    site: Site, browser: httpx.Client, staff: dict[str, str]
) -> None:
    name = a_name("user_")
    user = {"username": name, "email": f"=1+{name}@example.com", "password": PASSWORD}
    assert send(site.base_url, Request.with_json("POST", "/api/users", user)).status == 201
    product = make_product(site, staff)
    history = f"/products/{product['id']}/stock-adjustments"
    make(site, staff, history, delta=5, reason="received", note="=1+1")
    make(site, staff, history, delta=-2, reason="sold", note="-2")
    key = f"=1+{name}"
    make(site, {**staff, "Idempotency-Key": key}, "/todos", title=key)
    [exported] = site.rows(browser, "users", f"q={name}")
    assert exported["email"] == f"'=1+{name}@example.com"
    moved = site.rows(browser, "movements", f"q={product['sku']}")
    assert {(row["delta"], row["note"]) for row in moved} == {("5", "'=1+1"), ("-2", "'-2")}
    assert [row["title"] for row in site.rows(browser, "todos", f"q={name}")] == [f"'{key}"]
    assert f"'{key}" in {row["key"] for row in site.rows(browser, "keys")}


def test_todos_are_shown_with_tags_and_items(site: Site, browser: httpx.Client) -> None:
    name = register(site)
    headers = bearer(site, name, PASSWORD)
    title = a_name("Dust ")
    items = [{"text": "Find a cloth"}, {"text": "Wring it", "done": True}]
    todo = make(site, headers, "/todos", title=title, tags=["dusting", "home"], items=items)
    [row] = site.rows(browser, "todos", f"q={name}")
    assert (row["title"], row["owner"], row["priority"]) == (title, name, "normal")
    page = text_of(browser.get(site.edit("todos", todo["id"])))
    for word in (title, "dusting", "home", "Find a cloth", "Wring it"):
        assert word in page


# What is changed


def test_a_product_is_added_changed_and_deleted(site: Site, browser: httpx.Client) -> None:
    sku = a_sku()
    good = {"sku": sku, "name": "Mug", "category": "kitchen", "price": "14.50", "currency": "EUR"}
    assert submit(browser, site.add("products"), "sku", **good).status_code == 302
    [product] = shown(site, f"/products?q={sku}")["items"]
    expected = {**good, "attributes": {}, "description": "", "active": True, "stock": 0}
    assert {name: product[name] for name in expected} == expected
    page = site.edit("products", product["id"])
    assert submit(browser, page, "sku", price="3.21", active=None).status_code == 302
    changed = shown(site, f"/products/{product['id']}")
    assert (changed["price"], changed["active"], changed["name"]) == ("3.21", False, "Mug")
    assert changed["updated_at"] > product["updated_at"]
    site.act(browser, "products", "delete", product["id"])
    assert shown(site, f"/products/{product['id']}") == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"sku": "not a sku!"},
        {"sku": "MUG-RED"},
        {"category": "Not A Slug"},
        {"name": "   "},
        {"name": "a" * 201},
        {"price": "-1.00"},
        {"price": "1.005"},
        {"description": "d" * 10_001},
        {"currency": "XXX"},
        {"attributes": "[1, 2]"},
        {"attributes": "{"},
        {"attributes": '{"a": {"b": 5}}'},
        {"attributes": '{"": "b"}'},
        {"attributes": f'{{"a": "{"b" * 201}"}}'},
    ],
    ids=lambda wrong: next(f"{name}={value[:12]}" for name, value in wrong.items()),
)
def test_what_the_api_refuses_is_refused_beside_its_field(
    site: Site, browser: httpx.Client, wrong: dict[str, str]
) -> None:
    sku = a_sku()
    good = {"sku": sku, "name": "Mug", "category": "kitchen", "price": "1.00", "currency": "EUR"}
    refused = submit(browser, site.add("products"), "sku", **{**good, **wrong})
    assert (refused.status_code, site.errors(refused)) == (200, [*wrong])
    assert shown(site, f"/products?q={sku}")["items"] == []


def test_stock_is_the_sum_of_movements_that_are_only_added(
    site: Site, browser: httpx.Client, staff: dict[str, str]
) -> None:
    product = make_product(site, staff)
    key = product["id"]
    moved = site.move(browser, key, delta="7", reason="received", note="A delivery")
    assert moved.status_code == 302, text_of(moved)[-900:] + str(site.errors(moved))
    assert site.move(browser, key, delta="-3", reason="sold").status_code == 302
    for wrong in ({"delta": "-5"}, {"delta": "0"}, {"delta": "x"}, {"delta": "1000001"}):
        refused = site.move(browser, key, **{"reason": "sold", **wrong})
        assert (refused.status_code, site.errors(refused)) == (200, ["delta"])
    refused = site.move(browser, key, delta="1", reason="sold", note="n" * 501)
    assert (refused.status_code, site.errors(refused)) == (200, ["note"])
    assert shown(site, f"/products/{key}")["stock"] == 4
    found = movements(site, staff, product)
    assert [(each["delta"], each["balance"], each["note"]) for each in found] == [
        (-3, 4, ""),
        (7, 7, "A delivery"),
    ]
    assert all(each["created_by"] for each in found)
    page = text_of(browser.get(site.edit("products", key)))
    assert page.index("sold" if "sold" in page else "Sold") < page.index("A delivery")
    assert len(site.rows(browser, "movements", f"q={product['sku']}")) == 2


def test_movements_are_neither_changed_nor_deleted(
    site: Site, browser: httpx.Client, staff: dict[str, str]
) -> None:
    product = make_product(site, staff)
    assert site.move(browser, product["id"], delta="7", reason="received").status_code == 302
    [movement] = movements(site, staff, product)
    with suppress(AssertionError):  # there is no form for actions, or it does nothing of the kind
        site.act(browser, "movements", "delete", movement["id"])
    for address in (site.add("movements"), site.edit("movements", movement["id"])):
        page = browser.get(address)
        assert page.status_code in {200, 302, 403}
        assert "_save" not in page.text
    # Neither by the product's own form, in which a browser could change what it sends.
    forged = {f"stock_adjustments-0-{name}": value for name, value in {"delta": "99"}.items()}
    forged |= {"stock_adjustments-0-DELETE": "on", "stock": "99", "delta": "99"}
    submit(browser, site.edit("products", product["id"]), "sku", name="Cup", **forged)
    assert movements(site, staff, product) == [movement]
    assert shown(site, f"/products/{product['id']}")["stock"] == 7


def test_a_long_history_can_be_added_to_while_others_do(
    site: Site, browser: httpx.Client, staff: dict[str, str]
) -> None:
    """The page shows the newest movements, and others are newer when it is sent."""
    product = make_product(site, staff)
    path = f"/products/{product['id']}/stock-adjustments"
    for _ in range(25):
        make(site, staff, path, delta=1, reason="received")
    page = browser.get(site.edit("products", product["id"]))

    class Late(httpx.Client):
        """Shows the page of before to whoever asks again."""

        def get(self, *args: Any, **options: Any) -> httpx.Response:
            for _ in range(3):
                make(site, staff, path, delta=1, reason="returned")
            return page

    with Late(base_url=site.base_url, cookies=browser.cookies, timeout=30) as late:
        assert site.move(late, product["id"], delta="-8", reason="sold").status_code == 302
    found = movements(site, staff, product)
    assert (len(found), sum(each["delta"] for each in found)) == (29, 20)
    assert shown(site, f"/products/{product['id']}")["stock"] == 20


def test_the_stock_is_the_sum_when_many_move_it_at_once(site: Site, staff: dict[str, str]) -> None:
    product = make_product(site, staff)
    path = f"/products/{product['id']}/stock-adjustments"

    def work(number: int) -> set[int]:
        with site.browser(*STAFF) as browser:
            statuses = set()
            for turn in range(4):
                moved = site.move(browser, product["id"], delta="2", reason="received")
                edit = site.edit("products", product["id"])
                named = submit(browser, edit, "sku", name=f"Mug {number} {turn}")
                statuses |= {moved.status_code, named.status_code}
                make(site, staff, path, delta=-1, reason="sold")
            return statuses

    with ThreadPoolExecutor(4) as pool:
        assert set().union(*pool.map(work, range(4))) == {302}
    found = movements(site, staff, product)
    assert (len(found), sum(each["delta"] for each in found)) == (32, 16)
    assert shown(site, f"/products/{product['id']}")["stock"] == 16
    balance = 0
    for each in reversed(found):
        balance += each["delta"]
        assert each["balance"] == balance


def test_products_and_users_are_switched_together(
    site: Site, browser: httpx.Client, staff: dict[str, str]
) -> None:
    products = [make_product(site, staff) for _ in range(3)]
    ids = [product["id"] for product in products]
    site.act(browser, "products", "deactivate", *ids[:2])
    after = [shown(site, f"/products/{key}") for key in ids]
    assert [product["active"] for product in after] == [False, False, True]
    assert after[0]["updated_at"] > products[0]["updated_at"]
    assert after[2]["updated_at"] == products[2]["updated_at"]
    site.act(browser, "products", "activate", *ids)
    assert shown(site, f"/products/{ids[2]}")["updated_at"] == products[2]["updated_at"]
    name = register(site)
    headers = bearer(site, name, PASSWORD)
    user = shown(site, "/users/me", headers)
    site.act(browser, "users", "deactivate", user["id"])
    assert shown(site, "/users/me", headers) == 401
    site.act(browser, "users", "activate", user["id"])
    assert shown(site, "/users/me", headers) == user


def test_a_user_is_changed_by_the_rules_of_the_api(site: Site, browser: httpx.Client) -> None:
    name = register(site)
    headers = bearer(site, name, PASSWORD)
    key = shown(site, "/users/me", headers)["id"]
    for wrong in (
        {"username": "Not A Name!"},
        {"username": "me"},
        {"username": "sam"},
        {"email": "no mail"},
    ):
        refused = submit(browser, site.edit("users", key), "email", **wrong)
        assert (refused.status_code, site.errors(refused)) == (200, [*wrong])
    page, email = site.edit("users", key), f"{name}@example.org"
    assert submit(browser, page, "email", email=email, is_staff="on").status_code == 302
    user = shown(site, "/users/me", headers)
    assert (user["username"], user["email"], user["is_staff"]) == (name, email, True)
    with site.browser(name, PASSWORD) as other:  # who has the same password
        assert other.get("/admin/").status_code == 200
        assert submit(browser, page, "email", is_staff=None).status_code == 302
        assert other.get("/admin/").status_code in {302, 403}


def test_a_taken_email_is_refused_whatever_its_case(site: Site, browser: httpx.Client) -> None:
    key = shown(site, "/users/me", bearer(site, register(site), PASSWORD))["id"]
    refused = submit(browser, site.edit("users", key), "email", email="SAM@Example.com")
    assert refused.status_code == 200
    assert shown(site, "/users/me", bearer(site, *STAFF))["email"] == "sam@example.com"


def test_a_token_is_revoked(site: Site, browser: httpx.Client) -> None:
    name = register(site)
    one, other = bearer(site, name, PASSWORD), bearer(site, name, PASSWORD)
    newest, oldest = shown(site, "/tokens", one)["items"]
    assert [row["user"] for row in site.rows(browser, "tokens", f"q={name}")] == [name, name]
    site.act(browser, "tokens", "delete", newest["id"])
    assert shown(site, "/tokens", one)["items"][0]["id"] == oldest["id"]
    assert shown(site, "/tokens", other) == 401


def test_a_deleted_user_takes_along_what_is_their_own(site: Site, browser: httpx.Client) -> None:
    name = register(site)
    headers = bearer(site, name, PASSWORD)
    keyed = {**headers, "Idempotency-Key": name}
    make(site, keyed, "/todos", title="Dust", tags=["dusting"], items=[{"text": "Wring it"}])
    assert name in {row["key"] for row in site.rows(browser, "keys")}
    site.act(browser, "users", "delete", shown(site, "/users/me", headers)["id"])
    assert shown(site, "/users/me", headers) == 401
    assert name not in {row["key"] for row in site.rows(browser, "keys")}
    assert site.rows(browser, "users", f"q={name}") == []
    assert site.rows(browser, "todos", f"q={name}") == []
