"""What a run finds: differences with one cause are one finding, with the shortest story of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lookalike.calls import Call
from lookalike.client import Exchange
from lookalike.evidence import Evidence
from lookalike.places import Difference, Place


class Cause(NamedTuple):
    """What differences have in common that most likely come from one place in the code."""

    what: str  # as in Difference
    part: str  # "status", "body", a header field's name
    name: str  # the last name of the pointer, or the two statuses
    detail: str = ""


@dataclass
class Finding:
    """A difference that was seen again when its story was told again."""

    cause: Cause
    difference: Difference
    story: Sequence[Call]
    exchanges: Sequence[Exchange] = ()  # of the story; the last one differs
    operations: dict[str, int] = field(default_factory=dict)  # how often on each
    reason: str | None = None  # why it is intended, where it was accepted
    alike: list["Finding"] = field(default_factory=list)  # more of the same kind
    further: list[Difference] = field(
        default_factory=list
    )  # as many more, which were not confirmed

    @property
    def operation(self) -> str:
        """The operation that differs, such as `GET /todos`."""
        return self.difference.place.operation


class Hidden(NamedTuple):
    """A difference that was seen when an earlier one had left the servers with other content."""

    difference: Difference
    since: str  # what led to that


@dataclass
class Reached:
    """What was seen of one operation, on each server."""

    calls: int = 0
    statuses: tuple[dict[int, int], dict[int, int]] = field(default_factory=lambda: ({}, {}))
    parameters: set[str] = field(default_factory=set)  # that were sent
    properties: set[str] = field(default_factory=set)  # of answers, as patterns of pointers


@dataclass
class Run:
    """All that `diff` knows in the end."""

    findings: list[Finding] = field(default_factory=list)  # the most serious first
    accepted: list[Finding] = field(default_factory=list)
    unconfirmed: list[Difference] = field(default_factory=list)  # not seen again
    hidden: list[Hidden] = field(default_factory=list)  # could not be judged
    evidence: Evidence = field(default_factory=Evidence)  # that stories need to be told again
    noise: Mapping[Place, str] = field(default_factory=dict)  # and how it was told
    reached: dict[str, Reached] = field(default_factory=dict)  # by operation
    calls: int = 0
    seconds: float = 0
    seed: int = 0
    ended: str = (
        "finished"  # or "interrupted", "out of time", "out of requests", "too many failures"
    )


class Observer:
    """Is told what happens, as it happens; reports derive from it. All it does here is nothing."""

    def phase(self, name: str, total: int | None = None) -> None:
        """Note that a part of the work begins, such as the near misses."""

    def exchange(self, exchange: Exchange) -> None:
        """Note a call and its answers."""

    def finding(self, finding: Finding) -> None:
        """Note a new finding, or one whose story has become shorter."""

    def note(self, text: str) -> None:
        """Note something that a reader should know."""

    def ended(self, run: Run) -> None:
        """Note that the work is done."""


class Observers(Observer):
    """Several observers as one, told in their order: coverage before the reports that show it."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def phase(self, name: str, total: int | None = None) -> None:
        for observer in self._observers:
            observer.phase(name, total)

    def exchange(self, exchange: Exchange) -> None:
        for observer in self._observers:
            observer.exchange(exchange)

    def finding(self, finding: Finding) -> None:
        for observer in self._observers:
            observer.finding(finding)

    def note(self, text: str) -> None:
        for observer in self._observers:
            observer.note(text)

    def ended(self, run: Run) -> None:
        for observer in self._observers:
            observer.ended(run)
