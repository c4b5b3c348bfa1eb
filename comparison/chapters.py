r"""Chapters, as they are written: a TOML file each, in a folder for each part.

title = "Strict booleans"
question = "Is \"yes\" true?"           what a reader wants to know
contract = ["/components/schemas/Todo"] JSON Pointers into openapi.yaml
rules = ["Strict input: is no string"]  a section of x-rules, and a phrase of a sentence
flask = ["contract/strict.py:Boolean"]      excerpts, as source.py describes them
drf = ["contract/strict.py:BooleanField"]
django_models = ["…"]                   the models that the idioms of DRF and Ninja derive from
judgement = "…"

[[requests]]                            sent to both twins when the page is made
send = "POST /api/todos"
caller = "alice"
body = '{"title": "x"}'

[[requests]]
send = "POST /dashboard"
visitor = "alice"                       whose browser has logged in, and sends a form
body = "title=x&priority=normal"

[[trials]]                              inputs for what comparison/idioms/<chapter>/ declares
title = "…"
schema = "Todo"                         as TodoSchema, TodoSerializer, TodoIn or TodoOut
send = "POST /api/todos"                the contract's answer to the same inputs
caller = "alice"
body = '{"title": $input}'
show = "/title"                         the part that matters, of what is read and answered
only = ["text"]                         the members of its objects that are shown, if not all
own_values = true                       if each program has values of its own: none are compared
inputs = ['"x"', '5']
make = "Row(title=$input)"              in place of reading: the expression of what is to be shown

[[experiments]]                         code that prints something, where inputs say too little
title = "…"
flask = "…"
drf = "…"

[lacking]                               why a column has no idiom for it
pydantic = "…"

[speed]                                 what the third ring does about it
flask = ["tuned/serializing.py:Function.nested"]
drf = ["tuned/representations.py:plan_of"]
operation = "todos"                     the operation of the benchmark that shows it best
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from comparison import contract, source
from comparison.columns import columns
from comparison.source import Excerpt
from comparison.trials import Task, path_of

FOLDER = Path(__file__).parent / "chapters"
PARTS = {"serializers": "Serializers", "frameworks": "Frameworks"}


class ChapterError(Exception):
    """A chapter that is written wrongly, or shows what is gone."""


@dataclass(frozen=True)
class Request:
    """A request to both twins.

    `$input` in its body is a trial's input; `$location`, `$etag` and `$older_etag` come from
    the answers before it. `show` points at the part of an answer that matters. A `visitor` asks
    with a browser's cookies, and sends the latest page's token with a form: who is a user of the
    demo data has logged in, and others are strangers.
    """

    send: str
    caller: str = ""
    visitor: str = ""
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
class Trial:
    """Inputs for what a chapter's idioms declare, and the request that asks the contract.

    Of `functions` the one that an idiom has is called; `feed` is what a library gets where that
    is not the body of the request.
    """

    inputs: tuple[str, ...]
    schema: str = ""
    functions: tuple[str, ...] = ()
    title: str = ""
    send: str = ""
    caller: str = ""
    body: str = "$input"
    show: str = ""
    feed: str = ""
    make: str = ""
    partial: bool = False
    counts: bool = False
    only: tuple[str, ...] = ()
    own_values: bool = False

    @property
    def ask(self) -> Request | None:
        """The request that shows what the contract makes of an input."""
        if not self.send:
            return None
        return Request(self.send, caller=self.caller, body=self.body, show=self.show)

    def task(self, idiom: str) -> Task:
        """Return what the columns have to do."""
        return Task(
            idiom=idiom,
            schema=self.schema,
            functions=self.functions,
            feed=self.feed or self.body,
            make=self.make,
            pointer=self.show,
            partial=self.partial,
            counts=self.counts,
            only=self.only,
            own_values=self.own_values,
            inputs=self.inputs,
        )


@dataclass(frozen=True)
class Experiment:
    """Code for each library, which prints something."""

    flask: str
    drf: str
    title: str = ""


@dataclass(frozen=True)
class Speed:
    """Where the third ring speeds something up, and the operation that shows it."""

    flask: tuple[str, ...]
    drf: tuple[str, ...]
    operation: str

    @property
    def excerpts(self) -> tuple[list[Excerpt], list[Excerpt]]:
        """The code of both twins."""
        return both(self.flask, self.drf)


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
    django_models: tuple[str, ...] = ()
    lacking: Mapping[str, str] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()
    trials: tuple[Trial, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    speed: Speed | None = None
    figures: tuple[str, ...] = ()

    @property
    def excerpts(self) -> tuple[list[Excerpt], list[Excerpt]]:
        """The code of both twins."""
        return both(self.flask, self.drf)

    @property
    def idioms(self) -> dict[str, Excerpt]:
        """The idiom of each column that has one."""
        paths = {each.name: path_of(self.name, each) for each in columns()}
        return {
            name: source.excerpt(str(path.relative_to(source.ROOT)))
            for name, path in paths.items()
            if path.exists()
        }

    @property
    def models(self) -> list[Excerpt]:
        """The models that the idioms of Django's libraries derive something from."""
        return [source.excerpt(each, "comparison/idioms") for each in self.django_models]

    @property
    def tasks(self) -> list[Task]:
        """What the columns have to do: an idiom without inputs is run as well."""
        trials = self.trials or (Trial(inputs=()),)
        return [each.task(self.name) for each in trials]

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


def both(flask: Sequence[str], drf: Sequence[str]) -> tuple[list[Excerpt], list[Excerpt]]:
    """Take excerpts of both twins."""
    return (
        [source.excerpt(each, "flask_api") for each in flask],
        [source.excerpt(each, "drf_api") for each in drf],
    )


def trial(data: dict[str, Any]) -> Trial:
    """Make a trial of what a chapter says."""
    lists = {name: tuple(data.get(name, ())) for name in ("inputs", "functions", "only")}
    return Trial(**{**data, **lists})


def experiment(data: dict[str, str]) -> Experiment:
    """Make an experiment of what a chapter says."""
    return Experiment(**{name: text.strip("\n") for name, text in data.items()})


def speed(data: dict[str, Any]) -> Speed:
    """Make of what a chapter says where the third ring does something."""
    return Speed(tuple(data["flask"]), tuple(data["drf"]), data["operation"])


def load(path: Path) -> Chapter:
    """Read a chapter, or raise ChapterError."""
    try:
        data = tomllib.loads(path.read_text())
        lists: dict[str, Any] = {
            name: tuple(data.pop(name, ()))
            for name in ("contract", "rules", "flask", "drf", "django_models", "figures")
        }
        texts: dict[str, Any] = {
            name: text.strip() for name, text in data.items() if isinstance(text, str)
        }
        return Chapter(
            part=path.parent.name,
            name=path.stem.partition("-")[2],
            lacking=data.get("lacking", {}),
            requests=tuple(Request(**each) for each in data.get("requests", ())),
            trials=tuple(trial(each) for each in data.get("trials", ())),
            experiments=tuple(experiment(each) for each in data.get("experiments", ())),
            speed=speed(data["speed"]) if "speed" in data else None,
            **lists,
            **texts,
        )
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise ChapterError(f"{path.name}: {error}") from error


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return all chapters, in their order: by part, then by the number in the file's name."""
    return tuple(load(path) for part in PARTS for path in sorted((FOLDER / part).glob("*.toml")))
