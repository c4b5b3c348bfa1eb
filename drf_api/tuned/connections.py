"""PostgreSQL's connections: times read by a parser in C, and no round trip before each request."""

import select
from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg_pool import ConnectionPool

from drf_api.tuned.replacement import Replacement

load_as_django = BaseTzLoader.load
check_as_pool = ConnectionPool.check_connection


def load(self: Any, data: Any) -> datetime:
    """Read a moment; psycopg's own loader in C can't be given the time zone that Django wants."""
    if self.timezone is UTC:
        try:
            value = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:  # of another style, or out of Python's calendar
            pass
        else:
            if value.tzinfo is UTC:
                return value
    return load_as_django(self, data)  # type: ignore[no-any-return]


def check_connection(conn: Any) -> None:
    """Ask the server only if there is something to read: an idle one says that it hangs up.

    What it can't say, as its machine is gone, the first statement finds out in the time that it
    has, just as the question would have done.
    """
    poll = select.poll()
    poll.register(conn.fileno(), select.POLLIN)
    if poll.poll(0):
        check_as_pool(conn)


REPLACED = [
    Replacement(BaseTzLoader, "load", load),
    Replacement(ConnectionPool, "check_connection", staticmethod(check_connection)),
]
