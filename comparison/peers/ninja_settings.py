"""Django's settings for the peer that is written with Django Ninja."""

import dj_database_url

from comparison.peers import contract

_DATABASE = dj_database_url.parse(contract.DATABASE_URL, conn_max_age=None)
if _DATABASE["ENGINE"].endswith("sqlite3"):
    _DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    }
DATABASES = {"default": _DATABASE}
SECRET_KEY = contract.SECRET_KEY.decode() or "unused"
ALLOWED_HOSTS = ["*"]  # the contract's check comes first
ROOT_URLCONF = "comparison.peers.ninja_peer"
INSTALLED_APPS = ["comparison.peers.shop"]
MIDDLEWARE = ["comparison.peers.ninja_peer.contract_middleware"]
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["stderr"], "level": "ERROR"}},
}
