"""Reading PostgreSQL's values."""

from datetime import UTC, datetime

from psycopg.abc import Buffer
from psycopg.adapt import Loader


class TimeLoader(Loader):
    """Reads moments by Python's parser, which is in C; Django's loader is in Python."""

    timezone = UTC  # what Django asks each connection's loader for

    def load(self, data: Buffer) -> datetime:
        return datetime.fromisoformat(str(data, "ascii"))
