"""What a run is told: by the command line, and by `lookalike.toml`, which has the same names.

Texts of actors, header fields and URLs may hold `$NAME` or `${NAME}` for a variable of the
environment, whose value is a secret then; `$$` is a dollar sign.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from lookalike.actors import Actor
from lookalike.http import Fields
from lookalike.login import Recipe, Step
from lookalike.masking import Secrets

FILE = "lookalike.toml"  # read without being named, from the folder where the command runs
VARIABLE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})", re.ASCII)
FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.1


class ConfigError(ValueError):
    """A setting that can't be used; the text says which, and what would do."""


@dataclass(frozen=True)
class Server:
    """What is known of one server."""

    url: str = ""
    headers: Fields = ()
    ca: str = ""  # a file of certificates
    insecure: bool = False


@dataclass(frozen=True)
class Settings:
    """All settings; each stands for an option of the command line, and for a key of the file."""

    old: Server = Server()
    new: Server = Server()
    twin_of_old: str = ""
    openapi: str = ""  # a path or a URL
    include: tuple[str, ...] = ()  # patterns of operations
    exclude: tuple[str, ...] = ()
    bytes: bool = False
    well_formed: bool = False  # nothing that breaks a grammar
    read_only: bool = False
    write_to: tuple[str, ...] = ()  # hosts
    seed: int | None = None
    seconds: float | None = None  # 60 for `diff`; a check ends by itself
    requests: int | None = None
    rate: float | None = None  # requests per second to each server
    timeout: float = 30  # seconds for an answer
    reset: str = ""  # a command that empties both servers
    har: tuple[str, ...] = ()  # recordings
    pack: tuple[str, ...] = ()  # of checks
    origin: str = "https://lookalike.example"  # that the server lets read its answers
    accepted: str = "lookalike-accepted.toml"
    save: str = "lookalike-findings"  # a folder
    html: str = ""
    junit: str = ""
    badge: str = ""
    jsonl: str = ""
    github: bool = False
    quiet: bool = False
    no_color: bool = False
    secrets: Secrets = field(default_factory=Secrets)
    actors: tuple[Actor, ...] = ()
    file: Path | None = None  # where these were read


# Keys of the file that stand for files are relative to its folder.
PATHS = {"openapi", "har", "accepted", "save", "html", "junit", "badge", "jsonl"}
ABOVE_ZERO = {"seconds", "requests", "rate", "timeout"}
SERVERS = ("old", "new")
# Keys that hold tables, beside those that are options.
TABLES = {*SERVERS, "headers", "ca", "insecure", "secrets", "actors"}
SERVER_KEYS = {"url", "headers", "ca", "insecure"}
ACTOR_KEYS = {each.name for each in fields(Recipe)}
STEP_KEYS = {each.name for each in fields(Step)}
OPTIONS = {each.name.replace("_", "-"): each for each in fields(Settings) if each.name != "file"}


def find(folder: Path) -> Path | None:
    """Return the file of a folder, if it has one."""
    path = folder / FILE
    return path if path.is_file() else None


class NoEnvironment(dict[str, str]):
    """For commands that sign nobody in, and need no secrets: `$NAME` stands for itself."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return f"${name}"


def read(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read a file; raise a ConfigError that names the key where something is wrong."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{path}: no TOML: {error}") from None
    try:
        reader = Reader(path.parent, os.environ if environ is None else environ)
        return replace(reader.settings(raw), file=path)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def header(text: str) -> tuple[str, str]:
    """Read `Name: value`."""
    name, colon, value = text.partition(":")
    if not colon or not FIELD_NAME.fullmatch(name.strip()):
        raise ConfigError(f"{text!r} is no header field; write 'Name: value'")
    return checked_field(name.strip(), value.strip())


def checked_field(name: str, value: str) -> tuple[str, str]:
    """Return a header field that can be sent (RFC 9110, section 5)."""
    if not FIELD_NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name of a header field")
    if not value.isprintable() or any(ord(character) > 255 for character in value):  # noqa: PLR2004 - Latin-1
        raise ConfigError(f"the value of header field {name!r} has characters that HTTP can't send")
    return name, value


class Reader:
    """Reads the file's tables; each problem is told with the key where it is."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self._secrets = Secrets()

    def settings(self, raw: Mapping[str, Any]) -> Settings:
        """Read the whole file."""
        known(raw, {*OPTIONS, *TABLES}, "")
        given: dict[str, Any] = {
            name.replace("-", "_"): self._option(name, value)
            for name, value in raw.items()
            if name not in TABLES
        }
        shared = self._server(
            {name: raw[name] for name in ("headers", "ca", "insecure") if name in raw}, ""
        )
        for name in SERVERS:
            given[name] = joined(shared, self._server(table(raw.get(name, {}), name), f"{name}."))
        for text in texts(raw.get("secrets", []), "secrets"):
            self._secrets.add(self._text(text, "secrets"))
        actors = table(raw.get("actors", {}), "actors")
        return Settings(
            **given,
            secrets=self._secrets,
            actors=tuple(
                Actor(
                    name,
                    self._recipe(table(value, f"actors.{name}"), f"actors.{name}"),
                    secrets=self._secrets,
                )
                for name, value in actors.items()
            ),
        )

    def _option(self, name: str, value: Any) -> Any:
        """Read an option, of the type that it has in `Settings`."""
        kind = OPTIONS[name].type
        if kind == tuple[str, ...]:
            found: Any = tuple(texts(value, name))
        elif kind is bool:
            found = checked(value, bool, name, "true or false")
        elif kind == int | None:
            found = checked(value, int, name, "a whole number")
        elif kind in (float, float | None):
            found = float(checked(value, (int, float), name, "a number"))
        else:
            found = checked(value, str, name, "a text")
        if name in ABOVE_ZERO and not 0 < found < float("inf"):
            raise ConfigError(f"{name} must be above 0, not {found}")
        if name in PATHS:
            return self._paths(found)
        return self._text(found, name) if name == "twin-of-old" else found

    def _paths(self, found: Any) -> Any:
        if isinstance(found, tuple):
            return tuple(map(self._paths, found))
        return found if "://" in found else str(self._folder / found)

    def _server(self, raw: Mapping[str, Any], where: str) -> Server:
        known(raw, SERVER_KEYS, where)
        ca = checked(raw.get("ca", ""), str, f"{where}ca", "a text")
        url = self._text(
            checked(raw.get("url", ""), str, f"{where}url", "a text"), f"{where}url", secret=False
        )
        self._secrets.add_url(url)
        headers = tuple(
            checked_field(name, value)
            for name, value in self._texts(raw.get("headers", {}), f"{where}headers").items()
        )
        for pair in headers:
            self._secrets.add_field(*pair)
        insecure = checked(raw.get("insecure", False), bool, f"{where}insecure", "true or false")
        return Server(url, headers, self._paths(ca) if ca else "", insecure)

    def _recipe(self, raw: Mapping[str, Any], where: str) -> Recipe:
        known(raw, ACTOR_KEYS, f"{where}.")
        basic = raw.get("basic")
        if basic is not None:
            basic = [self._text(text, f"{where}.basic") for text in texts(basic, f"{where}.basic")]
            if len(basic) != 2:  # noqa: PLR2004 - a pair
                raise ConfigError(f'{where}.basic is ["user", "password"]')
        token = checked(raw.get("token", ""), str, f"{where}.token", "a text")
        if token and not token.startswith("/"):
            raise ConfigError(f'{where}.token is a JSON Pointer such as "/{token}"')
        headers = self._texts(raw.get("headers", {}), f"{where}.headers")
        steps = {
            name: self._step(raw[name], f"{where}.{name}")
            for name in ("register", "page", "login")
            if name in raw
        }
        if token and not headers:
            headers = {"Authorization": "Bearer {token}"}
        if token and not steps.keys() & {"register", "login"}:
            raise ConfigError(f"{where}.token needs a login, whose answer it is in")
        if not (headers or basic or steps):
            raise ConfigError(f"{where} says nothing; give it headers, basic or a login")
        return Recipe(
            headers=headers,
            basic=(basic[0], basic[1]) if basic else None,
            csrf=checked(raw.get("csrf", ""), str, f"{where}.csrf", "a text"),
            token=token,
            **steps,
        )

    def _step(self, raw: Any, where: str) -> Step:
        if isinstance(raw, str):
            raw = {"request": raw}
        known(table(raw, where), STEP_KEYS, f"{where}.")
        if "request" not in raw:
            raise ConfigError(f'{where} has no request, such as "POST /login"')
        if "json" in raw and "form" in raw:
            raise ConfigError(f"{where} has both json and form; a request has one body")
        try:
            return Step(
                request=checked(raw["request"], str, f"{where}.request", "a text"),
                json=self._inside(raw.get("json"), f"{where}.json"),
                form=self._texts(raw["form"], f"{where}.form") if "form" in raw else None,
                headers=self._texts(raw.get("headers", {}), f"{where}.headers"),
            )
        except ConfigError:
            raise
        except ValueError as error:
            raise ConfigError(f"{where}: {error}") from None

    def _texts(self, raw: Any, where: str) -> dict[str, str]:
        return {
            name: self._text(checked(value, str, f"{where}.{name}", "a text"), f"{where}.{name}")
            for name, value in table(raw, where).items()
        }

    def _inside(self, raw: Any, where: str) -> Any:
        if isinstance(raw, str):
            return self._text(raw, where)
        if isinstance(raw, dict):
            return {name: self._inside(value, f"{where}.{name}") for name, value in raw.items()}
        if isinstance(raw, list):
            return [self._inside(value, where) for value in raw]
        return raw

    def _text(self, text: str, where: str, *, secret: bool = True) -> str:
        """Put variables of the environment in their places."""

        def value(match: re.Match[str]) -> str:
            name = match[1] or match[2]
            if name is None:
                return "$"
            if name not in self._environ:
                raise ConfigError(f"{where}: ${name} is not set in the environment")
            if secret:
                self._secrets.add(self._environ[name])
            return self._environ[name]

        return VARIABLE.sub(value, text)


def joined(shared: Server, own: Server) -> Server:
    """Return a server's own settings, with the shared ones where it has none."""
    names = {name.lower() for name, _ in own.headers}
    kept = tuple(pair for pair in shared.headers if pair[0].lower() not in names)
    return replace(
        own,
        headers=(*kept, *own.headers),
        ca=own.ca or shared.ca,
        insecure=own.insecure or shared.insecure,
    )


def known(raw: Mapping[str, Any], names: Iterable[str], where: str) -> None:
    """Raise a ConfigError for a key that isn't one of these, with the one that was meant."""
    names = {*names}
    for name in raw:
        if name not in names:
            near = difflib.get_close_matches(name.replace("_", "-"), names, 1)
            hint = (
                f"did you mean {where}{near[0]}?" if near else f"known: {', '.join(sorted(names))}"
            )
            raise ConfigError(f"there is no setting {where}{name}; {hint}")


def checked(value: Any, kind: type | tuple[type, ...], where: str, wanted: str) -> Any:
    """Return a value of a type; true is no number."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ConfigError(f"{where} must be {wanted}, not {value!r}")
    return value


def table(value: Any, where: str) -> Mapping[str, Any]:
    """Return a value that is a table."""
    found: Mapping[str, Any] = checked(value, dict, where, "a table")
    return found


def texts(value: Any, where: str) -> list[str]:
    """Return a value that is an array of texts."""
    return [
        checked(each, str, where, "an array of texts")
        for each in checked(value, list, where, "an array of texts")
    ]
