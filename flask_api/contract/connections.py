"""Connections to PostgreSQL that don't wait for ever, and are set up as the program needs them."""

from collections.abc import Callable
from logging import Logger
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from flask_api.config import ConfigurationError

# The server, the database, the role, the URL and libpq's own variables may all set others.
SESSION = """
    SET TimeZone = 'UTC';
    SET DateStyle = 'ISO';
    SET IntervalStyle = 'postgres';
    SET standard_conforming_strings = on;
    SET default_transaction_isolation = 'read committed';
    SET default_transaction_read_only = off;
    SET default_transaction_deferrable = off;
    SET lock_timeout = 0;
    SET statement_timeout = {seconds}000
"""


class UnsuitableServerError(psycopg.OperationalError):
    """A server on which the contract can't be kept."""


class BoundedConnection(psycopg.Connection[Any]):
    """Gives up when the server doesn't answer, as one that is frozen or cut off never will.

    Where the server works, its own limit on statements comes first.
    """

    timeout: float | None = None  # seconds

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or self.timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # whatever the server still answers is nobody's
            raise


def connect_with(statement_timeout: int) -> Callable[..., BoundedConnection]:
    """Return what connects for SQLAlchemy, whose own way knows no other class of connections."""

    def connect(
        _dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]
    ) -> BoundedConnection:
        connection = BoundedConnection.connect(*arguments, **options)
        connection.timeout = statement_timeout + 1
        try:
            require_suitable(connection.info)
            connection.autocommit = True
            connection.execute(SESSION.format(seconds=statement_timeout))
            connection.autocommit = False
        except BaseException:
            connection.close()
            raise
        return connection

    return connect


def require_suitable(info: psycopg.ConnectionInfo) -> None:
    """Refuse a database that can't hold every text, and a server that takes no writes."""
    encoding = info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise UnsuitableServerError(
            f"the database's encoding is {encoding}, which can't hold every text; make one by "
            "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        )
    if info.parameter_status("in_hot_standby") == "on":  # since PostgreSQL 14
        raise UnsuitableServerError("the server is a replica, which takes no writes; name another")


def try_to_connect(engine: Engine, logger: Logger) -> None:
    """Refuse to start on an unsuitable server; one that can't be reached may yet come."""
    try:
        engine.connect().close()
    except DBAPIError as error:
        if isinstance(error.orig, UnsuitableServerError | psycopg.ProgrammingError):
            raise ConfigurationError(f"DATABASE_URL: {error.orig}") from None
        logger.warning("DATABASE_URL: %s", str(error.orig).replace("\n", " "))
    finally:
        engine.dispose()  # whoever forks this process must not share the connection
