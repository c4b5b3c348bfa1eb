"""Django's settings, taken from the environment."""

import re
from ipaddress import IPv6Address
from os import environ
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured

CHECKOUT = Path(__file__).resolve().parent.parent


# Compose passes a variable that isn't set on as an empty one.
variables = {name: value.strip() for name, value in environ.items() if value.strip()}


def choice(name: str, choices: tuple[str, ...]) -> str:
    """Read a variable that is one of a few words in any case, the first of them by default."""
    value = variables.get(name, choices[0])
    found = {word.lower(): word for word in choices}.get(value.lower())
    if found is None:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return found


def listed(name: str) -> list[str]:
    """Read a variable that holds texts separated by commas; case doesn't count."""
    parts = [part.strip() for part in variables.get(name, "").lower().split(",")]
    return [part for part in parts if part]


def whole_number(name: str, default: str, largest: int = 999_999_999) -> int:
    """Read a variable that is a whole number above zero."""
    value = variables.get(name, default)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value) or int(value) > largest:
        raise ImproperlyConfigured(
            f"{name} must be a whole number from 1 to {largest}, not {value!r}"
        )
    return int(value)


def rate(name: str, default: str | None = None) -> str | None:
    """Read a variable such as `600/60`, a count for so many seconds."""
    value = variables.get(name, default)
    if value and not re.fullmatch(r"[1-9][0-9]{0,8}/[1-9][0-9]{0,8}", value):
        raise ImproperlyConfigured(f"{name} must be <count>/<seconds> like 600/60, not {value!r}")
    return value


def hosts(name: str) -> list[str]:
    """Read names and addresses as Django takes them."""
    found = {host(name, entry) for entry in listed(name)}
    return sorted(found or {"localhost", "127.0.0.1", "[::1]"})


def host(name: str, entry: str) -> str:
    """Read one of them; Django finds an address in brackets, and a name without a last dot."""
    if entry == "*" or re.fullmatch(r"\.?([a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}\.?", entry):
        return entry.removesuffix(".")
    try:
        return f"[{IPv6Address(entry.removeprefix('[').removesuffix(']'))}]"
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must be a list of hosts like example.com, .example.com (with all below it), "
            f"127.0.0.1, ::1 or * (any), without scheme, port or underscore; not {entry!r}"
        ) from None


def origins(name: str) -> list[str]:
    """Read the origins whose scripts may read answers."""
    return sorted({origin(name, entry) for entry in listed(name)})


def origin(name: str, entry: str) -> str:
    """Read one origin, and write it as browsers do."""
    match = re.fullmatch(
        r"(https?)://([\w.-]+|\[[\da-f:.]+\])(?::([1-9]\d{0,4}))?", entry, re.ASCII
    )
    if match is None:
        raise ImproperlyConfigured(
            f"{name} must be a list of origins like https://example.com or http://localhost:3000, "
            f"without a path, a final slash, * or null; not {entry!r}"
        )
    scheme, domain, port = match.groups()
    is_default = port == {"http": "80", "https": "443"}[scheme]
    return f"{scheme}://{domain}" if is_default or not port else f"{scheme}://{domain}:{port}"


def redis_url(name: str) -> str:
    """Read where limits are counted for all processes; unset means that each counts by itself."""
    value = variables.get(name, "")
    if value:
        # Takes a tenth of a second to import, which nobody needs without Redis.
        from redis import Redis, RedisError  # noqa: PLC0415

        try:
            Redis.from_url(value).connection_pool.make_connection()  # connects when it is used
        except (RedisError, TypeError, ValueError):
            raise ImproperlyConfigured(f"{name} must be like redis://<host>:<port>/0") from None
    return value


def database(name: str) -> dict[str, Any]:
    """Read the database's address, and set what the contract's guarantees need of it."""
    if name not in variables:
        (CHECKOUT / "var").mkdir(exist_ok=True)
        return sqlite(CHECKOUT / "var" / "shop.sqlite3")
    scheme, _, rest = variables[name].partition("://")
    if scheme.lower() == "sqlite":
        return sqlite(file_path(name, rest))
    if scheme.lower() in {"postgresql", "postgres"}:
        return postgresql(parameters(name, rest))
    # The value may hold a password.
    raise ImproperlyConfigured(
        f"{name} must be sqlite:///<path> or postgresql://<user>:<password>@<host>/<database>"
    )


def file_path(name: str, rest: str) -> Path:
    """Read the path to SQLite's file."""
    path = Path(unquote(rest[1:], errors="surrogateescape")).absolute()
    if rest[:1] != "/" or rest == "/:memory:" or "?" in rest or "\0" in str(path):
        raise ImproperlyConfigured(
            f"{name} must be sqlite:///<path to a file> without options, where the path has %3F "
            "for ? and %25 for %"
        )
    try:
        is_possible = path.parent.is_dir() and not path.is_dir()
    except OSError:  # it is too long, or nobody may look
        is_possible = False
    if not is_possible:
        raise ImproperlyConfigured(
            f"{name} must name a file in a folder that exists, not {str(path)!r}"
        )
    return path


def sqlite(path: Path) -> dict[str, Any]:
    """Configure SQLite."""
    options = {
        "transaction_mode": "IMMEDIATE",  # a deferred writer would fail where it has to wait
        "timeout": DATABASE_TIMEOUT,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": options,
    }


def parameters(name: str, rest: str) -> dict[str, Any]:
    """Read a PostgreSQL URL as libpq reads it, which psql and the other twin do, too."""
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
        raise ImproperlyConfigured(
            f"{name} must be postgresql://<user>:<password>@<host>:<port>/<database>, with libpq's "
            "options after a ?, and with %-encoding of % : @ / ? # and spaces within its parts"
        )
    return found


def postgresql(found: dict[str, Any]) -> dict[str, Any]:
    """Configure PostgreSQL; options in the URL come before these."""
    # Takes a fifth of a second to import, which nobody needs on SQLite.
    from drf_api.contract.connections import BoundedConnection  # noqa: PLC0415

    options = {
        # What is run again and again is planned once, which takes values that are sent apart.
        "server_side_binding": True,
        "prepare_threshold": 5,
        "connect_timeout": 2,  # the least that the driver takes
        "tcp_user_timeout": DATABASE_TIMEOUT * 1000,
        "keepalives_idle": DATABASE_TIMEOUT,
        "pool": {
            "min_size": 1,
            "max_size": DATABASE_POOL_SIZE,
            "timeout": DATABASE_POOL_TIMEOUT,
            # psycopg_pool's own five minutes end in long pauses between two attempts.
            "reconnect_timeout": 1,
            "connection_class": BoundedConnection,
        },
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found.pop("dbname"),
        "USER": found.pop("user", ""),
        "PASSWORD": found.pop("password", ""),
        "HOST": found.pop("host", ""),
        "PORT": found.pop("port", ""),
        "CONN_MAX_AGE": 0,  # after each request the connection goes back into the pool
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, **found},
    }


def contract(name: str) -> Path:
    """Read where the contract lies."""
    path = Path(variables.get(name, CHECKOUT / "openapi.yaml"))
    if not path.is_file():
        raise ImproperlyConfigured(f"{name} must name the contract; {str(path)!r} is no file")
    return path


# The program
APP_ENV = choice("APP_ENV", ("production", "development"))
DEVELOPMENT_KEY = "development-key-that-everybody-knows"
# In production there is no default, and startup.py refuses a weak key.
SECRET_KEY = variables.get("SECRET_KEY", DEVELOPMENT_KEY if APP_ENV == "development" else "")
DEBUG = APP_ENV == "development"  # Django's debug pages; API clients get problems even then
# Seconds for a statement, or for a lock; the databases take milliseconds of 31 bits.
DATABASE_TIMEOUT = whole_number("DATABASE_TIMEOUT", "5", largest=2_147_483)
DATABASE_POOL_SIZE = whole_number("DATABASE_POOL_SIZE", "5")
DATABASE_POOL_TIMEOUT = whole_number("DATABASE_POOL_TIMEOUT", "1")
ADMIN_ENABLED = choice("ADMIN_ENABLED", ("false", "true", "0", "1")) in {"true", "1"}
TUNED = choice("TUNED", ("false", "true", "0", "1")) in {"true", "1"}
TOKEN_TTL = whole_number("TOKEN_TTL", "2592000")
OPENAPI_FILE = contract("OPENAPI_FILE")
REDIS_URL = redis_url("REDIS_URL")

# Requests
ALLOWED_HOSTS = hosts("ALLOWED_HOSTS")
CORS_ORIGINS = origins("CORS_ORIGINS")
ROOT_URLCONF = "drf_api.urls"
WSGI_APPLICATION = "drf_api.wsgi.application"  # so that runserver serves what gunicorn does
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4096  # more than a query of gunicorn's longest line has

# From the outermost to the innermost.
MIDDLEWARE = [
    "drf_api.contract.request_ids.request_id_middleware",
    "drf_api.contract.headers.policy_middleware",
    "drf_api.contract.headers.cors_middleware",
    "django.middleware.security.SecurityMiddleware",  # X-Content-Type-Options, Referrer-Policy
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "drf_api.contract.throttling.rate_limit_middleware",
    "drf_api.contract.etags.entity_tag_middleware",
    "drf_api.contract.headers.host_middleware",
]
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = None
X_FRAME_OPTIONS = "DENY"

# Apps
INSTALLED_APPS = [
    "rest_framework",
    "drf_api.contract",
    "drf_api.accounts",
    "drf_api.products",
    "drf_api.todos",
]
if TUNED:
    INSTALLED_APPS += ["drf_api.tuned"]  # the one place that knows it
# An index may have a longer name than Oracle takes.
SILENCED_SYSTEM_CHECKS = ["models.E034"]
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["drf_api.accounts.hashers.Argon2idPasswordHasher"]

if ADMIN_ENABLED:
    INSTALLED_APPS += [
        "drf_api.contract.admin_config.ShopAdminConfig",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
    ]
    MIDDLEWARE += [
        "drf_api.contract.admin_middleware.AdminSessionMiddleware",
        "drf_api.contract.admin_middleware.AdminCsrfMiddleware",
        "drf_api.contract.admin_middleware.AdminAuthenticationMiddleware",
        "drf_api.contract.admin_middleware.AdminMessageMiddleware",
        "drf_api.contract.admin.admin_policy_middleware",
    ]
    AUTHENTICATION_BACKENDS = ["drf_api.accounts.admin.StaffBackend"]
    AUTH_PASSWORD_VALIDATORS = [{"NAME": "drf_api.accounts.admin_site.PasswordValidator"}]
    # In production browsers are to send them by https only (or to localhost).
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = APP_ENV == "production"
    STATIC_URL = "/static/"
    TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        },
    ]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["drf_api.accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["drf_api.contract.throttling.ClientThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "client": rate("RATE_LIMIT"),
        "login": rate("LOGIN_THROTTLE", "10/900"),
    },
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "drf_api.contract.rendering.ContractNegotiation",
    "DEFAULT_PARSER_CLASSES": ["drf_api.contract.parsing.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["drf_api.contract.rendering.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "drf_api.contract.pagination.CursorPagination",
    "EXCEPTION_HANDLER": "drf_api.contract.errors.exception_handler",
    "LIST_SERIALIZER_ERRORS_AS_DICT": True,
    "UNAUTHENTICATED_USER": None,
}

# Storage
DATABASES = {"default": database("DATABASE_URL")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

# Logging
LOG_LEVEL = choice("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "drf_api.contract.request_ids.RequestIDFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "level": LOG_LEVEL,  # also for those that set their own, as psycopg does
            "formatter": "line",
            "filters": ["request_id"],
        }
    },
    "root": {
        "handlers": ["stderr"],
        "level": LOG_LEVEL,
    },
    "loggers": {
        # A client's mistakes are answers, not news; the server's own are logged as errors.
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "CRITICAL"},
    },
}
