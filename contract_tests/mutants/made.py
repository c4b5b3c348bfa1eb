"""The generated mutants and their results: docs/data/mutants-machine.jsonl."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from contract_tests.contract import CONTRACT_FILE

DATA = CONTRACT_FILE.parent / "docs" / "data" / "mutants-machine.jsonl"

ABOUT = """## Made by a machine

Nobody picked these: `make mutants-machine SAMPLE={all} SEED={seed}` draws them, half from each
twin, among all that cosmic-ray can change in what serves requests
([data](data/mutants-machine.jsonl)). {killed} of {all} were killed on {date}, at commit {commit}.
"""
LIVE = """
Those that live, and why no client could tell:
"""


@dataclass(frozen=True)
class Made:
    """A change that cosmic-ray makes to a file, and what the suite says of it."""

    file: str
    diff: list[str]  # its lines, less those that tell where in the file they are
    killed_by: str | None = None
    argument: str | None = None  # why nobody could tell the difference


@dataclass(frozen=True)
class Sample:
    """What was drawn by a seed, and when and at which commit it was run."""

    seed: int
    date: str
    commit: str
    mutants: list[Made]

    @property
    def survivors(self) -> list[Made]:
        """Those that no test has killed."""
        return [mutant for mutant in self.mutants if not mutant.killed_by]


def read_sample(path: Path = DATA) -> Sample | None:
    """Return what the last run found out; the first line is about the run, each other a mutant."""
    if not path.exists():
        return None
    run, *mutants = map(json.loads, path.read_text().splitlines())
    return Sample(**run, mutants=[Made(**each) for each in mutants])


def write_sample(sample: Sample, path: Path = DATA) -> Sample:
    """Keep what was found out, with the arguments that there are for the same changes."""
    before = read_sample(path)
    arguments = {
        (each.file, *each.diff): each.argument for each in (before.mutants if before else [])
    }
    kept = [
        replace(each, argument=arguments.get((each.file, *each.diff))) for each in sample.mutants
    ]
    argued = replace(sample, mutants=kept)
    run = {"seed": argued.seed, "date": argued.date, "commit": argued.commit}
    lines = [run, *map(asdict, argued.mutants)]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return argued


def section(sample: Sample | None) -> str:
    """Return the part of the page that is about these mutants."""
    if sample is None:
        return ""
    number = len(sample.mutants)
    about = ABOUT.format(
        all=number,
        seed=sample.seed,
        killed=number - len(sample.survivors),
        date=sample.date,
        commit=sample.commit,
    )
    return about + (LIVE + "\n" if sample.survivors else "") + "".join(map(told, sample.survivors))


def told(mutant: Made) -> str:
    """Return a survivor as an item of a list: where it is, what was changed, and why it lives."""
    changed = [line for line in mutant.diff if line.startswith(("-", "+"))]
    shown = "\n".join(f"  {line}" for line in changed)
    argument = mutant.argument or "Nobody has found out yet."
    return f"- `{mutant.file}`: {argument}\n\n  ```diff\n{shown}\n  ```\n"
