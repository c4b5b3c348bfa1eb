"""The settings, read from the environment once at the start."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path
from urllib.parse import unquote

import click
from sqlalchemy import URL

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_KEY = "development-key-that-everybody-knows"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
HOST = re.compile(r"\*|\.?([a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}\.?")
ORIGIN = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?")
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# An "@", "/", "?" or "#" that isn't encoded would end the part of the URL that it stands in.
POSTGRESQL_URL = re.compile(r"([^@/?#]*@)?[^@/?#]*(/[^@/?#]*)?(\?[^@#]*)?")


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

    APP_ENV: str  # production or development
    SECRET_KEY: str
    DATABASE_URL: URL  # of PostgreSQL: libpq's parameters as the query
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
    TUNED: bool  # faster, with the same answers

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> "Config":
        """Read every setting, or raise a ConfigurationError for the first that can't work.

        A variable that is empty or blank counts as unset, and spaces around a value don't count.
        """
        env = {name: value.strip() for name, value in env.items() if value.strip()}
        return cls(
            APP_ENV=app_env(env),
            SECRET_KEY=secret_key(env),
            DATABASE_URL=database_url(env),
            DATABASE_POOL_SIZE=whole_number("DATABASE_POOL_SIZE", env, "5"),
            DATABASE_POOL_TIMEOUT=whole_number("DATABASE_POOL_TIMEOUT", env, "1"),
            DATABASE_TIMEOUT=database_timeout(env),
            REDIS_URL=redis_url(env),
            ALLOWED_HOSTS=hosts(env),
            CORS_ORIGINS=origins(env),
            RATE_LIMIT=rate("RATE_LIMIT", env["RATE_LIMIT"]) if "RATE_LIMIT" in env else None,
            LOGIN_THROTTLE=rate("LOGIN_THROTTLE", env.get("LOGIN_THROTTLE", "10/900")),
            TOKEN_TTL=whole_number("TOKEN_TTL", env, "2592000"),
            LOG_LEVEL=log_level(env.get("LOG_LEVEL", "INFO")),
            OPENAPI_FILE=contract(Path(env.get("OPENAPI_FILE", ROOT / "openapi.yaml"))),
            TUNED=switch("TUNED", env),
        )


def app_env(env: Mapping[str, str]) -> str:
    """Read APP_ENV."""
    environment = env.get("APP_ENV", "production").lower()
    if environment not in {"production", "development"}:
        raise ConfigurationError(f"APP_ENV={environment!r} is neither production nor development.")
    return environment


def secret_key(env: Mapping[str, str]) -> str:
    """Read SECRET_KEY; only in development may it be missing or weak."""
    key = env.get("SECRET_KEY", "")
    if app_env(env) == "development":
        return key or DEVELOPMENT_KEY
    if len(key) < 32 or len(set(key)) < 10 or key == DEVELOPMENT_KEY:  # noqa: PLR2004 – the contract's own numbers
        raise ConfigurationError(
            "SECRET_KEY must have 32 or more characters, 10 or more of them different: set it to "
            "the output of `python -c 'import secrets; print(secrets.token_urlsafe(48))'`, or set "
            "APP_ENV=development to try the program out."
        )
    return key


def database_url(env: Mapping[str, str]) -> URL:
    """Read DATABASE_URL."""
    if "DATABASE_URL" not in env:
        folder = ROOT / "var"
        folder.mkdir(exist_ok=True)
        return URL.create("sqlite", database=str(folder / "shop.sqlite3"))
    scheme, _, rest = env["DATABASE_URL"].partition("://")
    match scheme.lower():
        case "sqlite":
            return sqlite_url(rest)
        case "postgresql" | "postgres":
            return postgresql_url(rest)
    raise ConfigurationError(
        "DATABASE_URL must be sqlite:////path, sqlite:///relative/path or "
        "postgresql://user:password@host/database."
    )


def sqlite_url(rest: str) -> URL:
    """Read the path to a file; a relative one is relative to the current directory."""
    # Flask-SQLAlchemy would look for it in the instance folder.
    path = Path(unquote(rest.removeprefix("/"), errors="surrogateescape")).absolute()
    if not rest.startswith("/") or rest == "/:memory:" or "?" in rest or "\0" in str(path):
        raise ConfigurationError(
            "DATABASE_URL must be sqlite:////path or sqlite:///relative/path of a file, without "
            "options and with ? and % in the path as %3F and %25."
        )
    try:
        if path.is_dir():
            raise ConfigurationError(f"DATABASE_URL: {str(path)!r} is a folder.")
        if not path.parent.is_dir():
            raise ConfigurationError(f"DATABASE_URL: there is no folder {str(path.parent)!r}.")
    except OSError as error:
        raise ConfigurationError(f"DATABASE_URL: {error.strerror}: {str(path)!r}.") from None
    return URL.create("sqlite", database=str(path))


def postgresql_url(rest: str) -> URL:
    """Read where PostgreSQL is, as `psql` and every other client that uses libpq does."""
    # Takes a fifth of a second to import, which nobody needs on SQLite.
    from psycopg import ProgrammingError  # noqa: PLC0415
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        parameters = conninfo_to_dict(f"postgresql://{rest}")
    except ProgrammingError:  # its text would show the password
        parameters = {}
    ports = str(parameters.get("port", "")).split(",")
    if (
        not POSTGRESQL_URL.fullmatch(rest)
        or not parameters.get("dbname")
        or not all(re.fullmatch("|[0-9]{1,5}", port) and int(port or 0) < 2**16 for port in ports)
    ):
        raise ConfigurationError(
            "DATABASE_URL must be postgresql://user:password@host:port/database?option=value, with "
            "libpq's options, and with %, :, @, /, ?, # and spaces in names and passwords "
            "percent-encoded."
        )
    query = {name: str(value) for name, value in parameters.items()}
    password = query.pop("password", None)  # where SQLAlchemy hides it when it shows the URL
    return URL.create("postgresql+psycopg", password=password, query=query)


def database_timeout(env: Mapping[str, str]) -> int:
    """Read DATABASE_TIMEOUT, which the databases take in milliseconds of 31 bits."""
    seconds = whole_number("DATABASE_TIMEOUT", env, "5")
    if seconds * 1000 >= 2**31:
        raise ConfigurationError(f"DATABASE_TIMEOUT={seconds} is more than 2147483 seconds.")
    return seconds


def listed(text: str) -> frozenset[str]:
    """Split a comma-separated setting."""
    return frozenset(part.strip().lower() for part in text.split(",") if part.strip())


def hosts(env: Mapping[str, str]) -> frozenset[str]:
    """Read ALLOWED_HOSTS: names and addresses, `.name` for a domain with what is below it, `*`."""
    return frozenset(map(host, listed(env.get("ALLOWED_HOSTS", "")))) or LOCAL_HOSTS


def host(entry: str) -> str:
    """Read one host."""
    if HOST.fullmatch(entry):
        return entry.removesuffix(".")
    try:
        address = IPv6Address(entry.removeprefix("[").removesuffix("]"))
    except ValueError:
        raise ConfigurationError(
            f"ALLOWED_HOSTS: {entry!r} is no host. Write names of letters, digits and hyphens or "
            "addresses, without scheme and port; .example.com for all of a domain; or *."
        ) from None
    return f"[{address}]"


def origins(env: Mapping[str, str]) -> frozenset[str]:
    """Read CORS_ORIGINS: schemes with hosts, as browsers send them."""
    return frozenset(map(origin, listed(env.get("CORS_ORIGINS", ""))))


def origin(entry: str) -> str:
    """Read one origin, and leave out a port that browsers leave out."""
    match = ORIGIN.fullmatch(entry)
    if match is None:
        raise ConfigurationError(
            f"CORS_ORIGINS: {entry!r} is no origin. Write each as https://example.com or "
            "http://localhost:3000, without a slash or path; there is no * or null."
        )
    scheme, name, port = match.groups()
    return f"{scheme}://{name}" + ("" if port == DEFAULT_PORTS[scheme] else port or "")


def rate(name: str, text: str) -> Rate:
    """Read a limit such as 600/60."""
    match = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})", text)
    if match is None:
        raise ConfigurationError(f"{name}={text!r} is not like 600/60: a number, a slash, seconds.")
    return Rate(int(match[1]), int(match[2]))


def whole_number(name: str, env: Mapping[str, str], default: str) -> int:
    """Read a number of seconds or of things."""
    text = env.get(name, default)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise ConfigurationError(f"{name}={text!r} is no whole number above zero.")
    return int(text)


def switch(name: str, env: Mapping[str, str]) -> bool:
    """Read whether something is on."""
    text = env.get(name, "false")
    if text.lower() not in {"false", "true", "0", "1"}:
        raise ConfigurationError(f"{name}={text!r} is none of false, true, 0, 1.")
    return text.lower() in {"true", "1"}


def redis_url(env: Mapping[str, str]) -> str:
    """Read REDIS_URL."""
    if url := env.get("REDIS_URL", ""):
        # Takes a tenth of a second to import, which nobody needs without Redis.
        from redis import ConnectionPool, RedisError  # noqa: PLC0415

        try:
            ConnectionPool.from_url(url).make_connection()  # which connects when it is used
        except (RedisError, TypeError, ValueError):
            raise ConfigurationError(
                "REDIS_URL must be redis://host:port/0, rediss://… or unix://…"
            ) from None
    return url


def log_level(text: str) -> str:
    """Read LOG_LEVEL."""
    if text.upper() not in LOG_LEVELS:
        raise ConfigurationError(f"LOG_LEVEL={text!r} is none of {', '.join(LOG_LEVELS)}.")
    return text.upper()


def contract(path: Path) -> Path:
    """Read OPENAPI_FILE."""
    if not path.is_file():
        raise ConfigurationError(f"OPENAPI_FILE: there is no file {str(path)!r}.")
    return path
