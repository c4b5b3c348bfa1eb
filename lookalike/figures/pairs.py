"""Two servers as data: what to install, how to start them, what describes them.

A pair is a TOML file:

    about = "httpbin, and its rewrite with FastAPI"
    openapi = "openapi.yaml"             # beside this file, or on the old server: "/openapi.json"
    config = "lookalike.toml"            # beside this file, where `lookalike diff` needs one
    accepted = "accepted.toml"           # the same

    [old]
    pip = ["httpbin==0.10.2"]            # into a virtual environment of their own
    npm = []                             # the same for packages of Node.js
    setup = [["{bin}/python", "{here}/setup.py"]]
    run = ["{bin}/flask", "--app", "httpbin", "run", "--port", "{port}"]
    environ = {FLASK_DEBUG = "0"}
    directory = "{data}"                 # in which setup and run are started

    [new]                                # without it: a second instance of the old one

`{here}` is the folder of the file, `{data}` an empty one of this server alone, `{bin}` where the
installed programs are, `{python}` the interpreter that runs this, and `{port}` a free port.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

START_SECONDS = 60
STOP_SECONDS = 10
INSTALL_SECONDS = 600


class StartError(RuntimeError):
    """A server could not be installed or started."""


@dataclass(frozen=True)
class Program:
    """What to install and to run."""

    pip: tuple[str, ...]
    npm: tuple[str, ...]
    setup: tuple[tuple[str, ...], ...]
    run: tuple[str, ...]
    environ: Mapping[str, str]
    directory: str

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """Read a table of a pair's file."""
        return cls(
            tuple(raw.get("pip", ())),
            tuple(raw.get("npm", ())),
            tuple(map(tuple, raw.get("setup", ()))),
            tuple(raw["run"]),
            raw.get("environ", {}),
            raw.get("directory", "{data}"),
        )


@dataclass(frozen=True)
class Pair:
    """Two programs that are meant to answer alike."""

    name: str
    about: str
    openapi: str
    folder: Path
    old: Program
    new: Program
    config: str = ""
    accepted: str = ""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a pair's file."""
        raw = tomllib.loads(path.read_text("utf-8"))
        name = path.parent.name if path.stem == "pair" else path.stem
        old = Program.read(raw["old"])
        new = Program.read(raw["new"]) if "new" in raw else old
        return cls(
            name,
            raw["about"],
            raw.get("openapi", ""),
            path.parent.resolve(),
            old,
            new,
            raw.get("config", ""),
            raw.get("accepted", ""),
        )

    def with_itself(self, side: str) -> "Pair":
        """Return the old or the new program against a second instance of itself."""
        program: Program = getattr(self, side)
        about = f"the {side} one of: {self.about}, against itself"
        return replace(
            self, name=f"{self.name}#{side}", about=about, old=program, new=program, accepted=""
        )

    def command(self, old: str, new: str) -> list[str]:
        """Return what compares the servers."""
        files = {"--config": self.config, "--accepted": self.accepted}
        return [
            *(sys.executable, "-m", "lookalike", "diff", old, new),
            *("--openapi", self.contract(old)),
            *(
                word
                for option, name in files.items()
                if name
                for word in (option, str(self.folder / name))
            ),
        ]

    def contract(self, old: str) -> str:
        """Return the address or path of the OpenAPI file, given the old server's base URL."""
        if self.openapi.startswith("/"):
            return old + self.openapi
        return str((self.folder / self.openapi).resolve())

    @contextmanager
    def running(self) -> Iterator[tuple[str, str]]:
        """Start both servers, give their base URLs, and stop them in the end."""
        with ExitStack() as stack:
            yield (
                stack.enter_context(started(self.old, self.folder)),
                stack.enter_context(started(self.new, self.folder)),
            )


@contextmanager
def started(program: Program, here: Path) -> Iterator[str]:
    """Start a program in a folder of its own, and give its base URL once it takes connections."""
    with TemporaryDirectory(prefix="lookalike-") as data:
        port = free_port()
        values = {
            "here": str(here),
            "data": data,
            "bin": str(installed(program)),
            "python": sys.executable,
            "port": str(port),
        }

        def filled(text: str) -> str:
            for name, value in values.items():
                text = text.replace(f"{{{name}}}", value)
            return text

        environ = {
            **os.environ,
            **{name: filled(value) for name, value in program.environ.items()},
        }
        directory = filled(program.directory)
        log = Path(data) / "log"
        with log.open("wb") as output:
            for command in program.setup:
                done = subprocess.run(
                    [*map(filled, command)],
                    cwd=directory,
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=START_SECONDS,
                    check=False,
                )
                if done.returncode:
                    raise StartError(f"{command[0]} failed:\n{log.read_text('utf-8', 'replace')}")
            process = subprocess.Popen(
                [*map(filled, program.run)],
                cwd=directory,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that its children end with it
            )
        try:
            wait_for(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            stop(process)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server takes connections; raise a StartError if it ends before that."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartError(
                f"ended with {process.returncode}:\n{log.read_text('utf-8', 'replace')}"
            )
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise StartError(f"takes no connections after {START_SECONDS} s")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def installed(program: Program) -> Path:
    """Install a program's packages, unless an earlier run has, and return where its commands are.

    Environments are kept in the user's cache, below `lookalike/`, and may be removed at any time.
    """
    if not program.pip and not program.npm:
        return Path(sys.executable).parent
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    key = hashlib.sha256(repr((version, program.pip, program.npm)).encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lookalike" / key
    programs = cache / ("bin" if program.pip else "node_modules/.bin")
    if (cache / "complete").exists():
        return programs
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    if program.pip:
        install(cache, sys.executable, "-m", "venv", str(cache))
        install(cache, str(cache / "bin" / "pip"), "install", "--quiet", *program.pip)
    if program.npm:
        install(cache, "npm", "install", "--silent", "--no-audit", "--no-fund", *program.npm)
    (cache / "complete").touch()
    return programs


def install(cache: Path, *command: str) -> None:
    """Run a command that installs something."""
    try:
        done = subprocess.run(
            command, cwd=cache, capture_output=True, timeout=INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartError(f"{command[0]}: {error}") from error
    if done.returncode:
        raise StartError(f"{' '.join(command)} failed:\n{done.stderr.decode('utf-8', 'replace')}")
