"""What the chapters' requests and experiments come to, found out while the site is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from comparison.chapters import Chapter, Experiment, Request
from comparison.exchange import Answer, Pair, curl, twins
from comparison.experiments import REFUSED, run_all

CRASHES = "crashes: "
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
    """An input, what each library made of it by default, and what the contract wants."""

    given: str
    flask: str
    drf: str
    wanted: str = ""

    @property
    def is_wanted(self) -> bool:
        """Whether the contract accepts the input."""
        return int(self.wanted[:3]) < HTTPStatus.BAD_REQUEST

    def agrees(self, library: str) -> bool:
        """Tell whether a library accepts what the contract accepts, or refuses what it refuses."""
        return is_accepted(getattr(self, library)) == self.is_wanted


@dataclass(frozen=True)
class Tried:
    """An experiment with its results; those of `run` are a text for each library."""

    experiment: Experiment
    rows: tuple[Row, ...]
    said: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Found:
    """A chapter with what came of it."""

    chapter: Chapter
    exchanged: tuple[Exchanged, ...]
    tried: tuple[Tried, ...]


def is_accepted(result: str) -> bool:
    """Tell whether a library accepted an input."""
    return not result.startswith((REFUSED, CRASHES))


def find(chapters: Sequence[Chapter], log: Log) -> list[Found]:
    """Run every chapter's experiments and send its requests, to both twins."""
    experiments = [each for chapter in chapters for each in chapter.experiments]
    log(f"Running {len(experiments)} experiments…")
    results = iter(run_all(experiments))
    log("Starting both twins…")
    with twins() as pair:
        found = []
        for number, chapter in enumerate(chapters, 1):
            log(f"[{number}/{len(chapters)}] {chapter.part}: {chapter.title}")
            exchanged = tuple(Exchanged(each, pair.ask(each)) for each in chapter.requests)
            tried = tuple(try_out(each, next(results), pair) for each in chapter.experiments)
            found.append(Found(chapter, exchanged, tried))
        return found


def try_out(experiment: Experiment, results: dict[str, list[str]], pair: Pair) -> Tried:
    """Put each input's results beside the contract's answer to it."""
    if experiment.mode == "run":
        return Tried(experiment, (), (results["flask"][0], results["drf"][0]))
    rows = [
        Row(given, flask, drf, wanted(experiment.ask, given, pair))
        for given, flask, drf in zip(
            experiment.inputs, results["flask"], results["drf"], strict=True
        )
    ]
    return Tried(experiment, tuple(rows))


def wanted(ask: Request | None, given: str, pair: Pair) -> str:
    """Say what the contract makes of an input: what both twins answer."""
    return pair.ask(ask, given).brief(ask.show) if ask else ""


@dataclass(frozen=True)
class Agreement:
    """How often the libraries' defaults decide as the contract does."""

    inputs: int
    flask: int
    drf: int


def agreement(found: Sequence[Found]) -> Agreement:
    """Sum up all inputs whose answer by the contract is known."""
    rows = [row for each in found for tried in each.tried for row in tried.rows if row.wanted]
    return Agreement(
        len(rows),
        sum(row.agrees("flask") for row in rows),
        sum(row.agrees("drf") for row in rows),
    )
