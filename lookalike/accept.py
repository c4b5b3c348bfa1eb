"""The list of intended differences: TOML that people read, review and comment on.

[[accepted]]
what = "missing"
part = "vary"
name = ""
detail = "new"
operations = ["GET /todos"]  # without this line: all
reason = "The proxy adds it."
date = 2026-11-28
"""

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from lookalike.findings import Cause

FILE = "lookalike-accepted.toml"
HEADING = """\
# Differences that are intended. `lookalike diff` lists them as accepted.
"""
# A comment directly above an entry belongs to it.
ENTRY = re.compile(r"^(?:[ \t]*#.*\n)*[ \t]*\[\[\s*accepted\s*\]\]", re.MULTILINE)
KEYS = {"what", "part", "name", "detail", "operations", "reason", "date"}


class AcceptedError(ValueError):
    """A list that can't be used; the text says why."""


@dataclass(frozen=True)
class Entry:
    """An intended difference."""

    cause: Cause
    reason: str
    date: date
    operations: tuple[str, ...] = ()  # all, if there are none

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise AcceptedError(f"there is no reason why {self} is intended")

    def __str__(self) -> str:
        words = [self.cause.part, self.cause.name, self.cause.what, self.cause.detail]
        where = f" on {', '.join(self.operations)}" if self.operations else ""
        return " ".join(word for word in words if word) + where

    @property
    def key(self) -> tuple[Any, ...]:
        """What the list is sorted by; no two entries have the same."""
        cause = self.cause
        return cause.part, cause.name, cause.what, cause.detail, self.operations

    def covers(self, cause: Cause, operation: str) -> bool:
        """Tell whether a difference on an operation is this one."""
        return cause == self.cause and (not self.operations or operation in self.operations)

    def text(self) -> str:
        """Write the entry."""
        lines = ["[[accepted]]"]
        lines += [f"{name} = {quoted(text)}" for name, text in self.cause._asdict().items()]
        if self.operations:
            lines.append(f"operations = [{', '.join(map(quoted, self.operations))}]")
        lines += [f"reason = {quoted(self.reason)}", f"date = {self.date.isoformat()}"]
        return "\n".join(lines) + "\n"


@dataclass
class Accepted:
    """The whole list, and which of its entries a run has seen."""

    entries: Sequence[Entry] = ()
    seen: set[Entry] = field(default_factory=set)

    @classmethod
    def read(cls, path: Path) -> "Accepted":
        """Read a file, which need not be there; raise an AcceptedError for what is wrong in it."""
        if not path.exists():
            return cls()
        try:
            return cls([*map(entry_of, tomllib.loads(path.read_text("utf-8"))["accepted"])])
        except OSError as error:
            raise AcceptedError(f"{path}: {error.strerror}") from None
        except KeyError:
            return cls()
        except ValueError as error:
            raise AcceptedError(f"{path}: {error}") from None

    def reason(self, cause: Cause, operation: str) -> str | None:
        """Return why a difference is intended, if it is; note that it was seen."""
        for entry in self.entries:
            if entry.covers(cause, operation):
                self.seen.add(entry)
                return entry.reason
        return None

    def unseen(self) -> list[Entry]:
        """Return the entries that no difference was found for."""
        return [entry for entry in self.entries if entry not in self.seen]


def entry_of(raw: Any) -> Entry:
    """Read an entry; raise an AcceptedError that names it."""
    if not isinstance(raw, dict) or (unknown := raw.keys() - KEYS):
        raise AcceptedError(f"an entry may have no {', '.join(sorted(unknown))}")
    texts = {name: raw.get(name, "") for name in ("what", "part", "name", "detail", "reason")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise AcceptedError(f"{name} must be a text, not {text!r}")
    operations = raw.get("operations", [])
    if not isinstance(operations, list) or not all(isinstance(each, str) for each in operations):
        raise AcceptedError(f"operations must be a list of texts, not {operations!r}")
    when = raw.get("date")
    if not isinstance(when, date):
        raise AcceptedError(f"date must be a date such as 2026-11-28, not {when!r}")
    reason = texts.pop("reason")
    return Entry(Cause(**texts), reason, when, tuple(operations))


def accept(path: Path, cause: Cause, reason: str, operations: Iterable[str] = ()) -> Entry:
    """Put a difference into a list, in its place; other entries and all comments stay as they are.

    Raises an AcceptedError if there is no reason, or the list can't be read.
    """
    entry = Entry(cause, reason.strip(), datetime.now(UTC).date(), tuple(sorted({*operations})))
    known = Accepted.read(path).entries  # a list that is wrong must be mended first
    text = path.read_text("utf-8") if path.exists() else HEADING
    starts = [match.start() for match in ENTRY.finditer(text)]
    if len(starts) != len(known):
        raise AcceptedError(f"{path}: each entry must begin with a line [[accepted]]")
    blocks = [text[start:end] for start, end in pairwise([*starts, len(text)])]
    new = entry.text()
    for number, block in enumerate(blocks):
        if entry_in(block).key >= entry.key:
            if entry_in(block).key == entry.key:
                new = block[: block.index("[[")] + new  # with the comment above it
                del blocks[number]
            blocks.insert(number, new)
            break
    else:
        blocks.append(new)
    heading = text[: starts[0]] if starts else text
    written = [block.strip("\n") for block in (heading, *blocks) if block.strip()]
    path.write_text("\n\n".join(written) + "\n", "utf-8")
    return entry


def entry_in(block: str) -> Entry:
    """Read the entry of a part of the list."""
    [raw] = tomllib.loads(block)["accepted"]
    return entry_of(raw)


def quoted(text: str) -> str:
    """Write a text as TOML's basic string, whose escapes are JSON's, and DEL has one as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
