"""Runs the tools, and the servers that they are tried on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from contract_tests.servers import twins
from deploy.twins import ROOT, TWINS, Twin

HERE = ROOT / "clients"
BUILD = ROOT / "build" / "clients"
PATH = os.pathsep.join(
    [
        str(HERE / ".venv" / "bin"),
        str(HERE / "node_modules" / ".bin"),
        str(Path(sys.executable).parent),  # Node.js and Schemathesis
        os.environ.get("PATH", os.defpath),
    ]
)
TIMEOUT = 600  # seconds, against hangs; what takes longest takes a minute or two


class ToolError(Exception):
    """A tool has failed; the text is what it has printed."""


class Tools:
    """The tools that run just now, in several threads, so that all can be ended at once."""

    def __init__(self) -> None:
        self.running: set[subprocess.Popen[str]] = set()
        self.stopping = False

    def run(self, command: Sequence[str | Path], cwd: Path = HERE, **env: str) -> None:
        """Run a command; fail with what it has printed when it fails."""
        if self.stopping:
            raise ToolError("was not begun")
        with subprocess.Popen(
            command,
            cwd=cwd,
            env=environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # what it starts in turn ends with it
        ) as tool:
            self.running.add(tool)
            try:
                output, _ = tool.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired as error:
                raise ToolError(f"{shown(command)}\ngave no result in {TIMEOUT} s") from error
            finally:
                self.running.discard(tool)
                end(tool)
        if tool.returncode:
            raise ToolError(f"{shown(command)}\n{output.strip()}")

    def stop(self) -> None:
        """End the tools that run, and let none begin."""
        self.stopping = True
        for tool in [*self.running]:
            end(tool)


def end(tool: subprocess.Popen[str]) -> None:
    """Kill what is left of a tool that leads a session."""
    with suppress(ProcessLookupError):  # the normal case: nothing is
        os.killpg(tool.pid, signal.SIGKILL)


tools = Tools()
run = tools.run


def environment(**env: str) -> dict[str, str]:
    """Return the environment of a tool: this process's, the tools' folders, and what is added."""
    return {**os.environ, "PATH": PATH, **env}


def shown(command: Sequence[str | Path]) -> str:
    """Return a command as it would be typed."""
    return "$ " + " ".join(map(str, command))


@contextmanager
def fresh_twins(which: Sequence[Twin] = TWINS) -> Iterator[dict[str, str]]:
    """Run twins, each on a database of its own with the demo data; give base URLs by name."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="clients-"))
        base_urls = stack.enter_context(twins(Path(folder), which, LOG_LEVEL="ERROR"))
        yield {twin.name: base_url for twin, base_url in zip(which, base_urls, strict=True)}
