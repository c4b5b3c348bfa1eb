"""The rows: what differs for a client, and the lines that make one program answer as the other."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"
PLAIN = Path(__file__).parent.parent / "plain"
SLASH = "[/]"  # in a path: the slash that Django's has and Flask's hasn't
PROGRAMS = ("flask", "django")
NAMES = {"flask": "Flask", "django": "Django"}
# What is too long to be read in a request.
LONG = {
    "«3,000,000 letters»": "x" * 3_000_000,
    "«1,001 parameters»": "&".join(f"p{number}=1" for number in range(1_001)),
}
FINDERS = {
    "lookalike": "`lookalike diff`",
    "preflight": "`lookalike diff` before its first round, as no request succeeds",
    "request": "a hand-written request",
}


class RowError(Exception):
    """A row's data is wrong, or what it says isn't so any more."""


@dataclass(frozen=True)
class Request:
    """A request; its target may hold SLASH, `user` sends Basic credentials of the demo data."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    user: str = ""

    def target_of(self, program: str) -> str:
        """Return the path and query as a program's default has them."""
        return self.target.replace(SLASH, "/" if program == "django" else "")

    @property
    def sent_headers(self) -> tuple[tuple[str, str], ...]:
        """The header fields; a body is JSON unless they say otherwise."""
        names = {name.lower() for name, _ in self.headers}
        if self.body and "content-type" not in names:
            return (("Content-Type", "application/json"), *self.headers)
        return self.headers


@dataclass(frozen=True)
class Change:
    """Lines of a program's file: in place of old ones, before or after a line, or at the end.

    A file that the program doesn't have is made.
    """

    file: str
    new: str
    old: str = ""
    before: str = ""
    after: str = ""

    @property
    def anchor(self) -> str:
        """The lines that have to be there."""
        return self.old or self.before or self.after

    @property
    def replacement(self) -> str:
        """What stands in the anchor's place afterwards."""
        if self.before:
            return f"{self.new}\n{self.before}"
        return f"{self.after}\n{self.new}" if self.after else self.new

    def applied(self, text: str) -> str:
        """Return a file's text with the change, or raise RowError."""
        if not self.anchor:
            return f"{text}\n\n{self.new}\n" if text else f"{self.new}\n"
        if self.anchor not in text:
            raise RowError(f"{self.file} has no {self.anchor!r} that could be changed")
        return text.replace(self.anchor, self.replacement)


@dataclass(frozen=True)
class Alignment:
    """What makes one program answer as the other; without changes, `note` says why nothing does."""

    changes: tuple[Change, ...]
    note: str = ""


def changed(program: str, changes: Iterable[Change]) -> dict[str, tuple[str, str]]:
    """Return the texts of the files that changes change, before and after; a new one was empty."""
    files: dict[str, tuple[str, str]] = {}
    for change in changes:
        if change.file not in files:
            path = PLAIN / f"{program}_plain" / change.file
            old = path.read_text() if path.exists() else ""
            files[change.file] = (old, old)
        old, new = files[change.file]
        files[change.file] = (old, change.applied(new))
    return files


def diffs(program: str, changes: Iterable[Change]) -> dict[str, str]:
    """Return the changes of each file as a unified diff has them, without its heads."""
    return {file: diff(*texts) for file, texts in changed(program, changes).items()}


def diff(old: str, new: str) -> str:
    """Compare two texts: what is changed with a line before and after it, if that isn't empty."""
    lines = [*unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm="")][3:]
    return "\n".join("" if line.startswith("@@") else line for line in lines if line.strip())


@dataclass(frozen=True)
class Row:
    """A difference; the aspects are what the two answers differ in, and agree in once aligned."""

    id: str
    area: str
    title: str
    why: str
    see: str
    request: Request
    aspects: tuple[str, ...]
    found_by: str
    alignments: Mapping[str, Alignment]  # by the program that is changed
    breaks: str = ""  # what a client notices, where it is one of those to look at first
    is_about_bytes: bool = False  # how JSON is written, not what it says


@dataclass(frozen=True)
class Same:
    """Something that one might expect to differ, and that doesn't."""

    title: str
    request: Request
    aspects: tuple[str, ...]


@cache
def rows() -> tuple[Row, ...]:
    """Read all rows, in the order of the areas' files."""
    shared = tomllib.loads((FOLDER / "shared.toml").read_text())
    found = []
    for path in sorted(FOLDER.glob("[0-9]*.toml")):
        data = tomllib.loads(path.read_text())
        found += [row_of(data["area"], shared, dict(each)) for each in data["rows"]]
    return tuple(found)


@cache
def same() -> tuple[Same, ...]:
    """Read what doesn't differ."""
    data = tomllib.loads((FOLDER / "same.toml").read_text())["same"]
    return tuple(
        Same(each["title"], request_of(each["request"]), tuple(each["aspects"])) for each in data
    )


def row_of(area: str, shared: Mapping[str, Any], data: dict[str, Any]) -> Row:
    """Make a row of what a file says, or raise RowError."""
    try:
        alignments = {
            name: alignment_of(data.pop(f"change_{name}"), shared[name]) for name in PROGRAMS
        }
        request = request_of(data.pop("request"))
        aspects = tuple(data.pop("aspects"))
        return Row(
            area=area,
            request=request,
            aspects=aspects,
            alignments=alignments,
            **data,
        )
    except (KeyError, TypeError) as error:
        raise RowError(f"{area}, {data.get('id')}: {error}") from error


def request_of(data: Mapping[str, Any]) -> Request:
    """Make a request: `line` is its method and target."""
    method, target = data["line"].split(" ", 1)
    return Request(
        method,
        target,
        tuple(data.get("headers", {}).items()),
        data.get("body", ""),
        data.get("user", ""),
    )


def alignment_of(data: Any, shared: Mapping[str, Any]) -> Alignment:
    """Make an alignment of changes, each of which may be a shared one's name, or of a note.

    A table has `note`, and may have `changes`.
    """
    given = data if isinstance(data, dict) else {"changes": data}
    changes: list[Change] = []
    for each in given.get("changes", []):
        if isinstance(each, str):
            changes += alignment_of(shared[each], shared).changes
        else:
            changes.append(Change(**each))
    return Alignment(tuple(changes), given.get("note", ""))
