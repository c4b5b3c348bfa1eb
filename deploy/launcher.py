"""Shared by the launchers: ports, signals and the terminal."""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from deploy.data import data_folder, noted, noted_by
from deploy.settings import refuse, setting, whole_number
from deploy.twins import TWINS, Health, ServerError, Twin, ask_for_health, prepare

END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# What listens: its name, the variable that chooses its port, and the port that it has otherwise.
Listener = tuple[str, str, int]
LISTENING_TWINS: list[Listener] = [(twin.name, twin.port_variable, twin.port) for twin in TWINS]

HEALTHY = Health(200, b'{"status":"healthy"}')
USERS = "alice / alice-demo-password, bob / bob-demo-password, sam (staff) / sam-demo-password"
EXAMPLES = """\
  curl -s localhost:{port}/api/health
  curl -s 'localhost:{port}/api/products?limit=2'
  TOKEN=$(curl -s localhost:{port}/api/tokens -H 'Content-Type: application/json' \\
    -d '{{"username":"alice","password":"alice-demo-password"}}' \\
    | python3 -c 'import json,sys; print(json.load(sys.stdin)["token"])')
  curl -s localhost:{port}/api/todos -H "Authorization: Bearer $TOKEN" \\
    -H 'Content-Type: application/json' -d '{{"title":"{title}"}}'
  curl -s 'localhost:{reader}/api/todos?q={words}' -H "Authorization: Bearer $TOKEN\""""


def launch(work: Callable[[], None], description: str | None, prog: str) -> int:
    """Do a launcher's work until it fails or a signal ends it.

    Returns the exit status: 0 after a signal, 1 after a failure; a setting that can't work ends the
    program with 2.
    """
    argparse.ArgumentParser(
        prog=prog,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    for number in END_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` does
            signal.signal(number, interrupt)
    try:
        work()
    except KeyboardInterrupt:
        log("Stopped.")
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def interrupt(_number: int, _frame: object) -> NoReturn:
    """End the launcher; further signals are ignored, so that nothing interrupts the stopping."""
    for number in END_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def log(line: str) -> None:
    """Print a line at once, also into a pipe, and as a whole: others print there too."""
    sys.stdout.write(f"{line}\n")  # print() writes its "\n" apart when Python doesn't buffer
    sys.stdout.flush()


def examples(port: int, reader: int, title: str) -> str:
    """Return lines for a shell that create a todo by way of one port and find it by another."""
    words = title.lower().replace(" ", "+")
    return EXAMPLES.format(port=port, reader=reader, title=title, words=words)


@contextmanager
def claimed_ports(listeners: Sequence[Listener] = LISTENING_TWINS) -> Iterator[list[int]]:
    """Give each listener's port, and let other starts know meanwhile who has them."""
    ports = chosen_ports(listeners)
    with noted(data_folder(), ports):
        yield ports


def chosen_ports(listeners: Sequence[Listener] = LISTENING_TWINS) -> list[int]:
    """Read each listener's port from the environment, and make sure that it can be had."""
    ports = [chosen_port(*listener) for listener in listeners]
    if len({*ports}) < len(ports):
        said = ", ".join(
            f"{variable}={port}" for (_, variable, _), port in zip(listeners, ports, strict=True)
        )
        refuse(f"{said}: each needs a port of its own")
    for (name, variable, _), port in zip(listeners, ports, strict=True):
        if is_free(port):
            continue
        refuse(
            f"{name}: port {port} is not free: {holder(port)}, or choose another by {variable}=…"
        )
    return ports


def holder(port: int) -> str:
    """Say who holds a port, and what to do about it."""
    if process := noted_by(data_folder(), port):
        return (
            f"an earlier start of these servers, process {process}, holds it; end that by Ctrl-C "
            f"in its terminal or by `kill {process}`"
        )
    if ask_for_health(port) == HEALTHY:
        return "these servers answer there, started by something else or ending just now; end them"
    return "another program holds it (macOS keeps 5000 for its AirPlay receiver); end that"


def chosen_port(name: str, variable: str, default: int) -> int:
    """Read one port from the environment."""
    text = setting(variable, str(default))
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**16):
        refuse(f"{name}: {variable}={text} is no port number")
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


def environment(database: str = "shop") -> dict[str, str]:
    """Say what a twin's environment has beyond this process's own.

    `database` names the SQLite file that is used unless DATABASE_URL says otherwise.
    """
    data = data_folder()
    file = quote(os.fsencode(data / f"{database}.sqlite3"))
    return {
        "DATABASE_URL": setting("DATABASE_URL") or f"sqlite:///{file}",
        "SECRET_KEY": setting("SECRET_KEY") or kept_secret(data / "secret_key"),
        # Gunicorn reads it before its configuration, and ends in a traceback where it is empty.
        "WEB_CONCURRENCY": str(whole_number("WEB_CONCURRENCY", 1)),
    }


def kept_secret(path: Path) -> str:
    """Read the secret key that this checkout keeps, which is made by the first start."""
    try:
        path.touch(mode=0o600)
        if not path.read_text():
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text()
    except OSError as error:
        refuse(f"SECRET_KEY: none is set, and none can be kept in {path}: {error.strerror}")


def prepare_all(envs: Sequence[Mapping[str, str]], *, separate: bool = False) -> None:
    """Prepare the twins: on one database the second finds what the first has made."""

    def prepared(twin: Twin, env: Mapping[str, str]) -> str:
        start = time.monotonic()
        said = prepare(twin, env)
        return f"{twin.name}: {said} ({time.monotonic() - start:.1f} s)"

    log(f"Migrating and seeding the database{'s' if separate else ''}…")
    with ThreadPoolExecutor(len(TWINS) if separate else 1) as pool:
        for line in pool.map(prepared, TWINS, envs):
            log(line)


def watch(servers: Mapping[str, subprocess.Popen[bytes]]) -> NoReturn:
    """Wait until a server dies: nobody shall take what is left for the whole."""
    while True:
        for name, server in servers.items():
            if server.poll() is not None:
                raise ServerError(f"{name}: died by itself, so everything is stopped")
        time.sleep(0.2)
