"""The mutants: patches that each put one bug into one twin.

A patch begins with what it is about, and goes on as a unified diff:

    Clause: Lists
    Bug: A page that is exactly full promises a further one, which is empty.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from contract_tests.contract import CONTRACT

FOLDER = Path(__file__).resolve().parent
HEAD = re.compile(r"\AClause: (?P<clause>.+)\nBug: (?P<bug>.+)\n\n--- a/(?P<file>\S+)\n")


@dataclass(frozen=True)
class Mutant:
    """A bug, the twin that gets it, and the clause of the contract that it breaks."""

    name: str
    twin: str
    clause: str
    bug: str
    file: str
    patch: Path

    def apply(self, tree: Path) -> None:
        """Put the bug into a copy of the project, or raise a CalledProcessError."""
        subprocess.run(
            ["git", "apply", "--whitespace=nowarn", self.patch],  # noqa: S607 – wherever it is
            cwd=tree,
            check=True,
            capture_output=True,
            text=True,
        )


def mutants() -> list[Mutant]:
    """Return all mutants by name."""
    return [read(path) for path in sorted(FOLDER.glob("*/*.patch"))]


def read(patch: Path) -> Mutant:
    """Read what a patch says of itself."""
    head = HEAD.match(patch.read_text())
    if head is None:
        raise ValueError(f"{patch} doesn't begin with Clause: …, Bug: … and a diff")
    twin = patch.parent.name
    return Mutant(f"{twin}/{patch.stem}", twin, head["clause"], head["bug"], head["file"], patch)


def clauses() -> list[str]:
    """Return the clauses of the contract: its description's sections, then its resources."""
    sections = re.findall(r"^## (.+)$", CONTRACT["info"]["description"], re.MULTILINE)
    return [*sections, *(tag["name"].capitalize() for tag in CONTRACT["tags"])]
