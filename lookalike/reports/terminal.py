"""A run in a terminal: what goes on, each finding as it is confirmed, and everything at the end."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TextIO

from lookalike import coverage
from lookalike.client import Exchange
from lookalike.comparison import UNCOMPARED
from lookalike.findings import Cause, Finding, Observer, Run
from lookalike.places import Difference, Place
from lookalike.reports import About
from lookalike.reports.display import INDENT, Display
from lookalike.reports.story import diff, laid_out
from lookalike.reports.wording import Wording, end, further, plural

STORIES = 20  # told whole; whoever wants more reads another report
ALIKE = 3  # of those that are more of a finding's kind, in one line each
NAMES = 10  # of operations or places in a list


class Terminal(Observer):
    """Writes to a display."""

    def __init__(
        self,
        about: About,
        out: TextIO,
        progress: TextIO,
        *,
        budget: float | None = None,  # seconds
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._display = Display(out, progress, found="difference", budget=budget, clock=clock)
        self._pieces = Pieces(self._display, about)
        self._wording = Wording(about.mask)
        self._about = about
        self._found: set[Cause] = set()

    def phase(self, name: str, total: int | None = None) -> None:
        self._display.phase(name, total)

    def exchange(self, exchange: Exchange) -> None:
        self._display.call()

    def finding(self, finding: Finding) -> None:
        if finding.cause in self._found or finding.reason is not None:
            return
        self._found.add(finding.cause)
        self._display.found = len(self._found)
        found = self._display.styled("bad", "found:")
        self._display.say(f"{found} {self._wording.headline(finding)}")

    def note(self, text: str) -> None:
        note = self._display.styled("warning", "note: ")
        self._display.say(note + self._wording.line(text, 1_000))

    def ended(self, run: Run) -> None:
        summary = coverage.summary(self._about.contract, run.reached)
        style = "bad" if run.findings else "warning" if run.ended != "finished" else "good"
        self._display.paragraphs(
            *(self._finding(*each) for each in enumerate(run.findings[:STORIES], 1)),
            self._rest(run.findings[STORIES:]),
            self._accepted(run),
            self._unconfirmed(run),
            self._hidden(run),
            self._uncompared(run.noise),
            self._pieces.reached(summary),
            self._pieces.unsuccessful(summary),
            [self._display.styled(style, end(run))],
        )

    def _finding(self, number: int, finding: Finding) -> Iterator[str]:
        styled = self._display.styled
        yield self._pieces.heading(number, self._wording.found_on(finding), finding.operation)
        yield f"{INDENT}{self._wording.finding(finding)}"
        yield from self._others(finding)
        yield from self._pieces.story(finding.exchanges)
        for line in diff(finding, self._about):
            yield INDENT + styled(style_of(line), line)
        yield from self._alike(number, finding)

    def _others(self, finding: Finding) -> Iterator[str]:
        """Yield the names of what hides behind a number."""
        names = sorted({*finding.operations} - {finding.operation})
        if len(names) > 1:
            more = f", … {len(names) - NAMES:,} more" if len(names) > NAMES else ""
            listed = self._wording.line(", ".join(names[:NAMES]), 2_000)
            yield from self._display.wrapped(f"also on {listed}{more}")

    def _alike(self, number: int, finding: Finding) -> Iterator[str]:
        """Yield a line for each of the first that are alike, and where their stories are."""
        if not further(finding):
            return
        yield f"{INDENT}and {further(finding):,} more like it:"
        for count, each in enumerate(finding.alike[:ALIKE], 1):
            yield f"{INDENT * 2}{number}.{count} {self._wording.headline(each)}"
        left = further(finding) - min(ALIKE, len(finding.alike))
        if left:
            yield f"{INDENT * 2}… {left:,} more: the HTML report has all"
        if finding.alike:
            last = f" to {number}.{len(finding.alike)}" if len(finding.alike) > 1 else ""
            yield f"{INDENT * 2}Their stories: saved files {number}.1{last}"

    def _rest(self, findings: Sequence[Finding]) -> Iterator[str]:
        for number, finding in enumerate(findings[:STORIES], STORIES + 1):
            more = f" (and {further(finding):,} more like it)" if further(finding) else ""
            yield f"{number}. {self._wording.headline(finding)}{more}"
        if findings:
            yield f"Stories from {STORIES + 1} on are in the saved files, and in the HTML report."
        if len(findings) > STORIES:
            more = plural(len(findings) - STORIES, "further difference")
            yield f"… {more}: see the HTML or JSON Lines report"

    def _accepted(self, run: Run) -> Iterator[str]:
        if run.accepted:
            yield self._display.styled("bold", "Accepted")
        for finding in run.accepted:
            reason = self._wording.line(finding.reason or "", 200)
            yield f"{INDENT}{self._wording.headline(finding)} – {reason}"

    def _unconfirmed(self, run: Run) -> Iterator[str]:
        if run.unconfirmed:
            yield self._display.styled("bold", "Not seen again, so not counted")
        for found in run.unconfirmed[:NAMES]:
            operation = self._wording.line(found.place.operation, 200)
            yield f"{INDENT}{operation}: {self._wording.difference(found)}"
        if len(run.unconfirmed) > NAMES:
            yield f"{INDENT}… {len(run.unconfirmed) - NAMES:,} more"

    def _hidden(self, run: Run) -> Iterator[str]:
        if run.hidden:
            yield self._display.styled(
                "bold", "Could not be judged, as the servers hold different things by then"
            )
        by_reason: dict[str, list[Difference]] = {}
        for each in run.hidden:
            by_reason.setdefault(each.since, []).append(each.difference)
        for since, found in by_reason.items():
            yield f"{INDENT}since {self._wording.line(since, 200)}:"
            for difference in found[:NAMES]:
                operation = self._wording.line(difference.place.operation, 200)
                yield f"{INDENT * 2}{operation}: {self._wording.difference(difference)}"
            if len(found) > NAMES:
                yield f"{INDENT * 2}… {len(found) - NAMES:,} more"

    def _uncompared(self, noise: Mapping[Place, str]) -> Iterator[str]:
        yield self._display.styled("bold", "Not compared")
        names = [f"header fields {', '.join(sorted(UNCOMPARED))}"]
        by_place: dict[str, list[Place]] = {}
        for place, how in noise.items():
            said = f"{self._wording.place(place)} ({self._wording.line(how)})"
            by_place.setdefault(said, []).append(place)
        for said, places in by_place.items():
            names.append(f"{said}, on {plural(len(places), 'answer')}")
        for name in names[: NAMES + 1]:
            yield from self._display.wrapped(name)
        if len(names) > NAMES + 1:
            yield f"{INDENT}… {len(names) - NAMES - 1:,} more"


class Pieces:
    """Parts of what is written at the end of any work."""

    def __init__(self, display: Display, about: About) -> None:
        self._display = display
        self._about = about
        self._wording = Wording(about.mask)

    def heading(self, number: int, text: str, operation: str) -> str:
        """Return a heading with a number, and where an operation stands in the file."""
        styled = self._display.styled
        where = self._about.where(operation)
        return styled("bold", f"{number}. {text}") + styled("soft", f"  {where}" if where else "")

    def story(self, exchanges: Sequence[Exchange]) -> Iterator[str]:
        """Yield numbered commands with what was answered."""
        styled = self._display.styled
        for name, text in laid_out(exchanges, self._about):
            yield INDENT + (styled("place", name) + text if name else styled("soft", text))

    def reached(self, summary: coverage.Summary) -> Iterator[str]:
        """Yield how much of the file was reached."""
        both = " on both servers" if len(self._about.servers) > 1 else ""
        yield self._display.styled("bold", f"Reached{both}")
        for name, (reached, declared) in summary.totals.items():
            share = f" ({100 * reached // declared} %)" if declared else ""
            yield f"{INDENT}{name:<11} {reached:>6,} of {declared:,}{share}"
        undeclared = [
            f"{each.operation.name} {status}"
            for each in summary.operations
            for status in each.undeclared
        ]
        if undeclared:
            more = f", … {len(undeclared) - NAMES:,} more" if len(undeclared) > NAMES else ""
            names = self._wording.line(", ".join(undeclared[:NAMES]), 2_000)
            yield from self._display.wrapped(f"undeclared statuses: {names}{more}")

    def unsuccessful(self, summary: coverage.Summary) -> Iterator[str]:
        """Yield loudly what was never a success."""
        found = summary.unsuccessful
        if not found:
            return
        loud = f"NEVER A SUCCESS: {len(found)} of {plural(len(summary.operations), 'operation')}"
        yield self._display.styled("warning", loud)
        yield from self._display.wrapped(
            "What these answer to a good request was never seen. Sign-ins of actors don't count."
        )
        for each in found[:STORIES]:
            name = self._wording.line(each.operation.name, 200)
            yield f"{INDENT}{self._display.styled('warning', name)}: {each.seen}"
        if len(found) > STORIES:
            yield f"{INDENT}… {len(found) - STORIES:,} more"


def style_of(line: str) -> str:
    """Return the style of a line of a unified diff."""
    return {"+": "good", "-": "bad", "@": "place"}.get(line[:1], "")
