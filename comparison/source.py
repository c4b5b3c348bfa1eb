"""Excerpts of the source, taken by name, so that they can't go stale.

A reference is `<path>:<what>`, or a path alone for the whole file:

    todos/models.py:Todo                a class or function, with its decorators
    todos/models.py:Todo.change         a member of a class
    todos/models.py:Todo[tags, items]   a class's head and some of its members
    todos/models.py:Todo.change..make   a range of neighbours, both ends included
    todos/filters.py:FILTERS            an assignment
    web/templates/web/base.html:messages a block or macro of a template
"""

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "build" / "comparison"  # where the site goes
REFERENCE = re.compile(r"(?P<path>[^:]+)(:(?P<name>[\w.]+?)(\.\.(?P<end>\w+)|\[(?P<some>.+)\])?)?")


class GoneError(Exception):
    """Something that a chapter shows is no longer there."""


@dataclass(frozen=True)
class Line:
    """A line of a file, counted from 1."""

    number: int
    text: str


@dataclass(frozen=True)
class Excerpt:
    """Some lines of a file; `path` is relative to the checkout."""

    path: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(line.text for line in self.lines)

    @property
    def first(self) -> int:
        """The number of the first line."""
        return self.lines[0].number

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.lines[-1].number

    @property
    def runs(self) -> list[tuple[Line, ...]]:
        """The lines in runs of neighbours: what lies between two runs is left out."""
        cuts = [
            index
            for index in range(1, len(self.lines))
            if self.lines[index].number != self.lines[index - 1].number + 1
        ]
        ends = [0, *cuts, len(self.lines)]
        return [self.lines[start:end] for start, end in pairwise(ends)]


@cache
def read(path: str) -> tuple[str, ...]:
    """Return the lines of a file of the checkout, or raise GoneError."""
    try:
        return tuple((ROOT / path).read_text().splitlines())
    except FileNotFoundError:
        raise GoneError(f"{path}: there is no such file") from None


@cache
def tree(path: str) -> ast.Module:
    """Parse a file of the checkout."""
    return ast.parse("\n".join(read(path)))


def excerpt(reference: str, folder: str = "") -> Excerpt:
    """Take an excerpt; `folder` goes before its path.

    Raises GoneError if the file or a name is not there.
    """
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise GoneError(f"{reference}: not of the form <path>:<name>")
    path = f"{folder}/{match['path']}" if folder else match["path"]
    if match["name"] is None:
        return lines_of(path, [(1, len(read(path)))])
    if path.endswith(".html"):
        return lines_of(path, [part_of_template(path, match["name"])])
    parents, node = find(path, match["name"])
    if match["some"]:
        return lines_of(path, list(head_and_members(path, node, re.split(r",\s*", match["some"]))))
    last = member(path, parents, match["end"]) if match["end"] else node
    return lines_of(path, [(begin(path, node), last.end_lineno or last.lineno)])


def without_imports(whole: Excerpt) -> Excerpt:
    """Leave out a module's imports, and the blank lines that they stand between."""
    if not whole.path.endswith(".py"):
        return whole
    imports = [
        range(each.lineno, (each.end_lineno or each.lineno) + 1)
        for each in tree(whole.path).body
        if isinstance(each, ast.Import | ast.ImportFrom)
    ]
    kept: list[Line] = []
    for line in whole.lines:
        is_import = any(line.number in each for each in imports)
        if not is_import and (line.text or (kept and kept[-1].text)):
            kept.append(line)
    return Excerpt(whole.path, tuple(kept))


def part_of_template(path: str, name: str) -> tuple[int, int]:
    """Find the first and last line of a block or macro that has none of its kind in it."""
    begins = re.compile(rf"{{%-?\s*(block|macro)\s+{re.escape(name)}\b")
    for first, line in enumerate(read(path), 1):
        if found := begins.search(line):
            ends = re.compile(rf"{{%-?\s*end{found[1]}\b")
            rest = enumerate(read(path)[first - 1 :], first)
            return first, next(number for number, text in rest if ends.search(text))
    raise GoneError(f"{path}: {name} is not there any more; mend the reference to it")


def find(path: str, name: str) -> tuple[ast.AST, ast.stmt]:
    """Find what a dotted name stands for, and what it is a member of."""
    place: ast.AST = tree(path)
    parent = place
    for part in name.split("."):
        parent, place = place, member(path, place, part)
    if not isinstance(place, ast.stmt):
        raise GoneError(f"{path}: {name} is no statement")
    return parent, place


def member(path: str, place: ast.AST, name: str) -> ast.stmt:
    """Find a member by its name; branches of `if` at the top are looked into."""
    for statement in statements(getattr(place, "body", [])):
        if name in names(statement):
            return statement
    raise GoneError(f"{path}: {name} is not there any more; mend the reference to it")


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements, those below an `if` too."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If):
            yield from statements(statement.body)


def names(statement: ast.stmt) -> set[str]:
    """Return what a statement defines."""
    match statement:
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return {statement.name}
        case ast.AnnAssign() | ast.AugAssign():
            return {ast.unparse(statement.target)}
        case ast.Assign():
            return {ast.unparse(target) for target in statement.targets}
    return set()


def begin(path: str, node: ast.stmt) -> int:
    """Return where a statement begins: with its decorators and the comment right above it."""
    decorators = getattr(node, "decorator_list", [])
    first: int = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    while first > 1 and read(path)[first - 2].lstrip().startswith("#"):
        first -= 1
    return first


def head_and_members(path: str, node: ast.stmt, wanted: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the spans of a class's head and of some members, in the order of the file."""
    body: list[ast.stmt] = getattr(node, "body", [])
    if not body:
        raise GoneError(f"{path}: {ast.unparse(node)} has no members")
    docstring = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    head_end = body[0].end_lineno if docstring else begin(path, body[0]) - 1
    yield begin(path, node), head_end or node.lineno
    found = [member(path, node, name) for name in wanted]
    for statement in sorted(found, key=lambda each: each.lineno):
        yield begin(path, statement), statement.end_lineno or statement.lineno


def lines_of(path: str, spans: list[tuple[int, int]]) -> Excerpt:
    """Cut spans of lines out of a file, less the indentation that all have."""
    numbers = [number for start, end in spans for number in range(start, end + 1)]
    texts = textwrap.dedent("\n".join(read(path)[number - 1] for number in numbers)).split("\n")
    lines = [Line(*each) for each in zip(numbers, texts, strict=True)]
    return Excerpt(path, tuple(lines))
