"""Run the suite on a sample of the mutants that cosmic-ray makes: `make mutants-machine SAMPLE=40`.

Nobody picked these bugs, so they show whether the picked ones flatter the suite. Each is killed by
the first test that fails. A survivor needs a test, or an argument in
docs/data/mutants-machine.jsonl why no client could see the difference.
"""

import argparse
import ast
import difflib
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from contract_tests.mutants.layers import SETTINGS
from contract_tests.mutants.made import Made, Sample, write_sample
from contract_tests.mutants.matrix import PAGE, page, read_rows
from contract_tests.mutants.run import (
    FAILED,
    PASSED,
    ROOT,
    Options,
    RunError,
    copy_of_the_project,
    log,
    run_layers,
)
from contract_tests.provenance import commit, today
from deploy.twins import TWINS

# What HTTP doesn't reach: each twin's own tests look after these.
LEFT_OUT = {"tests", "migrations", "management", "admin.py", "cli.py", "manage.py", "startup.py"}
# In the order in which they are quick to tell.
ORDER = ["raw_http", "operations", "metamorphic", SETTINGS, "concurrency"]

Place = tuple[Path, str, int]  # a file, an operator's name, and which of its changes there


def places(file: Path) -> Iterator[Place]:
    """Yield all that cosmic-ray can change in a file."""
    nodes = list(ast_nodes(get_ast(file.read_text())))
    for name in operator_names():
        if not get_operator(name).arguments():
            operator = get_operator(name)()
            for occurrence in range(sum(len([*operator.mutation_positions(n)]) for n in nodes)):
                yield file, name, occurrence


def mutated(place: Place) -> str | None:
    """Return the changed file; None if the change is to types only, or to no program at all."""
    file, name, occurrence = place
    source = file.read_text()
    changed = mutate_code(source, get_operator(name)(), occurrence)
    programs = {without_annotations(source), None}
    return changed if changed and without_annotations(changed) not in programs else None


def without_annotations(source: str) -> str | None:
    """Return what a program does, less the types that nothing reads; None if it is no program."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return ast.dump(tree)


def sources(twin: str) -> list[Path]:
    """Return a twin's files that serve requests."""
    files = (ROOT / twin).rglob("*.py")
    return sorted(file for file in files if not LEFT_OUT & {*file.relative_to(ROOT).parts})


def sample(number: int, seed: int) -> list[tuple[Made, str]]:
    """Draw as many for each twin; with each, the whole mutated file."""
    random = Random(seed)  # noqa: S311 – repeatable on purpose
    drawn = []
    for twin in TWINS:
        every = [place for file in sources(twin.name) for place in places(file)]
        log(f"{twin.name}: {len(every)} places to change")
        random.shuffle(every)
        proper = ((place[0], text) for place in every if (text := mutated(place)))
        drawn += [(described(*each), each[1]) for each in islice(proper, number // len(TWINS))]
    return drawn


def described(file: Path, text: str) -> Made:
    """Say what is changed."""
    name = str(file.relative_to(ROOT))
    before, after = file.read_text().splitlines(), text.splitlines()
    _, _, *diff = difflib.unified_diff(before, after, n=1, lineterm="")
    return Made(name, [line for line in diff if not line.startswith("@@ ")])


def judged(mutant: Made, mutated: str, options: Options) -> Made:
    """Run the suite on a mutant up to the first failure."""
    twin = mutant.file.partition("/")[0]
    with copy_of_the_project() as tree:
        (tree / mutant.file).write_text(mutated)
        verdicts = run_layers(tree, options)
        killed_by = next((test for test in verdicts.values() if test), None)
        return replace(mutant, killed_by=killed_by or further_failure(tree, twin))


def further_failure(tree: Path, twin: str) -> str | None:
    """Return the first failure of the tests that the layers leave out but `make test` runs."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--exitfirst", "-p", "no:cacheprovider"),
            *(f"{twin}/tests", "contract_tests/faults"),
        ],
        cwd=tree,
        env={**os.environ, "APP_ENV": "development"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == PASSED:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if done.returncode != FAILED or not failed:
        raise RunError(done.stdout[-4000:])
    return failed[1]


def main() -> int:
    """Run; 1 is a survivor without an argument."""
    parser = argparse.ArgumentParser(
        prog="python -m contract_tests.mutants.machine",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sample", type=int, default=40, help="how many, half for each twin (40)")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="draws the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    given = parser.parse_args()
    log(f"seed {given.seed}")
    options = Options(ORDER, examples=5, seed=given.seed, stop=True)
    rows = []
    with ThreadPoolExecutor(given.jobs) as pool:
        drawn = sample(given.sample, given.seed)
        running = {pool.submit(judged, *each, options): each[0] for each in drawn}
        for number, done in enumerate(as_completed(running), start=1):
            try:
                row = done.result()
            except RunError as error:
                log(str(error))
                row = replace(running[done], killed_by="the twin does not start")
            rows.append(row)
            log(f"[{number}/{len(drawn)}] {row.killed_by or 'LIVES'}: {row.file}")
            log("\n".join([*row.diff, ""]))
    drawn_and_run = Sample(
        given.seed, today(), commit(), sorted(rows, key=lambda row: (row.file, row.diff))
    )
    survivors = [row for row in write_sample(drawn_and_run).survivors if not row.argument]
    PAGE.write_text(page(read_rows()))
    log(f"{len(rows)} run, {len(survivors)} of them live without an argument")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
