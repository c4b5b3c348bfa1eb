"""Writes docs/wire-differences.md: the rows, with both answers, as Markdown."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from comparison.source import ROOT
from comparison.wire.look import Alike, Looked, look
from comparison.wire.rows import FINDERS, NAMES, PROGRAMS, SLASH, Alignment, diffs

FILE = ROOT / "docs" / "wire-differences.md"
HEAD = """# What changes on the wire from Flask to Django

The same small API of todos and products, written twice as each framework's tutorials teach it: with
Flask-RESTful, marshmallow and Flask-SQLAlchemy ([code](../comparison/plain/flask_plain/)), and with
Django REST framework's view sets and router ([code](../comparison/plain/django_plain/)). `python -m
comparison.plain` starts both. When a service moves from one to the other, its clients see {count}
differences; `lookalike diff` found {found} of them by itself.

Each difference has a request, both responses, and the lines that make either program respond like
the other. Tests apply the lines, one difference at a time. `{slash}` in a path is the trailing
slash that only the Django program has; `…` marks omissions. The list is
[data](../comparison/wire/data/); `python -m comparison wire` writes this page, and `make compare` a
version that can be searched.
"""


def address(title: str) -> str:
    """Return what links to a heading are written with."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def fenced(text: str, language: str) -> Iterator[str]:
    """Yield the lines of a block of code."""
    yield from (f"```{language}", *text.splitlines(), "```", "")


def aligned(program: str, alignment: Alignment) -> str:
    """Write how one program is made to answer as the other, as a diff has it."""
    other = next(each for each in PROGRAMS if each != program)
    heading = f"# {NAMES[program]} like {NAMES[other]}"
    if not alignment.changes:
        return f"{heading}: {alignment.note}"
    parts = [f"# {file}\n{text}" for file, text in diffs(program, alignment.changes).items()]
    return "\n".join([heading, *parts])


def difference(looked: Looked) -> Iterator[str]:
    """Yield the lines of a row."""
    row = looked.row
    yield from (f"### {row.title}", "")
    yield from (f"{row.why} *{row.see}. Found by {FINDERS[row.found_by]}.*", "")
    answers = [f"{NAMES[each]}: {looked.shown[each].text}" for each in PROGRAMS]
    yield from fenced("\n\n".join([looked.request, *answers]), "text")
    yield from ("<details><summary>How to align them</summary>", "")
    yield from fenced("\n\n".join(aligned(*each) for each in row.alignments.items()), "diff")
    yield from ("</details>", "")


def lines(looked: Sequence[Looked], alike: Sequence[Alike]) -> Iterator[str]:
    """Yield the lines of the page."""
    found = sum(each.row.found_by != "request" for each in looked)
    yield HEAD.format(count=len(looked), found=found, slash=SLASH)
    first = [each.row for each in looked if each.row.breaks]
    yield from (f"## The {len(first)} that break clients first", "")
    yield from (f"- [{row.title}](#{address(row.title)}): {row.breaks}" for row in first)
    yield ""
    for area, group in groupby(looked, key=lambda each: each.row.area):
        yield from (f"## {area}", "")
        for each in group:
            yield from difference(each)
    yield from ("## What doesn't change", "", "These requests get the same response from both:", "")
    yield from (f"- {each.same.title} (`{each.line}`)" for each in alike)


def render() -> str:
    """Ask both programs, and return the page."""
    return "\n".join(lines(*look())) + "\n"
