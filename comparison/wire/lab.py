"""Asks the plain pair: each program in a process of its own, perhaps with some lines changed.

`ask` runs this module, so that the caller's process imports neither framework. That process imports
what both frameworks consist of once, and forks for each task.
"""

import base64
import gc
import http.client
import importlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import comparison
from comparison.plain import rows as demo
from comparison.source import ROOT
from comparison.wire.rows import LONG, PLAIN, Change, Request, changed

PASSWORDS = {user["username"]: user["password"] for user in demo.USERS}
# What doesn't ask for a program's settings when it is imported.
LIBRARIES = (
    "django.contrib.admindocs.views",
    "django.contrib.auth.apps",
    "django.contrib.auth.hashers",
    "django.contrib.auth.password_validation",
    "django.contrib.auth.tokens",
    "django.contrib.contenttypes.apps",
    "django.contrib.messages.middleware",
    "django.contrib.sessions.backends.db",
    "django.contrib.sessions.middleware",
    "django.contrib.staticfiles.apps",
    "django.core.handlers.wsgi",
    "django.core.management",
    "django.core.paginator",
    "django.db.backends.sqlite3.base",
    "django.db.models",
    "django.forms",
    "django.middleware.cache",
    "django.middleware.clickjacking",
    "django.middleware.common",
    "django.middleware.security",
    "django.template.context",
    "django.template.loaders.app_directories",
    "django.template.loaders.cached",
    "django.test.signals",
    "django.urls",
    "django.views.defaults",
    "flask_httpauth",
    "flask_restful",
    "flask_sqlalchemy",
    "marshmallow",
    "psycopg",
    "pygments.formatters.html",
    "pygments.lexers.special",
    "requests",
    "rest_framework.authentication",
    "rest_framework.metadata",
    "rest_framework.permissions",
    "rest_framework.serializers",
    "rest_framework.urlpatterns",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.orm",
    "yaml",
)
# Hashes that are quick to make, as Django's documentation recommends for tests: no client sees the
# difference, and one is made for each request with credentials.
QUICK_HASHES = {
    "flask": Change(
        "models.py",
        old="generate_password_hash(password)",
        new='generate_password_hash(password, "pbkdf2:sha256:1")',
    ),
    "django": Change(
        "settings.py", 'PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]'
    ),
}
# The server's own, and how it frames what it sends.
NOT_COMPARED = {"connection", "date", "server", "transfer-encoding"}


class LabError(Exception):
    """A program of the plain pair can't be asked."""


@dataclass(frozen=True)
class Answer:
    """What a program answers."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: str

    def header(self, name: str) -> str | None:
        """Return a header field's value; None if it isn't sent."""
        return {key.lower(): value for key, value in self.headers}.get(name.lower())

    def json(self) -> Any:
        """Return the body's value, or raise ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Task:
    """Requests to a program with changed lines; before each, its data is the demo data."""

    program: str
    changes: tuple[Change, ...]
    requests: tuple[Request, ...]


def ask(tasks: Sequence[Task]) -> list[list[Answer]]:
    """Return each task's answers.

    Raises LabError if a program can't be started.
    """
    done = subprocess.run(
        [sys.executable, "-m", "comparison.wire.lab"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},  # Flask's Allow is a set: the same each time
        input=json.dumps([asdict(task) for task in tasks]),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LabError(f"The plain pair could not be asked:\n{done.stderr}")
    return [[answer_of(each) for each in answers] for answers in json.loads(done.stdout)]


def answer_of(data: Mapping[str, Any]) -> Answer:
    """Make an answer of what JSON has of it."""
    headers = tuple((name, value) for name, value in data["headers"])
    return Answer(data["status"], data["reason"], headers, data["body"])


def task_of(data: Mapping[str, Any]) -> Task:
    """Make a task of what JSON has of it."""
    requests = tuple(
        Request(**{**each, "headers": tuple(map(tuple, each["headers"]))})
        for each in data["requests"]
    )
    return Task(data["program"], tuple(Change(**each) for each in data["changes"]), requests)


def write_program(folder: Path, program: str, changes: Iterable[Change]) -> None:
    """Copy the plain pair into a folder, and change lines of a program."""
    copy = folder / "comparison" / "plain"
    if not copy.exists():
        shutil.copytree(PLAIN, copy, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    for file, (_, text) in changed(program, (QUICK_HASHES[program], *changes)).items():
        (copy / f"{program}_plain" / file).write_text(text)


def servers_of(folder: Path) -> Any:
    """Import the copy in a folder in place of the plain pair."""
    comparison.__path__.insert(0, str(folder / "comparison"))
    for name in [name for name in sys.modules if name.startswith("comparison.plain")]:
        del sys.modules[name]
    return importlib.import_module("comparison.plain.servers")


def lengthened(text: str) -> str:
    """Put what is too long to be read in its place."""
    for name, value in LONG.items():
        text = text.replace(name, value)
    return text


def send(port: int, program: str, request: Request) -> Answer:
    """Send a request over a connection of its own."""
    headers = {name.lower() for name, _ in request.headers}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.putrequest(
            request.method,
            lengthened(request.target_of(program)),
            skip_host=True,
            skip_accept_encoding=True,
        )
        if "host" not in headers:
            connection.putheader("Host", "localhost")  # without the port, which is new each time
        body = lengthened(request.body).encode()
        for name, value in request.sent_headers:
            connection.putheader(name, value)
        if request.user:
            credentials = f"{request.user}:{PASSWORDS[request.user]}".encode()
            connection.putheader("Authorization", f"Basic {base64.b64encode(credentials).decode()}")
        if body or request.method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        kept = tuple(pair for pair in response.getheaders() if pair[0].lower() not in NOT_COMPARED)
        return Answer(
            response.status, response.reason, kept, response.read().decode(errors="replace")
        )


def carry_out(task: Task, seeded: Path, folder: Path) -> list[Answer]:
    """Run a program in this process, and ask it, each time with the seeded database."""
    servers = servers_of(folder)
    database = folder / "database.sqlite3"
    shutil.copy(seeded, database)
    answers = []
    with servers.serving(servers.APPLICATIONS[task.program](database)) as port:
        for request in task.requests:
            with (
                closing(sqlite3.connect(seeded)) as source,
                closing(sqlite3.connect(database)) as target,
            ):
                source.backup(target)
            answers.append(send(port, task.program, request))
    return answers


def seed(program: str, database: Path, folder: Path) -> None:
    """Make a program's seeded database."""
    servers_of(folder).APPLICATIONS[program](database)


@dataclass(frozen=True)
class Fork:
    """A process of its own that calls a function."""

    name: str
    process: int
    reading: socket.socket

    def result(self) -> Any:
        """Wait for what JSON can hold of the function's result, or raise LabError."""
        with self.reading, self.reading.makefile("rb") as stream:
            received = stream.read()
        _, status = os.waitpid(self.process, 0)
        if status:
            raise LabError(f"{self.name} failed; what it says is above")
        return json.loads(received)


def fork(function: Any, *arguments: Any) -> Fork:
    """Call a function in a process of its own."""
    reading, writing = socket.socketpair()
    child = os.fork()
    if not child:
        reading.close()
        status = 1
        try:
            result = json.dumps(function(*arguments), default=asdict)
            writing.sendall(result.encode())
            status = 0
        except BaseException:  # noqa: BLE001 - a child of a fork must not go on as its parent would
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(status)
    writing.close()
    return Fork(function.__name__, child, reading)


def in_turn(starts: Iterable[Callable[[], Fork]]) -> Iterator[Any]:
    """Yield the results of processes in their order; as many run at a time as there are cores."""
    running: deque[Fork] = deque()
    for start in starts:
        if len(running) == (os.cpu_count() or 1):
            yield running.popleft().result()
        running.append(start())
    yield from (each.result() for each in running)


def main() -> None:
    """Do what standard input asks for, and write the answers."""
    tasks = [task_of(each) for each in json.load(sys.stdin)]
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # each task has settings of its own
    for name in LIBRARIES:
        importlib.import_module(name)
    # What is forked ends soon: looking for cycles would only copy the pages of what was imported.
    gc.disable()
    gc.freeze()
    with TemporaryDirectory(prefix="wire-") as name:
        base = Path(name)
        seeded = {task.program: base / f"{task.program}.sqlite3" for task in tasks}
        for program, database in seeded.items():
            folder = base / f"seed-{program}"
            write_program(folder, program, ())
            fork(seed, program, database, folder).result()

        def start(number: int) -> Fork:
            task, folder = tasks[number], base / str(number)
            write_program(folder, task.program, task.changes)
            return fork(carry_out, task, seeded[task.program], folder)

        results = [*in_turn(partial(start, number) for number in range(len(tasks)))]
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
