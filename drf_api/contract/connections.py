"""Connections to PostgreSQL that don't wait for ever, read times quickly, and mean one thing."""

import logging
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection as django_connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import TransactionStatus

# What the server, the database, the role, the URL or libpq's variables may have set otherwise.
SESSION = {
    "TimeZone": "'UTC'",
    "DateStyle": "'ISO'",
    "IntervalStyle": "'postgres'",
    "standard_conforming_strings": "on",
    "default_transaction_isolation": "'read committed'",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "lock_timeout": "0",
}

logger = logging.getLogger(__name__)


class UnfitServerError(psycopg.OperationalError):
    """The server can't do what the contract promises."""


class TimeLoader(Loader):
    """Reads moments by Python's parser, which is in C; Django's loader is in Python."""

    timezone = UTC  # what Django asks each connection's loader for

    def load(self, data: Buffer) -> datetime:
        return datetime.fromisoformat(str(data, "ascii"))


class PatientConnection(psycopg.Connection[Any]):
    """Gives up when the server doesn't answer, as one that is frozen or cut off never will.

    Where the server works, its own limit on statements comes first.
    """

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> "PatientConnection":
        """Connect; raise an UnfitServerError where the session can't be what it has to be."""
        connection = super().connect(*args, **kwargs)
        connection.adapters.register_loader("timestamptz", TimeLoader)
        try:
            connection.require_fitness()
            connection.configure_session()
        except BaseException:
            connection.close()
            raise
        return connection

    def require_fitness(self) -> None:
        """Refuse what no setting of a session can mend."""
        encoding = self.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise UnfitServerError(
                f"the database is encoded in {encoding} and can't store every text; create it "
                "with ENCODING 'UTF8' TEMPLATE template0"
            )
        if self.info.parameter_status("in_hot_standby") == "on":  # told since PostgreSQL 14
            raise UnfitServerError("the server is a read-only replica; name the primary")

    def configure_session(self) -> None:
        """Set what must not depend on anybody's defaults."""
        limits = {"statement_timeout": f"'{settings.DATABASE_TIMEOUT}s'"}
        self.autocommit = True
        self.execute("; ".join(f"SET {k} = {v}" for k, v in {**SESSION, **limits}.items()))
        self.autocommit = False

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or settings.DATABASE_TIMEOUT + 1)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # whatever the server still answers is nobody's
            raise


def try_to_connect() -> None:
    """Refuse an unfit server at the start; one that doesn't answer yet is waited for later."""
    parameters = django_connection.get_connection_params()
    try:
        PatientConnection.connect(**parameters).close()
    except (UnfitServerError, psycopg.ProgrammingError) as error:
        raise ImproperlyConfigured(f"DATABASE_URL must be another: {error}") from error
    except psycopg.OperationalError as error:
        logger.warning("DATABASE_URL: %s", str(error).replace("\n", " "))
