"""The pages without the admin site, the admin site without the pages, and neither."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import json
from drf_api.wsgi import application
from django.conf import settings
from django.core.management import call_command
from django.test import Client

call_command("migrate", verbosity=0)
client = Client(SERVER_NAME="localhost")
found = {}
call_command("check", fail_level="WARNING")
for path in ("/", "/login", "/static/web/style.css", "/nonsense", "/api/products", "/admin/"):
    answer = client.get(path)
    answer.close()
    found[path] = [answer.status_code, answer["Content-Type"].partition(";")[0]]
found["silenced"] = settings.SILENCED_SYSTEM_CHECKS
found["secure"] = getattr(settings, "SESSION_COOKIE_SECURE")
found["hsts"] = settings.SECURE_HSTS_SECONDS
print(json.dumps(found))
"""
PROBLEM = [404, "application/problem+json"]
PAGE = [404, "text/html"]
LIST = [200, "application/json"]


def answers(folder: Path, **variables: str) -> dict[str, Any]:
    """Return what a program with these settings answers."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = {
        "DATABASE_URL": f"sqlite:///{folder}/new",
        "SECRET_KEY": "a-very-random-text-0123456789-of-enough-length",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**kept, **given, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_pages_are_there_by_default(tmp_path: Path) -> None:
    found = answers(tmp_path)
    assert found["/"] == found["/login"] == [200, "text/html"]
    assert found["/static/web/style.css"] == [200, "text/css"]
    assert found["/nonsense"] == found["/admin/"] == PAGE
    assert found["/api/products"] == LIST
    assert found["hsts"] == 0


def test_pages_can_be_left_out(tmp_path: Path) -> None:
    found = answers(tmp_path, PAGES_ENABLED="false")
    paths = {path for path in found if path.startswith("/")} - {"/api/products"}
    assert {path: found[path] for path in paths} == dict.fromkeys(paths, PROBLEM)
    assert found["/api/products"] == LIST


def test_the_admin_site_needs_no_pages(tmp_path: Path) -> None:
    found = answers(tmp_path, PAGES_ENABLED="false", ADMIN_ENABLED="true")
    assert found["/admin/"] == [302, "text/html"]
    assert found["/"] == found["/login"] == found["/nonsense"] == PROBLEM
    assert found["silenced"] == ["models.E034"]  # none of the admin site's


@pytest.mark.parametrize(
    ("variables", "secure"),
    [
        ({}, True),
        ({"APP_ENV": "development"}, False),
        ({"SECURE_COOKIES": "false"}, False),
        ({"APP_ENV": "development", "SECURE_COOKIES": "true"}, True),
    ],
)
def test_cookies_are_secure_in_production(
    tmp_path: Path, variables: dict[str, str], *, secure: bool
) -> None:
    found = answers(tmp_path, HSTS_SECONDS="60", **variables)
    assert (found["secure"], found["hsts"]) == (secure, 60)
