"""What the chapters' requests and experiments come to, found out while the site is made."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from comparison import trials
from comparison.chapters import Chapter, Request, Trial
from comparison.exchange import Answer, Pair, curl, twins
from comparison.experiments import run_all
from comparison.trials import ACCEPTED, Outcome

Log = Callable[[str], None]


@dataclass(frozen=True)
class Exchanged:
    """A request, and what both twins answered."""

    request: Request
    answer: Answer

    @property
    def command(self) -> str:
        """The request as a command to be typed."""
        return curl(self.request)


@dataclass(frozen=True)
class Row:
    """An input, what each column's idiom made of it, and what the contract wants."""

    given: str
    outcomes: Mapping[str, Outcome]
    wanted: str = ""

    @property
    def is_wanted(self) -> bool:
        """Whether the contract accepts the input."""
        return int(self.wanted[:3]) < HTTPStatus.BAD_REQUEST

    def agrees(self, column: str) -> bool:
        """Tell whether an idiom decides as the contract does, and keeps the same value."""
        outcome = self.outcomes[column]
        if (outcome.verdict == ACCEPTED) != self.is_wanted:
            return False
        return not self.is_wanted or outcome.value in {None, canonical(self.wanted[5:])}


def canonical(text: str) -> str:
    """Write JSON in one form."""
    return json.dumps(json.loads(text), sort_keys=True)


@dataclass(frozen=True)
class Tried:
    """A trial with its results."""

    trial: Trial
    rows: tuple[Row, ...]

    def agreeing(self, column: str) -> int:
        """Count the inputs that a column decides as the contract does."""
        return sum(column in row.outcomes and row.agrees(column) for row in self.rows)


@dataclass(frozen=True)
class Found:
    """A chapter with what came of it; each experiment printed a text for either twin's library."""

    chapter: Chapter
    exchanged: tuple[Exchanged, ...] = ()
    tried: tuple[Tried, ...] = ()
    printed: tuple[tuple[str, str], ...] = ()


def find(chapters: Sequence[Chapter], log: Log) -> list[Found]:
    """Run every chapter's idioms and experiments, and send its requests to both twins."""
    log(f"Running {len(chapters)} chapters' idioms on their inputs…")
    by_column = trials.run_all([task for chapter in chapters for task in chapter.tasks])
    by_task = zip(*by_column.values(), strict=True)
    outcomes = iter([dict(zip(by_column, each, strict=True)) for each in by_task])
    experiments = [each for chapter in chapters for each in chapter.experiments]
    log(f"Running {len(experiments)} experiments…")
    printed = iter(run_all(experiments))
    log("Starting both twins…")
    with twins() as pair:
        found = []
        for number, chapter in enumerate(chapters, 1):
            log(f"[{number}/{len(chapters)}] {chapter.part}: {chapter.title}")
            exchanged = tuple(Exchanged(each, pair.ask(each)) for each in chapter.requests)
            results = [next(outcomes) for _ in chapter.tasks]  # one, too, where nothing is tried
            tried = tuple(
                judged(trial, each, pair)
                for trial, each in zip(chapter.trials, results, strict=False)
            )
            said = tuple(next(printed) for _ in chapter.experiments)
            found.append(Found(chapter, exchanged, tried, said))
        return found


def judged(trial: Trial, outcomes: Mapping[str, Sequence[Outcome]], pair: Pair) -> Tried:
    """Put the outcomes of each input beside the contract's answer to it."""
    rows = [
        Row(
            given,
            {name: found[index] for name, found in outcomes.items() if found},
            pair.ask(trial.ask, given).brief(trial.show, trial.only) if trial.ask else "",
        )
        for index, given in enumerate(trial.inputs)
    ]
    return Tried(trial, tuple(rows))


@dataclass(frozen=True)
class Agreement:
    """How often the idioms decide as the contract does."""

    inputs: int
    flask: int
    drf: int


def agreement(found: Sequence[Found]) -> Agreement:
    """Sum up all inputs whose answer by the contract is known."""
    rows = [row for each in found for tried in each.tried for row in tried.rows if row.wanted]
    return Agreement(
        len(rows),
        sum(row.agrees("marshmallow") for row in rows),
        sum(row.agrees("drf") for row in rows),
    )
