"""Connections to PostgreSQL that don't wait for ever, and mean one thing whoever sets defaults."""

import logging
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection as django_connection
from psycopg.pq import TransactionStatus

# What the server, the database, the role, the URL or libpq's variables may have set otherwise.
# The last come after libpq's `options`, so the session sets them.
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


class UnsuitableServerError(psycopg.OperationalError):
    """The server can't do what the contract promises."""


class BoundedConnection(psycopg.Connection[Any]):
    """Gives up when the server doesn't answer, as one that is frozen or cut off never will.

    Where the server works, its own limit on statements comes first.
    """

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> "BoundedConnection":
        """Connect; raise an UnsuitableServerError for what no setting of a session can mend."""
        connection = super().connect(*args, **kwargs)
        try:
            require_suitable(connection.info)
            limits = {"statement_timeout": f"'{settings.DATABASE_TIMEOUT}s'"}
            connection.autocommit = True
            connection.execute(
                "; ".join(f"SET {name} = {value}" for name, value in {**SESSION, **limits}.items())
            )
        except BaseException:
            connection.close()
            raise
        return connection

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or settings.DATABASE_TIMEOUT + 1)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # whatever the server still answers is nobody's
            raise


def require_suitable(info: psycopg.ConnectionInfo) -> None:
    """Refuse a database that can't hold every text, and a server that takes no writes."""
    encoding = info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise UnsuitableServerError(
            f"the database is encoded in {encoding} and can't store every text; create it "
            "with ENCODING 'UTF8' TEMPLATE template0"
        )
    if info.parameter_status("in_hot_standby") == "on":  # told since PostgreSQL 14
        raise UnsuitableServerError("the server is a read-only replica; name the primary")


def try_to_connect() -> None:
    """Refuse an unsuitable server at the start; one that doesn't answer yet is waited for later."""
    parameters = django_connection.get_connection_params()
    try:
        BoundedConnection.connect(**parameters).close()
    except (UnsuitableServerError, psycopg.ProgrammingError) as error:
        raise ImproperlyConfigured(f"DATABASE_URL must be another: {error}") from error
    except psycopg.OperationalError as error:
        logger.warning("DATABASE_URL: %s", str(error).replace("\n", " "))
