"""Connections that were alive a moment ago are used without asking the server.

`pool_pre_ping` sends a statement before each use. HikariCP, which does so as well, trusts a
connection for half a second after its last use (`aliveBypassWindowMs`). So does this, unless the
socket has something to say: an idle server says nothing but that it has closed the connection. All
that goes unseen is a server that has vanished without a word within the half second.
"""

import select
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event

TRUSTED = 0.5  # seconds


def is_silent(connection: Any) -> bool:
    """Tell whether the server has said nothing since the last statement."""
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return not socket.poll(0)


def trust_recent(engine: Engine) -> None:
    """Ping only connections that have been idle for a while, of a driver that shows its socket."""
    dialect: Any = engine.dialect
    if dialect.driver != "psycopg" or not hasattr(select, "poll"):  # Windows has none
        return
    ping = dialect.do_ping
    used: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

    def note(connection: Any, _record: Any) -> None:
        if connection is not None:  # None: it was invalidated
            used[connection] = monotonic()

    def do_ping(connection: Any) -> bool:
        if monotonic() - used.get(connection, 0) < TRUSTED and is_silent(connection):
            return True
        return bool(ping(connection))

    event.listen(engine, "checkin", note)
    dialect.do_ping = do_ping
