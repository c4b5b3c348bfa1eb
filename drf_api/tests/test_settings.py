"""Each entry refuses, in one clear line, settings that can't work."""

import os
import subprocess
import sys

import pytest

GOOD_KEY = "a-very-random-text-0123456789-of-enough-length"
SHORTEST_KEY = "0123456789" * 3 + "01"
ENTRIES = [
    [sys.executable, "-m", "drf_api.manage", "check"],
    [sys.executable, "-c", "import drf_api.wsgi"],
]


def start(entry: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        entry,
        env={"DATABASE_URL": "sqlite:////nonexistent/db", **kept, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("key", [GOOD_KEY, SHORTEST_KEY])
def test_a_good_key_starts(entry: list[str], key: str) -> None:
    assert start(entry, SECRET_KEY=key).returncode == 0


@pytest.mark.parametrize("entry", ENTRIES)
def test_development_needs_no_key(entry: list[str]) -> None:
    assert start(entry, APP_ENV="development").returncode == 0


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize(
    "key",
    [
        *("", "short", "ab" * 30, "123456789" * 4, SHORTEST_KEY[:31]),
        "development-only-key-nobody-may-deploy-it",
    ],
)
def test_a_weak_key_is_refused(entry: list[str], key: str) -> None:
    done = start(entry, SECRET_KEY=key)
    assert done.returncode == 3
    assert done.stderr.startswith("drf_api: set SECRET_KEY to ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "test"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "nonsense"),
        ("RATE_LIMIT", "600"),
        ("RATE_LIMIT", "0/60"),
        ("LOGIN_THROTTLE", "10/15m"),
        ("TOKEN_TTL", "-1"),
        ("DATABASE_TIMEOUT", "5s"),
        ("REDIS_URL", "localhost:6379"),
        ("LOG_LEVEL", "loud"),
        ("OPENAPI_FILE", "/nonexistent.yaml"),
        ("ADMIN_ENABLED", "yes"),
    ],
)
def test_malformed_values_are_refused(name: str, value: str) -> None:
    done = start(ENTRIES[0], **{"SECRET_KEY": GOOD_KEY, name: value})
    assert done.returncode == 3
    assert done.stderr.startswith(f"drf_api: {name} must ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_POOL_SIZE", "0"), ("DATABASE_POOL_TIMEOUT", "0.5")]
)
def test_a_malformed_pool_is_refused(name: str, value: str) -> None:
    pool = {"DATABASE_URL": "postgresql://localhost/x", name: value}
    done = start(ENTRIES[0], SECRET_KEY=GOOD_KEY, **pool)
    assert done.returncode == 3
    assert done.stderr.startswith(f"drf_api: {name} must ")


def test_the_admin_site_can_be_enabled() -> None:
    done = start(ENTRIES[0], SECRET_KEY=GOOD_KEY, ADMIN_ENABLED="true")
    assert done.returncode == 0, done.stderr
