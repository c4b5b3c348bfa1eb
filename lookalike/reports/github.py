"""A run as annotations that GitHub Actions puts beside the lines of the OpenAPI file.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from typing import TextIO

from lookalike import coverage
from lookalike.findings import Observer, Run
from lookalike.reports import About
from lookalike.reports.story import told
from lookalike.reports.wording import Wording, end, further


class GithubReport(Observer):
    """Writes commands for the runner when the work is done."""

    def __init__(self, out: TextIO, about: About) -> None:
        self._out = out
        self._about = about

    def ended(self, run: Run) -> None:
        wording = Wording(self._about.mask)
        for finding in run.findings:
            said = [wording.finding(finding), *told(finding, self._about)]
            if more := further(finding):
                said.insert(1, f"and {more:,} more like it: see the other reports")
            title = wording.found_on(finding)
            text = "\n".join(said)
            self._out.write(command("error", self._about, finding.operation, title, text))
        for each in coverage.summary(self._about.contract, run.reached).unsuccessful:
            name = each.operation.name
            title = wording.line(f"{name} was never a success", 200)
            self._out.write(command("warning", self._about, name, title, each.seen))
        if run.ended != "finished":
            title = "lookalike did not finish"
            self._out.write(command("warning", self._about, "", title, end(run)))


def command(level: str, about: About, operation: str, title: str, message: str) -> str:
    """Write a command: on the operation's line, if the file is one of this repository."""
    line = about.line(operation)
    properties = {"title": title}
    if line and "://" not in about.file:
        properties = {"file": about.file, "line": str(line), **properties}
    given = ",".join(f"{name}={in_property(value)}" for name, value in properties.items())
    return f"::{level} {given}::{in_message(message)}\n"


def in_message(text: str) -> str:
    """Escape what would end a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def in_property(text: str) -> str:
    """Escape what would end a property of a command."""
    return in_message(text).replace(":", "%3A").replace(",", "%2C")
