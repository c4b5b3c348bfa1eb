"""gunicorn's threaded worker, in which `/api/health` never waits for other requests.

Requests wait for a free thread, and while a database hangs there is none for a long time. So
requests for /api/health, which need no database, have a thread of their own.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from socket import MSG_DONTWAIT, MSG_PEEK
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

LARGEST_HEAD = 4096  # bytes; a larger one is none of a probe
HEALTH = re.compile(rb"(GET|HEAD) /api/health[? ]")
# What would let the thread wait for the client.
BODY = re.compile(rb"\r\n(Content-Length|Transfer-Encoding|Expect)[ \t]*:", re.IGNORECASE)


class HealthWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Looks at a request's first bytes, once they are there, to choose its thread."""

    def init_process(self) -> None:
        """Start working."""
        self.health_pool = ThreadPoolExecutor(max_workers=1)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to a thread, when it has something to read."""
        if not (conn.initialized or conn.data_ready):
            # gunicorn's own would have one of the threads wait for a new connection's first bytes.
            conn.sock.settimeout(0)
            conn.set_timeout()
            self.pending_conns.append(conn)
            readable = partial(self.on_pending_socket_readable, conn)
            self.poller.register(conn.sock, EVENT_READ, readable)
            return
        pool = self.health_pool if self.asks_for_health(conn) else self.tpool
        pool.submit(self.handle, conn).add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def asks_for_health(self, conn: Any) -> bool:
        """Tell whether all of a request for health is there."""
        if self.cfg.is_ssl:  # what can be read is encrypted
            return False
        if conn.parser and conn.parser.unreader.buf.getvalue():  # another request comes first
            return False
        try:
            head: bytes = conn.sock.recv(LARGEST_HEAD, MSG_PEEK | MSG_DONTWAIT)
        except OSError:  # the client has gone, which is found out again by reading
            return False
        head, end, _ = head.partition(b"\r\n\r\n")
        return bool(end and HEALTH.match(head) and not BODY.search(head))
