"""The admin sites behind nginx with TLS as docs/operations.md sets it up, and Django's throttle.

What both can is tested in contract_tests/admin.
"""

import os
import re
import shutil
import signal
import sqlite3
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.admin import forms
from contract_tests.client import Request, send
from contract_tests.conftest import ROOT
from contract_tests.operations.expected import a_name
from contract_tests.servers import environment_of, free_port
from deploy.twins import TWINS, prepare, run, running, wait_until_healthy

SECONDS = 30  # a bound against hangs
LIMIT = 10
PASSWORD = "sam-demo-password"
TOO_MANY = "Too many failed logins."
COMMANDS = re.search(
    r"```sh\n(mkdir -p var/nginx\n.*?nginx -p [^\n]+)\n",
    (ROOT / "docs" / "operations.md").read_text(),
    re.DOTALL,
)


@dataclass(frozen=True)
class Site:
    """The admin site, and the API of both twins, behind nginx and by themselves."""

    name: str
    https: str
    certificate: Path
    flask: str
    drf: str
    database: Path

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """Open a browser's window."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        with httpx.Client(base_url=self.https, verify=context, timeout=SECONDS) as client:
            yield client


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run both twins, and nginx by the documentation's commands."""
    with behind_nginx(tmp_path_factory.mktemp("admin"), "drf_api") as found:
        yield found


@pytest.fixture(scope="module")
def flask_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run both twins, and nginx with the twins' places exchanged."""
    with behind_nginx(tmp_path_factory.mktemp("admin"), "flask_api") as found:
        yield found


@contextmanager
def behind_nginx(folder: Path, name: str) -> Iterator[Site]:
    """Run both twins on one database, and nginx, which sends the admin site to one of them."""
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    settings = environment_of(
        f"sqlite:///{folder}/shop.sqlite3",
        ADMIN_ENABLED="true",
        FORWARDED_ALLOW_IPS="127.0.0.1",
        LOGIN_THROTTLE=f"{LIMIT}/900",
    )
    flask, drf, https = (free_port() for _ in range(3))
    for twin in TWINS:
        prepare(twin, settings)
    assert COMMANDS
    commands = COMMANDS[1].replace("var/nginx", str(folder / "nginx")).replace("8443", str(https))
    one, other = (flask, drf) if name == "drf_api" else (drf, flask)
    commands = commands.replace("FLASK_PORT/5000", f"FLASK_PORT/{one}")
    commands = commands.replace("DRF_PORT/8000", f"DRF_PORT/{other}")
    with running(TWINS[0], flask, settings) as first, running(TWINS[1], drf, settings) as second:
        wait_until_healthy(TWINS[0].name, flask, first)
        wait_until_healthy(TWINS[1].name, drf, second)
        nginx = subprocess.Popen(
            [
                "/bin/bash",
                "-ec",
                f"{commands.replace(chr(10) + 'nginx ', chr(10) + 'exec nginx ')}",
            ],
            cwd=ROOT,
            start_new_session=True,
        )
        found = Site(
            name,
            f"https://localhost:{https}",
            folder / "nginx" / "cert.pem",
            f"http://127.0.0.1:{flask}",
            f"http://127.0.0.1:{drf}",
            folder / "shop.sqlite3",
        )
        try:
            wait_for(found, nginx)
            yield found
        finally:
            os.killpg(nginx.pid, signal.SIGTERM)
            nginx.wait(SECONDS)


def wait_for(site: Site, nginx: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and nginx.poll() is None:
        try:
            with site.browser() as browser:
                if browser.get("/api/health").status_code == 200:
                    return
        except (httpx.TransportError, OSError):
            time.sleep(0.1)
    raise AssertionError("nginx does not answer")


def submit(browser: httpx.Client, page: str, **fields: str) -> httpx.Response:
    """Send a page's form, in which somebody has filled in some fields."""
    shown = browser.get(page)
    assert shown.headers["referrer-policy"] == "same-origin"  # or browsers would hide the origin
    return forms.send(browser, shown, forms.form_with(shown, next(iter(fields))), fields)


def log_in(browser: httpx.Client, username: str, password: str) -> httpx.Response:
    return submit(browser, "/admin/login/?next=/admin/", username=username, password=password)


def test_staff_work_over_https(site: Site) -> None:
    with site.browser() as browser:
        at_first = browser.get("/admin/")
        assert (at_first.status_code, at_first.headers["location"]) == (
            302,
            "/admin/login/?next=/admin/",
        )
        entered = log_in(browser, "sam", PASSWORD)
        assert (entered.status_code, entered.headers["location"]) == (302, "/admin/")
        cookies = entered.headers.get_list("set-cookie")
        assert len(cookies) == 2
        assert all("; Secure" in cookie for cookie in cookies)
        assert all("; HttpOnly" in cookie for cookie in cookies)
        for _ in range(4):  # never the other twin
            assert browser.get("/admin/").status_code == 200
            assert browser.get("/static/admin/css/base.css").status_code == 200
        product = {
            "sku": "ADMIN-1",
            "name": "Stoneware mug",
            "category": "kitchen",
            "price": "14.50",
            "currency": "EUR",
            "active": "on",
            "description": "",
        }
        added = submit(browser, "/admin/products/product/add/", **product)
        assert (added.status_code, added.headers["location"]) == (302, "/admin/products/product/")
        shown = send(site.flask, Request("GET", "/api/products?q=Stoneware+mug")).json["items"]
        path = next(f"/{each['id']}" for each in shown if each["sku"] == "ADMIN-1")
        changed = submit(
            browser, f"/admin/products/product{path}/change/", **{**product, "name": "Old mug"}
        )
        assert changed.status_code == 302
        assert send(site.drf, Request("GET", f"/api/products{path}")).json["name"] == "Old mug"
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/admin/").text)
        assert token
        left = browser.post(
            "/admin/logout/",
            data={"csrfmiddlewaretoken": token[1]},
            headers={"Origin": site.https, "Referer": f"{site.https}/admin/"},
        )
        assert left.status_code == 200
        assert browser.get("/admin/").status_code == 302


def test_staff_work_over_https_on_the_other_twin(flask_site: Site) -> None:
    """Flask's admin site has the pages' login."""
    with flask_site.browser() as browser:
        at_first = browser.get("/admin/")
        login = at_first.headers["location"]
        assert (at_first.status_code, login) == (303, "/login?next=%2Fadmin%2F")
        entered = submit(browser, login, username="sam", password=PASSWORD)
        assert (entered.status_code, entered.headers["location"]) == (303, "/admin/")
        [cookie] = entered.headers.get_list("set-cookie")
        assert all(f"; {flag}" in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax"))
        for _ in range(4):  # never the other twin
            assert browser.get("/admin/products/").status_code == 200
        product = {"sku": "ADMIN-9", "name": "Mug", "category": "kitchen", "price": "14.50"}
        page = "/admin/products/new/"
        added = submit(browser, page, **product)
        assert (added.status_code, added.headers["location"]) == (302, "/admin/products/")
        shown = send(flask_site.drf, Request("GET", "/api/products?q=ADMIN-9")).json["items"]
        assert [each["sku"] for each in shown] == ["ADMIN-9"]
        form = forms.form_with(browser.get(page), "sku")
        elsewhere = {"Origin": flask_site.https.replace("https://", "http://")}
        refused = browser.post(page, data={**form.fields, **product}, headers=elsewhere)
        assert refused.status_code == 403


def test_the_api_is_no_different_beside_it(site: Site) -> None:
    """Not even to somebody with the admin's cookies, good or bad."""
    plain = send(site.flask, Request("GET", "/api/products?limit=2"))
    for cookie in ("", "csrftoken=x; django_session=y; messages=z"):
        answer = send(
            site.drf, Request("GET", "/api/products?limit=2", {"Cookie": cookie} if cookie else {})
        )
        names = {name for name in answer.headers if name not in {"date", "x-request-id"}}
        assert {name: answer.headers[name] for name in names} == {
            name: plain.headers[name] for name in names
        }
        assert answer.body == plain.body


def at_the_api(site: Site, username: str, password: str) -> bool | None:
    """Try to log in at the API; return None where that is refused as one time too many."""
    body = {"username": username, "password": password}
    answer = send(site.drf, Request.with_json("POST", "/api/tokens", body))
    return {201: True, 401: False, 429: None}[answer.status]


def at_the_admin(site: Site, username: str, password: str) -> bool | None:
    """Try to log in on the admin site in the same way."""
    with site.browser() as browser:
        answer = log_in(browser, username, password)
        if answer.status_code == 429:
            assert TOO_MANY in answer.text
            assert 1 <= int(answer.headers["retry-after"]) <= 900
            return None
        assert TOO_MANY not in answer.text
        return answer.status_code == 302


Door = Callable[[Site, str, str], bool | None]


@pytest.mark.parametrize("other", [at_the_api, at_the_admin])
@pytest.mark.parametrize("one", [at_the_api, at_the_admin])
def test_failures_count_together(site: Site, one: Door, other: Door) -> None:
    nobody = a_name("nobody_")
    assert [one(site, nobody, "wrong") for _ in range(LIMIT)] == [False] * LIMIT
    assert other(site, nobody, "wrong") is None
    # A success at either door forgets the failures at both.
    for _ in range(2):
        assert [one(site, "sam", "wrong") for _ in range(LIMIT - 1)] == [False] * (LIMIT - 1)
        assert other(site, "sam", PASSWORD) is True


def test_who_is_not_staff_has_failed(site: Site) -> None:
    attempts = [at_the_admin(site, "alice", "alice-demo-password") for _ in range(LIMIT)]
    assert attempts == [False] * LIMIT
    assert at_the_api(site, "alice", "alice-demo-password") is None


def make_staff(site: Site, twin: str) -> str:
    """Make a member of staff by a twin's command."""
    name = a_name("boss_")
    commands = {
        "flask_api": ("-m", "flask", "--app", "flask_api", "create-staff"),
        "drf_api": ("-m", "drf_api.manage", "createsuperuser", "--noinput"),
    }
    settings = environment_of(
        f"sqlite:///{site.database}",
        ADMIN_ENABLED="true",
        FLASK_CREATE_STAFF_PASSWORD=PASSWORD,
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    who = ("--username", name, "--email", f"{name}@example.com")
    [found] = [each for each in TWINS if each.name == twin]
    run(found, (*commands[twin], *who), settings)
    return name


def test_who_is_named_in_the_log_may_close_the_account_on_the_other_twin(site: Site) -> None:
    name = make_staff(site, "flask_api")
    product = {
        "sku": "ADMIN-2",
        "name": "Mug",
        "category": "kitchen",
        "description": "",
        "price": "14.50",
        "currency": "EUR",
        "active": "on",
    }
    with site.browser() as browser:
        assert log_in(browser, name, PASSWORD).status_code == 302
        assert submit(browser, "/admin/products/product/add/", **product).status_code == 302
    with closing(sqlite3.connect(site.database)) as connection:
        (entries,) = connection.execute(
            "SELECT count(*) FROM django_admin_log JOIN users ON users.id = user_id "
            "WHERE username = ?",
            [name],
        ).fetchone()
    assert entries == 1
    login = Request.with_json("POST", "/api/tokens", {"username": name, "password": PASSWORD})
    token = send(site.flask, login).json["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert send(site.flask, Request("DELETE", "/api/users/me", bearer)).status == 204
    with site.browser() as browser:
        assert log_in(browser, "sam", PASSWORD).status_code == 302
        assert browser.get("/admin/").status_code == 200


def test_a_changed_password_ends_all_logins(site: Site) -> None:
    name, new = make_staff(site, "drf_api"), "another long password"
    login = Request.with_json("POST", "/api/tokens", {"username": name, "password": PASSWORD})
    bearer = {"Authorization": f"Bearer {send(site.drf, login).json['token']}"}
    assert send(site.drf, Request("GET", "/api/users/me", bearer)).status == 200
    with site.browser() as browser:
        assert log_in(browser, name, PASSWORD).status_code == 302
        page = "/admin/password_change/"
        assert "A password has 8 to 128 characters." in browser.get(page).text
        passwords = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        answer = submit(browser, page, **passwords)
        assert (answer.status_code, answer.headers["location"]) == (302, f"{page}done/")
        assert browser.get(answer.headers["location"]).status_code == 200  # still logged in here
    assert send(site.drf, Request("GET", "/api/users/me", bearer)).status == 401
    assert at_the_api(site, name, PASSWORD) is False
    assert at_the_api(site, name, new) is True


# What another request does while the old password is being verified, and what comes of it:
# the status, whether the new password is stored, whether the user is staff, and how many tokens.
RACES = {
    "nothing": ("pass", [302, True, True, 0]),
    "a change": (
        "User.objects.filter(username='sam').update(password=make_password('yet another'))",
        [200, False, True, 1],
    ),
    "a demotion": (
        "User.objects.filter(username='sam').update(is_staff=False)",
        [302, True, False, 0],
    ),
    "too many failures": (
        "[throttle.count_failure() for _ in range(10)]",
        [429, False, True, 1],
    ),
}
CHANGE = """
from unittest.mock import patch
from django.contrib.auth.hashers import check_password, make_password
from django.test import Client, RequestFactory
from drf_api.contract.throttling import LoginThrottle

throttle = LoginThrottle(RequestFactory().get("/"), "sam")
user = User.objects.get(username="sam")
User.objects.filter(pk=user.pk).update(is_staff=True)
user.tokens.all().delete()
Token.objects.issue(user)
client = Client(SERVER_NAME="localhost")
client.force_login(user)
right = User.check_password

def verify(user, password):
    found = right(user, password)
    MEANWHILE
    return found

with patch.object(User, "check_password", verify):
    passwords = {"new_password1": "NEW", "new_password2": "NEW"}
    passwords["old_password"] = "sam-demo-password"
    status = client.post("/admin/password_change/", passwords, secure=True).status_code
user.refresh_from_db()
print([status, check_password("NEW", user.password), user.is_staff, user.tokens.count()])
""".replace("NEW", "another long password")


def with_admin(database: Path) -> dict[str, str]:
    """Return the settings of a twin with the admin site."""
    return environment_of(
        f"sqlite:///{database}", ADMIN_ENABLED="true", LOGIN_THROTTLE=f"{LIMIT}/900"
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database for the Django twin with the admin site."""
    database = tmp_path_factory.mktemp("prepared") / "shop.sqlite3"
    prepare(TWINS[1], with_admin(database))
    return database


@pytest.fixture
def installation(prepared: Path, tmp_path: Path) -> dict[str, str]:
    """Return the settings of a Django twin with the admin site, and a database of its own."""
    return with_admin(Path(shutil.copy(prepared, tmp_path)))


def run_in_django(settings: dict[str, str], *arguments: str) -> str:
    """Run one of Django's commands and return what it prints."""
    return run(TWINS[1], ("-m", "drf_api.manage", *arguments), settings)


@pytest.mark.parametrize("race", RACES)
def test_a_password_change_is_whole_amid_others(installation: dict[str, str], race: str) -> None:
    meanwhile, expected = RACES[race]
    printed = run_in_django(installation, "shell", "-c", CHANGE.replace("MEANWHILE", meanwhile))
    assert printed.strip().splitlines()[-1] == str(expected), printed


def test_migrating_unbinds_the_log_from_users_again(installation: dict[str, str]) -> None:
    """Django's own migrations may create the constraint again."""
    path = installation["DATABASE_URL"].removeprefix("sqlite:///")

    def referenced() -> set[str]:
        with closing(sqlite3.connect(path)) as connection:
            return {
                row[2] for row in connection.execute("PRAGMA foreign_key_list(django_admin_log)")
            }

    assert referenced() == {"django_content_type"}
    run_in_django(
        installation,
        "shell",
        "-c",
        "from django.contrib.admin.models import LogEntry\n"
        "from django.db import connection\n"
        "with connection.schema_editor() as editor:\n"
        "    editor.delete_model(LogEntry)\n"
        "    editor.create_model(LogEntry)\n",
    )
    assert referenced() == {"django_content_type", "users"}
    run_in_django(installation, "migrate")
    assert referenced() == {"django_content_type"}


def test_the_pages_share_their_sessions_and_failures_with_it(
    installation: dict[str, str],
) -> None:
    script = """
from django.test import Client

def client():
    return Client(SERVER_NAME="localhost")

def status(path, username, password, browser=None):
    form = {"username": username, "password": password}
    return (browser or client()).post(path, form, secure=True).status_code

found = []
for one, other in (("/login", "/admin/login/"), ("/admin/login/", "/login")):
    found += [{status(one, "bob", "wrong") for _ in range(10)}, status(other, "bob", "wrong")]
    from drf_api.contract.throttling import own
    own.storage.reset()
for username in ("sam", "alice"):
    browser = client()
    found.append(status("/login", username, f"{username}-demo-password", browser))
    found.append(browser.get("/admin/", secure=True).status_code)
    found.append(status("/admin/logout/", "", "", browser))
    found.append(browser.get("/account", secure=True).status_code)
print(found)
"""
    printed = run_in_django(installation, "shell", "-c", script)
    expected = [{422}, 429, {200}, 429, *(303, 200, 200, 303), *(303, 302, 302, 200)]
    assert printed.splitlines()[-1] == str(expected), printed


def test_who_is_made_by_a_command_is_staff_on_the_pages_too(
    installation: dict[str, str],
) -> None:
    settings = {**installation, "DJANGO_SUPERUSER_PASSWORD": "a long password"}
    who = ("--username", "boss", "--email", "boss@example.com")
    assert "Created boss, who is staff." in run_in_django(
        settings, "createsuperuser", "--noinput", *who
    )
    script = """
from django.test import Client

browser = Client(SERVER_NAME="localhost")
form = {"username": "boss", "password": "a long password"}
login = browser.post("/login", form, secure=True)
page = browser.get("/products/CATALOGUE-2026", secure=True)
admin = browser.get("/admin/", secure=True)
print([login.status_code, b"Move stock" in page.content, admin.status_code])
"""
    printed = run_in_django(installation, "shell", "-c", script)
    assert printed.splitlines()[-1] == "[303, True, 200]", printed


def test_a_debug_page_keeps_its_style(installation: dict[str, str]) -> None:
    """It is shown in development only, where an admin view fails."""
    script = """
from unittest.mock import patch
from django.contrib import admin
from django.test import Client

client = Client(raise_request_exception=False, SERVER_NAME="localhost")
with patch.object(admin.site, "each_context", side_effect=ZeroDivisionError):
    failed = client.get("/admin/login/")
for answer in (failed, client.get("/admin/login/")):
    print(answer.status_code, "Content-Security-Policy" in answer.headers)
"""
    settings = {**installation, "APP_ENV": "development"}
    printed = run_in_django(settings, "shell", "-c", script)
    assert printed.splitlines()[-2:] == ["500 False", "200 True"], printed


def test_forms_are_checked_on_the_admin_site_alone(site: Site) -> None:
    assert send(site.drf, Request("POST", "/admin/login/")).status == 403
    assert send(site.drf, Request("POST", "/static/admin/css/base.css")).status != 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"sku": "not a sku!"},
        {"category": "Not A Slug"},
        {"name": "   "},
        {"price": "-1.00"},
        {"attributes": "[]"},
        {"attributes": '{"a": {"b": 5}}'},
        {"attributes": '{"": "b"}'},
        {"attributes": f'{{"a": "{"b" * 201}"}}'},
    ],
)
def test_the_admin_refuses_what_the_api_refuses(site: Site, wrong: dict[str, str]) -> None:
    name = a_name("ADM-").upper().replace("_", "-")[:32]
    good = {"sku": name, "name": "Mug", "category": "kitchen", "price": "1.00", "currency": "EUR"}
    page = "/admin/products/product/add/"
    with site.browser() as browser:
        assert log_in(browser, "sam", PASSWORD).status_code == 302
        refused = submit(browser, page, **{**good, "attributes": "{}", **wrong})
        assert (refused.status_code, "errorlist" in refused.text) == (200, True)
    assert send(site.drf, Request("GET", "/api/products")).status == 200


@pytest.mark.parametrize("empty", ["", "null", "{}"])
def test_a_product_without_attributes_has_an_empty_map(site: Site, empty: str) -> None:
    name = a_name("ADM-").upper().replace("_", "-")[:32]
    good = {"sku": name, "name": "Mug", "category": "kitchen", "price": "1.00", "currency": "EUR"}
    with site.browser() as browser:
        assert log_in(browser, "sam", PASSWORD).status_code == 302
        added = submit(browser, "/admin/products/product/add/", **good, attributes=empty)
        assert added.status_code == 302
    [item] = send(site.drf, Request("GET", f"/api/products?q={name}")).json["items"]
    assert item["attributes"] == {}


@pytest.mark.parametrize(
    "wrong", [{"username": "Not A Name!"}, {"username": "me"}, {"email": "no mail"}]
)
def test_the_admin_refuses_users_whom_the_api_refuses(
    installation: dict[str, str], wrong: dict[str, str]
) -> None:
    script = f"""
from django.test import Client

client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(username="sam"))
alice = User.objects.get(username="alice")
form = {{"username": "alice", "email": "alice@example.com", "is_active": "on", **{wrong}}}
print(client.post(f"/admin/accounts/user/{{alice.pk}}/change/", form, secure=True).status_code)
"""
    assert run_in_django(installation, "shell", "-c", script).splitlines()[-1] == "200"


def test_the_admin_stores_what_was_changed_in_its_form(installation: dict[str, str]) -> None:
    """What others store between a form's reading and its writing stays."""
    script = """
from unittest.mock import patch
from django.test import Client
from drf_api.contract.admin import SwitchAdmin

client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(username="sam"))
alice, product = User.objects.get(username="alice"), Product.objects.first()
right = SwitchAdmin.save_model

def save(admin, request, obj, form, change):
    meanwhile = {User: {"password": "changed"}, Product: {"stock": 77, "name": "changed"}}
    type(obj).objects.filter(pk=obj.pk).update(**meanwhile[type(obj)])
    right(admin, request, obj, form, change)

user = {"username": "alice", "email": "other@example.com", "is_active": "on"}
fields = "sku name category price currency description"
form = {name: getattr(product, name) for name in fields.split()}
form |= {"price": "3.21", "active": "on", "attributes": "{}"}
form |= {f"stock_adjustments-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
with patch.object(SwitchAdmin, "save_model", save):
    pages = {f"accounts/user/{alice.pk}": user, f"products/product/{product.pk}": form}
    for path, data in pages.items():
        print(client.post(f"/admin/{path}/change/", data, secure=True).status_code)
before = product.updated_at
alice.refresh_from_db()
product.refresh_from_db()
print([alice.password, alice.email, product.stock, product.name, str(product.price)])
print(product.updated_at > before)
"""
    printed = run_in_django(installation, "shell", "-c", script)
    assert printed.splitlines()[-4:] == [
        "302",
        "302",
        "['changed', 'other@example.com', 77, 'changed', '3.21']",
        "True",
    ]


def test_an_outage_is_a_page_that_says_when_to_come_back(installation: dict[str, str]) -> None:
    script = """
from django.db import OperationalError, connection
from django.test import Client

def fail(*_):
    raise OperationalError("out of reach")

client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(username="sam"))
product = Product.objects.first()
pages = ("", "products/product/", f"products/product/{product.pk}/change/")
with connection.execute_wrapper(fail):
    answers = [client.get(f"/admin/{page}", secure=True) for page in pages]
    answers += [client.post(f"/admin/{page}", {"action": "x"}, secure=True) for page in pages]
print({(each.status_code, each["Retry-After"], each["Content-Type"]) for each in answers})
print([client.get(f"/admin/{page}", secure=True).status_code for page in pages])
"""
    printed = run_in_django(installation, "shell", "-c", script)
    assert printed.splitlines()[-2:] == [
        "{(503, '5', 'text/html; charset=utf-8')}",
        "[200, 200, 200]",
    ], printed


# What somebody may do by Django's permissions; whether that switches rows, and exports them.
MAY: dict[str, tuple[set[str], list[Any]]] = {
    "nothing": (set(), [True, "text/html"]),
    "view": ({"view"}, [True, "text/csv"]),
    "view and delete": ({"view", "delete"}, [True, "text/csv"]),
    "view and change": ({"view", "change"}, [False, "text/csv"]),
}


@pytest.mark.parametrize("may", MAY)
def test_actions_need_the_permission_for_what_they_do(
    installation: dict[str, str], may: str
) -> None:
    permissions, expected = MAY[may]
    script = f"""
from django.test import Client

User.has_perm = lambda self, perm, obj=None: perm.split(".")[1].split("_")[0] in {permissions}
client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(username="sam"))
rows = {{
    "accounts/user": (User.objects.get(username="alice"), "is_active"),
    "products/product": (Product.objects.filter(active=True).first(), "active"),
}}
for path, (row, switch) in rows.items():
    data = {{"_selected_action": [row.pk]}}
    client.post(f"/admin/{{path}}/", {{**data, "action": "deactivate"}}, secure=True)
    answer = client.post(f"/admin/{{path}}/", {{**data, "action": "export_csv"}}, secure=True)
    row.refresh_from_db()
    print([getattr(row, switch), answer["Content-Type"].partition(";")[0]])
"""
    printed = run_in_django(installation, "shell", "-c", script)
    assert printed.splitlines()[-2:] == [str(expected)] * 2, printed


def test_who_is_first_has_the_name(installation: dict[str, str]) -> None:
    """The constraint decides, and the second attempt has an error beside the field."""
    script = """
from unittest.mock import patch
from django.test import Client
from drf_api.contract.admin import SwitchAdmin

client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(username="sam"))
right, attempts = SwitchAdmin.save_model, []

def save(admin, request, obj, form, change):
    if not attempts:
        Product.objects.create(sku="TAKEN-1", name="x", category="x", price="1.00", currency="EUR")
    attempts.append(obj)
    right(admin, request, obj, form, change)

form = {"sku": "TAKEN-1", "name": "Mug", "category": "kitchen", "price": "1.00", "currency": "EUR"}
with patch.object(SwitchAdmin, "save_model", save):
    answer = client.post("/admin/products/product/add/", form, secure=True)
print([answer.status_code, len(attempts), Product.objects.filter(sku="TAKEN-1").count()])
"""
    printed = run_in_django(installation, "shell", "-c", script)
    # Both had the name in one transaction, so the other product has gone with the first attempt.
    assert printed.splitlines()[-1] == "[302, 2, 1]", printed


def test_a_wrong_old_password_is_a_failed_login(site: Site) -> None:
    """The last test: Sam has failed too often from here on."""
    with site.browser() as browser:
        assert log_in(browser, "sam", PASSWORD).status_code == 302
        page, new = (
            "/admin/password_change/",
            {"new_password1": PASSWORD, "new_password2": PASSWORD},
        )
        short = {"new_password1": "short", "new_password2": "short"}
        answer = submit(browser, page, old_password=PASSWORD, **short)
        assert "Must have 8 or more characters." in answer.text
        for _ in range(LIMIT - 1):
            assert submit(browser, page, old_password="wrong", **new).status_code == 200
        assert at_the_api(site, "sam", "wrong") is False
        refused = submit(browser, page, old_password=PASSWORD, **new)
        assert (refused.status_code, TOO_MANY in refused.text) == (429, True)
        assert 1 <= int(refused.headers["retry-after"]) <= 900
    assert at_the_api(site, "sam", PASSWORD) is None
