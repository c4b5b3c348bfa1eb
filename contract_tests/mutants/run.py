"""Run the suite on each mutant, and record which layers kill it: `make mutants`.

The same run without a mutant comes first: a kill counts only if that passes.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from contract_tests.contract import CONTRACT_FILE
from contract_tests.mutants.layers import FAST, LAYERS, expression, paths
from contract_tests.mutants.matrix import (
    Row,
    Verdicts,
    read_killers,
    read_rows,
    write_killers,
    write_rows,
)
from contract_tests.mutants.mutant import Mutant, MutantError, mutants

ROOT = CONTRACT_FILE.parent
COPIED = [
    *("flask_api", "drf_api", "contract_tests", "lookalike", "deploy"),
    *("openapi.yaml", "pyproject.toml", "schemathesis.toml", "README.md"),
]
RUN_SECONDS = 900  # a bound against hangs
PASSED, FAILED, NOT_FOUND = 0, 1, 4  # pytest's exit statuses


class RunError(Exception):
    """The suite could not be run, which says nothing about a mutant."""


class GoneError(RunError):
    """A test that is to be run does not exist any more."""


@dataclass(frozen=True)
class Options:
    """How the suite is run."""

    layers: list[str]
    examples: int
    seed: int
    stop: bool = False  # at the first failure of any layer
    again: bool = False  # begin with the tests that have killed the mutant before
    rest: bool = False  # only the layers that were not run on the mutant yet
    twin: str | None = None  # the mutated one

    def layers_on(self, before: Row | None) -> list[str]:
        """Return the layers to run on a mutant of which an earlier run found something out."""
        known = before.layers if before and self.rest else set[str]()
        return [layer for layer in self.layers if layer not in known]


@contextmanager
def copy_of_the_project() -> Iterator[Path]:
    """Give a copy that may be mutated."""
    with TemporaryDirectory(prefix="mutant-") as folder:
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                # What is compiled comes along: compiling it again takes seconds for each mutant.
                ignored = shutil.ignore_patterns(".*")
                shutil.copytree(source, Path(folder) / name, ignore=ignored)
            else:
                shutil.copy(source, folder)
        yield Path(folder)


def verdicts_on(
    mutant: Mutant, before: Row | None, killers: Verdicts, options: Options
) -> Verdicts:
    """Run the layers on a mutant; raise a RunError where that fails for another reason."""
    options = replace(options, twin=mutant.twin)
    with copy_of_the_project() as tree:
        mutant.apply(tree)
        if options.again and (killed := killed_again(tree, killers, options)):
            return killed
        return run_layers(tree, replace(options, layers=options.layers_on(before)))


def killed_again(tree: Path, killers: Verdicts, options: Options) -> Verdicts | None:
    """Run the tests that have killed a mutant before; None if none does, or one is gone."""
    tests = [test for test in killers.values() if test]
    if not tests:
        return None
    try:
        verdicts = run_tests(tree, replace(options, stop=True), tests)
    except GoneError:
        return None
    return {layer: test for layer, test in verdicts.items() if test}


def run_layers(tree: Path, options: Options) -> Verdicts:
    """Run the layers on both twins in a copy of the project, each up to its first failure."""
    selected = ["-m", expression(options.layers), *paths(options.layers)]
    verdicts = run_tests(tree, options, selected)
    is_complete = {*options.layers} <= {*verdicts} or (options.stop and any(verdicts.values()))
    if not is_complete:
        raise RunError(f"only {', '.join(verdicts) or 'nothing'} was run")
    return verdicts


def command(options: Options, selected: list[str]) -> list[str]:
    """Return what runs some tests, as pytest's arguments select them.

    They are run on both twins, as people run them: a mutant's answers are compared with the other
    twin's. But those of pages ask one twin at a time, so the other need not be started for them.
    """
    alone = options.twin if options.layers == ["pages"] else None
    return [
        *(sys.executable, "-m", "pytest", "-q", "--no-shrink", "-p", "no:cacheprovider"),
        *("-p", "contract_tests.mutants.verdicts", "-o", "timeout=120"),
        *("--examples", str(options.examples), "--seed", str(options.seed)),
        *(["--exitfirst"] if options.stop else []),
        *(["--twin", alone] if alone else []),
        *selected,
    ]


def run_tests(tree: Path, options: Options, selected: list[str]) -> Verdicts:
    """Run some tests in a copy of the project."""
    file = tree / "verdicts.json"
    with subprocess.Popen(
        command(options, selected),
        cwd=tree,
        env={**os.environ, "VERDICTS": str(file), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        watch = threading.Timer(RUN_SECONDS, process.send_signal, [signal.SIGINT])
        watch.start()
        output = process.stdout.read() if process.stdout else ""
        process.wait()
        watch.cancel()
    if process.returncode not in {PASSED, FAILED} or not file.exists():
        error = GoneError if process.returncode == NOT_FOUND else RunError
        raise error(f"pytest ended with {process.returncode}:\n{output[-4000:]}")
    verdicts: Verdicts = json.loads(file.read_text())
    if any(verdicts.values()) != (process.returncode == FAILED):
        raise RunError(f"pytest did not fail as its layers did:\n{output[-4000:]}")
    return verdicts


def control(options: Options) -> None:
    """Make sure that everything passes without a mutant."""
    log("Without a mutant everything must pass…")
    with copy_of_the_project() as tree:
        verdicts = run_layers(tree, options)
    if failed := [test for test in verdicts.values() if test]:
        raise RunError(f"these fail without a mutant: {', '.join(failed)}")


def run_all(chosen: list[Mutant], options: Options, jobs: int) -> list[Row]:
    """Run the suite on each of the mutants, several at once, and tell of each."""
    rows = []
    known = {row.name: row for row in read_rows()}
    killers = read_killers()
    with ThreadPoolExecutor(jobs) as pool:
        start = time.monotonic()
        running = {
            pool.submit(
                verdicts_on, mutant, known.get(mutant.name), killers.get(mutant.name, {}), options
            ): mutant
            for mutant in chosen
        }
        try:
            for number, done in enumerate(as_completed(running), start=1):
                count = f"[{number}/{len(chosen)}, {time.monotonic() - start:.0f} s]"
                try:
                    row = keep(running[done].name, done.result(), options)
                except (RunError, MutantError) as error:
                    log(f"{count} {running[done].name}: {error}")
                    continue
                rows.append(row)
                log(f"{count} {row.told()}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return rows


def keep(name: str, verdicts: Verdicts, options: Options) -> Row:
    """Write down what came out, in place of what came out before: that was of other code."""
    row = Row.of(name, verdicts)
    known = {row.name: row for row in read_rows()}
    killers = read_killers()
    if options.rest and name in known:
        row = row.beside(known[name])
        verdicts = {**killers.get(name, {}), **verdicts}
    known[name] = row
    write_rows([known[mutant.name] for mutant in mutants() if mutant.name in known])
    write_killers({**killers, name: verdicts})
    return row


def arguments() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m contract_tests.mutants.run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "only",
        nargs="*",
        metavar="NAME",
        help="mutants as `make mutants ONLY='flask_api/lists-* drf_api/*'` names them (all)",
    )
    parser.add_argument(
        "--layers",
        nargs="+",
        choices=LAYERS,
        default=LAYERS,
        metavar="LAYER",
        help=f"which layers are run, and make a mutant's row: {', '.join(LAYERS)} (all)",
    )
    parser.add_argument("--fast", action="store_true", help="only what `make contract-fast` runs")
    parser.add_argument(
        "--first", action="store_true", help="end each mutant's run with its first failure"
    )
    earlier = parser.add_mutually_exclusive_group()
    earlier.add_argument(
        "--again",
        action="store_true",
        help="end it at once where a test that has killed the mutant before does so again",
    )
    earlier.add_argument(
        "--rest",
        action="store_true",
        help="only the layers that were not run on a mutant yet; its row keeps its date",
    )
    parser.add_argument("--new", action="store_true", help="only mutants that were never run")
    parser.add_argument("--unkilled", action="store_true", help="only mutants that live so far")
    parser.add_argument("--examples", type=int, default=5, help="as of the suite (5)")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="as of the suite")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="how many at once (one for each core)"
    )
    parser.add_argument("--no-control", action="store_true", help="skip the run without a mutant")
    return parser


def chosen(given: argparse.Namespace, options: Options) -> list[Mutant]:
    """Return the mutants to run, as the command line names them and earlier runs left them."""
    rows = {row.name: row for row in read_rows()}
    return [
        mutant
        for mutant in mutants()
        if any(fnmatch(mutant.name, pattern) for pattern in given.only or ["*"])
        and (not given.new or mutant.name not in rows)
        and (not given.unkilled or (mutant.name in rows and not rows[mutant.name].killed_by))
        and options.layers_on(rows.get(mutant.name))
    ]


def log(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)  # noqa: T201 – talking to the terminal is its job


def main() -> int:
    """Run; 1 is a survivor, 2 a suite that could not be run on each."""
    parser = arguments()
    given = parser.parse_args()
    options = Options(
        FAST if given.fast else given.layers,
        given.examples,
        given.seed,
        stop=given.first,
        again=given.again,
        rest=given.rest,
    )
    to_run = chosen(given, options)
    if not to_run:
        parser.error(
            "nothing to run: no such mutant is in contract_tests/mutants/, or all were run"
        )
    log(f"{len(to_run)} mutants, {', '.join(options.layers)}; seed {options.seed}")
    try:
        if not given.no_control:
            control(options)
        rows = run_all(to_run, options, given.jobs)
    except RunError as error:
        log(str(error))
        return 2
    survivors = [row for row in rows if not row.killed_by]
    log(f"\n{len(rows) - len(survivors)} of {len(to_run)} killed")
    for row in survivors:
        log(row.told())
    if len(rows) < len(to_run):
        return 2
    return 1 if survivors else 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
