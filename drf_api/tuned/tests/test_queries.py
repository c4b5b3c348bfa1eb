"""Statements from the cache are those that Django compiles, with the same values and rows."""

import gc
import threading
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.db import connections, models, transaction
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Lower, Now, TruncDate
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import register_lookup
from hypothesis import given, settings
from hypothesis import strategies as st

from drf_api.contract.database import IContains
from drf_api.tuned import queries
from drf_api.tuned.tests.conftest import START, as_django
from drf_api.tuned.tests.shop import Book, Chapter, Shelf

Refine = Callable[[Any], Any]

# Near neighbours: each pair of them makes two querysets that differ in one or two aspects.
REFINEMENTS: dict[str, Refine] = {
    "all": lambda books: books,
    "true": lambda books: books.filter(is_lent=True),
    "false": lambda books: books.filter(is_lent=False),
    "number": lambda books: books.filter(pages=10),
    "other number": lambda books: books.filter(pages=20),
    "number as text": lambda books: books.filter(pages="10"),
    "number as bool": lambda books: books.filter(pages=True),
    "one": lambda books: books.filter(pages=1),
    "too large": lambda books: books.filter(pages=2**70),
    "not too large": lambda books: books.filter(pages__lt=2**70),
    "excluded": lambda books: books.exclude(pages=10),
    "range": lambda books: books.filter(pages__range=(10, 50)),
    "in": lambda books: books.filter(pages__in=[10, 20, 30]),
    "in, repeated": lambda books: books.filter(pages__in=[10, 10, 30]),
    "in, with null": lambda books: books.filter(pages__in=[10, None]),
    "in nothing": lambda books: books.filter(pages__in=[]),
    "in a subquery": lambda books: books.filter(shelf__in=Shelf.objects.filter(is_open=True)),
    "in a slice": lambda books: books.filter(
        shelf_id__in=Shelf.objects.order_by("name").values("pk")[:2]
    ),
    "in another slice": lambda books: books.filter(
        shelf_id__in=Shelf.objects.order_by("name").values("pk")[1:3]
    ),
    "none": lambda books: books.none(),
    "null": lambda books: books.filter(price__isnull=True),
    "not null": lambda books: books.filter(price__isnull=False),
    "contains": lambda books: books.filter(title__contains="k 1"),
    "contains a wildcard": lambda books: books.filter(title__contains="%_"),
    "icontains": lambda books: books.filter(title__icontains="K 2"),
    "starts": lambda books: books.filter(title__startswith="Book"),
    "regex": lambda books: books.filter(title__regex="^B"),
    "decimal": lambda books: books.filter(price__lte=Decimal("2.50")),
    "float": lambda books: books.filter(rating__gt=1.5),
    "time": lambda books: books.filter(printed_at__gt=START),
    "date": lambda books: books.filter(printed_on__gt=date(2020, 1, 5)),
    "part of a date": lambda books: books.filter(printed_at__year=2026),
    "json": lambda books: books.filter(extra__n=3),
    "column": lambda books: books.filter(pages__gt=F("shelf_id")),
    "sum of columns": lambda books: books.filter(pages__gt=F("shelf_id") + 10),
    "or": lambda books: books.filter(Q(pages=10) | Q(title="Book 2")),
    "not": lambda books: books.filter(~Q(pages=10, is_lent=True)),
    "joined": lambda books: books.filter(shelf__is_open=True),
    "joined outwards": lambda books: books.filter(second_shelf__name="shelf 1"),
    "not joined": lambda books: books.exclude(second_shelf__name="shelf 1"),
    "many": lambda books: books.filter(labels="art"),
    "many, twice": lambda books: books.filter(labels="art").filter(labels="new"),
    "not many": lambda books: books.exclude(labels__text="art"),
    "distinct": lambda books: books.distinct(),
    "distinct many": lambda books: books.filter(labels__text__lt="o").distinct(),
    "exists": lambda books: books.filter(Exists(Chapter.objects.filter(book=OuterRef("pk")))),
    "custom": lambda books: books.cheap() if hasattr(books, "cheap") else books,
    "ordered": lambda books: books.order_by("pages"),
    "ordered down": lambda books: books.order_by("-pages", "title"),
    "nulls last": lambda books: books.order_by(F("price").desc(nulls_last=True), "pages"),
    "ordered by expression": lambda books: books.order_by(Coalesce("price", Value(3)), "pages"),
    "ordered by another": lambda books: books.order_by(Coalesce("price", Value(4)), "pages"),
    "ordered twice": lambda books: books.order_by(
        Coalesce("price", Value(3)), Coalesce("price", Value(3)), "pages"
    ),
    "ordered by a join": lambda books: books.order_by("shelf__name", "pages"),
    "unordered": lambda books: books.order_by(),
    "reversed": lambda books: books.reverse(),
    "related": lambda books: books.select_related("shelf"),
    "related, optional": lambda books: books.select_related("second_shelf"),
    "all related": lambda books: books.select_related("shelf", "second_shelf"),
    "prefetched": lambda books: books.prefetch_related("labels", "chapters"),
    "prefetched forwards": lambda books: books.prefetch_related("shelf"),
    "only": lambda books: books.only("title"),
    "deferred": lambda books: books.defer("extra", "price"),
    "values": lambda books: books.values("title", "pages"),
    "values, turned": lambda books: books.values("pages", "title"),
    "values of a join": lambda books: books.values_list("title", "shelf__name"),
    "flat": lambda books: books.values_list("pages", flat=True),
    "annotated": lambda books: books.annotate(lower=Lower("title")),
    "annotated with a value": lambda books: books.annotate(fixed=Value("x")),
    "annotated with another": lambda books: books.annotate(fixed=Value(1)),
    "alias": lambda books: books.alias(more=F("pages") + 1).filter(more__gt=20),
    "case": lambda books: books.annotate(
        size=Case(When(pages__gt=50, then=Value("long")), default=Value("short"))
    ),
    "subquery": lambda books: books.annotate(
        first=Subquery(Chapter.objects.filter(book=OuterRef("pk")).values("heading")[:1])
    ),
    "counted": lambda books: books.annotate(number=Count("chapters")),
    "counted if": lambda books: books.annotate(number=Count("chapters", filter=Q(pages__gt=30))),
    "having": lambda books: books.annotate(number=Count("chapters")).filter(number__gt=0),
    "grouped": lambda books: books.order_by().values("shelf").annotate(sum=Sum("pages")),
    "grouped by value": lambda books: (
        books.order_by()
        .values(fixed=Coalesce("price", Value(3)))
        .annotate(most=Max("pages"))
        .order_by("most")
    ),
    "cast": lambda books: books.annotate(text=Cast("pages", models.CharField(max_length=9))),
    "truncated": lambda books: books.annotate(day=TruncDate("printed_at")),
    "now": lambda books: books.filter(printed_at__lt=Now()),
    "extra": lambda books: books.extra(select={"one": "1"}),
    "page": lambda books: books[:3],
    "second page": lambda books: books[3:6],
    "rest": lambda books: books[9:],
}


class Outcome:
    """What a queryset did: statements with their values, and rows or an error."""

    def __init__(self, alias: str, run: Callable[[], Any]) -> None:
        self.statements: list[tuple[str, str]] = []
        with connections[alias].execute_wrapper(self.note):
            try:
                self.result = f"{[shown(each) for each in run()]}"
            except Exception as error:  # noqa: BLE001 - what it is, is compared
                self.result = repr(error)

    def note(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        self.statements.append((sql, repr(params and tuple(params))))
        return execute(sql, params, many, context)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outcome) and vars(other) == vars(self)

    __hash__ = None

    def __repr__(self) -> str:
        return f"{self.statements} {self.result}"


def shown(row: Any) -> Any:
    """Show all of a row, with what has come along with it."""
    if not isinstance(row, models.Model):
        return repr(row)
    kept = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    related = {name: shown(each) for name, each in row._state.fields_cache.items()}
    many = {
        name: [each.pk for each in queryset]
        for name, queryset in getattr(row, "_prefetched_objects_cache", {}).items()
    }
    return type(row), list(kept.items()), row._state.db, row._state.adding, related, many


def made(alias: str, *refinements: Refine) -> Callable[[], Any]:
    def run() -> Any:
        queryset: Any = Book.objects.using(alias)
        for refine in refinements:
            queryset = refine(queryset)
        return list(queryset)

    return run


@pytest.mark.parametrize("name", REFINEMENTS)
def test_neighbours(alias: str, name: str) -> None:
    # A round trip to PostgreSQL takes its time, so there are fewer of them there.
    step = 2 if connections[alias].vendor == "sqlite" else 9
    others = [*REFINEMENTS][[*REFINEMENTS].index(name) % step :: step]
    runs = {other: made(alias, REFINEMENTS[name], REFINEMENTS[other]) for other in others}
    for _ in range(2):  # the first fills the cache, which the second uses
        found = {other: Outcome(alias, run) for other, run in runs.items()}
    with as_django():
        expected = {other: Outcome(alias, run) for other, run in runs.items()}
    assert found == expected


# What the cache is for; where one gives way without need, that would be slow, not wrong.
HITS = {
    *("all", "true", "number", "number as text", "excluded", "range", "in", "in a subquery"),
    *("null", "contains", "icontains", "decimal", "time", "column", "or", "not", "joined"),
    *("joined outwards", "many", "distinct many", "exists", "custom", "ordered", "nulls last"),
    *("ordered by expression", "related", "all related", "prefetched", "only", "deferred"),
    *("values", "flat", "annotated", "case", "subquery", "counted", "counted if", "having"),
    *("grouped", "cast", "page", "second page"),
}


@pytest.mark.parametrize("name", sorted(HITS))
def test_the_second_time_nothing_is_compiled(
    alias: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(alias, REFINEMENTS[name])
    run()
    monkeypatch.setattr(queries, "compile_as_django", lambda *_: pytest.fail("compiled"))
    run()


def test_pages_share_a_plan(alias: str) -> None:
    run = [made(alias, lambda books, n=n: books[n : n + 2]) for n in range(4)]
    assert [Outcome(alias, each) for each in run]
    assert len(queries.plans.kept) == 1


def test_locks(alias: str) -> None:
    def run(pages: int, *, limit: int = 5, **options: Any) -> Callable[[], Any]:
        books = Book.objects.using(alias).select_for_update(**options).filter(pages=pages)
        return lambda: list(books.all()[:limit])

    with (
        pytest.raises(Exception, match="outside of a transaction")
        if locks(alias)
        else nullcontext()
    ):
        run(10)()
    for each in (run(10), run(20), run(10, limit=2), run(10, of=("self",)), run(10, nowait=True)):
        with transaction.atomic(using=alias):
            found = [Outcome(alias, each), Outcome(alias, each)]
            with as_django():
                assert found == [Outcome(alias, each)] * 2


def locks(alias: str) -> bool:
    return bool(connections[alias].features.has_select_for_update)


def test_a_queryset_refined_after_it_was_evaluated(alias: str) -> None:
    """Compiling leaves joins in a query, after which its aliases are named."""

    def run() -> Any:
        books = Book.objects.using(alias).order_by("shelf__name")
        list(books)
        refined = books.filter(second_shelf__name="shelf 1").filter(labels="art")
        return [*refined, *refined.exclude(shelf__books__labels="new")]

    found = [Outcome(alias, run) for _ in range(3)]
    with as_django():
        assert found == [Outcome(alias, run)] * 3


class Within(models.Lookup):
    """A program's own lookup."""

    lookup_name = "within"

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{right} LIKE {left}", [*right_params, *left_params]


class Moody(Within):
    """One whose text depends on the value."""

    lookup_name = "moody"

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        sql, params = super().as_sql(compiler, connection)
        return (f"NOT ({sql})" if self.rhs == "Book 1" else sql), params


class Nested(Within):
    """One that hides what it reads in a nested function."""

    lookup_name = "nested"
    operators: ClassVar[list[str]] = ["LIKE"]

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        [sql] = [f"{left} {Nested.operators[0]} {right}" for _ in "x"]
        return sql, [*left_params, *right_params]


def test_a_lookup_that_reads_what_changes(alias: str) -> None:
    with register_lookup(models.CharField, Nested):
        books = Book.objects.using(alias).filter(title__nested="Book 1")
        found = [books.count(), books.count()]
        Nested.operators[0] = "NOT LIKE"
        found.append(books.count())
        Nested.operators[0] = "LIKE"
    assert found == [2, 2, 10]


@pytest.mark.parametrize(("lookup", "plans"), [(IContains, 1), (Within, 0), (Moody, 0)])
def test_a_lookup_of_a_program(alias: str, lookup: Any, plans: int) -> None:
    def run() -> Any:
        books = Book.objects.using(alias)
        return [list(books.filter(**{f"title__{name}": f"Book {n}"})) for n in range(3)]

    name = lookup.lookup_name
    with register_lookup(models.CharField, lookup):
        run()
        assert len(queries.plans.kept) == plans
        found = [Outcome(alias, run) for _ in range(2)]
        with as_django():
            assert found == [Outcome(alias, run)] * 2


def test_several_threads(alias: str) -> None:
    """Converters belong to a connection, and a connection to a thread."""
    names = sorted(HITS)
    with as_django():
        expected = {name: Outcome(alias, made(alias, REFINEMENTS[name])) for name in names}
    differences: list[str] = []

    def work(first: int) -> None:
        try:
            found = {
                name: Outcome(alias, made(alias, REFINEMENTS[name]))
                for name in names[first:] + names[:first]
            }
            differences.extend(name for name in names if found[name] != expected[name])
        finally:
            connections[alias].close()

    threads = [threading.Thread(target=work, args=(first * 5,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert differences == []


class Text(str):
    """A text that can be watched."""

    __slots__ = ("__weakref__",)


def test_nothing_of_a_request_is_kept(alias: str) -> None:
    secret = Text("a secret")
    watched = weakref.ref(secret)
    whens = Case(When(title=secret, then=Value(secret)), default=Value("x"))
    list(Book.objects.using(alias).annotate(case=whens).filter(Q(title=secret) | Q(case=secret)))
    assert len(queries.plans.kept) == 1
    del secret, whens
    gc.collect()
    assert watched() is None


def test_the_cache_is_bounded(alias: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_PLANS", 10)
    for number in range(1, 30):
        list(Book.objects.using(alias).filter(pages__in=range(number)))
    assert 0 < len(queries.plans.kept) <= 10


def test_what_is_used_stays(alias: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_PLANS", 10)
    run = made(alias, REFINEMENTS["all"])
    run()
    [(used, plan)] = queries.plans.kept.items()
    for number in range(1, 30):
        list(Book.objects.using(alias).filter(pages__in=range(number)))
        run()
    assert queries.plans.kept[used] is plan


def test_long_lists_are_compiled_anew(alias: str) -> None:
    for number in range(190, 230):
        list(Book.objects.using(alias).filter(pages__in=range(number)))
    assert len(queries.plans.kept) == 11


@settings(max_examples=60, deadline=None)
@given(chosen=st.lists(st.sampled_from([*REFINEMENTS.values()]), min_size=3, max_size=5))
def test_any_of_them_together(alias: str, chosen: list[Refine]) -> None:
    run = made(alias, *chosen)
    found = [Outcome(alias, run) for _ in range(2)]
    with as_django():
        assert found == [Outcome(alias, run)] * 2
