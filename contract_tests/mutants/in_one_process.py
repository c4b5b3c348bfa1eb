"""Hold one twin, mutated or not, against the other by `lookalike`, both in this process.

Run in a copy of the project by by_lookalike.py, which says what it needs on standard input. The
first confirmed finding ends it; what it found out is its last line.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from contract_tests.differential.runs import CONTRACT, SETTINGS
from contract_tests.servers import environment_of
from deploy.twins import TWINS, Twin
from lookalike.client import Exchange
from lookalike.diff import Options, diff
from lookalike.findings import Finding, Observer
from lookalike.targets import WsgiTarget


def is_left_open(finding: Finding) -> bool:
    """Tell whether the contract lets each framework do as it likes.

    That is so with some `Accept` (Media types), and with the white space of the pages, which answer
    at all addresses beside the API's. accepted.toml has it by what is answered, with flask_api as
    the old server; here either may be, and a 406 that nothing asks for is a bug.
    """
    if (finding.cause.name, finding.cause.detail) == ("404", "spaces"):
        return True
    sent = [str(value) for name, value in finding.story[-1].fields if name.lower() == "accept"]
    operation = finding.operation
    return any(
        not value.strip()
        or (operation == "GET /api/problems/{name}" and "charset" in value)
        or (operation == "GET /api/openapi.json" and "q=0," in value)
        for value in sent
    )


class First(Observer):
    """Ends the run with its first finding, or when it has used its share of the processor.

    Both twins and the client are in this process, so that its time on the processor is that of a
    run on an idle machine, and doesn't depend on what else runs.
    """

    def __init__(self, seconds: float) -> None:
        self.found: Finding | None = None
        self._seconds = seconds
        self._parent = os.getppid()

    def exchange(self, exchange: Exchange) -> None:
        if time.process_time() > self._seconds or os.getppid() != self._parent:
            raise KeyboardInterrupt

    def finding(self, finding: Finding) -> None:
        if not is_left_open(finding):
            self.found = finding
            raise KeyboardInterrupt


def application(twin: Twin, seeded: str, folder: Path) -> WsgiTarget:
    """Load a twin on a copy of its seeded database."""
    database = folder / f"{twin.name}.sqlite3"
    shutil.copy(seeded, database)
    os.environ |= environment_of(f"sqlite:///{database}", TUNED="")
    module, _, name = twin.target.partition(":")
    return WsgiTarget(getattr(import_module(module), name))


def compared(given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Run `lookalike` on the twins, the one named last as the new one."""
    observer = First(given["seconds"])
    twins = sorted(TWINS, key=lambda twin: twin.name == given["new"])
    old, new = (application(twin, given["seeded"][twin.name], folder) for twin in twins)
    run = diff(
        CONTRACT,
        old,
        new,
        options=Options(
            seconds=given["seconds"] - time.process_time(),
            clock=time.process_time,
            seed=given["seed"],
        ),
        actors=[actor.renewed(f"{given['seed']:06}") for actor in SETTINGS.actors],
        observer=observer,
    )
    found = observer.found
    return {
        "found": found is not None,
        "seconds": round(time.process_time(), 1),
        "calls": run.calls,
        "cause": list(found.cause) if found else None,
        "difference": repr(found.difference)[:300] if found else None,
        "unconfirmed": [repr(each)[:300] for each in run.unconfirmed[:5]],
    }


def main() -> int:
    """Run."""
    given = json.load(sys.stdin)
    with TemporaryDirectory(prefix="pair-") as folder:
        outcome = compared(given, Path(folder))
    print(json.dumps(outcome), flush=True)  # noqa: T201 - what it prints is its result
    return 0


if __name__ == "__main__":
    sys.exit(main())
