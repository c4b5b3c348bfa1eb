"""The twins: their commands and ports, and how each is prepared and served."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# How the names of variables begin that are meant for another project's program, where they leak in.
FOREIGN = ("DJANGO_", "FLASK_", "GUNICORN_")
START_SECONDS = 30
STOP_SECONDS = 15  # more than gunicorn's own graceful_timeout
# Stops a server, the first argument, by a signal, the second, as soon as the standard input ends.
# The process group that the server leads gets so many seconds, the third, before it is killed.
GUARD = """
read -r _
kill -s "$2" "$1"
while [ "$3" -gt 0 ] && kill -0 -- "-$1"; do
    sleep 1
    set -- "$1" "$2" $(($3 - 1))
done
kill -KILL -- "-$1"
"""


@dataclass(frozen=True)
class Twin:
    """What there is to know about a twin in order to run it."""

    name: str
    target: str
    migrate: tuple[str, ...]
    seed: tuple[str, ...]
    develop: tuple[str, ...]  # its framework's own server, with a reloader; a port follows
    port: int
    port_variable: str
    settings: tuple[tuple[str, str], ...] = ()  # of its environment, whatever else that has


TWINS = (
    Twin(
        name="flask_api",
        target="flask_api.wsgi:app",
        migrate=("-m", "flask", "--app", "flask_api", "db", "upgrade"),
        seed=("-m", "flask", "--app", "flask_api", "seed"),
        develop=("-m", "flask", "--app", "flask_api", "run", "--debug", "--port"),
        port=5000,
        port_variable="FLASK_PORT",
    ),
    Twin(
        name="drf_api",
        target="drf_api.wsgi:application",
        migrate=("-m", "drf_api.manage", "migrate", "--no-input", "--fake-initial"),
        seed=("-m", "drf_api.manage", "seed"),
        develop=("-m", "drf_api.manage", "runserver"),
        port=8000,
        port_variable="DRF_PORT",
    ),
)


class ServerError(Exception):
    """A twin or its proxy could not be prepared or started, or it died."""


class SlowStartError(ServerError):
    """A server runs, but did not become healthy in time: a busy machine's fault, more likely."""


def prepare(twin: Twin, env: Mapping[str, str]) -> str:
    """Migrate and seed a twin's database, and return what the seeding says of it."""
    run(twin, twin.migrate, env)
    return run(twin, twin.seed, env).partition("\n")[0]


def environment_with(env: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment, less what is another project's, with `env` added."""
    own = {name: text for name, text in os.environ.items() if not name.startswith(FOREIGN)}
    return {**own, **env}


def run(twin: Twin, command: Sequence[str], env: Mapping[str, str]) -> str:
    """Return what a twin's command prints; `env` is added to this process's environment."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment_with({**env, **dict(twin.settings)}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServerError(f"{twin.name}: `python {' '.join(command)}` failed:\n{done.stdout}")
    return done.stdout


# Serves a twin on a port, with settings added to this process's own.
Serve = Callable[[Twin, int, Mapping[str, str]], AbstractContextManager[subprocess.Popen[bytes]]]


def running(
    twin: Twin, port: int, env: Mapping[str, str]
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Serve a twin by gunicorn on a port of this machine for as long as the context lasts."""
    gunicorn = ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py")
    command = (*gunicorn, "--bind", f"127.0.0.1:{port}", twin.target)
    return started(command, {**env, **dict(twin.settings)})


def developing(
    twin: Twin, port: int, env: Mapping[str, str]
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Serve a twin by its framework's own server, which starts again when a file changes."""
    return started((*twin.develop, str(port)), env)


@contextmanager
def started(command: Sequence[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, with `env` added to this environment, for as long as the context lasts."""
    server = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment_with(env),
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # so that a terminal's Ctrl-C reaches only the launcher
    )
    with ended(server, signal.SIGTERM):
        yield server


@contextmanager
def running_all(
    ports: Sequence[int], envs: Sequence[Mapping[str, str]], serve: Serve = running
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Serve both twins until the context ends, and give their servers by name once they answer."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(serve(*each)) for each in zip(TWINS, ports, envs, strict=True)
        ]
        for server in servers:  # tell both to stop before waiting for either
            stack.callback(server.terminate)
        for twin, port, server in zip(TWINS, ports, servers, strict=True):
            wait_until_healthy(twin.name, port, server)
        yield {twin.name: server for twin, server in zip(TWINS, servers, strict=True)}


@contextmanager
def ended(server: subprocess.Popen[bytes], graceful: signal.Signals) -> Iterator[None]:
    """Tell a server that leads a session to stop when the context ends, and leave nothing of it.

    It is stopped, too, when this process is killed before.
    """
    with guarded(server, graceful):
        try:
            yield
        finally:
            server.send_signal(graceful)
            with suppress(subprocess.TimeoutExpired):
                server.wait(STOP_SECONDS)
            with suppress(ProcessLookupError):  # the normal case: nothing of it is left
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


@contextmanager
def guarded(server: subprocess.Popen[bytes], graceful: signal.Signals) -> Iterator[None]:
    """Have another process stop a server that leads a session, should this one be killed."""
    signal_name = graceful.name.removeprefix("SIG")
    with guard(GUARD, str(server.pid), signal_name, str(STOP_SECONDS)):
        yield


@contextmanager
def guard(script: str, *arguments: str) -> Iterator[None]:
    """Run a shell's script beside this process, which waits for its standard input to end.

    Only this process can write to it; so it ends when this process is killed.
    """
    shell = subprocess.Popen(
        ["/bin/sh", "-c", script, "guard", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # what kills this process's group shall not reach it
    )
    with shell:
        try:
            yield
        finally:
            shell.kill()


def wait_until_healthy(name: str, port: int, server: subprocess.Popen[bytes]) -> None:
    """Return as soon as a started server answers; fail when it dies or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while (answer := ask_for_health(port)) is None or answer.status != HTTPStatus.OK:
        if server.poll() is not None:
            raise ServerError(f"{name}: died at its start; its output is above")
        if answer and answer.status == HTTPStatus.BAD_REQUEST:
            raise ServerError(f"{name}: add 127.0.0.1 to ALLOWED_HOSTS, by which it is asked here")
        if time.monotonic() > deadline:
            raise SlowStartError(f"{name}: gave no healthy answer within {START_SECONDS} s")
        time.sleep(0.05)


class Health(NamedTuple):
    """What a server says of its health."""

    status: int
    body: bytes


def is_healthy(port: int) -> bool:
    """Tell whether a healthy server answers on a port of this machine."""
    answer = ask_for_health(port)
    return answer is not None and answer.status == HTTPStatus.OK


def ask_for_health(port: int) -> Health | None:
    """Ask a server on a port of this machine for its health; None where it gives no answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
        try:
            connection.request("GET", "/api/health")
            answer = connection.getresponse()
            return Health(answer.status, answer.read(1000))
        except (OSError, http.client.HTTPException):
            return None
