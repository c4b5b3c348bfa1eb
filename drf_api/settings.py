"""Django's settings, taken from the environment."""

import re
from collections.abc import Mapping
from os import environ
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

CHECKOUT = Path(__file__).resolve().parent.parent


def choice(name: str, choices: tuple[str, ...]) -> str:
    """Read a variable that is one of a few words, the first of them by default."""
    value = environ.get(name) or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def listed(name: str, default: str) -> list[str]:
    """Read a variable that holds texts separated by commas."""
    return [part.strip() for part in environ.get(name, default).split(",") if part.strip()]


def whole_number(name: str, default: str) -> int:
    """Read a variable that is a whole number above zero."""
    value = environ.get(name) or default
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value):
        raise ImproperlyConfigured(f"{name} must be a whole number above zero, not {value!r}")
    return int(value)


def rate(name: str, default: str) -> str | None:
    """Read a variable such as `600/60`, a count for so many seconds; empty means no limit."""
    value = environ.get(name, default)
    if value and not re.fullmatch(r"[1-9][0-9]{0,8}/[1-9][0-9]{0,8}", value):
        raise ImproperlyConfigured(f"{name} must be <count>/<seconds> like 600/60, not {value!r}")
    return value or None


def redis_url(name: str) -> str:
    """Read where limits are counted for all processes; empty means that each counts by itself."""
    value = environ.get(name, "")
    if value and not re.match("(redis|rediss|unix)://", value):
        raise ImproperlyConfigured(f"{name} must be redis://<host>:<port>/0, not {value!r}")
    return value


def database(name: str) -> dict[str, Any]:
    """Read the database's address, and set what the contract's guarantees need of it."""
    url = environ.get(name) or f"sqlite:///{CHECKOUT / 'var' / 'shop.sqlite3'}"
    if name not in environ:
        (CHECKOUT / "var").mkdir(exist_ok=True)
    try:
        config: Mapping[str, Any] = dj_database_url.parse(url, conn_max_age=None)
    except (ValueError, KeyError):
        config = {}
    engine = config.get("ENGINE")
    if engine == "django.db.backends.sqlite3" and config["NAME"]:
        options = {
            "transaction_mode": "IMMEDIATE",  # a deferred writer would fail where it has to wait
            "timeout": DATABASE_TIMEOUT,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
        }
        return {**config, "OPTIONS": {**config.get("OPTIONS", {}), **options}}
    if engine == "django.db.backends.postgresql" and config["NAME"]:
        # Takes a fifth of a second to import, which nobody needs on SQLite.
        from drf_api.core.connections import PatientConnection  # noqa: PLC0415

        options = {
            # What is run again and again is planned once, which takes values that are sent apart.
            "server_side_binding": True,
            "prepare_threshold": 5,
            "connect_timeout": 2,  # the least that the driver takes
            "tcp_user_timeout": DATABASE_TIMEOUT * 1000,
            "keepalives_idle": DATABASE_TIMEOUT,
            "options": f"-c statement_timeout={DATABASE_TIMEOUT}s",
            "pool": {
                "min_size": 1,
                "max_size": whole_number("DATABASE_POOL_SIZE", "5"),
                "timeout": whole_number("DATABASE_POOL_TIMEOUT", "1"),
                # psycopg_pool's own five minutes end in long pauses between two attempts.
                "reconnect_timeout": 1,
                "connection_class": PatientConnection,
            },
        }
        return {
            **config,
            "ENGINE": "drf_api.core.postgresql",  # Django's, but for how it tries a connection
            "CONN_MAX_AGE": 0,  # after each request the connection goes back into the pool
            "OPTIONS": {**options, **config.get("OPTIONS", {})},
        }
    raise ImproperlyConfigured(f"{name} must be sqlite:///<path> or postgresql://…, not {url!r}")


def contract(name: str) -> Path:
    """Read where the contract lies."""
    path = Path(environ.get(name) or CHECKOUT / "openapi.yaml")
    if not path.is_file():
        raise ImproperlyConfigured(f"{name} must name the contract; {str(path)!r} is no file")
    return path


# The program
APP_ENV = choice("APP_ENV", ("production", "development"))
DEVELOPMENT_KEY = "development-only-key-nobody-may-deploy-it"
SECRET_KEY = environ.get("SECRET_KEY") or (DEVELOPMENT_KEY if APP_ENV == "development" else "")
DEBUG = False
DATABASE_TIMEOUT = whole_number("DATABASE_TIMEOUT", "5")  # seconds for a statement, or for a lock
ADMIN_ENABLED = choice("ADMIN_ENABLED", ("false", "true")) == "true"
TOKEN_TTL = whole_number("TOKEN_TTL", "2592000")
OPENAPI_FILE = contract("OPENAPI_FILE")
REDIS_URL = redis_url("REDIS_URL")

# Requests
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CORS_ORIGINS = listed("CORS_ORIGINS", "")
ROOT_URLCONF = "drf_api.urls"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

# From the outermost to the innermost.
MIDDLEWARE = [
    "drf_api.core.headers.wire_middleware",
    "drf_api.core.headers.request_id_middleware",
    "drf_api.core.headers.policy_middleware",
    "drf_api.core.headers.cors_middleware",
    "django.middleware.security.SecurityMiddleware",  # X-Content-Type-Options, Referrer-Policy
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "drf_api.core.throttling.rate_limit_middleware",
    "drf_api.core.etags.entity_tag_middleware",
    "django.middleware.common.CommonMiddleware",  # checks the host
]
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = None
X_FRAME_OPTIONS = "DENY"

# Apps
INSTALLED_APPS = [
    "rest_framework",
    "drf_api.core",
    "drf_api.accounts",
    "drf_api.products",
    "drf_api.todos",
]
# An index may have a longer name than Oracle takes.
SILENCED_SYSTEM_CHECKS = ["models.E034"]
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["drf_api.accounts.hashers.Argon2idPasswordHasher"]

if ADMIN_ENABLED:
    INSTALLED_APPS += [
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
    ]
    MIDDLEWARE += [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "drf_api.core.admin.admin_policy_middleware",
    ]
    AUTHENTICATION_BACKENDS = ["drf_api.accounts.admin.StaffBackend"]
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
    "DEFAULT_AUTHENTICATION_CLASSES": ["drf_api.core.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["drf_api.core.throttling.ClientThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "client": rate("RATE_LIMIT", ""),
        "login": rate("LOGIN_THROTTLE", "10/900"),
    },
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "drf_api.core.rendering.ContractNegotiation",
    "DEFAULT_PARSER_CLASSES": ["drf_api.core.parsing.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["drf_api.core.rendering.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "drf_api.core.pagination.CursorPagination",
    "EXCEPTION_HANDLER": "drf_api.core.problems.exception_handler",
    "LIST_SERIALIZER_ERRORS_AS_DICT": True,
    "UNAUTHENTICATED_USER": None,
}

# Storage
DATABASES = {"default": database("DATABASE_URL")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # The default of 300 entries would soon forget who failed to log in.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

# Logging
LOG_LEVEL = choice("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "drf_api.core.headers.RequestIDFilter"}},
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
