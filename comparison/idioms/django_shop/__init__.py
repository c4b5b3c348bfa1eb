"""The application that the idioms of DRF and Ninja live in."""

from uuid import UUID

import django
from django.conf import settings
from django.core.management import call_command


def count_statements(rows: int, read) -> int:
    """Count the statements that reading some todos takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from django_shop.models import Tag, Todo

    Todo.objects.all().delete()
    home = Tag.objects.get(slug="home")
    for todo in [Todo.objects.create(title="x") for _ in range(rows)]:
        todo.tags.add(home)
    with CaptureQueriesContext(connection) as captured:
        read()
    return len(captured)


def setup(*apps: str) -> None:
    """Configure Django as `startproject` does, with a few rows."""
    installed = [
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django_shop",
        *apps,
    ]
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": ":memory:",
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=installed,
        MIGRATION_MODULES=dict.fromkeys(
            ("admin", "auth", "contenttypes")
        ),  # tables are made at once
        ROOT_URLCONF="django_shop.urls",
        SECRET_KEY="of the idioms",
        TIME_ZONE="UTC",
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)

    from django.contrib.auth.models import User

    from django_shop.models import Product, Tag

    User.objects.create(username="alice", email="alice@example.com")
    Product.objects.create(
        id=UUID("019b8d49-3204-73bf-8e08-6130bb92870b"),
        name="Mug",
        price=14,
    )
    Tag.objects.create(slug="home")
