"""The columns of a chapter: a library each, found by its files.

`<name>.toml` says how a column is called, and by which names its idioms declare what they read and
show; `<name>.py` says how the library is fed. It runs in a process of its own: see `trials.py`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


class RefusedError(Exception):
    """An input that a library refuses, with what it says of it."""

    def __init__(self, messages: Any) -> None:
        super().__init__(messages)
        self.messages = messages


@dataclass(frozen=True)
class Column:
    """A library; a hidden one is shown when a reader asks for it."""

    name: str
    title: str
    framework: str
    distribution: str
    place: int
    colour: str
    reads: tuple[str, ...]
    shows: tuple[str, ...]
    is_hidden: bool = False

    def find(self, space: Mapping[str, Any], name: str, *, shows: bool) -> Any:
        """Find what an idiom declares to read or to show something, or raise KeyError."""
        forms = [each.format(name) for each in (self.shows if shows else self.reads)]
        for form in forms:
            if form in space:
                return space[form]
        raise KeyError(f"an idiom of {self.title} has none of {forms}")


@cache
def columns() -> tuple[Column, ...]:
    """Return all columns, in their order."""
    found = []
    for path in FOLDER.glob("*.toml"):
        data = tomllib.loads(path.read_text())
        reads, shows = (tuple(data.pop(name)) for name in ("reads", "shows"))
        found.append(Column(name=path.stem, reads=reads, shows=shows, **data))
    return tuple(sorted(found, key=lambda each: each.place))
