"""Serves the playground on this machine, with both twins behind it."""

import signal
from collections.abc import Callable
from threading import Lock

from werkzeug.serving import WSGIRequestHandler, make_server

from comparison.exchange import twins
from comparison.play.app import HERE, Playground, create_app
from comparison.play.arguments import VARIABLE
from comparison.play.worker import working
from deploy.launcher import END_SIGNALS, interrupt, is_free
from deploy.settings import refuse
from deploy.twins import TWINS

HOST = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Logs nothing of what is asked for while somebody types."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def play(port: int, log: Callable[[str], None]) -> None:
    """Serve until a signal ends it."""
    if not is_free(port):
        refuse(f"Port {port} is not free; choose another by --port or {VARIABLE}=…")
    for number in END_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` does
            signal.signal(number, interrupt)
    log("Starting both twins…")
    with working() as worker, twins() as pair:
        servers = {twin.name: server for twin, server in zip(TWINS, pair.servers, strict=True)}
        app = create_app(Playground(worker, servers, Lock()))
        server = make_server(HOST, port, app, threaded=True, request_handler=QuietHandler)
        log(f"http://localhost:{port}/{HERE}\nCtrl-C stops it.")
        server.serve_forever()  # a KeyboardInterrupt ends it
    log("Stopped.")
