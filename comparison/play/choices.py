"""What a reader of the playground may choose from: choices.toml, and the chapters' trials."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from comparison.chapters import Chapter, ChapterError, Request, Trial, chapters

FILE = Path(__file__).with_name("choices.toml")
LIBRARIES = {"marshmallow": "marshmallow", "drf": "DRF", "pydantic": "Pydantic"}


@dataclass(frozen=True)
class Choice:
    """A schema that inputs are tried on.

    `code` has a text for each of LIBRARIES that makes a class called Probe. `$input` in `feed`,
    which that class is given, and in the body of `ask`, which the twins are sent, is the input.
    """

    name: str
    title: str
    code: Mapping[str, str]
    inputs: tuple[str, ...]
    ask: Request
    feed: str = "$input"
    model: str = ""  # of comparison/peers/schemas.py
    chapter: Chapter | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the input is a whole body, and not a property's value."""
        return self.ask.body == "$input"

    def fed(self, text: str) -> str:
        """Return what the plain classes are given for an input."""
        return Template(self.feed).substitute(input=text)

    def body(self, text: str) -> str:
        """Return what the twins are sent for an input."""
        return Template(self.ask.body).substitute(input=text)


def trial_of(chapter: Chapter, title: str) -> tuple[Trial, Request]:
    """Find a chapter's trial by its title, with its request; or raise ChapterError."""
    for each in chapter.trials:
        if each.title == title and each.ask:
            return each, each.ask
    raise ChapterError(f"{FILE.name}: {chapter.name} has no trial {title!r} that asks the contract")


def choice(data: dict[str, Any], known: Mapping[str, Chapter]) -> Choice:
    """Make a choice of an entry."""
    code = {name: data.pop(name).strip() for name in LIBRARIES}
    title = data.pop("trial", "")
    if "chapter" not in data:
        ask, inputs = Request(**data.pop("ask")), tuple(data.pop("inputs"))
        return Choice(code=code, ask=ask, inputs=inputs, **data)
    if (chapter := known.get(data.pop("chapter"))) is None:
        raise ChapterError(f"{FILE.name}: {data['name']} names a chapter that is not there")
    found, ask = trial_of(chapter, title)
    return Choice(
        title=f"{chapter.title}: {title[0].lower()}{title[1:]}" if title else chapter.title,
        code=code,
        inputs=found.inputs,
        ask=ask,
        feed="$input" if ask.body == "$input" else '{"value": $input}',
        chapter=chapter,
        **data,
    )


@cache
def choices() -> dict[str, Choice]:
    """Return all choices by their names, in the order of the file."""
    known = {chapter.name: chapter for chapter in chapters()}
    found = [choice(each, known) for each in tomllib.loads(FILE.read_text())["choices"]]
    return {each.name: each for each in found}


def not_json(text: str) -> str:
    """Say where a text stops being JSON; nothing if it doesn't."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"{error.msg} at line {error.lineno}, column {error.colno}."
    except RecursionError:
        return "Nested too deeply."
    return ""
