"""The mutants: flask_api.toml and drf_api.toml, each entry of which puts one bug into one twin.

An entry says where the bug goes and which whole lines it replaces, less their common indentation:

    [[mutants]]
    name = "authentication-last-attempt-refused"
    clause = "Authentication"
    bug = "The last failed login that is allowed is 429."
    where = "drf_api.contract.throttling:ClientThrottle.allow_request"  # or a module alone
    old = 'return self.window.left >= 0'  # stands there once
    new = 'return self.window.left > 0'  # '' leaves the old lines out

So it survives any change outside of these lines, and follows what moves by a change of `where`.
"""

import ast
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import indent

from contract_tests.contract import CONTRACT
from deploy.twins import TWINS

FOLDER = Path(__file__).resolve().parent


class MutantError(ValueError):
    """A mutant does not fit the code."""


@dataclass(frozen=True)
class Mutant:
    """A bug, the twin that gets it, and the clause of the contract that it breaks."""

    name: str  # twin/name
    twin: str
    clause: str
    bug: str
    where: str
    old: str
    new: str

    @property
    def file(self) -> str:
        """The path of the file to change, relative to the project."""
        return f"{self.where.partition(':')[0].replace('.', '/')}.py"

    def apply(self, tree: Path) -> None:
        """Put the bug into a copy of the project, or raise a MutantError."""
        file = tree / self.file
        if not file.is_file():
            raise MutantError(f"{self.name}: there is no {self.file}")
        file.write_text(self.applied_to(file.read_text()))

    def applied_to(self, source: str) -> str:
        """Return the text of the file with the bug, or raise a MutantError."""
        _, _, definition = self.where.partition(":")
        spans = definitions(source).get(definition, []) if definition else [(0, len(source))]
        if not spans:
            raise MutantError(f"{self.name}: {self.file} does not define {definition}")
        lines = [
            rf"(?P=indent){re.escape(line)}\n" if line else r"\n" for line in self.old.splitlines()
        ]
        pattern = re.compile(
            "".join(lines).replace("(?P=indent)", "^(?P<indent> *)", 1), re.MULTILINE
        )
        found = [match for span in spans for match in pattern.finditer(source, *span)]
        if len(found) != 1:
            times = f"{len(found)} times, not once"
            raise MutantError(f"{self.name}: {self.where} has these lines {times}:\n{self.old}")
        [match] = found
        new = indent(self.new.rstrip("\n") + "\n", match["indent"]) if self.new else ""
        return source[: match.start()] + new + source[match.end() :]


@cache
def definitions(source: str) -> dict[str, list[tuple[int, int]]]:
    """Return, by qualified name, where functions and classes begin, with decorators, and end."""
    starts = [0]  # of each line
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: dict[str, list[tuple[int, int]]] = {}

    def visit(node: ast.AST, names: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = (*names, child.name)
                first = min(each.lineno for each in [child, *child.decorator_list])
                span = starts[first - 1], starts[child.end_lineno or first]
                found.setdefault(".".join(inner), []).append(span)
                visit(child, inner)
            else:
                visit(child, names)

    visit(ast.parse(source), ())
    return found


def mutants() -> list[Mutant]:
    """Return all mutants by name."""
    return [
        mutant for twin in sorted(TWINS, key=lambda twin: twin.name) for mutant in read(twin.name)
    ]


def read(twin: str) -> list[Mutant]:
    """Return the mutants of a twin."""
    entries = tomllib.loads((FOLDER / f"{twin}.toml").read_text())["mutants"]
    found = [
        Mutant(**{**entry, "name": f"{twin}/{entry['name']}", "twin": twin}) for entry in entries
    ]
    return sorted(found, key=lambda mutant: mutant.name)


def clauses() -> list[str]:
    """Return the clauses of the contract: the sections of its rules, then its resources."""
    return [*CONTRACT["x-rules"], *(tag["name"].capitalize() for tag in CONTRACT["tags"])]
