"""What each library's idiom makes of a chapter's inputs: `python -m comparison.trials <column>`.

Reads trials from standard input and writes what came of them to standard output, both as JSON. Each
column runs in a process of its own: Django is configured once for a process, and a library must not
find the others' settings.
"""

import json
import runpy
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from importlib import import_module
from pathlib import Path
from string import Template
from textwrap import shorten
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from comparison.columns import Column, RefusedError, columns
from comparison.source import ROOT

IDIOMS = ROOT / "comparison" / "idioms"
ACCEPTED, REJECTED, CRASHES = "accepted", "rejected", "crashes"
# What JSON has, too: such a value can be compared with the contract's.
PLAIN = (str, bool, int, float, type(None))


@dataclass(frozen=True)
class Task:
    """Inputs for what an idiom declares; `make` is the expression of what it is to show."""

    idiom: str  # a chapter's name
    schema: str
    functions: tuple[str, ...]  # what is called, of that which the idiom has
    feed: str
    make: str
    pointer: str
    partial: bool
    counts: bool  # the statements that a function takes, in place of what it returns
    only: tuple[str, ...]  # the members of objects that are shown, if not all
    own_values: bool  # values are each program's own, so that they can't be compared
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of an input: a verdict, a text, and the value as JSON where it is plain."""

    verdict: str
    text: str
    value: str | None = None


class Rows(list[Any]):
    """Related objects: SQLAlchemy gives a list, Django a manager that has fetched them."""

    def all(self) -> "Rows":
        """Return them."""
        return self


def path_of(idiom: str, column: Column) -> Path:
    """Return where an idiom's code is, or its template where the idiom is one."""
    template = IDIOMS / idiom / f"{column.name}.html"
    return template if template.exists() else template.with_suffix(".py")


def run_all(tasks: Sequence[Task]) -> dict[str, list[list[Outcome]]]:
    """Run every task in each column; the outcomes of one that has no such idiom are empty.

    Raises RuntimeError if an idiom can't be run at all.
    """
    given = json.dumps([asdict(each) for each in tasks])
    with ThreadPoolExecutor() as pool:
        answers = pool.map(partial(run_column, given=given), columns())
        return {column.name: found for column, found in zip(columns(), answers, strict=True)}


def run_column(column: Column, given: str) -> list[list[Outcome]]:
    """Run tasks in the process of a column."""
    done = subprocess.run(  # noqa: S603 - the command is made here
        [sys.executable, "-m", "comparison.trials", column.name],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"An idiom of {column.title} failed:\n{done.stderr}")
    return [[Outcome(**each) for each in outcomes] for outcomes in json.loads(done.stdout)]


def run(column: Column, tasks: Sequence[Task]) -> list[list[Outcome]]:
    """Run tasks in this process, those of one idiom in one namespace."""
    sys.path.insert(0, str(IDIOMS))  # where the idioms' applications are
    library: Any = import_module(f"comparison.columns.{column.name}")
    spaces: dict[str, dict[str, Any]] = {}
    found: list[list[Outcome]] = []
    with library.context():
        for task in tasks:
            path = path_of(task.idiom, column)
            if not path.exists() or path.suffix != ".py":
                found.append([])
                continue
            if task.idiom not in spaces:
                name = f"{task.idiom.replace('-', '_')}_{column.name}"
                spaces[task.idiom] = runpy.run_path(str(path), run_name=name)
            trial = Trial(library, column, spaces[task.idiom], task)
            found.append([trial.outcome(text) for text in task.inputs])
    return found


@dataclass(frozen=True)
class Trial:
    """A task, in the column whose library runs it."""

    library: Any
    column: Column
    space: Mapping[str, Any]
    task: Task

    def outcome(self, text: str) -> Outcome:
        """Say what came of an input."""
        try:
            value = self.produced(text)
        except RefusedError as error:
            return Outcome(REJECTED, told(error.messages, self.task.pointer))
        except Exception as error:  # noqa: BLE001 - whatever a library raises is its result
            reason = shorten(str(error.args[0] if error.args else error), 110, placeholder=" …")
            return Outcome(CRASHES, f"{type(error).__name__}: {reason}")
        if self.task.counts:
            return Outcome(ACCEPTED, f"{value} statements")
        found = narrowed(part_of(value, self.task.pointer), self.task.only)
        if self.task.functions:  # an answer, of which no more is shown than of the contract's
            text = json.dumps(found, ensure_ascii=False, default=str)
            return Outcome(ACCEPTED, text, None if self.task.own_values else plain(found))
        shown = value if found is None or self.task.feed == "$input" else found
        text = json.dumps(shown, ensure_ascii=False) if self.task.make else repr(shown)
        # What is read may have another structure; what is shown must be the same.
        is_comparable = self.task.make or not isinstance(found, Mapping | list)
        return Outcome(ACCEPTED, text, plain(found) if is_comparable else None)

    def produced(self, text: str) -> Any:
        """Let the library read an input, or show what is made of it."""
        task = self.task
        if task.make:
            names = {**HELPERS, **vars(self.library), **self.space}
            value = eval(Template(task.make).substitute(input=text), names)  # noqa: S307 - our own
            return self.library.dump(self.declared(shows=True), value)
        body = json.loads(Template(task.feed).substitute(input=text))
        if task.counts:
            return self.library.statements(body, self.function, self.declared(shows=True))
        if self.function:
            others = self.library.given()  # a session among them, which must outlive the answer
            return self.answer(self.library.call(self.function, body, others))
        # Without a function the library may save by itself.
        save = getattr(self.library, "save", None) if task.functions else None
        return (save or self.library.load)(self.declared(shows=False), body, partial=task.partial)

    def answer(self, returned: Any) -> Any:
        """Show what a function returns as its framework does: objects by what is declared."""
        if isinstance(returned, Mapping):
            return returned
        return self.library.dump(self.declared(shows=True), returned)

    @property
    def function(self) -> Any:
        """The function or view that the idiom has."""
        return next((self.space[name] for name in self.task.functions if name in self.space), None)

    def declared(self, *, shows: bool) -> Any:
        """Return what the idiom declares."""
        return self.column.find(self.space, self.task.schema, shows=shows)


HELPERS = {
    "Row": SimpleNamespace,
    "Rows": Rows,
    "Decimal": Decimal,
    "UUID": UUID,
    "datetime": datetime,
    "true": True,
    "false": False,
    "null": None,
}


def part_of(value: Any, pointer: str) -> Any:
    """Return the part of a value that a JSON Pointer names, or None."""
    for token in pointer.split("/")[1:]:
        if isinstance(value, Mapping):
            value = value.get(token)
        elif isinstance(value, list) and token.isdigit():
            value = value[int(token)] if int(token) < len(value) else None
        else:
            value = getattr(value, token, None)
    return value


def narrowed(value: Any, only: Sequence[str]) -> Any:
    """Keep only members of these names of an object, or of each in a list; without names, all."""
    if only and isinstance(value, Mapping):
        return {name: each for name, each in value.items() if name in only}
    if only and isinstance(value, list):
        return [narrowed(each, only) for each in value]
    return value


def plain(value: Any) -> str | None:
    """Write a value as JSON, if it is one of JSON's."""
    if value is None or not is_plain(value):
        return None
    return json.dumps(value, sort_keys=True)


def is_plain(value: Any) -> bool:
    """Tell whether a value consists of what JSON has."""
    if isinstance(value, Mapping):
        return all(map(is_plain, value.values()))
    if isinstance(value, list):
        return all(map(is_plain, value))
    return type(value) in PLAIN


def told(messages: Any, pointer: str) -> str:
    """Write errors in a line: each with its place, unless it is the one that was asked for."""
    said = [*flat(messages)]
    if len(said) == 1 and said[0][0] in {"", pointer.removeprefix("/")}:
        return said[0][1]
    return "; ".join(f"{place}: {text}" if place else text for place, text in said)


def flat(messages: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts in a tree of errors, each with its place."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from flat(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(messages, list):
        texts = [each for each in messages if not isinstance(each, Mapping)]
        if texts:
            yield place, " ".join(map(str, texts))
        for index, inner in enumerate(messages):
            if isinstance(inner, Mapping):
                yield from flat(inner, f"{place}.{index}")
    else:
        yield place, str(messages)


def main() -> None:
    """Run what standard input asks for."""
    [column] = [each for each in columns() if each.name == sys.argv[1]]
    given = [Task(**each) for each in json.load(sys.stdin)]
    json.dump([[asdict(each) for each in found] for found in run(column, given)], sys.stdout)


if __name__ == "__main__":
    main()
