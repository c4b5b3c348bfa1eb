"""A setting means the same to whoever reads it: both twins, both launchers, gunicorn.

A variable that is empty or blank is unset, spaces around a value don't count, words may have any
case, and entries of a list that are empty or repeated don't count. What can't work is refused by
one line that names the variable. Each spelling in the tables is read by all who read its variable.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from contract_tests.conftest import ROOT
from contract_tests.servers import free_port
from deploy import twins

pytestmark = pytest.mark.own_servers

Spellings = Mapping[str, Any]  # what a variable may be set to, and what that means
REFUSED = "refused"
UNSET = "unset"  # it means what counts where the variable isn't set
KEY = "0123456789abcdef" * 2
UMLAUTS = "äöü0123456789" * 3


def refused(*spellings: str) -> Spellings:
    """Say that nobody takes these."""
    return dict.fromkeys(spellings, REFUSED)


BLANK: Spellings = dict.fromkeys(("", " ", "\t\n"), UNSET)
EMPTY_LIST: Spellings = {**BLANK, ",": UNSET, " , ,": UNSET}
NUMBERS: Spellings = {**BLANK, "1": 1, " 16 ": 16, **refused("0", "-1", "1.5", "two", "5s")}
PORTS: Spellings = {**BLANK, " 5001 ": 5001, "65535": 65535, **refused("0", "65536", "http", ":80")}
RATES: Spellings = {
    **BLANK,
    "600/60": "600/60",
    " 1/1 ": "1/1",
    **refused("600", "0/60", "600/0", "10/15m", "-1/60", "10 per minute"),
}
SWITCHES: Spellings = {
    **BLANK,
    **dict.fromkeys(("0", "false", " False "), False),
    **dict.fromkeys(("1", "true", " True "), True),
    **refused("yes", "2"),
}
LOG_LEVELS: Spellings = {**BLANK, "debug": "DEBUG", " Error ": "ERROR", **refused("loud", "10")}
KEYS: Spellings = {
    f" {KEY}\n": KEY,
    UMLAUTS: UMLAUTS,
    **refused("", " ", "short", KEY[:31], "ab" * 32, "development-key-that-everybody-knows"),
}
HOSTS: Spellings = {
    **EMPTY_LIST,
    " Shop.Example ,, shop.example ": ["shop.example"],
    "a,b": ["a", "b"],
    "*": ["*"],
    ".Example.com": [".example.com"],
    "127.0.0.1": ["127.0.0.1"],
    **refused("shop.example:80", "http://shop.example", "shop.example/", "*.example.com", "a b"),
}
ORIGINS: Spellings = {
    **EMPTY_LIST,
    " HTTPS://Shop.Example ,,https://shop.example": ["https://shop.example"],
    "https://shop.example:443,http://localhost:3000": [
        *("http://localhost:3000", "https://shop.example"),
    ],
    **refused("https://shop.example/", "*", "null", "shop.example", "https://", "ftp://a"),
    **refused("https://*.shop.example", "https://user@shop.example", "https://a https://b"),
}
REDIS: Spellings = {
    **BLANK,
    **{url: url for url in ("redis://h:6379/0", "rediss://u:p%40@h", "unix:///redis.sock?db=1")},
    **refused("h:6379", "http://h", "redis://h:port", "redis:"),
}
# In place of "FOLDER" there is one that exists, and is the current one.
DATABASES: Spellings = {
    **BLANK,
    " sqlite:///shop.db\n": "FOLDER/shop.db",
    "sqlite:////FOLDER/shop.db": "FOLDER/shop.db",
    "sqlite:///a%20b%25%3F%23.db": "FOLDER/a b%?#.db",
    **refused("sqlite", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://shop.db"),
    **refused("/FOLDER/shop.db", "sqlite:////FOLDER", f"sqlite:///{'a' * 300}/shop.db"),
    **{f"{scheme}://h/d": {"host": "h", "dbname": "d"} for scheme in ("postgresql", "postgres")},
    "postgresql:///d": {"dbname": "d"},
    "postgresql://u%40x:%3A%2F%3F%23%40%25%20+%C3%A4@h:5433/a%2Fb%20c": {
        "user": "u@x",
        "password": ":/?#@% +ä",
        "host": "h",
        "port": "5433",
        "dbname": "a/b c",
    },
    "postgresql:///d?host=/run/PostgreSQL&application_name=0123&connect_timeout=7": {
        "host": "/run/PostgreSQL",
        "dbname": "d",
        "application_name": "0123",
        "connect_timeout": "7",
    },
    "postgresql://h/d?options=-c%20search_path%3Dshop": {
        "host": "h",
        "dbname": "d",
        "options": "-c search_path=shop",
    },
    **refused("mysql://h/d", "postgresql+psycopg://h/d", "non\nsense", "://", "redis://h/0"),
    **refused("postgresql:", "postgresql://h", "postgresql://h:port/d", "postgresql://[::1/d"),
    **refused("postgresql://u:p@ss@h/d", "postgresql://h/d?color=red", "postgresql://h/d%00"),
}
CONTRACTS: Spellings = {
    **BLANK,
    "other.yaml": "other.yaml",
    " /FOLDER/other.yaml ": "FOLDER/other.yaml",
    **refused("none.yaml", "/FOLDER", "other.yaml,other.yaml"),
}
BIND: Spellings = {
    **EMPTY_LIST,
    " 0.0.0.0:80 ": ["0.0.0.0:80"],
    "[::]:80": ["[::]:80"],
    "localhost:80, [::1]:81,,": ["localhost:80", "[::1]:81"],
    **{text: [text] for text in ("unix:/run/shop.sock", "fd://3")},
    **refused(
        "80", "localhost", "localhost:http", "localhost:65536", "::1:80", "http://localhost:80"
    ),
}
PROXIES: Spellings = {**BLANK, " 10.0.0.1, ::1 ": "10.0.0.1, ::1", "*": "*"}

TWINS = ("flask_api", "drf_api")
# Who reads a variable, and what its spellings mean to them.
TABLE: list[tuple[str, tuple[str, ...], Spellings]] = [
    ("SECRET_KEY", TWINS, KEYS),
    ("DATABASE_URL", TWINS, DATABASES),
    ("DATABASE_POOL_SIZE", TWINS, NUMBERS),
    ("DATABASE_POOL_TIMEOUT", TWINS, NUMBERS),
    ("DATABASE_TIMEOUT", TWINS, {**NUMBERS, "2147483": 2147483, **refused("2147484")}),
    ("REDIS_URL", TWINS, REDIS),
    ("ALLOWED_HOSTS", TWINS, HOSTS),
    ("CORS_ORIGINS", TWINS, ORIGINS),
    ("RATE_LIMIT", TWINS, RATES),
    ("LOGIN_THROTTLE", TWINS, RATES),
    ("TOKEN_TTL", TWINS, NUMBERS),
    ("SUMMARY_MAX_AGE", TWINS, {**NUMBERS, "0": 0, " 0 ": 0, **refused("00", "-0")}),
    ("LOG_LEVEL", (*TWINS, "gunicorn"), LOG_LEVELS),
    ("OPENAPI_FILE", TWINS, CONTRACTS),
    ("PAGES_ENABLED", TWINS, SWITCHES),
    ("SECURE_COOKIES", TWINS, SWITCHES),
    ("HSTS_SECONDS", TWINS, {**NUMBERS, "0": 0}),
    ("TUNED", TWINS, SWITCHES),
    ("ADMIN_ENABLED", TWINS, SWITCHES),
    ("FLASK_PORT", ("launchers",), PORTS),
    ("DRF_PORT", ("launchers",), PORTS),
    ("FLEET_PORT", ("launchers",), PORTS),
    ("SEPARATE", ("launchers",), SWITCHES),
    ("WORKERS", ("launchers", "gunicorn"), NUMBERS),
    ("WEB_CONCURRENCY", ("launchers", "gunicorn"), NUMBERS),
    ("BIND", ("gunicorn",), BIND),
    ("THREADS", ("gunicorn",), NUMBERS),
    ("FORWARDED_ALLOW_IPS", ("gunicorn",), PROXIES),
]
DEFAULTS: dict[str, dict[str, Any]] = {
    "flask_api": {
        "SECRET_KEY": KEY,
        "DATABASE_URL": f"{ROOT}/var/shop.sqlite3",
        "DATABASE_POOL_SIZE": 5,
        "DATABASE_POOL_TIMEOUT": 1,
        "DATABASE_TIMEOUT": 5,
        "REDIS_URL": "",
        "ALLOWED_HOSTS": ["127.0.0.1", "[::1]", "localhost"],
        "CORS_ORIGINS": [],
        "RATE_LIMIT": None,
        "LOGIN_THROTTLE": "10/900",
        "TOKEN_TTL": 30 * 24 * 60 * 60,
        "SUMMARY_MAX_AGE": 0,
        "LOG_LEVEL": "INFO",
        "OPENAPI_FILE": f"{ROOT}/openapi.yaml",
        "PAGES_ENABLED": True,
        "ADMIN_ENABLED": False,
        "SECURE_COOKIES": True,
        "HSTS_SECONDS": 0,
        "TUNED": False,
    },
    "launchers": {
        "FLASK_PORT": 5000,
        "DRF_PORT": 8000,
        "FLEET_PORT": 8080,
        "SEPARATE": False,
        "WORKERS": 2,
        "WEB_CONCURRENCY": 1,
    },
    "gunicorn": {
        "BIND": ["127.0.0.1:8000"],
        "WORKERS": 1,
        "WEB_CONCURRENCY": 1,
        "THREADS": 4,
        "LOG_LEVEL": "WARNING",
        "FORWARDED_ALLOW_IPS": "",
    },
}
DEFAULTS["drf_api"] = DEFAULTS["flask_api"]

# Each program reads many environments at once, as `read` says, and tells what they mean.
PROGRAM = """
import json, os, sys
{read}
answers = []
for env in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(env)
    answers.append(read())
plain = lambda value: sorted(value) if isinstance(value, frozenset) else str(value)
json.dump(answers, sys.stdout, default=plain)
"""
READ = {
    "flask_api": """
from flask_api.config import Config, ConfigurationError
from flask_api.contract.database import engine_options

def read():
    try:
        config = Config.from_environment()
    except ConfigurationError as error:
        return error.message
    limits = {name: getattr(config, name) for name in ("RATE_LIMIT", "LOGIN_THROTTLE")}
    return {
        **vars(config),
        **{name: limit and f"{limit.amount}/{limit.seconds}" for name, limit in limits.items()},
        "DATABASE_URL": config.DATABASE_URL.database or {
            **config.DATABASE_URL.translate_connect_args(),
            **engine_options(config)["connect_args"],
        },
    }
""",
    "drf_api": """
from runpy import run_module
from types import SimpleNamespace
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import ConnectionHandler
from drf_api.startup import refuse_weak_key

settings.configure()
DJANGO_OWN = ("context", "cursor_factory", "prepare_threshold")

def read():
    try:
        found = run_module("drf_api.settings")
        refuse_weak_key(SimpleNamespace(**found))
    except ImproperlyConfigured as error:
        return str(error)
    rates = found["REST_FRAMEWORK"]["DEFAULT_THROTTLE_RATES"]
    params = ConnectionHandler(found["DATABASES"])["default"].get_connection_params()
    return {
        **{name: value for name, value in found.items() if name.isupper()},
        "RATE_LIMIT": rates["client"],
        "LOGIN_THROTTLE": rates["login"],
        "DATABASE_URL": params.get("database") or {
            name: value for name, value in params.items() if name not in DJANGO_OWN
        },
    }
""",
    "launchers": """
from contextlib import redirect_stderr
from io import StringIO
from deploy.fleet import FLEET
from deploy.launcher import LISTENING_TWINS, chosen_port, environment
from deploy.settings import whole_number
from deploy.up import are_separate

def read():
    with redirect_stderr(StringIO()) as said:
        try:
            return {
                **{it[1]: chosen_port(*it) for it in (FLEET, *LISTENING_TWINS)},
                "SEPARATE": are_separate(),
                "WORKERS": whole_number("WORKERS", 2),
                "WEB_CONCURRENCY": int(environment()["WEB_CONCURRENCY"]),
                "DATABASE_URL": environment()["DATABASE_URL"],
            }
        except SystemExit:
            return said.getvalue().removesuffix("\\n")
""",
    "gunicorn": """
from contextlib import redirect_stderr
from io import StringIO
from runpy import run_path

def read():
    with redirect_stderr(StringIO()) as said:
        try:
            found = run_path("CHECKOUT/deploy/gunicorn.conf.py")
        except SystemExit:
            return said.getvalue().removesuffix("\\n")
    return {
        "BIND": found["bind"],
        "WORKERS": found["workers"],
        "WEB_CONCURRENCY": found["workers"],
        "THREADS": found["threads"],
        "LOG_LEVEL": found["loglevel"],
        "FORWARDED_ALLOW_IPS": found["forwarded_allow_ips"],
    }
""".replace("CHECKOUT", str(ROOT)),
}

Answer = dict[str, Any] | str  # what an environment means, or the line that refuses it


Case = tuple[str, str, str]  # a reader, a variable, its spelling
MEANINGS: dict[Case, Any] = {
    (reader, variable, spelling): meaning
    for variable, readers, spellings in TABLE
    for reader in readers
    for spelling, meaning in spellings.items()
}


def ask(reader: str, folder: Path, environments: Sequence[Mapping[str, str]]) -> list[Answer]:
    """Return what a reader makes of each environment, with a folder as the current one."""
    base = {"DATA_DIR": str(folder), "SECRET_KEY": KEY}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(read=READ[reader])],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        input=json.dumps([{**base, **env} for env in environments]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder in which `other.yaml` is."""
    made = tmp_path_factory.mktemp("settings")
    (made / "other.yaml").write_text("openapi: 3.1.0")
    return made


@pytest.fixture(scope="module")
def answers(folder: Path) -> Mapping[Case, Answer]:
    """Ask each reader once, about all environments."""
    found = dict[Case, Answer]()
    for reader in READ:
        cases = [case for case in MEANINGS if case[0] == reader]
        named = [{name: text.replace("/FOLDER", str(folder))} for _, name, text in cases]
        found |= zip(cases, ask(reader, folder, named), strict=True)
    return found


@pytest.mark.parametrize("case", MEANINGS, ids=" ".join)
def test_a_spelling(case: Case, folder: Path, answers: Mapping[Case, Answer]) -> None:
    (reader, variable, _), meaning, answer = case, MEANINGS[case], answers[case]
    if meaning == REFUSED:
        assert isinstance(answer, str), answer[variable]
        assert variable in answer
        assert "\n" not in answer
    else:
        assert isinstance(answer, dict), answer
        assert answer[variable] == expected(reader, variable, meaning, folder)


def expected(reader: str, variable: str, meaning: Any, folder: Path) -> Any:
    """Return what a reader should tell of a variable."""
    if meaning == UNSET:
        return DEFAULTS[reader][variable]
    if isinstance(meaning, dict):  # the parameters of libpq, of which the twins set some
        own = {"connect_timeout": 2, "tcp_user_timeout": 5000, "keepalives_idle": 5}
        return {**own, **meaning, "client_encoding": "UTF8"}
    return meaning.replace("FOLDER", str(folder)) if "FOLDER" in str(meaning) else meaning


@pytest.mark.parametrize("reader", READ)
def test_defaults(reader: str, folder: Path) -> None:
    [answer] = ask(reader, folder, [{}])
    assert isinstance(answer, dict), answer
    assert {name: answer[name] for name in DEFAULTS[reader]} == DEFAULTS[reader]


@pytest.mark.parametrize("twin", TWINS)
def test_the_environment_decides_about_weak_keys(twin: str, folder: Path) -> None:
    production = ["", " ", "production", "PRODUCTION", " Production\n"]
    development = ["development", "Development", " DEVELOPMENT\n"]
    neither = ["staging", "dev", "prod", "production,development", "true"]
    weak = [
        {"APP_ENV": word, "SECRET_KEY": "weak"} for word in (*production, *development, *neither)
    ]
    *answers, unset = ask(twin, folder, [*weak, {"APP_ENV": "development", "SECRET_KEY": " "}])
    for word, answer in zip((*production, *development, *neither), answers, strict=True):
        if word in development:
            assert isinstance(answer, dict), answer
            assert answer["SECRET_KEY"] == "weak"
        else:
            assert isinstance(answer, str), word
            assert answer.startswith("SECRET_KEY" if word in production else "APP_ENV")
    assert isinstance(unset, dict), unset
    assert unset["SECRET_KEY"] == "development-key-that-everybody-knows"


def test_a_folder_for_data_may_have_any_name(folder: Path) -> None:
    data = folder / "100% ?#[ä]\n&=+"
    [found] = ask("launchers", folder, [{"DATA_DIR": str(data)}])
    assert isinstance(found, dict), found
    for twin in TWINS:
        [answer] = ask(twin, folder, [{"DATABASE_URL": found["DATABASE_URL"]}])
        assert isinstance(answer, dict), answer
        assert answer["DATABASE_URL"] == f"{data}/shop.sqlite3"


GUNICORN = ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", "127.0.0.1:0")
LAUNCHERS = [("-m", "deploy.up"), ("-m", "deploy.fleet")]
ENTRIES = [
    *((twin.migrate, "TOKEN_TTL") for twin in twins.TWINS),
    *((twin.seed, "TOKEN_TTL") for twin in twins.TWINS),
    *(((*GUNICORN, twin.target), "TOKEN_TTL") for twin in twins.TWINS),
    *(((*GUNICORN, twin.target), "THREADS") for twin in twins.TWINS),
    *((launcher, "FLASK_PORT") for launcher in LAUNCHERS),
    *((launcher, "TOKEN_TTL") for launcher in LAUNCHERS),
]


@pytest.mark.parametrize(("entry", "variable"), ENTRIES, ids=str)
def test_every_entry_says_it_in_one_line(entry: Sequence[str], variable: str, folder: Path) -> None:
    if "deploy.fleet" in entry and not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    assert "soon" in refusal(entry, folder, variable, "soon")


NO_CONTRACTS = ["openapi: 3.1.1", "- a list", "{", "\0", "{x-problems: {}, x-error-codes: []}"]


@pytest.mark.parametrize("text", NO_CONTRACTS)
@pytest.mark.parametrize("twin", twins.TWINS, ids=lambda twin: twin.name)
def test_another_file_is_no_contract(twin: twins.Twin, text: str, folder: Path) -> None:
    file = folder / "another.yaml"
    file.write_text(text)
    assert str(file) in refusal(twin.seed, folder, "OPENAPI_FILE", str(file))


def refusal(entry: Sequence[str], folder: Path, variable: str, value: str) -> str:
    """Return the one line with which an entry ends because of a variable."""
    ports = {name: str(free_port()) for name in ("FLASK_PORT", "DRF_PORT", "FLEET_PORT")}
    settings = {"DATA_DIR": str(folder), "SECRET_KEY": KEY, **ports, variable: value}
    done = subprocess.run(
        [sys.executable, *entry],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    [line] = [line for line in done.stderr.splitlines() if variable in line]
    assert "Traceback" not in done.stderr
    return line
