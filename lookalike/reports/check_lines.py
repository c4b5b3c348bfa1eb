"""What came of checks, line by line: for programs as JSON Lines, for GitHub as annotations."""

import json
from typing import Any, TextIO

from lookalike.check import Checked, Watcher
from lookalike.checks.pack import Result
from lookalike.reports import About
from lookalike.reports.checks import MOST_IN_FAULT, Covering, told
from lookalike.reports.github import command
from lookalike.reports.story import steps
from lookalike.reports.wording import Wording


class CheckGithub(Watcher):
    """Writes GitHub's annotations when all is done, one for each failed check."""

    def __init__(self, out: TextIO, about: About) -> None:
        self._out = out
        self._about = about

    def ended(self, checked: Checked) -> None:
        for result in checked.results:
            if result.failures:
                operation = next(iter(result.failures[0].operations), "")
                message = "\n".join(told(result, self._about))
                title = result.check.statement
                self._out.write(command("error", self._about, operation, title, message))
        for each in checked.unreached:
            operation, _, why = Wording(self._about.mask).line(each, MOST_IN_FAULT).partition(": ")
            title = f"{operation} was never a success"
            self._out.write(command("warning", self._about, operation, title, why))


class CheckLines(Covering):
    """Writes JSON Lines, each with a `type`: `result` for each check as it is judged, and `end`.

    A result has `check`, `pack`, `statement`, `link`, `state`, `judged` (operations), `why` (it is
    not applicable) and `faults` (each with `what`, `detail`, `operations` and `story`, as steps
    with `title`, `commands` and `answers`); the end has `ended`, `score` and `scores` (by pack:
    passed, applicable), `unreached`, `coverage`, `requests` and `seconds`.
    """

    def __init__(self, out: TextIO, about: About) -> None:
        super().__init__(about)
        self._out = out

    def judged(self, result: Result) -> None:
        check = result.check
        faults = [
            {
                "what": self._wording.line(each.fault.what, MOST_IN_FAULT),
                "detail": self._wording.line(each.fault.detail, MOST_IN_FAULT),
                "operations": each.operations,
                "story": [step._asdict() for step in steps(each.fault.exchanges, self._about)],
            }
            for each in result.failures
        ]
        self._write(
            "result",
            check=check.name,
            pack=check.pack,
            statement=check.statement,
            link=check.link,
            state=result.state,
            judged=result.judged,
            why=self._wording.line(result.why, MOST_IN_FAULT),
            faults=faults,
        )

    def ended(self, checked: Checked) -> None:
        self._write(
            "end",
            ended=checked.ended,
            score=checked.score,
            scores=checked.scores,
            unreached=[self._wording.line(each, MOST_IN_FAULT) for each in checked.unreached],
            coverage=self.summary().totals,
            requests=checked.requests,
            seconds=round(checked.seconds, 3),
        )

    def _write(self, kind: str, **values: Any) -> None:
        self._out.write(json.dumps({"type": kind, **values}) + "\n")
        self._out.flush()
