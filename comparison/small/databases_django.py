"""Two databases at once with Django's router; prints the tables of each."""

import json
from typing import Any

import django
from django.conf import settings

MEMORY = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
settings.configure(
    DATABASES={"default": MEMORY, "log": {**MEMORY}}, DATABASE_ROUTERS=[f"{__name__}.Router"]
)
django.setup()

from django.db import connections, models  # noqa: E402 - needs the settings


class Product(models.Model):  # noqa: DJ008 – nobody looks at it
    """Something for sale."""

    class Meta:
        app_label = "shop"


class Visit(models.Model):  # noqa: DJ008 – as above
    """A line of the log, which is kept apart."""

    class Meta:
        app_label = "log"


class Router:
    """Tells which database a model is in."""

    def db_for_read(self, model: Any, **_: Any) -> str | None:
        """Read the log from its own."""
        return "log" if model._meta.app_label == "log" else None  # noqa: SLF001 – documented

    db_for_write = db_for_read


PLACES: list[tuple[str, Any]] = [("default", Product), ("log", Visit)]
for alias, model in PLACES:
    with connections[alias].schema_editor() as editor:
        editor.create_model(model)
    model.objects.create()
print(json.dumps([connections[each].introspection.table_names() for each in connections]))
