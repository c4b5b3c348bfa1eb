"""What corresponds in two or more listings: statements of the same name, laid out in the same row.

A listing is some excerpts; its chunks are the statements in them that have a name, with what comes
before the next. Classes and functions are told by their names without what a framework adds:
`TodoSchema` and `TodoSerializer` are both `Todo`.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from itertools import groupby

from comparison.source import Excerpt, Line, begin, names, tree

ADDED_BY_FRAMEWORKS = re.compile(r"^(get|resolve)_|(?<=.)(Schema|Serializer|In|Out)$")
IMPORTS = "import"
ALWAYS_SHOWN = 2  # columns, which come first
SAME, CHANGED, ADDED = "", "changed", "added"


@dataclass(frozen=True)
class Chunk:
    """Lines of an excerpt that belong together; `row` is counted from 1 over all listings."""

    key: str
    excerpt: Excerpt
    lines: tuple[Line, ...]
    is_first: bool  # of its excerpt
    row: int = 0
    has_counterpart: bool = False
    marks: tuple[str, ...] = ()  # of each line, where there is something to compare with

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(line.text for line in self.lines)


Listing = list[Chunk]


@cache
def keys_of(path: str) -> dict[int, str]:
    """Return what each line of a module belongs to."""
    return dict(keys(path, tree(path).body, ""))


def keys(path: str, body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[int, str]]:
    """Yield lines with their keys; those of an inner statement come after its outer one's."""
    for statement in body:
        found = sorted(names(statement))
        if isinstance(statement, ast.Import | ast.ImportFrom):
            key = IMPORTS
        elif found:
            key = prefix + ADDED_BY_FRAMEWORKS.sub("", found[0])
        else:
            continue
        last = statement.end_lineno or statement.lineno
        yield from ((number, key) for number in range(begin(path, statement), last + 1))
        if isinstance(statement, ast.ClassDef):
            yield from keys(path, statement.body, f"{key}.")


def chunks(excerpts: Sequence[Excerpt]) -> Listing:
    """Cut excerpts into chunks; lines without a key belong to what is above them."""
    found: Listing = []
    for excerpt in excerpts:
        known = keys_of(excerpt.path) if excerpt.path.endswith(".py") else {}
        key = excerpt.path
        keyed: list[tuple[str, Line]] = []
        for line in excerpt.lines:
            if line.text:
                key = known.get(line.number, key)
            if line.text or (keyed and keyed[-1][1].text):  # one blank line is enough
                keyed.append((key, line))
        for index, (name, group) in enumerate(groupby(keyed, key=lambda each: each[0])):
            found.append(Chunk(name, excerpt, tuple(line for _, line in group), index == 0))
    return found


def merged(order: list[str], added: list[str]) -> list[str]:
    """Merge two sequences into one of which both are subsequences, with few repetitions."""
    result: list[str] = []
    i = j = 0
    matcher = SequenceMatcher(None, order, added, autojunk=False)
    for block in matcher.get_matching_blocks():
        result += order[i : block.a] + added[j : block.b + block.size]
        i, j = block.a + block.size, block.b + block.size
    return result


def aligned(listings: Sequence[Sequence[Excerpt]]) -> tuple[list[Listing], int]:
    """Give the chunks of each listing their rows; return them with the number of rows.

    What both listings that are always shown have stands in rows of its own, and so does its like in
    others. What is between two of these shares a row: no listing has more holes than it needs.
    """
    cut = [chunks(excerpts) for excerpts in listings]
    keys = [{chunk.key for chunk in listing} - {IMPORTS} for listing in cut]
    owners = Counter(key for each in keys for key in each)
    in_rows = set.intersection(*keys[:ALWAYS_SHOWN]) if len(keys) > 1 else set()
    order: list[str] = []
    for listing in cut:
        order = merged(order, [chunk.key for chunk in listing if chunk.key in in_rows])

    def placed(listing: Listing) -> Iterator[Chunk]:
        passed = 0  # entries of the order, of which the listing's are a subsequence
        for chunk in listing:
            row = 2 * passed + 1
            if chunk.key in in_rows:
                passed = order.index(chunk.key, passed) + 1
                row = 2 * passed
            yield replace(chunk, row=row, has_counterpart=owners[chunk.key] > 1)

    return [[*placed(listing)] for listing in cut], 2 * len(order) + 1


def marked(listing: Listing, idiom: Sequence[Excerpt]) -> Listing:
    """Mark the lines of a listing that an idiom has not, or has otherwise."""
    usual = {line.text.strip() for excerpt in idiom for line in excerpt.lines}
    known = {chunk.key for chunk in chunks(idiom)}

    def mark(chunk: Chunk, line: Line) -> str:
        text = line.text.strip()
        if not text or text in usual:
            return SAME
        return CHANGED if chunk.key in known else ADDED

    return [
        replace(chunk, marks=tuple(mark(chunk, line) for line in chunk.lines)) for chunk in listing
    ]


def counted(listing: Listing) -> Counter[str]:
    """Count the lines of a marked listing by their marks; blank ones don't count."""
    return Counter(
        mark
        for chunk in listing
        for mark, line in zip(chunk.marks, chunk.lines, strict=True)
        if line.text.strip()
    )
