"""Start both twins on one database with demo data: `python -m deploy.up`, or `make up`.

Environment:
  FLASK_PORT    where flask_api listens (5000)
  DRF_PORT      where drf_api listens (8000)
  DATABASE_URL  the database that both twins share (default: an SQLite file)
  SEPARATE      1: each twin uses its own SQLite file instead
  DATA_DIR      folder of these files and the secret key (var)
  SECRET_KEY    secret of both twins (default: generated once and kept)
  APP_ENV       environment of both twins (production)
"""

import sys

from deploy.launcher import (
    USERS,
    claimed_ports,
    environment,
    examples,
    launch,
    log,
    prepare_all,
    watch,
)
from deploy.settings import refuse, setting, switch
from deploy.twins import TWINS, running_all

BANNER = """
flask_api  http://localhost:{flask}
drf_api    http://localhost:{drf}

Users: {users}

{about}

{examples}

Ctrl-C stops both."""

ON_ONE = "Both use one database. Try these: create a todo on one, find it on the other:"
SEPARATE = "Each uses its own database. Try these, then the same on port {drf}:"


def are_separate() -> bool:
    """Tell whether each twin is to have a database of its own."""
    separate = switch("SEPARATE")
    if separate and setting("DATABASE_URL"):
        refuse("SEPARATE=1 and DATABASE_URL exclude each other: the URL names one database")
    return separate


def serve() -> None:
    """Run both twins until one of them dies or a signal ends the launcher."""
    separate = are_separate()
    with claimed_ports() as ports:
        envs = [environment(twin.name if separate else "shop") for twin in TWINS]
        prepare_all(envs, separate=separate)
        log("Starting the servers…")
        with running_all(ports, envs) as servers:
            log(banner(*ports, separate=separate))
            watch(servers)


def banner(flask: int, drf: int, *, separate: bool) -> str:
    """Return the addresses of the twins, and commands to try."""
    about = SEPARATE.format(drf=drf) if separate else ON_ONE
    return BANNER.format(
        flask=flask,
        drf=drf,
        users=USERS,
        about=about,
        examples=examples(flask, flask if separate else drf, "Try both"),
    )


if __name__ == "__main__":
    sys.exit(launch(serve, __doc__, "python -m deploy.up"))
