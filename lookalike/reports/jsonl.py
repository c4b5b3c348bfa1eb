"""A run for programs: JSON Lines, one object for each thing that happens, as it happens.

Each object has a `type`:

- `start`: `format` (1; raised when a field changes its meaning), `servers`, `openapi`, `settings`
- `phase`: `name`, `total` (requests, or null)
- `note`: `text`
- `exchange`: `step`, `operation`, `actor`, `why`, `requests` and `answers` (each with one for each
  server, the old one first), `differences`
- `finding`: `cause`, `operation`, `operations` (how often on each), `where` (in the file),
  `difference`, `story` (exchanges), `diff` (lines), `reason` (null unless accepted). A cause that
  comes again replaces what was said of it before: its story has become shorter.
- `end`: `ended`, `findings`, `ranked` (each finding's `cause`, with those that are more of its
  kind: causes in `alike`, and in `further` differences that were not confirmed), `accepted`,
  `unconfirmed` (differences), `hidden` (each `difference` that could not be judged `since` only one
  server did something), `noise`, `uncompared`, `coverage` (`totals`, `operations`), `calls`,
  `seconds`, `seed`

A request has `method`, `target`, `fields` (pairs) and `body` (text or null); an answer `status`,
`reason`, `fields`, `body` and `seconds`, or `no_answer` and `detail`. A difference has `operation`,
`status`, `place`, `what`, `old` and `new` as JSON texts. Secrets are `***`; long texts end with how
many characters are left out.
"""

import json
from typing import Any, TextIO

from lookalike import coverage
from lookalike.client import Exchange
from lookalike.comparison import UNCOMPARED, text_of
from lookalike.findings import Finding, Observer, Run
from lookalike.http import Fields, NoAnswer, Outcome, Request
from lookalike.places import Difference
from lookalike.reports import About
from lookalike.reports.story import diff
from lookalike.reports.wording import Wording

FORMAT = 1


class JsonLines(Observer):
    """Writes an object as soon as it is known, so that a reader can follow."""

    def __init__(self, out: TextIO, about: About) -> None:
        self._out = out
        self._about = about
        self._wording = Wording(about.mask)
        self._write(
            "start",
            format=FORMAT,
            servers=dict(about.servers),
            openapi=about.file,
            settings=dict(about.settings),
        )

    def phase(self, name: str, total: int | None = None) -> None:
        self._write("phase", name=name, total=total)

    def exchange(self, exchange: Exchange) -> None:
        self._write("exchange", **self._exchange(exchange))

    def finding(self, finding: Finding) -> None:
        self._write("finding", **self._finding(finding))

    def note(self, text: str) -> None:
        self._write("note", text=text)

    def ended(self, run: Run) -> None:
        summary = coverage.summary(self._about.contract, run.reached)
        self._write(
            "end",
            ended=run.ended,
            findings=len(run.findings),
            ranked=[
                {
                    "cause": finding.cause._asdict(),
                    "alike": [each.cause._asdict() for each in finding.alike],
                    "further": [self._difference(each) for each in finding.further],
                }
                for finding in run.findings
            ],
            accepted=len(run.accepted),
            unconfirmed=[self._difference(each) for each in run.unconfirmed],
            hidden=[
                {"difference": self._difference(each.difference), "since": each.since}
                for each in run.hidden
            ],
            noise=[
                {
                    "operation": place.operation,
                    "status": place.status,
                    "place": str(place),
                    "how": how,
                }
                for place, how in run.noise.items()
            ],
            uncompared=sorted(UNCOMPARED),
            coverage={
                "totals": summary.totals,
                "operations": [covered(each) for each in summary.operations],
            },
            calls=run.calls,
            seconds=round(run.seconds, 3),
            seed=run.seed,
        )
        self._out.flush()

    def _write(self, kind: str, **values: Any) -> None:
        self._out.write(json.dumps({"type": kind, **self._safe(values)}) + "\n")

    def _safe(self, value: Any) -> Any:
        """Mask secrets in all texts, before JSON escapes them, and shorten what is long."""
        if isinstance(value, str):
            return self._wording.text(value)
        if isinstance(value, dict):
            return {self._wording.text(name): self._safe(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._safe(inner) for inner in value]
        return value

    def _exchange(self, exchange: Exchange) -> dict[str, Any]:
        call = exchange.call
        return {
            "step": exchange.step,
            "operation": call.operation.name,
            "actor": call.actor,
            "why": call.why,
            "requests": [sent(each) for each in exchange.requests],
            "answers": [came(each) for each in exchange.outcomes],
            "differences": [self._difference(each) for each in exchange.differences],
        }

    def _finding(self, finding: Finding) -> dict[str, Any]:
        return {
            "cause": finding.cause._asdict(),
            "operation": finding.operation,
            "operations": finding.operations,
            "where": self._about.where(finding.operation),
            "difference": self._difference(finding.difference),
            "story": [self._exchange(each) for each in finding.exchanges],
            "diff": diff(finding, self._about),
            "reason": finding.reason,
        }

    def _difference(self, found: Difference) -> dict[str, Any]:
        return {
            "operation": found.place.operation,
            "status": found.place.status,
            "place": str(found.place),
            "what": found.what,
            "old": self._wording.value(found.old),
            "new": self._wording.value(found.new),
        }


def sent(request: Request) -> dict[str, Any]:
    """Describe a request."""
    return {
        "method": request.method,
        "target": request.target,
        "fields": pairs(request.fields),
        "body": None if request.body is None else text_of(request.body),
    }


def came(outcome: Outcome) -> dict[str, Any]:
    """Describe an answer, or what came in its place."""
    if isinstance(outcome, NoAnswer):
        return {"no_answer": outcome.why, "detail": outcome.detail}
    return {
        "status": outcome.status,
        "reason": outcome.reason,
        "fields": pairs(outcome.fields),
        "body": text_of(outcome.body),
        "seconds": round(outcome.seconds, 6),
    }


def pairs(fields: Fields) -> list[list[str]]:
    """Return header fields as JSON has them."""
    return [[name, value] for name, value in fields]


def covered(found: coverage.OperationCoverage) -> dict[str, Any]:
    """Describe what was reached of an operation."""
    shares = {
        "statuses": found.statuses,
        "parameters": found.parameters,
        "properties": found.properties,
    }
    return {
        "operation": found.operation.name,
        "calls": found.calls,
        "succeeded": found.succeeded,
        "seen": found.seen,
        "undeclared": list(found.undeclared),
        **{
            name: {"reached": list(share.reached), "missed": list(share.missed)}
            for name, share in shares.items()
        },
    }
