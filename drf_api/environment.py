"""Environment variables, each of which is parsed or refused in one line that names it."""

import re
from collections.abc import Callable
from ipaddress import IPv6Address
from os import environ
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured

CHECKOUT = Path(__file__).resolve().parent.parent

Value = TypeVar("Value")


def setting(name: str, parse: Callable[[str], Value], default: str = "") -> Value:
    """Parse a variable; one that is empty or blank is unset, and spaces around it don't count.

    What a parser can't use is a ValueError that says what it must be.
    """
    try:
        return parse(environ.get(name, "").strip() or default)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} {error}") from None


def one_of(*words: str) -> Callable[[str], str]:
    """Parse one of some words, in any case."""

    def parse(text: str) -> str:
        for word in words:
            if text.lower() == word.lower():
                return word
        raise ValueError(f"must be one of {', '.join(words)}, not {text!r}")

    return parse


def switch(text: str) -> bool:
    """Parse what is on or off."""
    return one_of("0", "false", "1", "true")(text) in {"1", "true"}


def number(text: str) -> int:
    """Parse a number of seconds or of things."""
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise ValueError(f"must be a whole number above zero, not {text!r}")
    return int(text)


def number_or_zero(text: str) -> int:
    """Parse the same, where 0 stands for none."""
    return 0 if text == "0" else number(text)


def statement_seconds(text: str) -> int:
    """Parse a number of seconds, which the databases take in milliseconds of 31 bits."""
    if number(text) * 1000 >= 2**31:
        raise ValueError(f"must be 2147483 seconds at the most, not {text}")
    return number(text)


def rate(text: str) -> str | None:
    """Parse a count for so many seconds, or none."""
    if text and not re.fullmatch("[1-9][0-9]{0,8}/[1-9][0-9]{0,8}", text):
        raise ValueError(f"must be <count>/<seconds> like 600/60, not {text!r}")
    return text or None


def listed(text: str) -> list[str]:
    """Parse texts separated by commas; case doesn't count."""
    return sorted({part.strip() for part in text.lower().split(",")} - {""})


def hosts(text: str) -> list[str]:
    """Parse the hosts that are served."""
    return sorted({host(entry) for entry in listed(text)} or {"127.0.0.1", "[::1]", "localhost"})


def host(entry: str) -> str:
    """Parse a host as Django takes it: an address in brackets, a name without a last dot."""
    if entry == "*" or re.fullmatch(r"\.?([a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}\.?", entry):
        return entry.removesuffix(".")
    try:
        return f"[{IPv6Address(entry.removeprefix('[').removesuffix(']'))}]"
    except ValueError:
        raise ValueError(
            "must be a list of hosts like example.com, .example.com (with all below it), "
            f"127.0.0.1, ::1 or * (any), without scheme, port or underscore; not {entry!r}"
        ) from None


def origins(text: str) -> list[str]:
    """Parse the origins whose scripts may read responses."""
    return sorted({origin(entry) for entry in listed(text)})


def origin(entry: str) -> str:
    """Parse an origin as browsers send it: without the port that its scheme implies."""
    match = re.fullmatch(r"(https?)://([\w.-]+|\[[\da-f:.]+\])(:[1-9]\d{0,4})?", entry, re.ASCII)
    if match is None:
        raise ValueError(
            "must be a list of origins like https://example.com or http://localhost:3000, "
            f"without a path, a final slash, * or null; not {entry!r}"
        )
    scheme, domain, port = match.groups()
    implied = {"http": ":80", "https": ":443"}[scheme]
    return f"{scheme}://{domain}{'' if port in (None, implied) else port}"


def redis_url(text: str) -> str:
    """Parse Redis's address; empty if it isn't used."""
    if text:
        # Takes a tenth of a second to import, which nobody needs without Redis.
        from redis import Redis, RedisError  # noqa: PLC0415

        try:
            Redis.from_url(text).connection_pool.make_connection()  # connects when it is used
        except (RedisError, TypeError, ValueError):
            raise ValueError("must be like redis://<host>:<port>/0") from None
    return text


def database_url(text: str) -> Path | dict[str, Any]:
    """Parse the path to SQLite's file, or PostgreSQL's address as libpq's parameters.

    No error shows the text, which may hold a password. The default is a file in `var/`.
    """
    if not text:
        (CHECKOUT / "var").mkdir(exist_ok=True)
        return CHECKOUT / "var" / "shop.sqlite3"
    scheme, _, rest = text.partition("://")
    match scheme.lower():
        case "sqlite":
            return sqlite_path(rest)
        case "postgresql" | "postgres":
            return libpq_parameters(rest)
    raise ValueError("must be sqlite:///<path> or postgresql://<user>:<password>@<host>/<database>")


def sqlite_path(rest: str) -> Path:
    """Parse what follows `sqlite://`."""
    path = Path(unquote(rest[1:], errors="surrogateescape")).absolute()
    if rest[:1] != "/" or rest == "/:memory:" or "?" in rest or "\0" in str(path):
        raise ValueError(
            "must be sqlite:///<path to a file> without options, where the path has %3F for ? and "
            "%25 for %"
        )
    try:
        is_possible = path.parent.is_dir() and not path.is_dir()
    except OSError:  # it is too long, or nobody may look
        is_possible = False
    if not is_possible:
        raise ValueError(f"must name a file in a folder that exists, not {str(path)!r}")
    return path


def libpq_parameters(rest: str) -> dict[str, Any]:
    """Parse what follows `postgresql://` as libpq does, and so psql and the other twin."""
    # Takes a fifth of a second to import, which nobody needs on SQLite.
    from psycopg import ProgrammingError  # noqa: PLC0415
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        found = conninfo_to_dict(f"postgresql://{rest}")
    except ProgrammingError:  # which says more than a log may hold
        found = {}
    ports = [port for port in str(found.get("port", "")).split(",") if port]
    if (
        # An "@", "/", "?" or "#" that isn't encoded would end its part of the URL.
        not re.fullmatch(r"([^@/?#]*@)?[^@/?#]*(/[^@/?#]*)?(\?[^@#]*)?", rest)
        or not found.get("dbname")
        or not all(re.fullmatch("[0-9]{1,5}", port) and int(port) < 65536 for port in ports)  # noqa: PLR2004 - what TCP has
    ):
        raise ValueError(
            "must be postgresql://<user>:<password>@<host>:<port>/<database>, with libpq's options "
            "after a ?, and with %-encoding of % : @ / ? # and spaces within its parts"
        )
    return found


def file(text: str) -> Path:
    """Parse the path to a file that exists."""
    if not Path(text).is_file():
        raise ValueError(f"must name a file, not {text!r}")
    return Path(text)
