"""The pairs side by side in a terminal."""

import shutil
import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from comparison.chapters import Chapter, chapters
from comparison.source import ROOT, Excerpt, excerpt, without_imports

RESOURCES = {"schemas": "serializers", "resources": "views"}
FOLDERS = ("accounts", "products", "todos", "contract")
# The chapter whose idioms stand beside a resource's serializers.
IDIOMS = {
    "accounts": "read-only-write-only",
    "products": "decimals",
    "todos": "nested-writes",
}
SIDE_BY_SIDE = 100  # columns that two panes need at the least
BETWEEN = " │ "
IDIOM, TWINS = "The idiom, as each library's documentation shows it", "The twins"

Pair = tuple[Excerpt | None, Excerpt | None]
Section = tuple[str, list[Pair]]


def shown() -> dict[str, list[Section]]:
    """Return what can be shown by its name: a folder's serializers and more, or a chapter."""
    by_name = {chapter.name: chapter for chapter in chapters()}
    found = {
        folder: [(IDIOM, [idioms_of(by_name[IDIOMS[folder]])]), (TWINS, [serializers_of(folder)])]
        for folder in FOLDERS[:3]
    }
    found |= {
        f"{folder}/{path.stem}": [(TWINS, [(whole(path), whole(counterpart(path)))])]
        for folder in FOLDERS
        for path in sorted((ROOT / "flask_api" / folder).glob("*.py"))
        if path.stem != "__init__"
    }
    return found | {name: sections_of(chapter) for name, chapter in by_name.items()}


def serializers_of(folder: str) -> Pair:
    """Return the serializers of a resource."""
    path = ROOT / "flask_api" / folder / "schemas.py"
    return whole(path), whole(counterpart(path))


def idioms_of(chapter: Chapter) -> Pair:
    """Return the idioms that the twins begin with, where a chapter has them."""
    flask, drf = (chapter.idioms.get(name) for name in ("marshmallow", "drf"))
    return flask and without_imports(flask), drf and without_imports(drf)


def sections_of(chapter: Chapter) -> list[Section]:
    """Return a chapter's idioms, and its excerpts in pairs as long as there are as many."""
    idioms = idioms_of(chapter)
    first: list[Section] = [(IDIOM, [idioms])] if any(idioms) else []
    return [*first, (TWINS, list(zip_longest(*chapter.excerpts)))]


def counterpart(path: Path) -> Path:
    """Return the Django module that a Flask module is paired with."""
    name = RESOURCES.get(path.stem, path.stem)
    return ROOT / "drf_api" / path.parent.name / f"{name}.py"


def whole(path: Path) -> Excerpt | None:
    """Return a module without its imports, if there is one that has a line."""
    if not path.is_file() or not path.read_text().strip():
        return None
    return without_imports(excerpt(str(path.relative_to(ROOT))))


def width_of_terminal() -> int:
    """Return the columns there are; COLUMNS says so where nobody else does."""
    return shutil.get_terminal_size((160, 40)).columns


def render(sections: list[Section], width: int) -> Iterator[str]:
    """Lay pairs side by side, or one below the other where the terminal is narrow."""
    for number, (title, pairs) in enumerate(sections):
        if number:
            yield ""
        yield from (title, "═" * min(width, len(title)))
        for pair in pairs:
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


def side_by_side(pair: Pair, width: int) -> Iterator[str]:
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
