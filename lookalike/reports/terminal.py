"""A run in a terminal: what goes on, each finding as it is confirmed, and everything at the end."""

import os
import shutil
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TextIO

from lookalike import coverage
from lookalike.alignment import Place
from lookalike.client import Exchange
from lookalike.comparison import UNCOMPARED
from lookalike.findings import Cause, Finding, Observer, Run
from lookalike.reports import About
from lookalike.reports.story import diff, steps
from lookalike.reports.wording import Wording, end, plural

BETWEEN_UPDATES = 0.1  # seconds, of a line that is written over
BETWEEN_LINES = 30.0  # seconds, of lines that stay
STORIES = 20  # told whole; whoever wants more reads another report
NAMES = 10  # of operations or places in a list
STYLES = {"bad": "31", "good": "32", "soft": "2", "bold": "1", "warning": "1;33", "place": "36"}
PLAIN = str.maketrans({"→": "->", "…": "...", "–": "-", "×": "x", "═": "=", "·": "*"})


class Terminal(Observer):
    """Writes results to one stream and progress to another, where that is looked at.

    Colour is left out where a stream is no terminal, and by NO_COLOR or TERM=dumb; a progress
    line is written over only on a terminal.
    """

    def __init__(
        self,
        about: About,
        out: TextIO,
        progress: TextIO,
        *,
        budget: float | None = None,  # seconds
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._about = about
        self._wording = Wording(about.mask)
        self._out = out
        self._progress = progress
        self._budget = budget
        self._clock = clock
        dumb = os.environ.get("TERM") == "dumb"
        self._is_live = progress.isatty() and not dumb
        self._has_colour = out.isatty() and not dumb and not os.environ.get("NO_COLOR")
        self._columns = shutil.get_terminal_size((100, 24)).columns
        self._began = self._last = clock()
        self._phase = ""
        self._total: int | None = None
        self._calls = self._calls_of_phase = 0
        self._found: set[Cause] = set()

    def phase(self, name: str, total: int | None = None) -> None:
        self._phase, self._total, self._calls_of_phase = name, total, 0
        if self._is_live:
            self._show()
        else:
            self._write_progress(self._status())

    def exchange(self, exchange: Exchange) -> None:
        self._calls += 1
        self._calls_of_phase += 1
        elapsed = self._clock() - self._last
        if self._is_live and elapsed >= BETWEEN_UPDATES:
            self._show()
        elif not self._is_live and elapsed >= BETWEEN_LINES:
            self._write_progress(self._status())

    def finding(self, finding: Finding) -> None:
        if finding.cause in self._found or finding.reason is not None:
            return
        self._found.add(finding.cause)
        self._clear()
        number = self._styled("bad", f"{len(self._found)}.")
        self._say(f"{number} {self._wording.headline(finding)}")

    def note(self, text: str) -> None:
        self._clear()
        self._say(self._styled("warning", "note: ") + self._wording.line(text, 1_000))

    def ended(self, run: Run) -> None:
        self._clear()
        summary = coverage.summary(self._about.contract, run.reached)
        for paragraph in (
            self._findings(run),
            self._accepted(run),
            self._unconfirmed(run),
            self._uncompared(run.noise),
            self._coverage(summary),
            self._unsuccessful(summary),
        ):
            lines = [*paragraph]
            if lines:
                self._say("")
            for line in lines:
                self._say(line)
        self._say("")
        style = "bad" if run.findings else "bold" if run.ended == "interrupted" else "good"
        self._say(self._styled(style, end(run)))
        self._out.flush()

    def _findings(self, run: Run) -> Iterator[str]:
        for number, finding in enumerate(run.findings[:STORIES], 1):
            if number > 1:
                yield ""
            yield from self._finding(number, finding)
        rest = run.findings[STORIES:]
        if not rest:
            return
        yield ""
        for number, finding in enumerate(rest[:STORIES], STORIES + 1):
            yield f"{number}. {self._wording.headline(finding)}"
        if len(rest) > STORIES:
            more = plural(len(rest) - STORIES, "further difference")
            yield f"… {more}: see the HTML or JSON Lines report"

    def _finding(self, number: int, finding: Finding) -> Iterator[str]:
        wording = self._wording
        line = self._about.where(finding.operation)
        yield self._styled("bold", f"{number}. {self._wording.found_on(finding)}") + (
            self._styled("soft", f"  {line}") if line else ""
        )
        yield f"   {wording.difference(finding.difference)}"
        for index, step in enumerate(steps(finding, self._about), 1):
            yield self._styled("soft", f"   {index}) {step.title}")
            yield from (self._styled("soft", f"      # {text}") for text in step.origins)
            width = max(map(len, step.commands))
            for name, command in step.commands.items():
                yield f"      {self._styled('place', f'{name:<{width}}')}  {command}"
                yield self._styled("soft", f"      {'':<{width}}  → {step.answers[name]}")
        for line in diff(finding, self._about):
            yield "   " + self._styled(style_of(line), line)

    def _accepted(self, run: Run) -> Iterator[str]:
        if run.accepted:
            yield self._styled("bold", "Accepted")
        for finding in run.accepted:
            reason = self._wording.line(finding.reason or "", 200)
            yield f"   {self._wording.headline(finding)} – {reason}"

    def _unconfirmed(self, run: Run) -> Iterator[str]:
        if run.unconfirmed:
            yield self._styled("bold", "Not seen again, so not counted")
        for found in run.unconfirmed[:NAMES]:
            yield f"   {found.place.operation}: {self._wording.difference(found)}"
        if len(run.unconfirmed) > NAMES:
            yield f"   … {len(run.unconfirmed) - NAMES:,} more"

    def _uncompared(self, noise: Mapping[Place, str]) -> Iterator[str]:
        yield self._styled("bold", "Not compared")
        names = [f"header fields {', '.join(sorted(UNCOMPARED))}"]
        by_place: dict[str, list[Place]] = {}
        for place, how in noise.items():
            by_place.setdefault(f"{self._wording.place(place)} ({how})", []).append(place)
        for said, places in by_place.items():
            names.append(f"{said}, on {plural(len(places), 'answer')}")
        for name in names[: NAMES + 1]:
            yield from self._wrapped(name)
        if len(names) > NAMES + 1:
            yield f"   … {len(names) - NAMES - 1:,} more"

    def _coverage(self, summary: coverage.Summary) -> Iterator[str]:
        yield self._styled("bold", "Reached on both servers")
        for name, (reached, declared) in summary.totals.items():
            share = f" ({100 * reached // declared} %)" if declared else ""
            yield f"   {name:<11} {reached:>6,} of {declared:,}{share}"
        undeclared = [
            f"{each.operation.name} {status}"
            for each in summary.operations
            for status in each.undeclared
        ]
        if undeclared:
            yield from self._wrapped("undeclared statuses: " + self._listed(undeclared))

    def _unsuccessful(self, summary: coverage.Summary) -> Iterator[str]:
        found = summary.unsuccessful
        if not found:
            return
        yield self._styled(
            "warning",
            f"NEVER A SUCCESS: {len(found)} of {plural(len(summary.operations), 'operation')}. "
            "Of what these answer to a good request, nothing was compared.",
        )
        for each in found[:STORIES]:
            name = self._wording.line(each.operation.name, 200)
            yield f"   {self._styled('warning', name)}: {each.seen}"
        if len(found) > STORIES:
            yield f"   … {len(found) - STORIES:,} more"

    def _listed(self, names: list[str]) -> str:
        more = f", … {len(names) - NAMES:,} more" if len(names) > NAMES else ""
        return self._wording.line(", ".join(names[:NAMES]) + more, 2_000)

    def _wrapped(self, text: str) -> Iterator[str]:
        indent = "   "
        yield from textwrap.wrap(
            text,
            max(self._columns, 40),
            initial_indent=indent,
            subsequent_indent=indent * 2,
            break_on_hyphens=False,
            break_long_words=False,
        )

    def _status(self) -> str:
        elapsed = self._clock() - self._began
        done = f" {self._calls_of_phase:,}/{self._total:,}" if self._total else ""
        words = [
            f"{self._phase}{done}",
            plural(self._calls, "call"),
            f"{self._calls / elapsed:,.0f}/s" if elapsed >= 1 else "",
            plural(len(self._found), "difference"),
            f"{max(self._budget - elapsed, 0):.0f} s left" if self._budget else f"{elapsed:.0f} s",
        ]
        return " · ".join(word for word in words if word)

    def _show(self) -> None:
        self._last = self._clock()
        self._progress.write(f"\r\x1b[K{self._fitting(self._status())[: self._columns - 1]}")
        self._progress.flush()

    def _clear(self) -> None:
        if self._is_live:
            self._progress.write("\r\x1b[K")
            self._progress.flush()

    def _write_progress(self, text: str) -> None:
        self._last = self._clock()
        self._progress.write(fitting(text, self._progress) + "\n")
        self._progress.flush()

    def _say(self, text: str) -> None:
        self._out.write(fitting(text, self._out) + "\n")

    def _fitting(self, text: str) -> str:
        return fitting(text, self._progress)

    def _styled(self, style: str, text: str) -> str:
        if not self._has_colour or not style:
            return text
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def style_of(line: str) -> str:
    """Return the style of a line of a unified diff."""
    return {"+": "good", "-": "bad", "@": "place"}.get(line[:1], "")


def fitting(text: str, stream: TextIO) -> str:
    """Write a text with the characters that a stream has."""
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text
