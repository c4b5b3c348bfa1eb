"""Start both twins on one database, ready to be tried: `python -m deploy.up`, or `make up`.

Environment:
  FLASK_PORT    where flask_api listens (5000)
  DRF_PORT      where drf_api listens (8000)
  DATABASE_URL  the database that both twins share (default: an SQLite file)
  SEPARATE      1: each twin has an SQLite file of its own instead
  DATA_DIR      where such files and the secret key are kept (var)
  SECRET_KEY    both twins' secret (default: made once and kept)
  APP_ENV       the twins' environment (production)
"""

import sys

from deploy.launcher import (
    USERS,
    claimed_ports,
    environment,
    examples,
    launch,
    prepare_all,
    say,
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

ON_ONE = "Both serve one database. Try these, which create with the one and read with the other:"
SEPARATE = "Each serves a database of its own. Try these, and then the same on port {drf}:"


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
        say("Starting the servers…")
        with running_all(ports, envs) as servers:
            say(banner(*ports, separate=separate))
            watch(servers)


def banner(flask: int, drf: int, *, separate: bool) -> str:
    """Say where the twins are and what can be tried."""
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
