"""The settings, read from the environment once at the start."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
from sqlalchemy import URL

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_KEY = "development-key-that-everybody-knows"
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


def one_of(*words: str) -> Callable[[str], str]:
    """Take one of some words, in any case, as it is written here."""

    def parse(text: str) -> str:
        for word in words:
            if text.lower() == word.lower():
                return word
        raise ValueError(f"must be one of {', '.join(words)}, not {text!r}")

    return parse


def number(text: str) -> int:
    """Parse a number of seconds or of things."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise ValueError(f"must be a whole number above zero, not {text!r}")
    return int(text)


def statement_seconds(text: str) -> int:
    """Parse a number of seconds, which the databases take in milliseconds of 31 bits."""
    if number(text) * 1000 >= 2**31:
        raise ValueError(f"must be 2147483 seconds at the most, not {text}")
    return number(text)


def rate(text: str) -> Rate:
    """Parse a limit such as 600/60."""
    match = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})", text)
    if match is None:
        raise ValueError(f"must be like 600/60, a number, a slash and seconds, not {text!r}")
    return Rate(int(match[1]), int(match[2]))


def optional(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Take an empty text as None, and parse any other."""
    return lambda text: parse(text) if text else None


def hosts(text: str) -> frozenset[str]:
    """Parse the names that are served."""
    return frozenset(map(host, listed(text))) or LOCAL_HOSTS


def host(entry: str) -> str:
    """Parse a name or an address, `.name` for a domain with what is below it, or `*`."""
    if HOST.fullmatch(entry):
        return entry.removesuffix(".")
    try:
        return f"[{IPv6Address(entry.removeprefix('[').removesuffix(']'))}]"
    except ValueError:
        raise ValueError(
            f"must be names of letters, digits and hyphens or addresses, without scheme and port; "
            f".example.com for all of a domain; or *; which {entry!r} is not"
        ) from None


def origins(text: str) -> frozenset[str]:
    """Parse the origins whose scripts may read responses."""
    return frozenset(map(origin, listed(text)))


def origin(entry: str) -> str:
    """Parse a scheme with a host, as browsers send it: without the scheme's own port."""
    match = ORIGIN.fullmatch(entry)
    if match is None:
        raise ValueError(
            "must be origins such as https://example.com or http://localhost:3000, without a slash "
            f"or path, which {entry!r} is not; there is no * or null"
        )
    scheme, name, port = match.groups()
    return f"{scheme}://{name}" + ("" if port == DEFAULT_PORTS[scheme] else port or "")


def listed(text: str) -> list[str]:
    """Split what has commas between its entries."""
    return [part.strip().lower() for part in text.split(",") if part.strip()]


def database_url(text: str) -> URL:
    """Parse where the database is; without a text it is a file in `var/`."""
    if not text:
        folder = ROOT / "var"
        folder.mkdir(exist_ok=True)
        return URL.create("sqlite", database=str(folder / "shop.sqlite3"))
    scheme, _, rest = text.partition("://")
    match scheme.lower():
        case "sqlite":
            return sqlite_url(rest)
        case "postgresql" | "postgres":
            return postgresql_url(rest)
    raise ValueError(
        "must be sqlite:////path, sqlite:///relative/path or "
        "postgresql://user:password@host/database"
    )


def sqlite_url(rest: str) -> URL:
    """Parse the path to a file; a relative one is relative to the current directory."""
    # Flask-SQLAlchemy would look for it in the instance folder.
    path = Path(unquote(rest.removeprefix("/"), errors="surrogateescape")).absolute()
    if not rest.startswith("/") or rest == "/:memory:" or "?" in rest or "\0" in str(path):
        raise ValueError(
            "must be sqlite:////path or sqlite:///relative/path of a file, without options and "
            "with ? and % in the path as %3F and %25"
        )
    try:
        if path.is_dir():
            raise ValueError(f"must name a file: {str(path)!r} is a folder")
        if not path.parent.is_dir():
            raise ValueError(f"must name a file: there is no folder {str(path.parent)!r}")
    except OSError as error:
        raise ValueError(f"must name a file: {error.strerror}: {str(path)!r}") from None
    return URL.create("sqlite", database=str(path))


def postgresql_url(rest: str) -> URL:
    """Parse where PostgreSQL is, as `psql` and every other client that uses libpq does."""
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
        raise ValueError(
            "must be postgresql://user:password@host:port/database?option=value, with libpq's "
            "options, and with %, :, @, /, ?, # and spaces in names and passwords percent-encoded"
        )
    query = {name: str(value) for name, value in parameters.items()}
    password = query.pop("password", None)  # where SQLAlchemy hides it when it shows the URL
    return URL.create("postgresql+psycopg", password=password, query=query)


def redis_url(text: str) -> str:
    """Parse where Redis is, if there is one."""
    if text:
        # Takes a tenth of a second to import, which nobody needs without Redis.
        from redis import ConnectionPool, RedisError  # noqa: PLC0415

        try:
            ConnectionPool.from_url(text).make_connection()  # which connects when it is used
        except (RedisError, TypeError, ValueError):
            raise ValueError("must be redis://host:port/0, rediss://… or unix://…") from None
    return text


def switch(text: str) -> bool:
    """Parse whether something is on."""
    return one_of("false", "true", "0", "1")(text) in {"true", "1"}


def number_or_zero(text: str) -> int:
    """Parse a number of seconds that may be 0."""
    return 0 if text == "0" else number(text)


def file(text: str) -> Path:
    """Parse the path to a file that is there."""
    if not Path(text).is_file():
        raise ValueError(f"must name a file: there is no {text!r}")
    return Path(text)


def setting(parse: Callable[[str], Any], default: str = "") -> Any:
    """Declare how to read a setting, and what it is if the environment doesn't say."""
    return field(metadata={"parse": parse, "default": default})


@dataclass(frozen=True)
class Config:
    """What the environment says; each field is an environment variable of the same name."""

    APP_ENV: str = setting(one_of("production", "development"), "production")
    SECRET_KEY: str = setting(str)
    # Of PostgreSQL: libpq's parameters as the query.
    DATABASE_URL: URL = setting(database_url)
    # Connections that a process keeps, and no more, and the seconds that a request waits for one.
    DATABASE_POOL_SIZE: int = setting(number, "5")
    DATABASE_POOL_TIMEOUT: int = setting(number, "1")
    # Seconds that a statement may take, its waiting for locks included.
    DATABASE_TIMEOUT: int = setting(statement_seconds, "5")
    # Where limits are counted together and the summary is kept; if empty, by each process.
    REDIS_URL: str = setting(redis_url)
    ALLOWED_HOSTS: frozenset[str] = setting(hosts)
    CORS_ORIGINS: frozenset[str] = setting(origins)
    RATE_LIMIT: Rate | None = setting(optional(rate))
    LOGIN_THROTTLE: Rate = setting(rate, "10/900")
    TOKEN_TTL: int = setting(number, str(30 * 24 * 60 * 60))
    # For how many seconds the summary is kept; 0: it is computed for each request.
    SUMMARY_MAX_AGE: int = setting(number_or_zero, "0")
    LOG_LEVEL: str = setting(one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), "INFO")
    OPENAPI_FILE: Path = setting(file, str(ROOT / "openapi.yaml"))
    PAGES_ENABLED: bool = setting(switch, "true")
    # The admin site, whose staff logs in on the pages.
    ADMIN_ENABLED: bool = setting(switch, "false")
    # Whether browsers send the pages' cookie by https only: in production, unless this says.
    SECURE_COOKIES: bool = setting(optional(switch))
    # For how long browsers come by https only, once they have; 0: that isn't asked of them.
    HSTS_SECONDS: int = setting(number_or_zero, "0")
    # Faster, with the same answers.
    TUNED: bool = setting(switch, "false")

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> "Config":
        """Read every setting, or raise a ConfigurationError for the first that can't work.

        A variable that is empty or blank counts as unset, and spaces around a value don't count.
        """
        values = {}
        for each in fields(cls):
            text = env.get(each.name, "").strip() or each.metadata["default"]
            try:
                values[each.name] = each.metadata["parse"](text)
            except ValueError as error:
                raise ConfigurationError(f"{each.name} {error}.") from None
        if values["ADMIN_ENABLED"] and not values["PAGES_ENABLED"]:
            raise ConfigurationError("ADMIN_ENABLED needs PAGES_ENABLED, where its staff logs in.")
        if values["SECURE_COOKIES"] is None:
            values["SECURE_COOKIES"] = values["APP_ENV"] == "production"
        if values["APP_ENV"] == "development":
            values["SECRET_KEY"] = values["SECRET_KEY"] or DEVELOPMENT_KEY
        elif is_weak(values["SECRET_KEY"]):
            raise ConfigurationError(
                "SECRET_KEY must have 32 or more characters, 10 or more of them different: set it "
                "to the output of `python -c 'import secrets; print(secrets.token_urlsafe(48))'`, "
                "or set APP_ENV=development to try the program out."
            )
        return cls(**values)


def is_weak(key: str) -> bool:
    """Tell whether a secret key could be guessed."""
    return len(key) < 32 or len(set(key)) < 10 or key == DEVELOPMENT_KEY  # noqa: PLR2004 – as the message says
