"""Which injected bugs `lookalike diff` finds, knowing no more than how to log in.

`python -m contract_tests.mutants.by_lookalike --sample 10`: one twin with the bug is held against
the other without it, until the first confirmed difference or until the time is over. What was found
out is kept in docs/data/mutants-lookalike.jsonl; a run goes on where an earlier one has ended.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from typing import Any

from contract_tests.contract import CONTRACT_FILE
from contract_tests.mutants.matrix import read_rows
from contract_tests.mutants.mutant import Mutant, MutantError, mutants
from contract_tests.mutants.run import ROOT, RunError, copy_of_the_project
from contract_tests.provenance import commit, today
from contract_tests.servers import PLAIN, seeded

DATA = ROOT / "docs" / "data" / "mutants-lookalike.jsonl"
SECONDS = 60  # of a processor, for each mutant; both twins and the client are in one process
BOUND = 40  # times as long may it take on a busy machine, before it counts as hung
# Layers that start servers with other settings, or meet requests: what one client of two running
# servers can't see. The rest is what any black box could.
UNSEEN = {"settings", "concurrency"}
PAGES = "*/pages-*"  # bugs outside of the API, and lookalike is pointed at the API alone


@dataclass(frozen=True)
class Result:
    """What a run has shown of a mutant."""

    name: str
    found: bool
    seconds: float  # of a processor, from the start to the first finding or to the end
    cause: list[str] | None  # what differed: as Cause has it
    calls: int  # to each server
    date: str
    commit: str


def run(mutant: Mutant | None, new: str, seconds: float, seed: int) -> dict[str, Any]:
    """Hold a twin against the other in a process and a copy of their own."""
    given = {
        "new": new,
        "seconds": seconds,
        "seed": seed,
        "seeded": {twin.name: str(seeded(twin)) for twin in PLAIN},
    }
    with copy_of_the_project() as tree:
        if mutant:
            mutant.apply(tree)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "contract_tests.mutants.in_one_process"],
                cwd=tree,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
                input=json.dumps(given),
                capture_output=True,
                text=True,
                timeout=seconds * BOUND,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise RunError("did not end in time") from error
        if done.returncode or not done.stdout:
            raise RunError(f"ended with {done.returncode}: {done.stderr[-2000:]}")
        outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return outcome


def read() -> dict[str, Result]:
    """Return what is known, by the mutants' names."""
    if not DATA.exists():
        return {}
    rows = [Result(**json.loads(line)) for line in DATA.read_text().splitlines()]
    return {row.name: row for row in rows}


def keep(result: Result) -> None:
    """Write a result down, beside those of mutants that still exist."""
    known = {**read(), result.name: result}
    lines = [
        json.dumps(asdict(known[mutant.name]), ensure_ascii=False)
        for mutant in mutants()
        if mutant.name in known
    ]
    DATA.write_text("".join(f"{line}\n" for line in lines))


def visible() -> set[str]:
    """Return the mutants that a layer has killed which is a black box's."""
    return {row.name for row in read_rows() if {*row.killed_by} - UNSEEN}


def summary() -> str:
    """Say how many were found, of all and of those that any black box can see."""
    known = read()
    seen = [row for name, row in known.items() if name in visible()]
    found = [row for row in known.values() if row.found]
    times = sorted(row.seconds for row in found)
    middle = times[len(times) // 2] if times else 0
    return (
        f"{len(found)} of {len(known)} found; of the {len(seen)} that a black box can see, "
        f"{sum(row.found for row in seen)}; seconds to the first finding: median {middle:g}, "
        f"longest {max(times, default=0):g}"
    )


def arguments() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m contract_tests.mutants.by_lookalike",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("only", nargs="*", metavar="NAME", help="mutants by name or pattern (all)")
    parser.add_argument("--sample", type=int, metavar="N", help="only N of them, drawn by the seed")
    parser.add_argument("--seed", type=int, default=0, help="of the runs and of the sample (0)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"for each ({SECONDS})")
    parser.add_argument("--jobs", type=int, default=1, help="how many at once (1)")
    parser.add_argument("--again", action="store_true", help="also those that were run before")
    parser.add_argument("--missed", action="store_true", help="only those that were missed before")
    parser.add_argument("--control", action="store_true", help="first, the twins without a bug")
    return parser


def chosen(given: argparse.Namespace) -> list[Mutant]:
    """Return the mutants to run."""
    known = read()
    missed = {name for name, row in known.items() if not row.found}
    found = [
        mutant
        for mutant in mutants()
        if any(fnmatch(mutant.name, pattern) for pattern in given.only or ["*"])
        and not fnmatch(mutant.name, PAGES)
        and (not given.missed or mutant.name in missed)
    ]
    # In an order by chance, so that what an interrupted run knows is a fair sample of all.
    random.Random(given.seed).shuffle(found)  # noqa: S311 - one that can be drawn again
    found = found[: given.sample]
    return [each for each in found if given.again or given.missed or each.name not in known]


def log(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)  # noqa: T201 - talking to the terminal is its job


def main() -> int:
    """Run; 1 says that twins without a bug differ, 2 that a mutant could not be run."""
    given = arguments().parse_args()
    assert CONTRACT_FILE.exists()
    if given.control:
        for twin in PLAIN:
            outcome = run(None, twin.name, given.seconds, given.seed)
            log(f"without a bug, {twin.name} as the new one: {outcome}")
            if outcome["found"]:
                return 1
    to_run = chosen(given)
    failed = 0
    for twin in PLAIN:
        seeded(twin)  # once for all threads
    with ThreadPoolExecutor(given.jobs) as pool:
        running = {
            pool.submit(run, mutant, mutant.twin, given.seconds, given.seed): mutant
            for mutant in to_run
        }
        try:
            for number, done in enumerate(as_completed(running), start=1):
                mutant = running[done]
                try:
                    outcome = done.result()
                except (RunError, MutantError) as error:
                    failed += 1
                    log(f"[{number}/{len(to_run)}] {mutant.name}: {error}")
                    continue
                names = ("found", "seconds", "cause", "calls")
                picked = {name: outcome[name] for name in names}
                keep(Result(name=mutant.name, date=today(), commit=commit(), **picked))
                what = outcome["difference"] or f"MISSED ({mutant.bug}) {outcome['unconfirmed']}"
                log(f"[{number}/{len(to_run)}] {mutant.name}: {outcome['seconds']} s: {what}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    log(summary())
    return 2 if failed else 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
