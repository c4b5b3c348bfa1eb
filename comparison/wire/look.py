"""Asks both programs what the rows ask, and writes requests and answers as they are shown."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from comparison.wire.aspects import agree
from comparison.wire.lab import Answer, Task, ask
from comparison.wire.rows import PROGRAMS, Request, Row, RowError, Same, rows, same

ELLIPSIS = "…"
MEMBERS = 4  # of an object are shown at most, besides those that the row is about
WIDTH = 130  # characters of a text
END = 12  # of them at the end, where it matters how JSON is written
# What is made anew each time.
ANEW = re.compile(r"(?<==)[\w-]{20,}|(?<=expires=)[^;]+")


@dataclass(frozen=True)
class Shown:
    """An answer as it is shown: the fields and the part of the body that its row is about."""

    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    body: str

    @property
    def text(self) -> str:
        """The answer in lines."""
        lines = [f"{self.status} {self.reason}", *map(": ".join, self.fields)]
        return "\n".join([*lines, self.body] if self.body else lines)


@dataclass(frozen=True)
class Looked:
    """A row, and how each program has answered."""

    row: Row
    answers: Mapping[str, Answer]

    @property
    def request(self) -> str:
        """The request, as text."""
        return request_text(self.row.request)

    @property
    def shown(self) -> dict[str, Shown]:
        """Each program's answer, as it is shown."""
        return {program: shown(answer, self.row) for program, answer in self.answers.items()}


@dataclass(frozen=True)
class Alike:
    """Something that doesn't differ, and how each program has answered."""

    same: Same
    answers: Mapping[str, Answer]

    @property
    def line(self) -> str:
        """The request, in a line."""
        return request_text(self.same.request).replace("\n\n", " ").replace("\n", ", ")


@cache
def look() -> tuple[tuple[Looked, ...], tuple[Alike, ...]]:
    """Ask both programs everything; once, however often that is looked at.

    Raises RowError if a row's answers agree, or answers differ that are said to be the same.
    """
    requests = (*(row.request for row in rows()), *(one.request for one in same()))
    answers = ask([Task(program, (), requests) for program in PROGRAMS])
    both = [dict(zip(PROGRAMS, pair, strict=True)) for pair in zip(*answers, strict=True)]
    looked = [Looked(row, found) for row, found in zip(rows(), both, strict=False)]
    alike = [Alike(one, found) for one, found in zip(same(), both[len(looked) :], strict=True)]
    for each in looked:
        if agree(each.answers, each.row.aspects):
            raise RowError(f"{each.row.id}: the answers don't differ any more")
    for other in alike:
        if not agree(other.answers, other.same.aspects):
            raise RowError(f"{other.same.title}: the answers differ")
    return tuple(looked), tuple(alike)


def request_text(request: Request) -> str:
    """Write a request as it is sent, less what each has."""
    lines = [f"{request.method} {request.target}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    if request.user:
        lines.append(f"Authorization: Basic {request.user}:{ELLIPSIS}")
    if request.body:
        lines += ["", request.body.replace("\ufeff", "«byte order mark»")]
    return "\n".join(lines)


def shown(answer: Answer, row: Row) -> Shown:
    """Leave out of an answer what its row isn't about."""
    names = [each.partition(" ")[2] for each in row.aspects if each.startswith("header ")]
    names += ["Set-Cookie"] if "cookies" in row.aspects else []
    is_about_fields = bool(names) and len(names) == len(row.aspects)
    names += ["Location"] if answer.header("Location") and "Location" not in names else []
    return Shown(
        answer.status,
        answer.reason.title().replace("Ok", "OK"),
        tuple((name, field(answer, name)) for name in names),
        "" if is_about_fields or not answer.body else body_text(answer, row),
    )


def field(answer: Answer, name: str) -> str:
    """Write a header field's value."""
    value = answer.header(name)
    return "(none)" if value is None else ANEW.sub(ELLIPSIS, value)


def body_text(answer: Answer, row: Row) -> str:
    """Write a body: of JSON what the row is about, of all else the beginning."""
    try:
        value = answer.json()
    except ValueError:
        title = re.search(r"<title>\s*(.*?)\s*</title>", answer.body)
        if title and "body" not in row.aspects:
            return f"(an HTML page: “{title[1]}”)"
        return answer.body.strip()
    if row.is_about_bytes:
        written = answer.body.replace("\n", "\\n")
        return f"{written[:WIDTH]}{ELLIPSIS}{written[-END:]}"
    wanted = {token for each in row.aspects for token in each.partition(" /")[2].split("/")[:1]}
    return brief(value, wanted | members_of(row.request.body))


def begun(text: str) -> str:
    """Keep the beginning of a long text."""
    return text if len(text) <= WIDTH else text[:WIDTH].rstrip() + ELLIPSIS


def members_of(body: str) -> set[str]:
    """Return the names of the members of a JSON object; none of anything else."""
    try:
        value = json.loads(body.lstrip("\ufeff"))
    except ValueError:
        return set()
    return set(value) if isinstance(value, dict) else set()


def brief(value: Any, wanted: Collection[str], depth: int = 0) -> str:
    """Write JSON with the wanted members of large objects, and an ellipsis for the others."""
    if isinstance(value, dict):
        return "{" + ", ".join(members(value, wanted, depth)) + "}"
    if isinstance(value, list):
        entries = [brief(each, wanted, depth + 1) for each in value[:2]]
        return "[" + ", ".join([*entries, *([ELLIPSIS] if len(value) > len(entries) else [])]) + "]"
    return json.dumps(begun(value) if isinstance(value, str) else value, ensure_ascii=False)


def members(value: Mapping[str, Any], wanted: Collection[str], depth: int) -> Iterable[str]:
    """Yield the members of an object that are shown."""
    is_large = len(value) > MEMBERS
    kept = [name for name in value if not is_large or name in wanted]
    if is_large and not kept:
        kept = [*value][:1]
    for name in kept:
        yield f"{json.dumps(name, ensure_ascii=False)}: {brief(value[name], wanted, depth + 1)}"
    if len(kept) < len(value):
        yield ELLIPSIS
