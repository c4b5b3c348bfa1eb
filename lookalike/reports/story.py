"""The story of a finding, step by step: what to send to each server, and how the answers differ."""

import difflib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from lookalike.calls import Call, Fresh, Made, Own, mapped
from lookalike.causes import last_name
from lookalike.client import Exchange, Outcomes
from lookalike.comparison import UNCOMPARED, escaped, summary, text_of
from lookalike.findings import Finding
from lookalike.form import FORMS
from lookalike.http import Answer, NoAnswer, Outcome
from lookalike.reports import About
from lookalike.reports.wording import Wording, equal, plural

CONTEXT = 3  # equal lines around those that differ
LOOKED_AT = 2_000  # lines from the first that differs
MOST_LINES = 60  # of a diff
MOST_IN_LINE = 400  # characters

Known = dict[tuple[str, str], Any]  # the old server's values, by a name and the new one's


class Step(NamedTuple):
    """A call of a story, as command lines, and what was answered, by server."""

    title: str
    origins: list[str]  # of values that come from earlier answers, or are new in each story
    commands: dict[str, str]
    answers: dict[str, str]


def steps(exchanges: Sequence[Exchange], about: About) -> list[Step]:
    """Return the steps of a story."""
    wording = Wording(about.mask)
    found = []
    for exchange in exchanges:
        call = exchange.call
        title = f"{call.method or call.operation.method} {call.operation.path}"
        if call.actor:
            title += f" as {call.actor}"
        if call.why:
            title += f" – {call.why}"
        commands = {
            name: wording.text(request.curl(url, about.mask))
            for (name, url), request in zip(about.servers.items(), exchange.requests, strict=False)
        }
        answers = {
            name: wording.line(summary(outcome))
            for name, outcome in zip(about.servers, exchange.outcomes, strict=False)
        }
        notes = [wording.line(text, 200) for text in origins(call)]
        found.append(Step(wording.line(title, 200), notes, commands, answers))
    return found


def origins(call: Call) -> list[str]:
    """Say of each value that isn't a call's own where it comes from, steps counted from 1."""
    found: list[str] = []

    def note(value: Any) -> Any:
        if isinstance(value, Made):
            where = value.pointer.partition("#")[0] or "the body"
            if value.part != "body":
                where = f"header {value.part}"
            found.append(f"{where} of answer {value.step + 1}")
        elif isinstance(value, Fresh):
            found.append(f"{value.text!r} with an ending that no other story has")
        elif isinstance(value, Own):
            found.append(f"{value.pointer} of {value.actor}'s login")
        return value

    mapped(call, note)
    return [*dict.fromkeys(found)]


def diff(finding: Finding, about: About) -> list[str]:
    """Return the unified diff of the last answers, line by line.

    Values that differ, but correspond, are written as the old server's: the diff shows what was
    found to differ, and nothing else.
    """
    if not finding.exchanges:
        return []
    if finding.difference.what in FORMS:
        old, new = (written(each, as_sent=True) for each in finding.exchanges[-1].outcomes)
    else:
        old, new = (written(each) for each in levelled(finding.exchanges))
    old, new = ([*broken(lines, about)] for lines in (old, new))
    is_long = max(len(old), len(new)) > LOOKED_AT
    start = max(equal(old, new) - CONTEXT, 0) if is_long else 0
    wording = Wording(about.mask)
    ours, theirs = (
        [wording.line(line, MOST_IN_LINE) for line in lines[start : start + LOOKED_AT]]
        for lines in (old, new)
    )
    lines = [*difflib.unified_diff(ours, theirs, "old", "new", lineterm="", n=CONTEXT)]
    if lines and start:
        lines.insert(2, f"@@ after {plural(start, 'equal line')} @@")
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"… {len(lines) - MOST_LINES:,} more lines"]
    return lines


def broken(lines: Sequence[str], about: About) -> Iterator[str]:
    """Break long lines: what differs may stand far behind; secrets are masked while whole."""
    for line in lines:
        if len(line) <= MOST_IN_LINE:
            yield line
            continue
        masked = about.mask(line)
        for start in range(0, len(masked), MOST_IN_LINE):
            yield masked[start : start + MOST_IN_LINE]


def told(finding: Finding, about: About) -> Iterator[str]:
    """Write a story as plain lines: numbered commands, what each was answered, and the diff."""
    yield from (f"{name}{text}" for name, text in laid_out(finding.exchanges, about))
    yield from diff(finding, about)


def laid_out(exchanges: Sequence[Exchange], about: About) -> Iterator[tuple[str, str]]:
    """Yield the lines of a story: the name of the server that a command is for, and the rest."""
    width = max(map(len, about.servers))
    for number, step in enumerate(steps(exchanges, about), 1):
        yield "", f"{number}) {step.title}"
        yield from (("", f"   # {text}") for text in step.origins)
        for name, command in step.commands.items():
            yield f"   {name:<{width}}", f"  {command}"
            yield "", f"   {'':<{width}}  → {step.answers[name]}"


def levelled(exchanges: Sequence[Exchange]) -> Outcomes:
    """Put the old server's values into the new one's last answer, wherever no difference is."""
    known: Known = {}
    for exchange in exchanges:
        last = levelled_alone(exchange, known)
    return last


def levelled_alone(exchange: Exchange, known: Known) -> Outcomes:
    """Put the old server's values into one answer of the new one, and note these."""
    old, new = exchange.outcomes
    if isinstance(old, NoAnswer) or isinstance(new, NoAnswer):
        return exchange.outcomes
    if old.status != new.status:
        return Outcomes(
            old, replace(new, body=with_json(new, lambda value: renamed(value, "", known)))
        )
    parts = {each.place.part for each in exchange.differences}
    kept = {name for name in parts if not name.startswith("set-cookie")}
    if kept != parts:
        kept.add("set-cookie")
    fields = [pair for pair in old.fields if pair[0].lower() not in kept]
    fields += [pair for pair in new.fields if pair[0].lower() in kept]
    body = new.body if "body" in parts else old.body
    if old.is_json and new.is_json:
        found = {each.place.pointer for each in exchange.differences if each.place.part == "body"}
        with suppress(ValueError, RecursionError):
            value = json.loads(old.body)
            body = with_json(new, lambda other: level(value, other, "", found, known))
    return Outcomes(old, replace(new, fields=tuple(fields), body=body, reason=old.reason))


def with_json(answer: Answer, change: Callable[[Any], Any]) -> bytes:
    """Return the body of an answer, changed if it is JSON."""
    if answer.is_json:
        with suppress(ValueError, RecursionError):
            return json.dumps(change(json.loads(answer.body))).encode()
    return answer.body


def level(old: Any, new: Any, pointer: str, different: Collection[str], known: Known) -> Any:
    """Return a new JSON value with the old one's wherever no difference is."""
    name = last_name(pointer)
    if pointer in different:
        return renamed(new, name, known) if isinstance(new, dict | list) else new
    if isinstance(old, dict) and isinstance(new, dict):
        return {
            name: level(old[name], inner, f"{pointer}/{escaped(name)}", different, known)
            if name in old
            else renamed(inner, name, known)
            for name, inner in new.items()
        }
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = zip(old, new, strict=True)
        return [level(mine, yours, f"{pointer}/*", different, known) for mine, yours in pairs]
    if old != new and not isinstance(new, dict | list):
        known[name, repr(new)] = old
    return old


def renamed(value: Any, name: str, known: Known) -> Any:
    """Put old values for new ones that corresponded at places of the same name."""
    if isinstance(value, dict):
        return {inner: renamed(each, inner, known) for inner, each in value.items()}
    if isinstance(value, list):
        return [renamed(each, name, known) for each in value]
    return known.get((name, repr(value)), value)


def written(outcome: Outcome, *, as_sent: bool = False) -> list[str]:
    """Write an answer as lines: status, header fields in order of their names, body.

    JSON is written in one form, unless it is to be shown as it was sent.
    """
    if isinstance(outcome, NoAnswer):
        return [summary(outcome)]
    fields = sorted(
        f"{name.lower()}: {value}"
        for name, value in outcome.fields
        if name.lower() not in UNCOMPARED
    )
    body = text_of(outcome.body)
    if outcome.is_json and not as_sent:
        with suppress(ValueError, RecursionError):
            body = json.dumps(
                json.loads(outcome.body), indent=2, ensure_ascii=False, sort_keys=True
            )
    return [summary(outcome), *fields, "", *body.split("\n")]
