"""What all reports of checks have in common."""

from collections.abc import Iterator
from typing import NamedTuple

from lookalike import coverage
from lookalike.check import PACKS, Checked, Watcher
from lookalike.checks.client import Seen
from lookalike.checks.pack import Check, Failure, Pack, Result, Score
from lookalike.findings import Run
from lookalike.reports import About
from lookalike.reports.story import steps
from lookalike.reports.wording import Wording, plural

FAULTS = 3  # of one check that are told
MOST_IN_FAULT = 300  # characters
TITLES = {pack.name: pack.title for pack in PACKS}


class Watchers(Watcher):
    """Several watchers as one, told in their order."""

    def __init__(self, *watchers: Watcher) -> None:
        self._watchers = watchers

    def began(self, pack: Pack, check: Check) -> None:
        for watcher in self._watchers:
            watcher.began(pack, check)

    def exchange(self, seen: Seen) -> None:
        for watcher in self._watchers:
            watcher.exchange(seen)

    def failed(self, failure: Failure) -> None:
        for watcher in self._watchers:
            watcher.failed(failure)

    def judged(self, result: Result) -> None:
        for watcher in self._watchers:
            watcher.judged(result)

    def ended(self, checked: Checked) -> None:
        for watcher in self._watchers:
            watcher.ended(checked)


class Covering(Watcher):
    """Counts what of the file is reached."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._wording = Wording(about.mask)
        self._coverage = coverage.Coverage(about.contract)

    def exchange(self, seen: Seen) -> None:
        self._coverage.exchange(seen)

    def summary(self) -> coverage.Summary:
        """Hold what was reached against what the file declares."""
        run = Run()
        self._coverage.ended(run)
        return coverage.summary(self._about.contract, run.reached)


def end(checked: Checked) -> str:
    """Say in one line what came of all checks, and how they ended."""
    score = checked.score
    unjudged = sum(result.state == "not applicable" for result in checked.results)
    ended = "" if checked.ended == "finished" else f"; {checked.ended}"
    return (
        f"{score.passed} of {plural(score.applicable, 'check')} passed, {unjudged} not applicable; "
        f"{plural(checked.requests, 'request')}, {checked.seconds:.0f} s{ended}"
    )


def said(wording: Wording, failure: Failure) -> str:
    """Say a fault in one line."""
    fault = failure.fault
    return wording.line(
        f"{fault.what} – {fault.detail}" if fault.detail else fault.what, MOST_IN_FAULT
    )


def where(wording: Wording, failure: Failure) -> str:
    """Say on which operations a fault was found."""
    names = [*failure.operations]
    others = f" and {plural(len(names) - 1, 'other operation')}" if len(names) > 1 else ""
    return f"{wording.line(names[0], 200)}{others}" if names else "the whole server"


def told(result: Result, about: About) -> Iterator[str]:
    """Write a failed check as plain lines."""
    wording = Wording(about.mask)
    yield f"{result.check.name}: {result.check.statement}"
    for failure in result.failures[:FAULTS]:
        yield f"{said(wording, failure)} ({where(wording, failure)})"
        for number, step in enumerate(steps(failure.fault.exchanges, about), 1):
            for name, line in step.commands.items():
                yield f"{number}) {line}"
                yield f"   {step.answers[name]}"
    if more := len(result.failures[FAULTS:]) + result.more:
        yield f"{more} more"


class Row(NamedTuple):
    """A pack's score."""

    title: str
    score: Score
    unjudged: int


def rows(checked: Checked) -> list[Row]:
    """Return the scores of packs, in their order."""
    return [
        Row(
            TITLES.get(name, name),
            score,
            sum(
                result.state == "not applicable"
                for result in checked.results
                if result.check.pack == name
            ),
        )
        for name, score in checked.scores.items()
    ]
