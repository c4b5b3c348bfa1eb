"""A proxy that passes bytes on unchanged, and knows almost nothing about HTTP."""

import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import cycle
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

Address = tuple[str, int]


class Relay(ThreadingTCPServer):
    """Passes each connection on to the next server in turn.

    With `one_request` a connection ends with the first answer, so that each request has another
    turn: behind its request line the relay adds `Connection: close`, which the server obeys.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, servers: Mapping[str, Address], *, one_request: bool) -> None:
        super().__init__(("127.0.0.1", 0), Passage)
        self.servers = servers
        self.one_request = one_request
        self.served: Counter[str] = Counter()  # connections, by the name of a server
        self._turns = cycle(servers)

    def process_request(self, request: Any, client_address: Any) -> None:
        name = next(self._turns)
        self.served[name] += 1
        super().process_request(request, self.servers[name])  # in a thread of its own


class Passage(StreamRequestHandler):
    """One connection: what comes from either side goes to the other."""

    server: Relay

    def handle(self) -> None:
        with socket.create_connection(self.client_address) as there:
            there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answer = Thread(target=pass_on, args=(there.recv, self.connection))
            answer.start()
            if self.server.one_request and (line := self.rfile.readline()):
                there.sendall(line + b"Connection: close\r\n")
            pass_on(self.rfile.read1, there)
            answer.join()


def pass_on(receive: Callable[[int], bytes], to: socket.socket) -> None:
    """Pass on what is received until it ends, and then say so."""
    with suppress(OSError):  # of who has hung up nothing more is to be had
        while data := receive(65536):
            to.sendall(data)
    with suppress(OSError):
        to.shutdown(socket.SHUT_WR)


@contextmanager
def relaying(servers: Mapping[str, Address], *, one_request: bool) -> Iterator[Relay]:
    """Run a relay on a free port for as long as the context lasts."""
    with Relay(servers, one_request=one_request) as relay:
        Thread(target=relay.serve_forever, args=(0.05,)).start()
        try:
            yield relay
        finally:
            relay.shutdown()
