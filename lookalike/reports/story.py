"""The story of a finding, step by step: what to send to each server, and how the answers differ."""

import difflib
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from lookalike.comparison import UNCOMPARED, summary, text_of
from lookalike.findings import Finding
from lookalike.http import Answer, Outcome
from lookalike.reports import About
from lookalike.reports.wording import Wording


class Step(NamedTuple):
    """A call of a story, as command lines, and what was answered, by server."""

    title: str
    commands: dict[str, str]
    answers: dict[str, str]


def steps(finding: Finding, about: About) -> list[Step]:
    """Return the steps of a story."""
    wording = Wording(about.mask)
    found = []
    for exchange in finding.exchanges:
        call = exchange.call
        title = f"{call.method or call.operation.method} {call.operation.path}"
        if call.actor:
            title += f" as {call.actor}"
        commands = {
            name: wording.text(request.curl(url, about.mask))
            for (name, url), request in zip(about.servers.items(), exchange.requests, strict=True)
        }
        answers = {
            name: wording.line(summary(outcome))
            for name, outcome in zip(about.servers, exchange.outcomes, strict=True)
        }
        found.append(Step(wording.line(title, 200), commands, answers))
    return found


def diff(finding: Finding, about: About) -> list[str]:
    """Return the unified diff of the last answers, line by line."""
    if not finding.exchanges:
        return []
    wording = Wording(about.mask)
    old, new = (
        wording.text(written(outcome)).split("\n") for outcome in finding.exchanges[-1].outcomes
    )
    return [*difflib.unified_diff(old, new, "old", "new", lineterm="")]


def told(finding: Finding, about: About) -> Iterator[str]:
    """Write a story as plain lines: numbered commands, what each was answered, and the diff."""
    for number, step in enumerate(steps(finding, about), 1):
        yield f"{number}) {step.title}"
        for name, command in step.commands.items():
            yield f"   {name}: {command}"
            yield f"   {' ' * len(name)}  {step.answers[name]}"
    yield from diff(finding, about)


def written(outcome: Outcome) -> str:
    """Write an answer as text: status, header fields in order of their names, body."""
    lines = [summary(outcome)]
    if not isinstance(outcome, Answer):
        return "\n".join(lines)
    lines += sorted(
        f"{name.lower()}: {value}"
        for name, value in outcome.fields
        if name.lower() not in UNCOMPARED
    )
    body = text_of(outcome.body)
    if outcome.is_json:
        with suppress(ValueError, RecursionError):
            body = json.dumps(json.loads(outcome.body), indent=2, ensure_ascii=False)
    return "\n".join([*lines, "", body])
