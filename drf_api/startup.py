"""What each entry does first: refuse, in one clear line, settings that can't work."""

import os
import sys
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

MIN_KEY_LENGTH = 32
MIN_KEY_CHARACTERS = 10
SETTINGS = "drf_api.settings"
BOOT_ERROR = 3  # after any other exit code, gunicorn would start its workers again and again


def configure() -> None:
    """Load the settings; end the program when one of them can't work."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS  # whatever another project has set
    try:
        # The module, as Django's own settings raise an error where a key is asked for and empty.
        refuse_weak_key(import_module(SETTINGS))
        import_module("drf_api.contract.openapi")  # refuses another file
        if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
            # Takes a fifth of a second to import, which nobody needs on SQLite.
            from drf_api.contract.connections import try_to_connect  # noqa: PLC0415

            try_to_connect()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"drf_api: {error}\n")
        sys.exit(BOOT_ERROR)


def refuse_weak_key(found: Any) -> None:
    """Insist on a secret key that nobody can guess, unless this is a development machine."""
    if found.APP_ENV == "development":
        return
    key = found.SECRET_KEY
    if (
        len(key) < MIN_KEY_LENGTH
        or len(set(key)) < MIN_KEY_CHARACTERS
        or key == found.DEVELOPMENT_KEY
    ):
        raise ImproperlyConfigured(
            f"SECRET_KEY must be a random text of {MIN_KEY_LENGTH} or more characters, "
            'for example from: python -c "import secrets; print(secrets.token_urlsafe(48))" '
            "(or set APP_ENV=development on your own machine)"
        )
