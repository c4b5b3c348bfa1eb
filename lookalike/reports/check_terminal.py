"""What came of checks, in a terminal: a line for each that failed, and everything at the end."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

from lookalike.check import Checked
from lookalike.checks.client import Seen
from lookalike.checks.pack import Check, Pack, Result
from lookalike.reports import About
from lookalike.reports.checks import FAULTS, Covering, end, rows, said, where
from lookalike.reports.display import INDENT, Display
from lookalike.reports.terminal import STORIES, Pieces
from lookalike.reports.wording import plural

REASONS = 5  # why checks aren't applicable


class CheckTerminal(Covering):
    """Writes to a display: a line for each check that failed, and everything at the end."""

    def __init__(
        self,
        about: About,
        out: TextIO,
        progress: TextIO,
        *,
        budget: float | None = None,  # seconds
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(about)
        self._display = Display(out, progress, found="failed check", budget=budget, clock=clock)
        self._pieces = Pieces(self._display, about)
        self._pack = ""

    def began(self, pack: Pack, check: Check) -> None:
        if pack.name != self._pack:
            self._pack = pack.name
            self._display.phase(pack.title)

    def exchange(self, seen: Seen) -> None:
        super().exchange(seen)
        self._display.call()

    def judged(self, result: Result) -> None:
        if result.failures:
            self._display.found += 1
            name = self._display.styled("bad", result.check.name)
            first = result.failures[0]
            self._display.say(
                f"{name}: {said(self._wording, first)} ({where(self._wording, first)})"
            )

    def ended(self, checked: Checked) -> None:
        failed = [result for result in checked.results if result.failures]
        summary = self.summary()
        style = "bad" if failed else "warning" if checked.exit_code else "good"
        self._display.paragraphs(
            *(self._failed(*each) for each in enumerate(failed[:STORIES], 1)),
            self._rest(failed[STORIES:]),
            self._unconfirmed(checked),
            self._scores(checked),
            self._unjudged(checked),
            self._pieces.reached(summary),
            self._pieces.unsuccessful(summary),
            [self._display.styled(style, end(checked))],
        )

    def _failed(self, number: int, result: Result) -> Iterator[str]:
        check, first = result.check, result.failures[0]
        operation = next(iter(first.operations), "")
        yield self._pieces.heading(number, check.statement, operation)
        yield self._display.styled("soft", f"{INDENT}{check.name}")
        for failure in result.failures[:FAULTS]:
            yield f"{INDENT}{said(self._wording, failure)} ({where(self._wording, failure)})"
        if more := len(result.failures[FAULTS:]) + result.more:
            yield f"{INDENT}… {more} more"
        yield from self._pieces.story(first.fault.exchanges)

    def _rest(self, results: Sequence[Result]) -> Iterator[str]:
        for number, result in enumerate(results, STORIES + 1):
            yield f"{number}. {result.check.name}: {said(self._wording, result.failures[0])}"

    def _unconfirmed(self, checked: Checked) -> Iterator[str]:
        found = [(each.check.name, what) for each in checked.results for what in each.unconfirmed]
        if found:
            yield self._display.styled("bold", "Not seen again, so not counted")
        for name, what in found[:REASONS]:
            yield from self._display.wrapped(f"{name}: {self._wording.line(what, 200)}")
        if more := len(found[REASONS:]):
            yield f"{INDENT}… {more} more"

    def _scores(self, checked: Checked) -> Iterator[str]:
        yield self._display.styled("bold", "Passed")
        width = max((len(row.title) for row in rows(checked)), default=0)
        for row in rows(checked):
            score = str(row.score) if row.score.applicable else "–"
            unjudged = f"   {row.unjudged} not applicable" if row.unjudged else ""
            yield f"{INDENT}{row.title:<{width}} {score:>7}{unjudged}"

    def _unjudged(self, checked: Checked) -> Iterator[str]:
        reasons: dict[str, int] = {}
        for result in checked.results:
            if result.state == "not applicable":
                why = self._wording.line(result.why, 200)
                reasons[why] = reasons.get(why, 0) + 1
        if reasons:
            yield self._display.styled("bold", "Not applicable")
        most = sorted(reasons.items(), key=lambda pair: -pair[1])
        for why, count in most[:REASONS]:
            yield from self._display.wrapped(f"{plural(count, 'check')}: {why}")
        if rest := sum(count for _, count in most[REASONS:]):
            yield f"{INDENT}… {rest} more: see the HTML report"
