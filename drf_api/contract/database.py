"""What the contract needs of the database beyond Django's defaults."""

import logging
from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import Any, TypeVar, cast

import uuid_utils.compat as uuid
from django.conf import settings
from django.db import IntegrityError, OperationalError, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

from drf_api.contract.errors import ProblemError

CONFLICTS = {  # of what a handler has looked up before: that a value is free, or a row is there
    "23503",  # PostgreSQL: foreign key
    "23505",  # PostgreSQL: unique
    "40P01",  # PostgreSQL: deadlock, of which one is chosen to fail
    "SQLITE_CONSTRAINT_FOREIGNKEY",
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_UNIQUE",
}
ATTEMPTS = 5
PROGRESS = 10_000  # SQLite's instructions between two looks at the time; a page takes fewer

logger = logging.getLogger(__name__)

Handler = TypeVar("Handler", bound=Callable[..., Any])


def new_id() -> Any:
    """Make a UUID of version 7 (RFC 9562)."""
    return uuid.uuid7()


class TimeField(models.DateTimeField):  # type: ignore[type-arg] # Django's fields take none
    """A moment, stored alike by both twins."""

    def get_db_prep_value(
        self,
        value: Any,
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: FBT001, FBT002 - Django's signature
    ) -> Any:
        # On SQLite, Django leaves out microseconds that are zero, and such text sorts wrongly.
        value = super().get_db_prep_value(value, connection, prepared)
        return f"{value}.000000" if isinstance(value, str) and "." not in value else value


class CodePointField(models.Field):  # type: ignore[type-arg] # Django's fields take none
    """A text that is compared by code points, which SQLite does by default."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class CodePointCharField(CodePointField, models.CharField):  # type: ignore[type-arg] # Django's fields take none
    """A short text that is compared by code points."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        # For a unique "varchar" Django makes a second index, which serves searches for a
        # beginning where the collation isn't this one. By its long name it's the same type.
        db_type = super().db_type(connection)
        if connection.vendor == "postgresql" and db_type:
            return db_type.replace("varchar", "character varying")
        return db_type


class CodePointTextField(CodePointField, models.TextField):  # type: ignore[type-arg] # Django's fields take none
    """A long text that is compared by code points."""


@CodePointField.register_lookup
class IContains(models.Lookup):
    """A text contains another, where ASCII letters match in either case.

    `LIKE '%…%'` compares character by character from every place of the text, which for `aaaa…`
    and `a…ab` takes the product of their lengths. Here each place is one comparison of memory.
    """

    lookup_name = "icontains"

    def get_prep_lookup(self) -> Any:
        if not self.rhs_is_direct_value():
            return self.rhs
        return str(self.rhs).encode().lower().decode()  # bytes know no letters but ASCII's

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        text, text_params = self.process_lhs(compiler, connection)
        part, part_params = self.process_rhs(compiler, connection)
        return f"INSTR(LOWER({text}), {part}) > 0", [*text_params, *part_params]

    def process_rhs(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        part, params = super().process_rhs(compiler, connection)
        return (part if self.rhs_is_direct_value() else f"LOWER({part})"), params

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Any]:
        # In bytes: what searches text (STRPOS) is as slow as LIKE for `aaaa…` and `ba…a`.
        text, text_params = self.process_lhs(compiler, connection)
        part, part_params = self.process_rhs(compiler, connection)
        sql = f"POSITION(CONVERT_TO({part}, 'UTF8') IN CONVERT_TO(LOWER({text}), 'UTF8')) > 0"
        return sql, [*part_params, *text_params]


def limit_statements(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """End statements on SQLite that take too long, as PostgreSQL's `statement_timeout` does.

    A receiver of `connection_created`, connected where requests are served: a command such as
    `migrate` takes as long as it needs here; on PostgreSQL a long one wants a larger
    DATABASE_TIMEOUT. The busy timeout bounds a wait for locks, but no work. A statement that is
    ended raises OperationalError, and takes its transaction along.
    """
    if connection.vendor == "sqlite" and set_deadline not in connection.execute_wrappers:
        # The last place is Django's own: `connection.execute_wrapper()` removes what is there.
        connection.execute_wrappers.insert(0, set_deadline)


def set_deadline(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
    """Run a statement, which ends when the time is over; so does reading its rows."""
    deadline = monotonic() + settings.DATABASE_TIMEOUT
    connection = context["connection"].connection
    connection.set_progress_handler(lambda: monotonic() > deadline, PROGRESS)
    return execute(sql, params, many, context)


def retry_on_conflict(handler: Handler) -> Handler:
    """Run a handler in one transaction, and again if another transaction was in its way.

    What the handler had looked up (a free name, a product, the caller) has been changed by
    another request then, and the second look finds what a slightly later request would have
    found. So constraints decide, and yet each conflict gets its proper answer. One that stays is
    answered as an outage.
    """

    @wraps(handler)
    def run(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        for attempt in range(ATTEMPTS):
            if attempt:
                reauthenticate(request)
            try:
                with transaction.atomic():
                    return handler(view, request, *args, **kwargs)
            except (IntegrityError, OperationalError) as error:
                if not is_conflict(error):
                    raise
                conflict = error
        logger.error("Each of %d attempts met a conflict", ATTEMPTS, exc_info=conflict)
        raise ProblemError("service-unavailable") from conflict

    return cast("Handler", run)


def is_conflict(error: Exception) -> bool:
    """Tell whether another transaction is the reason; the driver's error has its code."""
    cause = error.__cause__
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return code in CONFLICTS


def reauthenticate(request: Any) -> None:
    """Look the caller up again, who may have changed or gone meanwhile."""
    # A page's request has none: its session was looked up before.
    for authenticator in getattr(request, "authenticators", None) or ():
        if caller := authenticator.authenticate(request):
            request.user, request.auth = caller
