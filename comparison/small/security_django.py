"""Prints what Django does for security with the settings that `startproject` writes."""

import json

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.urls import path

from comparison.plain.django_plain.settings import INSTALLED_APPS, MIDDLEWARE, TEMPLATES

settings.configure(
    ALLOWED_HOSTS=["localhost"],
    # As `startproject` writes them: of the plain program, which adds two of its own.
    INSTALLED_APPS=[name for name in INSTALLED_APPS if name.startswith("django.")],
    MIDDLEWARE=MIDDLEWARE,
    TEMPLATES=TEMPLATES,
    ROOT_URLCONF=__name__,
    SECRET_KEY="of the comparison's own pages: 0123456789",  # noqa: S106 - nothing to protect
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",  # needs no database
)
django.setup()


def page(_request: HttpRequest) -> HttpResponse:
    """Show a text that is markup."""
    return HttpResponse(engines["django"].from_string("{{ text }}").render({"text": "<b>"}))


def login(request: HttpRequest) -> HttpResponse:
    """Remember something."""
    request.session["user"] = "alice"
    return HttpResponse("")


urlpatterns = [path("", page), path("login", login)]


def main() -> None:
    """Ask, and print."""
    client = Client(enforce_csrf_checks=True, headers={"Host": "localhost"})
    first = client.get("/")
    cookie = client.get("/login").cookies["sessionid"].OutputString()
    result = {
        "headers": sorted(name for name in first.headers if not name.startswith("Content-")),
        "unknown_host": client.get("/", headers={"Host": "elsewhere.example"}).status_code,
        "post_without_token": client.post("/").status_code,
        "cookie": [each for each in cookie.split("; ")[1:] if not each.startswith("expires")],
        "escaped": first.content.decode(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
