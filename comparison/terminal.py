"""The pairs side by side in a terminal."""

import shutil
import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from comparison.chapters import Chapter, chapters
from comparison.source import ROOT, Excerpt, excerpt

RESOURCES = {"schemas": "serializers", "resources": "views"}
FOLDERS = ("accounts", "products", "todos", "contract")
SIDE_BY_SIDE = 100  # columns that two panes need at the least
BETWEEN = " │ "


def shown() -> dict[str, list[tuple[Excerpt | None, Excerpt | None]]]:
    """Return what can be shown by its name: a folder's serializers and more, or a chapter."""
    found = {f"{part}": pairs_of(part) for part in FOLDERS[:3]}
    found |= {
        f"{folder}/{path.stem}": [(whole(path), whole(counterpart(path)))]
        for folder in FOLDERS
        for path in sorted((ROOT / "flask_api" / folder).glob("*.py"))
        if path.stem != "__init__"
    }
    return found | {chapter.name: pairs_of_chapter(chapter) for chapter in chapters()}


def pairs_of(folder: str) -> list[tuple[Excerpt | None, Excerpt | None]]:
    """Return the serializers of a resource."""
    path = ROOT / "flask_api" / folder / "schemas.py"
    return [(whole(path), whole(counterpart(path)))]


def pairs_of_chapter(chapter: Chapter) -> list[tuple[Excerpt | None, Excerpt | None]]:
    """Return a chapter's excerpts, in pairs as long as there are as many."""
    return list(zip_longest(*chapter.excerpts))


def counterpart(path: Path) -> Path:
    """Return the Django module that a Flask module is paired with."""
    name = RESOURCES.get(path.stem, path.stem)
    return ROOT / "drf_api" / path.parent.name / f"{name}.py"


def whole(path: Path) -> Excerpt | None:
    """Return a module as an excerpt, if there is one that has a line."""
    if not path.is_file() or not path.read_text().strip():
        return None
    return excerpt(str(path.relative_to(ROOT)))


def width_of_terminal() -> int:
    """Return the columns there are; COLUMNS says so where nobody else does."""
    return shutil.get_terminal_size((160, 40)).columns


def render(pairs: list[tuple[Excerpt | None, Excerpt | None]], width: int) -> Iterator[str]:
    """Lay pairs side by side, or one below the other where the terminal is narrow."""
    for number, pair in enumerate(pairs):
        if number:
            yield ""
        if width < SIDE_BY_SIDE:
            for each in pair:
                yield from stacked(each)
        else:
            yield from side_by_side(pair, (width - len(BETWEEN)) // 2)


def stacked(excerpt: Excerpt | None) -> Iterator[str]:
    """Write an excerpt with its name above it; a terminal wraps long lines itself."""
    if excerpt is not None:
        yield f"── {excerpt.path}:{excerpt.first} ──"
        yield from (line.text for line in excerpt.lines)
        yield ""


def side_by_side(pair: tuple[Excerpt | None, Excerpt | None], width: int) -> Iterator[str]:
    """Write two excerpts in columns."""
    left, right = (column(each, width) for each in pair)
    for ours, theirs in zip_longest(left, right, fillvalue=""):
        yield f"{ours:<{width}}{BETWEEN}{theirs}".rstrip()


def column(excerpt: Excerpt | None, width: int) -> Iterator[str]:
    """Write an excerpt into a column: a line that is too long goes on below."""
    if excerpt is None:
        return
    yield f"{excerpt.path}:{excerpt.first}"[:width]
    yield "─" * width
    for line in excerpt.lines:
        indent = " " * (len(line.text) - len(line.text.lstrip()) + 6)
        yield from textwrap.wrap(
            line.text,
            width,
            subsequent_indent=indent[: width // 2],
            drop_whitespace=False,
            break_on_hyphens=False,
        ) or [""]
