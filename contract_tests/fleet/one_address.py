"""The twins on one database behind one address, which alternates between them."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from contract_tests import servers
from contract_tests.client import is_healthy
from contract_tests.fleet.relay import relaying
from contract_tests.servers import environment_of, free_port, sharing
from deploy.twins import ROOT, TWINS, guarded

START_SECONDS = 60
STOP_SECONDS = 60
SETTLING_SECONDS = 0.3


@dataclass(frozen=True)
class OneAddress:
    """Where the fleet is, and what counts the requests that each program has had, by its name."""

    base_url: str
    names: tuple[str, ...]
    _count: Callable[[str], Counter[str]]

    def count(self, under: str = "/api") -> Counter[str]:
        """Count the requests for a path and for all below it: the API's, or with "/" all.

        That is done once nothing more is added: nginx notes a request after it has answered.
        """
        before, now = None, self._count(under)
        while before != now:
            time.sleep(SETTLING_SECONDS)
            before, now = now, self._count(under)
        return now


def behind_a_proxy(url: str, folder: Path) -> AbstractContextManager[OneAddress]:
    """Run the fleet behind nginx, or where that is missing behind a relay of the tests' own."""
    return behind_nginx(url, folder) if shutil.which("nginx") else behind_relay(url)


@contextmanager
def behind_nginx(url: str, folder: Path, **given: str) -> Iterator[OneAddress]:
    """Run what `make fleet` runs, and count the lines that it prints for each request.

    Further settings are those of both twins.
    """
    ports = {name: free_port() for name in ("FLEET_PORT", "FLASK_PORT", "DRF_PORT")}
    settings = environment_of(url, **given) | {name: str(port) for name, port in ports.items()}
    printed = folder / "printed"
    base_url = f"http://127.0.0.1:{ports['FLEET_PORT']}"
    with (
        printed.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "deploy.fleet"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # as its guard expects
        ) as launcher,
        guarded(launcher, signal.SIGTERM),
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while not is_healthy(base_url):
                assert launcher.poll() is None, printed.read_text()
                assert time.monotonic() < deadline, printed.read_text()
                time.sleep(0.1)
            yield OneAddress(
                base_url,
                tuple(twin.name for twin in TWINS),
                lambda under: answered(printed.read_text(errors="replace"), under),
            )
        finally:
            launcher.send_signal(signal.SIGTERM)
            assert launcher.wait(STOP_SECONDS) == 0, printed.read_text()


def answered(printed: str, under: str) -> Counter[str]:
    """Count what each twin has answered below a path, by what `make fleet` has printed."""
    names = "|".join(twin.name for twin in TWINS)
    path = rf"{re.escape(under.rstrip('/'))}(?=[/?\s])"
    return Counter(re.findall(rf"^({names}) \d{{3}} \S+ {path}", printed, re.MULTILINE))


@contextmanager
def behind_relay(url: str, *, one_request: bool = True) -> Iterator[OneAddress]:
    """Run the twins behind a relay, which sends each connection to the next of them.

    It knows no paths: all requests have turns, and all are counted.
    """
    with servers.fleet(url) as base_urls:
        addresses = {
            twin.name: ("127.0.0.1", int(base_url.rpartition(":")[2]))
            for twin, base_url in zip(sharing, base_urls, strict=True)
        }
        with relaying(addresses, one_request=one_request) as relay:
            port = relay.server_address[1]
            yield OneAddress(
                f"http://127.0.0.1:{port}", tuple(addresses), lambda _: relay.served.copy()
            )
