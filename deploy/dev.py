"""Start both twins with their development servers: `python -m deploy.dev`, or `make dev`.

They restart when a file changes, and show a browser the framework's debug page for an unhandled
exception.

Environment:
  FLASK_PORT    where flask_api listens (5000)
  DRF_PORT      where drf_api listens (8000)
  DATABASE_URL  the database that both twins share (default: an SQLite file)
  DATA_DIR      folder of that file and the secret key (var)
  SECRET_KEY    secret of both twins (default: generated once and kept)
"""

import sys

from deploy.launcher import (
    USERS,
    claimed_ports,
    environment,
    launch,
    log,
    prepare_all,
    watch,
)
from deploy.twins import TWINS, developing, running_all

BANNER = """
flask_api  http://localhost:{flask}  (flask run --debug)
drf_api    http://localhost:{drf}  (runserver)

Users: {users}

Both use one database, and restart when their code changes.

Ctrl-C stops both."""


def serve() -> None:
    """Run both twins until one of them dies or a signal ends the launcher."""
    with claimed_ports() as ports:
        env = {**environment(), "APP_ENV": "development"}
        prepare_all([env] * len(TWINS))
        log("Starting the servers…")
        with running_all(ports, [env] * len(TWINS), developing) as servers:
            log(BANNER.format(flask=ports[0], drf=ports[1], users=USERS))
            watch(servers)


if __name__ == "__main__":
    sys.exit(launch(serve, __doc__, "python -m deploy.dev"))
