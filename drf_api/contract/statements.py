"""Reading by statements that are compiled once and run with other values each time.

SQLAlchemy keeps the SQL of what it has compiled. Django builds and compiles a queryset anew for
each request, and makes an object of each row, which takes longer than the database does.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from threading import local
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, QuerySet, Subquery
from django.db.models.functions import JSONArray
from django.db.models.sql.compiler import SQLCompiler

from drf_api.contract.database import TimeField

ValueOf = Callable[[str], Any]

# How a value is handed to the database, where the driver's way is not the column's.
PREPARED: "Mapping[type, models.Field[Any, Any]]" = {
    UUID: models.UUIDField(),
    datetime: TimeField(),
    Decimal: models.DecimalField(max_digits=10, decimal_places=2),
}


class Parameter(Expression):
    """Stands in a queryset for a value that is known when the statement is run."""

    def __init__(self, name: str, field: "models.Field[Any, Any] | None" = None) -> None:
        """Name the value; `field` knows how to store it where its type does not say so."""
        super().__init__()
        self.name = name
        self.stored_as = field

    def prepared(self, value: Any) -> Any:
        """Turn a value into what the database's driver takes."""
        field = self.stored_as or PREPARED.get(type(value))
        return value if field is None else field.get_db_prep_value(value, connection)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        return "%s", [self]


class Compiled(NamedTuple):
    """What Django makes of a queryset before it runs it."""

    sql: str
    values: list[Any]  # parameters among them
    compiler: SQLCompiler
    converters: dict[int, Any]  # of the columns whose values are not yet as the driver gives them


class Statement:
    """Some columns of a queryset; each thread makes its SQL when it first runs it."""

    def __init__(
        self, queryset: Callable[[], QuerySet[Any]], columns: Iterable[str], row: Any = None
    ) -> None:
        """Take what makes the queryset, once all models are loaded, and the columns.

        `row` is the named tuple that each row is to be, if not just any.
        """
        self.queryset = queryset
        self.columns = tuple(columns)
        self.row: Any = row or namedtuple("Row", self.columns)  # noqa: PYI024 - known only here
        self.kept = local()  # a compiler belongs to its thread's connection

    def compiled(self) -> Compiled:
        """Return the SQL, with what reads its results; compile it if this thread never has."""
        found: Compiled | None = getattr(self.kept, "compiled", None)
        if found is None:
            query = self.queryset().values_list(*self.columns).query
            compiler = query.get_compiler(connection=connection)
            sql, values = compiler.as_sql()
            columns = [column for column, _, _ in compiler.select or []]
            found = Compiled(sql, list(values), compiler, compiler.get_converters(columns))
            self.kept.compiled = found
        return found

    def rows(self, value_of: ValueOf | None = None, /, **given: Any) -> list[Any]:
        """Fetch all rows, as named tuples.

        The parameters' values are given by their names, or by what finds a value by its name.
        """
        value_of = value_of or given.__getitem__
        sql, values, compiler, converters = self.compiled()
        bound = [
            value.prepared(value_of(value.name)) if isinstance(value, Parameter) else value
            for value in values
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, bound)
            fetched = cursor.fetchall()
        return [self.row._make(row) for row in compiler.apply_converters(fetched, converters)]


class ObjectStatement(Statement):
    """The objects of a queryset, whole; to be changed, that is."""

    def __init__(self, queryset: Callable[[], QuerySet[Any]], model: type[models.Model]) -> None:
        super().__init__(queryset, [field.attname for field in model._meta.concrete_fields])  # noqa: SLF001 - Django's API
        self.model = model

    def first(self, value_of: ValueOf | None = None, /, **given: Any) -> Any:
        """Fetch an object, or `None`."""
        rows = self.rows(value_of, **given)
        return self.model.from_db(connection.alias, self.columns, rows[0]) if rows else None


class Entries(models.Field):  # type: ignore[type-arg] # Django's fields take none
    """A JSON array of arrays, of each of which an entry is made."""

    def __init__(self, entry: Callable[..., Any]) -> None:
        super().__init__()
        self.entry = entry

    def from_db_value(
        self, value: str | None, expression: Any, connection: BaseDatabaseWrapper
    ) -> list[Any]:
        return [self.entry(*row) for row in orjson.loads(value)] if value else []


class Collected(Subquery):
    """The rows of a subquery, in their order, as a list in one column."""

    def __init__(self, queryset: QuerySet[Any], columns: Iterable[str], entry: Any) -> None:
        super().__init__(queryset.values(entry=JSONArray(*columns)), Entries(entry))

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Any]:
        template = "(SELECT JSONB_AGG(entry) FROM (%(subquery)s) AS entries)"
        return self.as_sql(compiler, connection, template)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        # What comes out of a subquery is a text there, no JSON.
        template = "(SELECT JSON_GROUP_ARRAY(JSON(entry)) FROM (%(subquery)s))"
        return self.as_sql(compiler, connection, template)
