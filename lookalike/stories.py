"""Stories in files: all that it takes to tell one again, without the OpenAPI file, and no secrets.

A file is JSON: `format` (raised when a field changes its meaning), `headline` and `found` (for
readers), `servers`, `config` and `openapi` (as they were given), `cause` and `difference` (what the
last call showed), `others` (causes that earlier calls showed besides), `evidence` (places of values
that servers make) and `calls`. Parts of calls that have their usual value are left out.

In `calls` and `difference`, values that JSON doesn't have are objects with one member: `$made`,
`$fresh`, `$own`, `$text`, `$raw`, `$file`, `$bytes` (Base64), `$number` (such as `nan`) and
`$absent`; `$object` holds the members of an object that has such a name itself.
"""

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from lookalike.calls import Call, Fresh, Made, Own, Raw, Text
from lookalike.causes import causes_of
from lookalike.comparison import ABSENT
from lookalike.evidence import Evidence, Fact
from lookalike.findings import Cause, Finding
from lookalike.form_data import File
from lookalike.openapi import Operation
from lookalike.places import Difference, Place

FORMAT = 1
Servers = dict[str, str]


class StoryError(ValueError):
    """A file that holds no story, or one of another version."""


@dataclass(frozen=True)
class Saved:
    """A story with what it is about."""

    calls: Sequence[Call]
    cause: Cause
    difference: Difference
    others: Sequence[Cause] = ()  # that earlier calls showed
    evidence: Sequence[Fact] = ()  # what is known of the places in its answers
    servers: Mapping[str, str] = field(default_factory=dict)  # base URLs by "old" and "new"
    config: str = ""
    openapi: str = ""
    headline: str = ""
    found: str = ""  # the date, by RFC 3339

    @classmethod
    def of(cls, finding: Finding, evidence: Evidence, **about: Any) -> "Saved":
        """Take from a finding and what is known of the servers what its story needs."""
        operations = {call.operation.name for call in finding.story}
        found = {cause for each in finding.exchanges for cause in causes_of(each)}
        return cls(
            tuple(map(plain, finding.story)),
            finding.cause,
            finding.difference,
            tuple(sorted(found - {finding.cause})),
            tuple(fact for fact in evidence.facts() if fact.place.operation in operations),
            **about,
        )

    @property
    def operation(self) -> Operation:
        """The operation that differs."""
        return self.calls[-1].operation

    def known(self) -> Evidence:
        """Return what is known of the places in the story's answers."""
        evidence = Evidence()
        for fact in self.evidence:
            evidence.learn(fact)
        return evidence


def plain(call: Call) -> Call:
    """Return a call with no more of its operation than it takes to send it."""
    given = call.operation
    return replace(
        call,
        operation=Operation(given.method, given.path, {}, (), given.line),
        path=dict(call.path),
        query=tuple((name, value) for name, value in call.query),
        fields=tuple((name, value) for name, value in call.fields),
    )


def dumps(saved: Saved, mask: Callable[[str], str] = str) -> str:
    """Write a story; secrets in it are masked, even where it can't be told again then."""
    raw = {
        "format": FORMAT,
        "headline": saved.headline,
        "found": saved.found,
        "servers": dict(saved.servers),
        "config": saved.config,
        "openapi": saved.openapi,
        "cause": saved.cause._asdict(),
        "difference": encoded(saved.difference._asdict() | {"place": [*saved.difference.place]}),
        "others": [cause._asdict() for cause in saved.others],
        "evidence": [fact._asdict() for fact in saved.evidence],
        "calls": [call_as_json(call) for call in saved.calls],
    }
    return json.dumps(masked(raw, mask), indent=2, allow_nan=False) + "\n"


def loads(text: str) -> Saved:
    """Read a story; raise a StoryError that says why it can't be read."""
    try:
        raw = json.loads(text)
        version = raw["format"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise StoryError("this is no story of lookalike") from None
    if version != FORMAT:
        raise StoryError(f"this is a story of format {version}, and only {FORMAT} is known")
    try:
        calls = tuple(map(call_from_json, raw["calls"]))
        difference = decoded(raw["difference"])
        saved = Saved(
            calls,
            Cause(**raw["cause"]),
            Difference(**(difference | {"place": Place(*difference["place"])})),
            tuple(Cause(**each) for each in raw["others"]),
            tuple(map(fact_from_json, raw["evidence"])),
            **{name: raw[name] for name in ("servers", "config", "openapi", "headline", "found")},
        )
        saved.known()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoryError(f"this story is damaged: {type(error).__name__}: {error}") from None
    if not calls or any(
        made.step >= step for step, call in enumerate(calls) for made in call.made()
    ):
        raise StoryError("this story is damaged: a call needs what no earlier one made")
    return saved


def read(path: Path) -> Saved:
    """Read a file; raise a StoryError that says why it can't be read."""
    try:
        return loads(path.read_text("utf-8"))
    except OSError as error:
        raise StoryError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise StoryError(f"{path}: {error}") from None


def fact_from_json(raw: Mapping[str, Any]) -> Fact:
    """Read what is known of a place."""
    others = tuple(Place(*each) for each in raw["others"])
    return Fact(raw["kind"], Place(*raw["place"]), tuple(raw["texts"]), others)


PARTS = [each for each in fields(Call) if each.name != "operation"]


def call_as_json(call: Call) -> dict[str, Any]:
    """Write a call, without parts that have their usual value."""
    operation = call.operation
    raw: dict[str, Any] = {
        "operation": {"method": operation.method, "path": operation.path, "line": operation.line}
    }
    for part in PARTS:
        value = getattr(call, part.name)
        usual = part.default if part.default is not MISSING else {}
        if value != usual or type(value) is not type(usual):
            raw[part.name] = encoded(value)
    return raw


def call_from_json(raw: Mapping[str, Any]) -> Call:
    """Read a call."""
    parts = {part.name: decoded(raw[part.name]) for part in PARTS if part.name in raw}
    for name in parts.keys() & {"query", "fields"}:
        parts[name] = tuple((key, value) for key, value in parts[name])
    operation = raw["operation"]
    return Call(
        Operation(operation["method"], operation["path"], {}, (), operation["line"]), **parts
    )


def encoded(value: Any) -> Any:
    """Write a value as one that JSON has."""
    if isinstance(value, tuple):
        kind = WRITERS.get(type(value))
        parts = [*map(encoded, value)]
        return {kind: parts} if kind else parts
    if isinstance(value, dict):
        members = {name: encoded(inner) for name, inner in value.items()}
        return {"$object": members} if any(name.startswith("$") for name in value) else members
    if isinstance(value, list):
        return [*map(encoded, value)]
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$number": repr(value)}
    return {"$absent": []} if value is ABSENT else value


def decoded(raw: Any) -> Any:
    """Read what `encoded` wrote."""
    if isinstance(raw, list):
        return [*map(decoded, raw)]
    if not isinstance(raw, dict):
        return raw
    for name, inner in raw.items():
        if name.startswith("$"):
            return READERS[name](inner)
    return {name: decoded(inner) for name, inner in raw.items()}


def made(parts: Sequence[Any]) -> Made:
    """Read a value that servers made."""
    step, part, pointer, place, value = parts
    return Made(step, part, pointer, Place(*place), value)


def members_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Read an object in which a name starts as those of the others do."""
    return {name: decoded(inner) for name, inner in raw.items()}


WRITERS: Mapping[type, str] = {
    Made: "$made",
    Fresh: "$fresh",
    Own: "$own",
    Text: "$text",
    Raw: "$raw",
    File: "$file",
}
READERS: Mapping[str, Callable[[Any], Any]] = {
    "$made": made,
    "$fresh": lambda parts: Fresh(*parts),
    "$own": lambda parts: Own(*parts),
    "$text": lambda parts: Text(tuple(decoded(parts[0])), parts[1]),
    "$raw": lambda parts: Raw(tuple(decoded(parts[0])), parts[1]),
    "$file": lambda parts: File(*parts),
    "$bytes": lambda text: base64.b64decode(text, validate=True),
    "$number": float,
    "$absent": lambda _: ABSENT,
    "$object": members_of,
}


def masked(value: Any, mask: Callable[[str], str]) -> Any:
    """Mask secrets in all texts."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {name: masked(inner, mask) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, mask) for inner in value]
    return value
