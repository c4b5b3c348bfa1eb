"""Serves the playground on this machine, with both twins behind it."""

import argparse
import os
import signal
from collections.abc import Callable
from threading import Lock

from werkzeug.serving import WSGIRequestHandler, make_server

from comparison.exchange import twins
from comparison.play.app import HERE, MOST, Playground, create_app
from comparison.play.worker import working
from deploy.launcher import END_SIGNALS, interrupt, is_free
from deploy.settings import refuse
from deploy.twins import TWINS

HOST, PORT, VARIABLE = "127.0.0.1", 8090, "PLAY_PORT"
HELP = f"""\
Serve the playground on this machine until Ctrl-C: type or paste JSON, choose a schema, and see what
marshmallow, DRF and Pydantic make of it, plain and strict.

Both twins run behind it, each with a database of its own that is deleted in the end. An input has
at most {MOST:,} characters. Chapters are linked to if `make compare` has built them.
"""


class QuietHandler(WSGIRequestHandler):
    """Logs nothing of what is asked for while somebody types."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def port_number(text: str) -> int:
    """Read a port."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!r} is no port number")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = HELP
    parser.add_argument(
        "--port",
        type=port_number,
        default=os.environ.get(VARIABLE, "").strip() or str(PORT),
        help=f"where to listen (default: {VARIABLE}, else {PORT})",
    )


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
