"""The story of a finding, step by step: what to send to each server, and how the answers differ."""

import difflib
import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from lookalike.alignment import Difference
from lookalike.client import Pair
from lookalike.comparison import UNCOMPARED, escaped, summary, text_of
from lookalike.findings import Finding
from lookalike.http import NoAnswer, Outcome
from lookalike.reports import About
from lookalike.reports.wording import Wording, equal, plural

CONTEXT = 3  # equal lines around those that differ
LOOKED_AT = 2_000  # lines from the first that differs
MOST_LINES = 60  # of a diff
MOST_IN_LINE = 400  # characters


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
            for (name, url), request in zip(about.servers.items(), exchange.requests, strict=False)
        }
        answers = {
            name: wording.line(summary(outcome))
            for name, outcome in zip(about.servers, exchange.outcomes, strict=False)
        }
        found.append(Step(wording.line(title, 200), commands, answers))
    return found


def diff(finding: Finding, about: About) -> list[str]:
    """Return the unified diff of the last answers, line by line.

    Values that differ, but correspond, are written as the old server's: the diff shows what was
    found to differ, and nothing else.
    """
    if not finding.exchanges:
        return []
    last = finding.exchanges[-1]
    old, new = (written(outcome) for outcome in levelled(last.outcomes, last.differences))
    start = max(equal(old, new) - CONTEXT, 0)
    wording = Wording(about.mask)
    ours, theirs = (
        [wording.line(line, MOST_IN_LINE) for line in lines[start : start + LOOKED_AT]]
        for lines in (old, new)
    )
    lines = [*difflib.unified_diff(ours, theirs, "old", "new", lineterm="", n=CONTEXT)]
    if start:
        lines.insert(2, f"@@ after {plural(start, 'equal line')} @@")
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"… {len(lines) - MOST_LINES:,} more lines"]
    return lines


def told(finding: Finding, about: About) -> Iterator[str]:
    """Write a story as plain lines: numbered commands, what each was answered, and the diff."""
    for number, step in enumerate(steps(finding, about), 1):
        yield f"{number}) {step.title}"
        for name, command in step.commands.items():
            yield f"   {name}: {command}"
            yield f"   {' ' * len(name)}  {step.answers[name]}"
    yield from diff(finding, about)


def levelled(outcomes: Pair, differences: Sequence[Difference]) -> Pair:
    """Put the old server's values into the new one's answer, wherever no difference is."""
    old, new = outcomes
    if isinstance(old, NoAnswer) or isinstance(new, NoAnswer) or old.status != new.status:
        return outcomes
    parts = {each.place.part for each in differences}
    kept = {name for name in parts if not name.startswith("set-cookie")}
    if kept != parts:
        kept.add("set-cookie")
    fields = [pair for pair in old.fields if pair[0].lower() not in kept]
    fields += [pair for pair in new.fields if pair[0].lower() in kept]
    body = new.body if "body" in parts else old.body
    if "body" in parts and old.is_json and new.is_json:
        pointers = {each.place.pointer for each in differences if each.place.part == "body"}
        with suppress(ValueError, RecursionError):
            value = level(json.loads(old.body), json.loads(new.body), "", pointers)
            body = json.dumps(value).encode()
    return Pair(old, replace(new, fields=tuple(fields), body=body))


def level(old: Any, new: Any, pointer: str, different: Collection[str]) -> Any:
    """Return a new JSON value with the old one's wherever no difference is."""
    if pointer in different:
        return new
    if isinstance(old, dict) and isinstance(new, dict):
        return {
            name: level(old[name], inner, f"{pointer}/{escaped(name)}", different)
            if name in old
            else inner
            for name, inner in new.items()
        }
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = zip(old, new, strict=True)
        return [level(mine, yours, f"{pointer}/*", different) for mine, yours in pairs]
    return old


def written(outcome: Outcome) -> list[str]:
    """Write an answer as lines: status, header fields in order of their names, body."""
    if isinstance(outcome, NoAnswer):
        return [summary(outcome)]
    fields = sorted(
        f"{name.lower()}: {value}"
        for name, value in outcome.fields
        if name.lower() not in UNCOMPARED
    )
    body = text_of(outcome.body)
    if outcome.is_json:
        with suppress(ValueError, RecursionError):
            body = json.dumps(
                json.loads(outcome.body), indent=2, ensure_ascii=False, sort_keys=True
            )
    return [summary(outcome), *fields, "", *body.split("\n")]
