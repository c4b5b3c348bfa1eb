r"""Chapters, as they are written: a TOML file each, in a folder for each part.

title = "Strict booleans"
question = "Is \"yes\" true?"           what a reader wants to know
contract = ["/components/schemas/Todo"] JSON Pointers into openapi.yaml
rules = ["Strict input: is no string"]  a section of x-rules, and a phrase of a sentence
flask = ["contract/strict.py:Boolean"]      excerpts, as source.py describes them
drf = ["contract/strict.py:BooleanField"]
judgement = "…"

[[requests]]                            sent to both twins when the page is made
send = "POST /api/todos"
caller = "alice"
body = '{"title": "x"}'

[[experiments]]                         what each library does when nobody bends it
title = "…"
flask = "…"                             code that makes a Schema called Probe
drf = "…"                               code that makes a Serializer called Probe
inputs = ['"yes"']
ask = {send = "POST /api/todos", …}     the contract's answer to the same input ($input)
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from comparison import contract, source
from comparison.source import Excerpt

FOLDER = Path(__file__).parent / "chapters"
PARTS = {"serializers": "Serializers", "frameworks": "Around the serializers"}


class ChapterError(Exception):
    """A chapter that is written wrongly, or shows what is gone."""


@dataclass(frozen=True)
class Request:
    """A request to both twins.

    `$input` in its body is an experiment's input; `$location`, `$etag` and `$older_etag` come from
    the answers before it. `show` points at the part of an answer that matters.
    """

    send: str
    caller: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    note: str = ""
    show: str = ""
    times: int = 1

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.send.partition(" ")[0]

    @property
    def target(self) -> str:
        """The path and the query."""
        return self.send.partition(" ")[2]


@dataclass(frozen=True)
class Experiment:
    """Code for each library, and what it is fed with.

    `mode` is `load` (inputs are JSON, put into `feed`), `dump` (inputs are Python expressions) or
    `run` (no inputs: what the code prints).
    """

    flask: str
    drf: str
    title: str = ""
    mode: str = "load"
    feed: str = '{"value": $input}'
    inputs: tuple[str, ...] = ()
    ask: Request | None = None


@dataclass(frozen=True)
class Chapter:
    """A concept, in both twins."""

    part: str
    name: str
    title: str
    question: str
    judgement: str
    contract: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    flask: tuple[str, ...] = ()
    drf: tuple[str, ...] = ()
    requests: tuple[Request, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    figures: tuple[str, ...] = ()

    @property
    def excerpts(self) -> tuple[list[Excerpt], list[Excerpt]]:
        """The code of both twins."""
        return (
            [source.excerpt(each, "flask_api") for each in self.flask],
            [source.excerpt(each, "drf_api") for each in self.drf],
        )

    @property
    def fragments(self) -> list[Excerpt]:
        """The contract's part."""
        return [contract.fragment(pointer) for pointer in self.contract]

    @property
    def quotes(self) -> dict[str, str]:
        """The contract's rules, by the section that they are in."""
        found: dict[str, list[str]] = {}
        for section, sentence in map(contract.rule, self.rules):
            found.setdefault(section, []).append(sentence)
        return {section: " … ".join(sentences) for section, sentences in found.items()}


def request(data: dict[str, Any]) -> Request:
    """Make a request of what a chapter says."""
    return Request(**data)


def experiment(data: dict[str, Any]) -> Experiment:
    """Make an experiment of what a chapter says."""
    ask = request(data.pop("ask")) if "ask" in data else None
    inputs = tuple(data.pop("inputs", ()))
    code = {name: data.pop(name).strip("\n") for name in ("flask", "drf")}
    return Experiment(**data, **code, inputs=inputs, ask=ask)


def load(path: Path) -> Chapter:
    """Read a chapter, or raise ChapterError."""
    try:
        data = tomllib.loads(path.read_text())
        lists: dict[str, Any] = {
            name: tuple(data.pop(name, ()))
            for name in ("contract", "rules", "flask", "drf", "figures")
        }
        texts: dict[str, Any] = {
            name: text.strip() for name, text in data.items() if isinstance(text, str)
        }
        return Chapter(
            part=path.parent.name,
            name=path.stem.partition("-")[2],
            requests=tuple(request(each) for each in data.get("requests", ())),
            experiments=tuple(experiment(each) for each in data.get("experiments", ())),
            **lists,
            **texts,
        )
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise ChapterError(f"{path.name}: {error}") from error


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return all chapters, in their order: by part, then by the number in the file's name."""
    return tuple(load(path) for part in PARTS for path in sorted((FOLDER / part).glob("*.toml")))
