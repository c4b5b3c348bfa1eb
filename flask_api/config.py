"""The settings, read from the environment once at the start."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_KEY = "development-key-that-everybody-knows"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class ConfigurationError(click.ClickException):
    """A setting that can't work: commands print it as one line and end with 1."""


@dataclass(frozen=True)
class Rate:
    """So many events within a window of so many seconds."""

    amount: int
    seconds: int


@dataclass(frozen=True)
class Config:
    """What the environment says; each field is an environment variable of the same name."""

    SECRET_KEY: str
    DATABASE_URL: URL
    DATABASE_POOL_SIZE: int  # connections that a process keeps, and no more
    DATABASE_POOL_TIMEOUT: int  # seconds that a request waits for one of them
    DATABASE_TIMEOUT: int  # seconds that a statement may take, its waiting for locks included
    REDIS_URL: str  # where limits are counted together; empty: each process counts by itself
    ALLOWED_HOSTS: frozenset[str]
    CORS_ORIGINS: frozenset[str]
    RATE_LIMIT: Rate | None
    LOGIN_THROTTLE: Rate
    TOKEN_TTL: int
    LOG_LEVEL: str
    OPENAPI_FILE: Path

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> "Config":
        """Read every setting, or raise a ConfigurationError for the first that can't work."""
        rate_limit = env.get("RATE_LIMIT", "")
        return cls(
            SECRET_KEY=secret_key(env),
            DATABASE_URL=database_url(env.get("DATABASE_URL", "")),
            DATABASE_POOL_SIZE=whole_number("DATABASE_POOL_SIZE", env, "5"),
            DATABASE_POOL_TIMEOUT=whole_number("DATABASE_POOL_TIMEOUT", env, "1"),
            DATABASE_TIMEOUT=whole_number("DATABASE_TIMEOUT", env, "5"),
            REDIS_URL=redis_url(env.get("REDIS_URL", "")),
            ALLOWED_HOSTS=hosts(env.get("ALLOWED_HOSTS") or "localhost,127.0.0.1,[::1]"),
            CORS_ORIGINS=origins(env.get("CORS_ORIGINS", "")),
            RATE_LIMIT=rate("RATE_LIMIT", rate_limit) if rate_limit else None,
            LOGIN_THROTTLE=rate("LOGIN_THROTTLE", env.get("LOGIN_THROTTLE") or "10/900"),
            TOKEN_TTL=whole_number("TOKEN_TTL", env, "2592000"),
            LOG_LEVEL=log_level(env.get("LOG_LEVEL") or "INFO"),
            OPENAPI_FILE=contract(env.get("OPENAPI_FILE", "")),
        )


def secret_key(env: Mapping[str, str]) -> str:
    """Read SECRET_KEY; only in development may it be missing or weak."""
    environment = env.get("APP_ENV") or "production"
    if environment not in {"production", "development"}:
        raise ConfigurationError(f"APP_ENV={environment} is neither production nor development.")
    key = env.get("SECRET_KEY", "")
    if environment == "development":
        return key or DEVELOPMENT_KEY
    if len(key) < 32 or len(set(key)) < 10 or key == DEVELOPMENT_KEY:  # noqa: PLR2004 – the contract's own numbers
        raise ConfigurationError(
            "SECRET_KEY must have 32 or more characters, 10 or more of them different: set it to "
            "the output of `python -c 'import secrets; print(secrets.token_urlsafe(48))'`, or set "
            "APP_ENV=development to try the program out."
        )
    return key


def database_url(text: str) -> URL:
    """Read DATABASE_URL; a relative SQLite path is relative to the current directory."""
    if not text:
        folder = ROOT / "var"
        folder.mkdir(exist_ok=True)
        return URL.create("sqlite", database=str(folder / "shop.sqlite3"))
    try:
        url = make_url(text)
    except ArgumentError:
        url = URL.create("")
    if url.drivername == "sqlite" and url.database:
        # Flask-SQLAlchemy would look for a relative path in the instance folder.
        return url.set(database=str(Path(url.database).absolute()))
    if url.drivername in {"postgresql", "postgres"} and url.database:
        return url.set(drivername="postgresql+psycopg")
    raise ConfigurationError(
        "DATABASE_URL must be sqlite:////path, sqlite:///relative/path or "
        "postgresql://user:password@host/database."
    )


def listed(text: str) -> frozenset[str]:
    """Split a comma-separated setting."""
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def hosts(text: str) -> frozenset[str]:
    """Read ALLOWED_HOSTS: names or addresses without a port."""
    found = frozenset(host.lower() for host in listed(text))
    for host in found:
        if not re.fullmatch(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]", host):
            raise ConfigurationError(f"ALLOWED_HOSTS: {host} is no host name without a port.")
    return found


def origins(text: str) -> frozenset[str]:
    """Read CORS_ORIGINS: schemes with hosts, as browsers send them."""
    found = listed(text)
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}":
            raise ConfigurationError(f"CORS_ORIGINS: {origin} is not like https://example.com.")
    return found


def rate(name: str, text: str) -> Rate:
    """Read a limit such as 600/60."""
    match = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})", text)
    if match is None:
        raise ConfigurationError(f"{name}={text} is not like 600/60: a number, a slash, seconds.")
    return Rate(int(match[1]), int(match[2]))


def whole_number(name: str, env: Mapping[str, str], default: str) -> int:
    """Read a number of seconds or of things."""
    text = env.get(name) or default
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise ConfigurationError(f"{name}={text} is no whole number above zero.")
    return int(text)


def redis_url(text: str) -> str:
    """Read REDIS_URL."""
    if text and urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        raise ConfigurationError("REDIS_URL must be redis://host:port/0, rediss://… or unix://…")
    return text


def log_level(text: str) -> str:
    """Read LOG_LEVEL."""
    if text.upper() not in LOG_LEVELS:
        raise ConfigurationError(f"LOG_LEVEL={text} is none of {', '.join(LOG_LEVELS)}.")
    return text.upper()


def contract(text: str) -> Path:
    """Read OPENAPI_FILE."""
    path = Path(text) if text else ROOT / "openapi.yaml"
    if not path.is_file():
        raise ConfigurationError(f"OPENAPI_FILE: there is no file {path}.")
    return path
