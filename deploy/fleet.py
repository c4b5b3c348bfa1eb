"""Start a mixed fleet: workers of both twins behind one address, alternating between the twins.

`python -m deploy.fleet`, or `make fleet`. nginx is in front, with deploy/nginx.conf.

Environment:
  FLEET_PORT    where the fleet listens (8080)
  FLASK_PORT    where flask_api listens behind it (5000)
  DRF_PORT      where drf_api listens behind it (8000)
  WORKERS       worker processes per twin (2)
  DATABASE_URL  the database that all workers share (default: an SQLite file)
  DATA_DIR      folder of that file and the secret key (var)
  SECRET_KEY    secret of both twins (default: generated once and kept)
  APP_ENV       environment of both twins (production)
"""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from deploy.launcher import (
    LISTENING_TWINS,
    USERS,
    Listener,
    claimed_ports,
    environment,
    examples,
    launch,
    log,
    prepare_all,
    watch,
)
from deploy.settings import refuse, whole_number
from deploy.twins import ROOT, TWINS, ended, running_all, wait_until_healthy

FLEET: Listener = ("nginx", "FLEET_PORT", 8080)
INSTALL = """\
nginx is not installed, or not in PATH. It comes with every distribution:
  Debian, Ubuntu  apt install nginx-light
  Fedora          dnf install nginx
  macOS           brew install nginx
Its own configuration is not used, and its service need not run."""

BANNER = """
fleet      http://localhost:{fleet}
           {workers} of flask_api and {workers} of drf_api, on one database

Users: {users}

Try these: nginx alternates between the twins. The responses don't reveal which one answered; the
log below does, with a line for each request.

{examples}

Ctrl-C stops all."""


def serve() -> None:
    """Run the fleet until a server dies or a signal ends the launcher."""
    nginx = shutil.which("nginx") or refuse(INSTALL)
    workers = whole_number("WORKERS", 2)
    with claimed_ports([FLEET, *LISTENING_TWINS]) as (fleet, *ports):
        env = {**environment(), "WORKERS": str(workers)}
        prepare_all([env] * len(TWINS))
        log("Starting the servers…")
        with (
            running_all(ports, [env] * len(TWINS)) as servers,
            proxy(nginx, fleet, *ports) as front,
        ):
            wait_until_healthy("nginx", fleet, front)
            log(banner(fleet, workers))
            watch({**servers, "nginx": front})


def banner(fleet: int, workers: int) -> str:
    """Return the address of the fleet, and commands to try."""
    return BANNER.format(
        fleet=fleet,
        workers=counted(workers),
        users=USERS,
        examples=examples(fleet, fleet, "Try the fleet"),
    )


def counted(workers: int) -> str:
    """Say how many workers there are."""
    return "1 worker" if workers == 1 else f"{workers} workers"


@contextmanager
def proxy(nginx: str, fleet: int, flask: int, drf: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run nginx from an empty folder, which is removed at the end, and print its access log."""
    with TemporaryDirectory(prefix="fleet-") as folder:
        file = Path(folder) / "nginx.conf"
        file.write_text(configuration(fleet, flask, drf))
        server = subprocess.Popen(
            [nginx, "-p", folder, "-e", "stderr", "-c", str(file)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        log = Thread(target=show, args=(server.stdout,))
        log.start()
        try:
            # By SIGQUIT nginx finishes what it has accepted; the twins are stopped after it.
            with ended(server, signal.SIGQUIT):
                yield server
        finally:
            log.join()


def configuration(fleet: int, flask: int, drf: int) -> str:
    """Return nginx's configuration for these ports."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for placeholder, port in {"FLEET_PORT": fleet, "FLASK_PORT": flask, "DRF_PORT": drf}.items():
        text = text.replace(placeholder, str(port))
    return text


def show(lines: Iterable[bytes]) -> None:
    """Print lines as they come."""
    for line in lines:
        log(line.decode(errors="backslashreplace").rstrip("\n"))


if __name__ == "__main__":
    sys.exit(launch(serve, __doc__, "python -m deploy.fleet"))
