"""Connections to PostgreSQL that don't wait for ever, and read times quickly."""

from datetime import UTC, datetime
from typing import Any

import psycopg
from django.conf import settings
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import TransactionStatus


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
        connection = super().connect(*args, **kwargs)
        connection.adapters.register_loader("timestamptz", TimeLoader)
        return connection

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or settings.DATABASE_TIMEOUT + 1)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # whatever the server still answers is nobody's
            raise
