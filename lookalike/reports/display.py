"""Two streams of a terminal: results on one, progress on the other."""

import os
import shutil
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

from lookalike.reports.wording import plural

BETWEEN_UPDATES = 0.1  # seconds, of a line that is written over
BETWEEN_LINES = 30.0  # seconds, of lines that stay
STYLES = {"bad": "31", "good": "32", "soft": "2", "bold": "1", "warning": "1;33", "place": "36"}
PLAIN = str.maketrans({"→": "->", "…": "...", "–": "-", "×": "x", "·": "*"})
INDENT = "   "


class Display:
    """Writes results to one stream and progress to another, where that is looked at.

    Colour is left out where a stream is no terminal, and by NO_COLOR or TERM=dumb; a progress
    line is written over only on a terminal, elsewhere there are few of them.
    """

    def __init__(
        self,
        out: TextIO,
        progress: TextIO,
        *,
        found: str,  # what is counted
        budget: float | None,  # seconds
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = out
        self._progress = progress
        self._found = found
        self._budget = budget
        self._clock = clock
        is_dumb = os.environ.get("TERM") == "dumb"
        self._is_live = progress.isatty() and not is_dumb
        self._has_colour = out.isatty() and not is_dumb and not os.environ.get("NO_COLOR")
        self._columns = shutil.get_terminal_size((100, 24)).columns
        self._began = self._last = clock()
        self._phase = ""
        self._total: int | None = None
        self._calls = self._calls_of_phase = 0
        self.found = 0

    def phase(self, name: str, total: int | None = None) -> None:
        """Show that a part of the work begins, on a line of its own where lines stay."""
        self._phase, self._total, self._calls_of_phase = name, total, 0
        self._show()

    def call(self) -> None:
        """Count a call, and show so now and then."""
        self._calls += 1
        self._calls_of_phase += 1
        if self._clock() - self._last >= (BETWEEN_UPDATES if self._is_live else BETWEEN_LINES):
            self._show()

    def say(self, *lines: str) -> None:
        """Write lines of results."""
        if self._is_live:
            self._progress.write("\r\x1b[K")
            self._progress.flush()
        for line in lines:
            self._out.write(fitting(line, self._out) + "\n")
        self._out.flush()

    def paragraphs(self, *paragraphs: Iterable[str]) -> None:
        """Write those paragraphs that have lines, each after an empty line."""
        for paragraph in paragraphs:
            lines = [*paragraph]
            if lines:
                self.say("", *lines)

    def styled(self, style: str, text: str) -> str:
        """Return a text in a style, where there is colour."""
        if not self._has_colour or not style:
            return text
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m"

    def wrapped(self, text: str) -> Iterator[str]:
        """Yield the lines of a text."""
        yield from textwrap.wrap(
            text,
            max(self._columns, 40),
            initial_indent=INDENT,
            subsequent_indent=INDENT * 2,
            break_on_hyphens=False,
            break_long_words=False,
        )

    def _show(self) -> None:
        self._last = self._clock()
        text = fitting(self._status(), self._progress)
        if self._is_live:
            self._progress.write(f"\r\x1b[K{text[: self._columns - 1]}")
        else:
            self._progress.write(f"{text}\n")
        self._progress.flush()

    def _status(self) -> str:
        elapsed = self._clock() - self._began
        done = f" {self._calls_of_phase:,}/{self._total:,}" if self._total else ""
        words = [
            f"{self._phase}{done}",
            plural(self._calls, "call"),
            f"{self._calls / elapsed:,.0f}/s" if elapsed >= 1 else "",
            plural(self.found, self._found),
            f"{max(self._budget - elapsed, 0):.0f} s left" if self._budget else f"{elapsed:.0f} s",
        ]
        return " · ".join(word for word in words if word)


def fitting(text: str, stream: TextIO) -> str:
    """Write a text with the characters that a stream has."""
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text
