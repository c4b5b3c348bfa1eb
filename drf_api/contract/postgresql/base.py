"""Django's backend for PostgreSQL, but for how it tells that a connection has ended."""

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Looks at a connection of the pool before it uses it.

    Django's own way, `CONN_HEALTH_CHECKS`, asks the server each time, which takes as long as a
    small statement.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Take a connection that the server has not closed; the pool replaces those that it has."""
        while has_ended(connection := super().get_new_connection(conn_params)):
            connection.close()
            self.pool.putconn(connection)
        return connection


def has_ended(connection: Any) -> bool:
    """Tell whether there is something to read: an idle server only says that it hangs up."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
