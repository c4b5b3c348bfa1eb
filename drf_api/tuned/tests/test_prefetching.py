"""What is prefetched is used like a queryset of Django's, for that is what it becomes."""

import copy
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Prefetch

from drf_api.tuned.prefetching import Unbuilt
from drf_api.tuned.tests.conftest import as_django
from drf_api.tuned.tests.shop import Book, Chapter, Label, Shelf


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let instances be copied, whose models are found among those of installed apps."""
    monkeypatch.setattr(apps, "get_model", Book._meta.apps.get_model)


def prefetched(alias: str, *lookups: Any) -> Any:
    return list(Book.objects.using(alias).prefetch_related(*lookups).order_by("pages"))


USES: dict[str, Callable[[Any], Any]] = {
    "list": list,
    "len": len,
    "bool": bool,
    "first entry": lambda queryset: list(queryset[:1]),
    "repr": repr,
    "count": lambda queryset: queryset.count(),
    "exists": lambda queryset: queryset.exists(),
    "first": lambda queryset: queryset.first(),
    "query": lambda queryset: str(queryset.query),
    "db": lambda queryset: queryset.db,
    "ordered": lambda queryset: queryset.ordered,
    "model": lambda queryset: queryset.model,
    "all": lambda queryset: list(queryset.all()),
    "filter": lambda queryset: list(queryset.filter(pk__gte="m")),
    "exclude": lambda queryset: list(queryset.exclude(pk="m")),
    "order_by": lambda queryset: list(queryset.order_by("-pk")),
    "values": lambda queryset: list(queryset.values_list("pk", flat=True)),
    "union": lambda queryset: list(queryset.order_by().union(queryset.order_by())),
    "or": lambda queryset: list(queryset | queryset.filter(pk="x")),
    "iterator": lambda queryset: list(queryset.iterator(10)),
    "copy": lambda queryset: list(copy.copy(queryset)),
    "deepcopy": lambda queryset: list(copy.deepcopy(queryset)),
    "class after a use": lambda queryset: (str(queryset.query), type(queryset))[1],
    "isinstance": lambda queryset: isinstance(queryset, models.QuerySet),
}
LOOKUPS: dict[str, tuple[Any, ...]] = {
    "many to many": ("labels",),
    "with a queryset": (Prefetch("labels", Label.objects.filter(text__gt="b").order_by("-text")),),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("lookups", LOOKUPS)
def test_what_is_prefetched_is_used_like_djangos(
    alias: str, lookups: str, use: str, copied: None
) -> None:
    found = prefetched(alias, *LOOKUPS[lookups])
    results = [USES[use](book.labels.all()) for book in found]
    with as_django():
        books = prefetched(alias, *LOOKUPS[lookups])
        assert results == [USES[use](book.labels.all()) for book in books]


def test_prefetching_deeper(alias: str, django_assert_num_queries: Any) -> None:
    for lookups in (("books__chapters",), ("books__labels", "books__chapters__book")):
        shelves = list(Shelf.objects.using(alias).prefetch_related(*lookups))
        found = [
            [
                (book, list(book.chapters.all()), list(book.labels.all()))
                for book in shelf.books.all()
            ]
            for shelf in shelves
        ]
        with as_django():
            shelves = list(Shelf.objects.using(alias).prefetch_related(*lookups))
            assert found == [
                [
                    (book, list(book.chapters.all()), list(book.labels.all()))
                    for book in s.books.all()
                ]
                for s in shelves
            ]


def test_a_change_forgets_what_was_prefetched(alias: str) -> None:
    [book, *_] = prefetched(alias, "chapters", "labels")
    assert isinstance(book._prefetched_objects_cache["chapters"], Unbuilt)
    chapter = Chapter.objects.using(alias).create(book=book, number=9, heading="late")
    assert chapter not in book.chapters.all()
    book.refresh_from_db()
    assert chapter in book.chapters.all()
    book.labels.add("art")
    assert [label.text for label in book.labels.all()] == ["art"]
    book.labels.clear()
    chapter.delete()


def test_a_prefetched_instance_can_be_copied(alias: str, copied: None) -> None:
    books = prefetched(alias, "labels", "chapters")
    assert [
        [list(book.labels.all()), list(book.chapters.all())]
        for book in (copy.deepcopy(each) for each in books)
    ] == [[list(book.labels.all()), list(book.chapters.all())] for book in books]


def test_to_attr_is_djangos(alias: str) -> None:
    lookup = Prefetch("chapters", Chapter.objects.filter(number=0), to_attr="beginning")
    assert all(type(book.beginning) is list for book in prefetched(alias, lookup))


class OwnAll(models.Manager[Any]):
    def all(self) -> models.QuerySet[Any]:
        return super().all().filter(number=0)


def test_a_manager_with_its_own_all_is_asked(alias: str, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = OwnAll()
    manager.model, manager.name = Chapter, "objects"
    monkeypatch.setitem(vars(Chapter._meta), "default_manager", manager)
    monkeypatch.delitem(vars(Book.chapters), "related_manager_cls", raising=False)
    try:
        found = [len(book.chapters.all()) for book in prefetched(alias, "chapters")]
    finally:
        vars(Book.chapters).pop("related_manager_cls", None)
    assert max(found) == 1


def test_what_is_set_on_a_queryset_stays(alias: str) -> None:
    [book, *_] = prefetched(alias, "chapters")
    chapters: Any = book.chapters.all()
    chapters.note = "x"
    assert list(chapters.filter(number=0)) == []
    assert (chapters.note, type(chapters)) == ("x", models.QuerySet)


def test_lookups_of_a_prefetched_queryset_stay(alias: str) -> None:
    lookup = Prefetch("chapters", Chapter.objects.prefetch_related("book__labels"))
    book = prefetched(alias, lookup)[-1]
    [chapter, *_] = book.chapters.filter(number=0)
    assert "labels" in chapter.book._prefetched_objects_cache


def test_threads_read_what_another_one_builds(alias: str) -> None:
    errors: list[str] = []
    interval = sys.getswitchinterval()
    books = [book for _ in range(20) for book in prefetched(alias, "chapters")]

    def read(queryset: Any, barrier: threading.Barrier, *, builds: bool) -> None:
        barrier.wait()
        try:
            if builds:
                assert queryset.ordered
            for _ in range(20):
                assert len([*queryset]) == len(queryset)
        except Exception as error:  # noqa: BLE001 - whatever it is
            errors.append(repr(error))

    sys.setswitchinterval(1e-6)
    try:
        for book in books:
            barrier = threading.Barrier(4)
            threads = [
                threading.Thread(
                    target=read, args=(book.chapters.all(), barrier), kwargs={"builds": n == 0}
                )
                for n in range(4)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert errors == []
