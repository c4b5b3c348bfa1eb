"""Django's admin site: behind nginx with TLS as docs/operations.md sets it up, and its throttle."""

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

import httpx
import pytest

from contract_tests.client import Request, send
from contract_tests.conftest import ROOT
from contract_tests.operations.expected import a_name
from contract_tests.servers import environment_of, free_port
from deploy.twins import TWINS, prepare, running, wait_until_healthy

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
    """Run both twins on one database, and nginx by the documentation's commands."""
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("admin")
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
    commands = commands.replace("FLASK_PORT/5000", f"FLASK_PORT/{flask}")
    commands = commands.replace("DRF_PORT/8000", f"DRF_PORT/{drf}")
    with running(TWINS[0], flask, settings) as one, running(TWINS[1], drf, settings) as other:
        wait_until_healthy(TWINS[0].name, flask, one)
        wait_until_healthy(TWINS[1].name, drf, other)
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
    """Send a page's form as a browser does, which tells the page's origin or hides it."""
    shown = browser.get(page)
    assert shown.status_code == 200, shown
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown.text)
    assert token
    told = shown.headers["referrer-policy"] != "no-referrer"
    origin = str(browser.base_url).rstrip("/") if told else "null"
    headers = {"Origin": origin, **({"Referer": origin + page} if told else {})}
    return browser.post(page, data={"csrfmiddlewaretoken": token[1], **fields}, headers=headers)


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
        assert all("HttpOnly" in cookie for cookie in cookies if cookie.startswith("sessionid"))
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


def test_the_api_is_no_different_beside_it(site: Site) -> None:
    """Not even to somebody with the admin's cookies, good or bad."""
    plain = send(site.flask, Request("GET", "/api/products?limit=2"))
    for cookie in ("", "csrftoken=x; sessionid=y; messages=z"):
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
    assert at_the_admin(site, "alice", "alice-demo-password") is False


def test_who_is_named_in_the_log_may_close_the_account_on_the_other_twin(site: Site) -> None:
    name = a_name("boss_")
    user = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    assert send(site.flask, Request.with_json("POST", "/api/users", user)).status == 201
    with closing(sqlite3.connect(site.database)) as connection, connection:
        connection.execute("UPDATE users SET is_staff = true WHERE username = ?", [name])
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


def test_a_wrong_old_password_is_a_failed_login(site: Site) -> None:
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
        assert submit(browser, page, old_password=PASSWORD, **new).status_code == 429
    assert at_the_api(site, "sam", PASSWORD) is None
