"""Middleware that Django documents works beside the pages', wherever a reader adds it."""

from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.module_loading import import_string
from pytest_django import Settings

from drf_api import urls
from drf_api.accounts.models import User
from drf_api.contract.headers import GetResponse
from drf_api.tests.conftest import Call
from drf_api.tests.web import Browser, text
from drf_api.web.pages import FORGED


class Reader:
    """Has every hook that there is for middleware."""

    called: list[str]

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.called.append("request")
        response = self.get_response(request)
        self.called.append("response")
        return response

    def process_view(self, *_: Any) -> None:
        self.called.append("view")

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        self.called.append("template")
        response.context_data["title"] = "Another title"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        self.called.append("exception")
        return HttpResponse(str(exception)) if isinstance(exception, ZeroDivisionError) else None


def plain(request: HttpRequest) -> HttpResponse:
    """Answer as a view of Django's tutorial does."""
    return HttpResponse(f"{request.method} by {request.user.username or 'a stranger'}")


def broken(request: HttpRequest) -> HttpResponse:
    """Fail."""
    return HttpResponse(1 // 0)


def refused(request: HttpRequest) -> HttpResponse:
    """Refuse everybody."""
    raise PermissionDenied


urlpatterns = [
    *(path("plain", plain), path("broken", broken)),
    *(path("refused", refused), path("api/refused", refused)),
    *urls.urlpatterns,
]
handler403, handler404 = urls.handler403, urls.handler404


@pytest.fixture(autouse=True)
def views(settings: Settings) -> None:
    """Add a reader's views."""
    settings.ROOT_URLCONF = __name__


@pytest.fixture(params=range(len(configured.MIDDLEWARE) + 1))
def called(request: pytest.FixtureRequest, settings: Settings) -> list[str]:
    """Add the reader's middleware in each place, and list which of its hooks are called."""
    found = [*settings.MIDDLEWARE]
    found.insert(request.param, f"{__name__}.Reader")
    settings.MIDDLEWARE = found
    Reader.called = []
    return Reader.called


def test_each_hook_of_middleware_is_called(browser: Browser, called: list[str]) -> None:
    shown = browser.get("/")
    assert called == ["request", "view", "template", "response"]
    assert "<h1>Another title</h1>" in shown.content.decode()
    called.clear()
    failed = browser.get("/broken")
    assert called == ["request", "view", "exception", "response"]
    assert (failed.status_code, "division" in text(failed)) == (200, True)


def test_forms_of_any_view_are_protected(browser: Browser) -> None:
    forged = browser.post("/plain")
    assert (forged.status_code, FORGED in text(forged)) == (403, True)
    sent = browser.post("/plain", {"csrfmiddlewaretoken": browser.token("/login")})
    assert (sent.status_code, text(sent)) == (200, "POST by a stranger")
    assert browser.post("/api/nonsense").status_code == 404


def test_a_login_can_be_required_of_all_views(
    browser: Browser, alice: User, call: Call, settings: Settings
) -> None:
    """As Django documents it: behind the middleware that knows who has logged in."""
    found = [*settings.MIDDLEWARE]
    [place] = [
        place
        for place, name in enumerate(found)
        if isinstance(kind := import_string(name), type)
        and issubclass(kind, AuthenticationMiddleware)
    ]
    found.insert(place + 1, "django.contrib.auth.middleware.LoginRequiredMiddleware")
    settings.MIDDLEWARE = found
    asked = browser.get("/plain")
    assert (asked.status_code, asked["Location"]) == (302, "/login?next=/plain")
    assert browser.log_in("alice").status_code == 303
    assert text(browser.get("/plain")) == "GET by alice"
    assert call("GET", "/api/products").status == 200
    assert call("GET", "/api/users/me").status == 401


def test_what_a_view_of_djangos_refuses_is_a_problem(browser: Browser, call: Call) -> None:
    page = browser.get("/refused")
    assert (page.status_code, "Forbidden" in text(page)) == (403, True)
    answer = call("GET", "/api/refused")
    assert (answer.status, answer.json["type"]) == (403, "/api/problems/forbidden")


def test_no_check_of_djangos_finds_anything() -> None:
    assert call_command("check", fail_level="WARNING") is None
    assert configured.SILENCED_SYSTEM_CHECKS == ["models.E034"]
