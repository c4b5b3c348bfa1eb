"""Serves the two programs, both by Werkzeug, so that no difference is the server's."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


class QuietHandler(WSGIRequestHandler):
    """Serves requests, and keeps connections open, as servers in production do."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - Werkzeug's name
        """Log nothing."""


def flask_application(database: Path) -> Any:
    """Make the Flask program on an SQLite file, which is seeded where it is new."""
    os.environ["FLASK_DATABASE"] = f"sqlite:///{database}"
    from comparison.plain.flask_plain.app import create_app  # noqa: PLC0415 - as below
    from comparison.plain.flask_plain.seed import seed  # noqa: PLC0415 - as below

    app = create_app()
    if not database.exists():
        seed(app)
    return app


def django_application(database: Path) -> Any:
    """Make the Django program on an SQLite file, which is seeded where it is new."""
    os.environ["DJANGO_DATABASE"] = str(database)
    os.environ["DJANGO_SETTINGS_MODULE"] = "comparison.plain.django_plain.settings"
    from comparison.plain.django_plain.wsgi import application  # noqa: PLC0415 - reads the above

    if not database.exists():
        from comparison.plain.django_plain.seed import seed  # noqa: PLC0415 - as above

        seed()
    return application


APPLICATIONS: dict[str, Callable[[Path], Any]] = {
    "flask": flask_application,
    "django": django_application,
}


@contextmanager
def serving(application: Any, port: int = 0) -> Iterator[int]:
    """Serve an application on a port of this machine, 0 for any, and give the port.

    Raises OSError if the port is taken.
    """
    with socket.create_server(("127.0.0.1", port)) as listening:
        server = make_server(
            "127.0.0.1",
            port,
            application,
            threaded=True,
            request_handler=QuietHandler,
            fd=listening.fileno(),  # or Werkzeug exits where the port is taken
        )
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
