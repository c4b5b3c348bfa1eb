"""Prism as a validating proxy: another reading of the contract, by a program not written here."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM
from tempfile import TemporaryDirectory

from clients.processes import HERE, ToolError, environment
from clients.stock_schemathesis import Exchange, exchanged, operations, succeeded
from contract_tests.servers import free_port
from deploy.twins import ROOT, ended, is_healthy

START_SECONDS = 60

# Requests as the contract allows them, since others end at the proxy; Prism says what is wrong.
TRAFFIC = (
    *("--mode", "positive", "--phases", "examples,fuzzing,stateful", "--max-examples", "10"),
    *("--checks", "content_type_conformance"),
)


@contextmanager
def before(upstream: str, *options: str) -> Iterator[str]:
    """Run Prism before a server until the context ends, and give its base URL."""
    port = free_port()
    with TemporaryDirectory(prefix="prism-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [
                    *("node", HERE / "node_modules/@stoplight/prism-cli/dist/index.js", "proxy"),
                    *("--errors", *options, "--host", "127.0.0.1", "--port", str(port)),
                    *(ROOT / "openapi.yaml", upstream),
                ],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        with ended(server, SIGTERM):
            deadline = time.monotonic() + START_SECONDS
            while not is_healthy(port):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise ToolError(f"Prism did not start:\n{log.read_text(errors='replace')}")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"


def check(upstream: str) -> None:
    """Fail unless requests reach every operation through Prism, and Prism finds nothing."""
    with before(upstream) as base_url:
        exchanges = exchanged(base_url, *TRAFFIC)
    if findings := {finding for each in exchanges for finding in found(each)}:
        raise ToolError("\n".join(sorted(findings)))
    if missing := operations() - succeeded(exchanges):
        raise ToolError(f"no request got through Prism to {', '.join(sorted(missing))}")


def found(exchange: Exchange) -> Iterator[str]:
    """Yield what Prism has found wrong with a request or its answer."""
    if b"https://stoplight.io/prism/errors" in exchange.body:
        problem = json.loads(exchange.body)
        name = f"{exchange.method} {exchange.path}: {problem['title']}"
        for violation in problem.get("validation") or [{"location": [], "message": ""}]:
            yield f"{name}: {'.'.join(violation['location'])} {violation['message']}"
