"""Connections to PostgreSQL that don't wait for ever."""

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus


class PatientConnection(psycopg.Connection[Any]):
    """Gives up when the server doesn't answer, as one that is frozen or cut off never will.

    Where the server works, its own limit on statements comes first.
    """

    patience: float | None = None  # seconds

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # whatever the server still answers is nobody's
            raise


def connect_with(statement_timeout: int) -> Callable[..., PatientConnection]:
    """Return what connects for SQLAlchemy, whose own way knows no other class of connections."""

    def connect(
        _dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]
    ) -> PatientConnection:
        connection = PatientConnection.connect(*arguments, **options)
        connection.patience = statement_timeout + 1
        return connection

    return connect
