"""Connections to PostgreSQL that don't wait for ever."""

from typing import Any

import psycopg
from django.conf import settings
from psycopg.pq import TransactionStatus


class PatientConnection(psycopg.Connection[Any]):
    """Gives up when the server doesn't answer, as one that is frozen or cut off never will.

    Where the server works, its own limit on statements comes first.
    """

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or settings.DATABASE_TIMEOUT + 1)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # whatever the server still answers is nobody's
            raise
