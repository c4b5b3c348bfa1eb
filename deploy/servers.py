"""Start both twins for the contract tests: `python -m deploy.servers`, or `make servers`.

Each uses a new database, which is removed at the end, and the settings that the tests expect: no
effective throttle on failed logins, and an allowed CORS origin.

Environment:
  FLASK_PORT    where flask_api listens (5000)
  DRF_PORT      where drf_api listens (8000)
"""

import os
import secrets
import sys
from tempfile import TemporaryDirectory
from urllib.parse import quote

from deploy.launcher import claimed_ports, launch, log, prepare_all, watch
from deploy.twins import TWINS, running_all

ALLOWED_ORIGIN = "https://shop.example"
SETTINGS = {
    "APP_ENV": "production",
    # The tests log in a lot, and wrongly on purpose.
    "LOGIN_THROTTLE": "1000000/900",
    "CORS_ORIGINS": ALLOWED_ORIGIN,
    "WEB_CONCURRENCY": "1",  # gunicorn itself reads it, and ends in a traceback where it is empty
}
UNSET = (
    "RATE_LIMIT",
    "REDIS_URL",
    "TOKEN_TTL",
    "SUMMARY_MAX_AGE",
    "ALLOWED_HOSTS",
    "OPENAPI_FILE",
)

BANNER = """
flask_api  http://localhost:{flask}
drf_api    http://localhost:{drf}

Each uses its own database with demo data, and has no effective throttle on failed logins. Run the
contract tests against both in another terminal:

  .venv/bin/pytest contract_tests --base-url http://localhost:{flask} --base-url http://localhost:{drf}

The tests change the data: restart this for another run. Ctrl-C stops both."""


def serve() -> None:
    """Run both twins until one of them dies or a signal ends the launcher."""
    for name in UNSET:
        os.environ.pop(name, None)
    key = secrets.token_urlsafe(48)
    with claimed_ports() as ports, TemporaryDirectory(prefix="servers-") as folder:
        envs = [
            {
                **SETTINGS,
                "SECRET_KEY": key,
                "DATABASE_URL": f"sqlite:///{quote(f'{folder}/{twin.name}.sqlite3')}",
            }
            for twin in TWINS
        ]
        prepare_all(envs, separate=True)
        log("Starting the servers…")
        with running_all(ports, envs) as servers:
            log(BANNER.format(flask=ports[0], drf=ports[1]))
            watch(servers)


if __name__ == "__main__":
    sys.exit(launch(serve, __doc__, "python -m deploy.servers"))
