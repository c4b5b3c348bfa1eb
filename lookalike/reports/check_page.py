"""What came of checks, as one HTML page that needs nothing else."""

from pathlib import Path
from typing import Any, NamedTuple

from lookalike import coverage
from lookalike.check import Checked
from lookalike.checks.pack import Failure, Result
from lookalike.reports import About
from lookalike.reports.checks import FAULTS, MOST_IN_FAULT, Covering, end, rows
from lookalike.reports.page import OPEN, rendered
from lookalike.reports.story import Step, steps, written
from lookalike.reports.wording import Wording

MOST_IN_ANSWER = 1_500  # characters


class CheckPage(Covering):
    """Writes a page when all is done."""

    def __init__(self, path: Path, about: About) -> None:
        super().__init__(about)
        path.touch()  # what can't be written is to be known before the work
        self._path = path

    def ended(self, checked: Checked) -> None:
        self._path.write_text(page(checked, self.summary(), self._about), "utf-8")


class ShownFault(NamedTuple):
    """A fault as the page shows it."""

    what: str
    detail: str
    operations: list[tuple[str, int]]
    steps: list[Step]
    answer: str


def page(checked: Checked, summary: coverage.Summary, about: About) -> str:
    """Render the page."""
    wording = Wording(about.mask)
    failed = [result for result in checked.results if result.failures]
    others: dict[str, list[tuple[str, str, str]]] = {}
    for title, state in (("Passed", "passed"), ("Not applicable", "not applicable")):
        found = [result for result in checked.results if result.state == state]
        if found:
            others[title] = [
                (each.check.name, each.check.statement, wording.line(each.why, MOST_IN_FAULT))
                for each in found
            ]
    return rendered(
        "checks.html",
        about,
        {"scores": "Scores", "failed": "Failed", "others": "Others", "coverage": "Coverage"},
        {"requests": f"{checked.requests:,}", "seconds": f"{checked.seconds:.1f}"},
        end=end(checked),
        checked=checked,
        coverage=summary,
        failed=[shown(*each, about) for each in enumerate(failed)],
        others=others,
        packs=rows(checked),
    )


def shown(number: int, result: Result, about: About) -> dict[str, Any]:
    """Prepare a failed check for the page."""
    wording = Wording(about.mask)
    check = result.check
    return {
        "name": check.name,
        "statement": check.statement,
        "asks": check.asks,
        "oracle": check.oracle,
        "link": check.link,
        "is_open": number < OPEN,
        "faults": [
            ShownFault(
                wording.line(failure.fault.what, MOST_IN_FAULT),
                wording.line(failure.fault.detail, MOST_IN_FAULT),
                [*failure.operations.items()],
                steps(failure.fault.exchanges, about),
                last_answer(failure, wording),
            )
            for failure in result.failures[:FAULTS]
        ],
        "more": len(result.failures[FAULTS:]) + result.more,
    }


def last_answer(failure: Failure, wording: Wording) -> str:
    """Write the answer that shows a fault."""
    if not failure.fault.exchanges:
        return ""
    return wording.text("\n".join(written(failure.fault.exchanges[-1].outcome)), MOST_IN_ANSWER)
