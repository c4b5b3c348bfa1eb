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

import argparse
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
STOP_SECONDS = 15  # more than gunicorn's own graceful_timeout
END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

BANNER = """
flask_api  http://localhost:{flask}
drf_api    http://localhost:{drf}

Users: alice / alice-demo-password, bob / bob-demo-password, sam (staff) / sam-demo-password

{about}

  curl -s localhost:{flask}/api/health
  curl -s 'localhost:{flask}/api/products?limit=2'
  TOKEN=$(curl -s localhost:{flask}/api/tokens -H 'Content-Type: application/json' \\
    -d '{{"username":"alice","password":"alice-demo-password"}}' \\
    | python3 -c 'import json,sys; print(json.load(sys.stdin)["token"])')
  curl -s localhost:{flask}/api/todos -H "Authorization: Bearer $TOKEN" \\
    -H 'Content-Type: application/json' -d '{{"title":"Try both"}}'
  curl -s 'localhost:{reader}/api/todos?q=try+both' -H "Authorization: Bearer $TOKEN"

Ctrl-C stops both."""

ON_ONE = "Both serve one database. Try these, which create with the one and read with the other:"
SEPARATE = "Each serves a database of its own. Try these, and then the same on port {drf}:"


@dataclass(frozen=True)
class Twin:
    """What there is to know about a twin in order to run it."""

    name: str
    target: str
    migrate: tuple[str, ...]
    seed: tuple[str, ...]
    port: int
    port_variable: str


TWINS = (
    Twin(
        name="flask_api",
        target="flask_api.wsgi:app",
        migrate=("-m", "flask", "--app", "flask_api", "db", "upgrade"),
        seed=("-m", "flask", "--app", "flask_api", "seed"),
        port=5000,
        port_variable="FLASK_PORT",
    ),
    Twin(
        name="drf_api",
        target="drf_api.wsgi:application",
        migrate=("-m", "drf_api.manage", "migrate", "--no-input", "--fake-initial"),
        seed=("-m", "drf_api.manage", "seed"),
        port=8000,
        port_variable="DRF_PORT",
    ),
)


class TwinError(Exception):
    """A twin could not be prepared or started, or it died."""


def prepare(twin: Twin, env: Mapping[str, str]) -> str:
    """Migrate and seed a twin's database, and return what the seeding says of it."""
    run(twin, twin.migrate, env)
    return run(twin, twin.seed, env).partition("\n")[0]


def run(twin: Twin, command: Sequence[str], env: Mapping[str, str]) -> str:
    """Return what a twin's command prints; `env` is added to this process's environment."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise TwinError(f"{twin.name}: `python {' '.join(command)}` failed:\n{done.stdout}")
    return done.stdout


@contextmanager
def running(twin: Twin, port: int, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Serve a twin on a port of this machine for as long as the context lasts.

    The server gets a session of its own, so that a terminal's Ctrl-C reaches only the launcher.
    """
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"),
            *("--bind", f"127.0.0.1:{port}", twin.target),
        ],
        cwd=ROOT,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield server
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):  # the normal case: nothing of it is left
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def wait_until_healthy(twin: Twin, port: int, server: subprocess.Popen[bytes]) -> None:
    """Return as soon as a started twin answers; fail when it dies or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while not is_healthy(port):
        if server.poll() is not None:
            raise TwinError(f"{twin.name}: died at its start; its output is above")
        if time.monotonic() > deadline:
            raise TwinError(f"{twin.name}: gave no healthy answer within {START_SECONDS} s")
        time.sleep(0.05)


def is_healthy(port: int) -> bool:
    """Tell whether a healthy twin answers on a port of this machine."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
        try:
            connection.request("GET", "/api/health")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False


def refuse(message: str) -> NoReturn:
    """End at once because of a setting that can't work."""
    print(message, file=sys.stderr)
    raise SystemExit(2)


def chosen_ports() -> list[int]:
    """Read each twin's port from the environment, and make sure that it can be had."""
    ports = [chosen_port(twin) for twin in TWINS]
    if len(set(ports)) < len(ports):
        refuse(f"FLASK_PORT and DRF_PORT are both {ports[0]}: each twin needs a port of its own")
    for twin, port in zip(TWINS, ports, strict=True):
        if not is_free(port):
            refuse(
                f"{twin.name}: port {port} is not free; choose another by "
                f"{twin.port_variable}=… (macOS keeps 5000 for its AirPlay receiver)"
            )
    return ports


def chosen_port(twin: Twin) -> int:
    """Read one twin's port from the environment."""
    text = os.environ.get(twin.port_variable) or str(twin.port)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**16):
        refuse(f"{twin.name}: {twin.port_variable}={text} is no port number")
    return int(text)


def is_free(port: int) -> bool:
    """Tell whether a port can be bound here, and nobody answers on it at another address.

    On macOS a bind to 127.0.0.1 succeeds beside a listener on all addresses, which would then get
    a part of the requests to `localhost`.
    """
    with suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def are_separate() -> bool:
    """Tell whether each twin is to have a database of its own."""
    value = os.environ.get("SEPARATE") or "0"
    if value not in {"0", "1"}:
        refuse(f"SEPARATE={value} is neither 1 nor 0")
    if value == "1" and os.environ.get("DATABASE_URL"):
        refuse("SEPARATE=1 and DATABASE_URL exclude each other: the URL names one database")
    return value == "1"


def environments(*, separate: bool) -> list[dict[str, str]]:
    """Say what each twin's environment has beyond this process's own."""
    data = ROOT / os.environ.get("DATA_DIR", "var")
    data.mkdir(parents=True, exist_ok=True)
    secret_key = os.environ.get("SECRET_KEY") or kept_secret(data / "secret_key")
    names = [twin.name if separate else "shop" for twin in TWINS]
    return [
        {
            "APP_ENV": os.environ.get("APP_ENV", "production"),
            "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{data / name}.sqlite3",
            "SECRET_KEY": secret_key,
        }
        for name in names
    ]


def kept_secret(path: Path) -> str:
    """Read the secret key that this checkout keeps, which is made by the first start."""
    with suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def prepare_all(envs: list[dict[str, str]], *, separate: bool) -> None:
    """Prepare the twins: on one database the second finds what the first has made."""

    def prepared(twin: Twin, env: dict[str, str]) -> str:
        start = time.monotonic()
        said = prepare(twin, env)
        return f"{twin.name}: {said} ({time.monotonic() - start:.1f} s)"

    say(f"Migrating and seeding the database{'s' if separate else ''}…")
    with ThreadPoolExecutor(len(TWINS) if separate else 1) as pool:
        for line in pool.map(prepared, TWINS, envs):
            say(line)


def serve(ports: list[int], envs: list[dict[str, str]], *, separate: bool) -> None:
    """Run both twins until one of them dies or a signal ends the launcher."""
    say("Starting the servers…")
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running(*each)) for each in zip(TWINS, ports, envs, strict=True)
        ]
        for server in servers:  # tell both to stop before waiting for either
            stack.callback(server.terminate)
        for each in zip(TWINS, ports, servers, strict=True):
            wait_until_healthy(*each)
        say(banner(*ports, separate=separate))
        while all(server.poll() is None for server in servers):
            time.sleep(0.2)
        dead = TWINS[[server.poll() is None for server in servers].index(False)]
        raise TwinError(f"{dead.name}: died by itself, so both are stopped")


def banner(flask: int, drf: int, *, separate: bool) -> str:
    """Say where the twins are and what can be tried."""
    about = SEPARATE.format(drf=drf) if separate else ON_ONE
    reader = flask if separate else drf
    return BANNER.format(flask=flask, drf=drf, about=about, reader=reader)


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


def interrupt(_number: int, _frame: object) -> NoReturn:
    """End the launcher; further signals are ignored, so that nothing interrupts the stopping."""
    for number in END_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    """Start both twins, and stop both; 2 is a setting that can't work, 1 any other failure."""
    argparse.ArgumentParser(
        prog="python -m deploy.up",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    for number in END_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` does
            signal.signal(number, interrupt)
    try:
        ports = chosen_ports()
        separate = are_separate()
        envs = environments(separate=separate)
        prepare_all(envs, separate=separate)
        serve(ports, envs, separate=separate)
    except KeyboardInterrupt:
        say("Stopped.")
    except TwinError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
