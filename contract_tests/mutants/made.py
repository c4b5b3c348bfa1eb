"""The mutants that a machine made, and what became of them: docs/data/mutants-machine.json."""

import json
from dataclasses import asdict, dataclass, replace

from contract_tests.contract import CONTRACT_FILE

DATA = CONTRACT_FILE.parent / "docs" / "data" / "mutants-machine.json"

ABOUT = """## Made by a machine

Nobody picked these: `make mutants-machine SAMPLE={all} SEED={seed}` draws them, half from each
twin, among all that cosmic-ray can change in what serves requests
([data](data/mutants-machine.json)). {killed} of {all} were killed.
"""
LIVE = """
Those that live change nothing that a client could tell:
"""


@dataclass(frozen=True)
class Made:
    """A change that cosmic-ray makes to a file, and what the suite says of it."""

    file: str
    diff: str
    killed_by: str | None = None
    argument: str | None = None  # why nobody could tell the difference


@dataclass(frozen=True)
class Sample:
    """What was drawn by a seed."""

    seed: int
    mutants: list[Made]

    @property
    def survivors(self) -> list[Made]:
        """Those that no test has killed."""
        return [mutant for mutant in self.mutants if not mutant.killed_by]


def read_sample() -> Sample | None:
    """Return what the last run found out."""
    if not DATA.exists():
        return None
    data = json.loads(DATA.read_text())
    return Sample(data["seed"], [Made(**each) for each in data["mutants"]])


def write_sample(sample: Sample) -> Sample:
    """Keep what was found out, with the arguments that there are for the same changes."""
    before = read_sample()
    arguments = {
        (each.file, each.diff): each.argument for each in (before.mutants if before else [])
    }
    kept = [
        replace(each, argument=arguments.get((each.file, each.diff))) for each in sample.mutants
    ]
    argued = Sample(sample.seed, kept)
    DATA.write_text(json.dumps(asdict(argued), indent=1, ensure_ascii=False) + "\n")
    return argued


def section(sample: Sample | None) -> str:
    """Return the part of the page that is about these mutants."""
    if sample is None:
        return ""
    number = len(sample.mutants)
    about = ABOUT.format(all=number, seed=sample.seed, killed=number - len(sample.survivors))
    return about + (LIVE + "\n" if sample.survivors else "") + "".join(map(told, sample.survivors))


def told(mutant: Made) -> str:
    """Return a survivor as an item of a list: where it is, what was changed, and why it lives."""
    changed = [line for line in mutant.diff.splitlines()[2:] if line.startswith(("-", "+"))]
    shown = "\n".join(f"  {line}" for line in changed)
    return f"- `{mutant.file}`: {mutant.argument}\n\n  ```diff\n{shown}\n  ```\n"
