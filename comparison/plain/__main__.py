"""Serves one API twice, as tutorials write it: with Flask's defaults and with Django's."""

import argparse
import logging
import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from comparison.plain.servers import APPLICATIONS, serving

PORTS = {"flask": ("PLAIN_FLASK_PORT", 5001), "django": ("PLAIN_DJANGO_PORT", 8001)}


def arguments() -> argparse.Namespace:
    """Read which ports to serve on."""
    parser = argparse.ArgumentParser(
        prog="python -m comparison.plain",
        description=f"{__doc__} The databases are new, hold a few rows and are deleted at the end.",
        epilog="Basic credentials: alice and alice-demo-password, or bob and bob-demo-password.",
    )
    for name, (variable, port) in PORTS.items():
        parser.add_argument(
            f"--{name}-port",
            type=int,
            default=os.environ.get(variable, port),
            metavar="PORT",
            help=f"port on 127.0.0.1 ({variable}; default: {port}; 0: any that is free)",
        )
    return parser.parse_args()


def main() -> int:
    """Serve both until a signal comes; 1 if a port is taken."""
    given = vars(arguments())
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="plain-")))
        try:
            for name, application in APPLICATIONS.items():
                port = given[f"{name}_port"]
                served = serving(application(folder / f"{name}.sqlite3"), port)
                print(f"{name}: http://127.0.0.1:{stack.enter_context(served)}", flush=True)
            signal.pause()
        except OSError as error:
            print(f"{name} can't have port {port}: {error.strerror}.", file=sys.stderr)
            print(f"Choose another by --{name}-port or {PORTS[name][0]}.", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
