"""Django's settings, taken from the environment."""

from pathlib import Path
from typing import Any

from drf_api.environment import (
    CHECKOUT,
    database_url,
    file,
    hosts,
    number,
    number_or_zero,
    one_of,
    origins,
    rate,
    redis_url,
    setting,
    statement_seconds,
    switch,
)

# The program
APP_ENV = setting("APP_ENV", one_of("production", "development"), "production")
DEBUG = APP_ENV == "development"  # Django's debug pages; API clients get problems even then
DEVELOPMENT_KEY = "development-key-that-everybody-knows"
# In production there is no default, and startup.py refuses a weak key.
SECRET_KEY = setting("SECRET_KEY", str, DEVELOPMENT_KEY if DEBUG else "")
DATABASE_TIMEOUT = setting("DATABASE_TIMEOUT", statement_seconds, "5")  # for a lock, too
DATABASE_POOL_SIZE = setting("DATABASE_POOL_SIZE", number, "5")
DATABASE_POOL_TIMEOUT = setting("DATABASE_POOL_TIMEOUT", number, "1")
PAGES_ENABLED = setting("PAGES_ENABLED", switch, "true")
# Whether browsers send cookies by https only, or to localhost: in production, unless this says.
SECURE_COOKIES = setting("SECURE_COOKIES", switch, "false" if DEBUG else "true")
ADMIN_ENABLED = setting("ADMIN_ENABLED", switch, "false")
TUNED = setting("TUNED", switch, "false")
TOKEN_TTL = setting("TOKEN_TTL", number, "2592000")
OPENAPI_FILE = setting("OPENAPI_FILE", file, str(CHECKOUT / "openapi.yaml"))
REDIS_URL = setting("REDIS_URL", redis_url)

# Requests
ALLOWED_HOSTS = setting("ALLOWED_HOSTS", hosts)
CORS_ORIGINS = setting("CORS_ORIGINS", origins)
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
SECURE_HSTS_SECONDS = HSTS_SECONDS = setting("HSTS_SECONDS", number_or_zero, "0")
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

if PAGES_ENABLED or ADMIN_ENABLED:
    INSTALLED_APPS += [
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "whitenoise.runserver_nostatic",
        "django.contrib.staticfiles",
    ]
    # Outside of what refuses hosts, so that its refusal is a page as well.
    MIDDLEWARE[-1:-1] = [
        "drf_api.contract.browsers.PageMiddleware",
        "drf_api.contract.browsers.SessionMiddleware",
        "drf_api.contract.browsers.CsrfViewMiddleware",
        "drf_api.contract.browsers.AuthenticationMiddleware",
        "drf_api.contract.browsers.MessageMiddleware",
    ]
    # Inside of it: files, too, are for the hosts that are served.
    MIDDLEWARE += ["whitenoise.middleware.WhiteNoiseMiddleware"]
    WHITENOISE_USE_FINDERS = True  # each program is whole by itself, without `collectstatic`
    WHITENOISE_MAX_AGE = 0  # they change with the program: browsers ask whether they have
    WHITENOISE_ALLOW_ALL_ORIGINS = False
    AUTHENTICATION_BACKENDS = ["drf_api.accounts.backends.AccountBackend"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
    SESSION_COOKIE_NAME = "django_session"  # the other twin's on the same host is another
    CSRF_COOKIE_HTTPONLY = True  # no script reads it
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
if PAGES_ENABLED:
    INSTALLED_APPS += ["drf_api.web", "drf_spectacular_sidecar"]
    LOGIN_URL = "login"
    LOGIN_REDIRECT_URL = "dashboard"
    CSRF_FAILURE_VIEW = "drf_api.web.pages.csrf_failure"
if ADMIN_ENABLED:
    INSTALLED_APPS += ["drf_api.accounts.admin_config.ShopAdminConfig"]
    MIDDLEWARE += ["drf_api.contract.admin.admin_policy_middleware"]
    AUTH_PASSWORD_VALIDATORS = [{"NAME": "drf_api.accounts.admin_site.PasswordValidator"}]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["drf_api.accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["drf_api.contract.throttling.ClientThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "client": setting("RATE_LIMIT", rate),
        "login": setting("LOGIN_THROTTLE", rate, "10/900"),
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
DATABASES: dict[str, dict[str, Any]]
match setting("DATABASE_URL", database_url):
    case Path() as path:
        DATABASES = {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(path),
                "CONN_MAX_AGE": None,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",  # a deferred writer would fail, not wait
                    "timeout": DATABASE_TIMEOUT,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
                },
            }
        }
    case libpq:
        # Takes a fifth of a second to import, which nobody needs on SQLite.
        from drf_api.contract.connections import BoundedConnection

        DATABASES = {
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": libpq.pop("dbname"),
                "USER": libpq.pop("user", ""),
                "PASSWORD": libpq.pop("password", ""),
                "HOST": libpq.pop("host", ""),
                "PORT": libpq.pop("port", ""),
                "CONN_MAX_AGE": 0,  # after each request the connection goes back into the pool
                "CONN_HEALTH_CHECKS": True,
                "OPTIONS": {
                    # What is run again and again is planned once, by values that are sent apart.
                    "server_side_binding": True,
                    "prepare_threshold": 5,
                    "connect_timeout": 2,  # the least that the driver takes
                    "tcp_user_timeout": DATABASE_TIMEOUT * 1000,
                    "keepalives_idle": DATABASE_TIMEOUT,
                    "pool": {
                        "min_size": 1,
                        "max_size": DATABASE_POOL_SIZE,
                        "timeout": DATABASE_POOL_TIMEOUT,
                        # psycopg_pool's own five minutes end in long pauses between attempts.
                        "reconnect_timeout": 1,
                        "connection_class": BoundedConnection,
                    },
                    **libpq,  # the URL's own options come first
                },
            }
        }
# For how many seconds the summary is kept; 0: it is computed for each request.
SUMMARY_MAX_AGE = setting("SUMMARY_MAX_AGE", number_or_zero, "0")
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "summary": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
if SUMMARY_MAX_AGE:
    CACHES["summary"] = {
        "BACKEND": f"drf_api.contract.caching.{'Shared' if REDIS_URL else 'Process'}Cache",
        "LOCATION": [REDIS_URL] if REDIS_URL else "summary",  # a text would be split at commas
        "KEY_PREFIX": "shop",
        "TIMEOUT": SUMMARY_MAX_AGE,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

# Logging
LOG_LEVEL = setting("LOG_LEVEL", one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), "INFO")
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
