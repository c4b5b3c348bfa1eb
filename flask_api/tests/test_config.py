"""Settings that can't work stop the start with one clear line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flask_api.config import DEVELOPMENT_KEY, ROOT, Config, ConfigurationError
from flask_api.tests.conftest import KEY

LONG_ENOUGH = "0123456789" * 3 + "01"  # by no character more


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "staging"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "ab" * 32),
        ("SECRET_KEY", LONG_ENOUGH[:31]),
        ("SECRET_KEY", "123456789" * 4),
        ("SECRET_KEY", DEVELOPMENT_KEY),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "nonsense"),
        ("ALLOWED_HOSTS", "localhost:80"),
        ("CORS_ORIGINS", "example.com"),
        ("CORS_ORIGINS", "https://example.com/"),
        ("RATE_LIMIT", "600"),
        ("RATE_LIMIT", "0/60"),
        ("LOGIN_THROTTLE", "ten/900"),
        ("TOKEN_TTL", "-1"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_POOL_TIMEOUT", "0.5"),
        ("DATABASE_TIMEOUT", "5s"),
        ("REDIS_URL", "localhost:6379"),
        ("LOG_LEVEL", "loud"),
        ("OPENAPI_FILE", "/nowhere/openapi.yaml"),
    ],
)
def test_it_refuses(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Config.from_environment({"SECRET_KEY": KEY, name: value})


def test_defaults() -> None:
    config = Config.from_environment({"SECRET_KEY": KEY})
    assert {"localhost", "127.0.0.1", "[::1]"} == config.ALLOWED_HOSTS
    assert config.RATE_LIMIT is None
    assert (config.LOGIN_THROTTLE.amount, config.LOGIN_THROTTLE.seconds) == (10, 900)
    assert config.TOKEN_TTL == 30 * 24 * 60 * 60
    assert str(config.DATABASE_URL) == f"sqlite:///{ROOT}/var/shop.sqlite3"
    assert config.OPENAPI_FILE == ROOT / "openapi.yaml"


def test_the_shortest_key() -> None:
    assert Config.from_environment({"SECRET_KEY": LONG_ENOUGH}).SECRET_KEY == LONG_ENOUGH


def test_development_needs_no_key() -> None:
    assert Config.from_environment({"APP_ENV": "development"}).SECRET_KEY == DEVELOPMENT_KEY


@pytest.mark.parametrize(
    "command", [["-m", "flask", "--app", "flask_api", "seed"], ["-c", "import flask_api.wsgi"]]
)
def test_every_entry_refuses_in_one_line(command: list[str]) -> None:
    env = {**os.environ, "APP_ENV": "production", "SECRET_KEY": ""}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stderr.startswith("Error: SECRET_KEY must have")
    assert done.stderr.count("\n") == 1


def test_a_relative_database_is_in_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = Config.from_environment({"SECRET_KEY": KEY, "DATABASE_URL": "sqlite:///a.db"})
    assert config.DATABASE_URL.database == str(tmp_path / "a.db")
