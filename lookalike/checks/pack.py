"""What a check is, and what comes of it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lookalike.openapi import Operation

if TYPE_CHECKING:
    from lookalike.checks.api import Api
    from lookalike.checks.client import Seen


class Fault(NamedTuple):
    """What is wrong, in words that are the same wherever the cause is, and what shows it."""

    what: str
    exchanges: tuple["Seen", ...] = ()
    detail: str = ""  # what differs from place to place, such as a value


Faults = Iterator[Fault]
Judge = Callable[["Api", Operation], Faults]
Select = Callable[["Api"], Iterable[Operation]]


class UnjudgedError(Exception):
    """A check can't go on: the server failed, or refused what the check needs."""


@dataclass(frozen=True)
class Check:
    """One rule, and how it is held against a server."""

    name: str  # with the section that states the rule, such as rfc9110-9.3.2-head-equals-get
    pack: str
    statement: str  # of the rule, as it holds
    link: str
    asks: str
    oracle: str
    on: Select  # the operations that the rule is about
    otherwise: str  # why it isn't applicable where there are none
    writes: bool  # whether it asks for changes
    judge: Judge


@dataclass
class Pack:
    """Checks that belong together: all of them are asked for, or none."""

    name: str
    title: str
    checks: list[Check] = field(default_factory=list)

    def check(  # noqa: PLR0913 - a line each of what is documented
        self,
        name: str,
        statement: str,
        *,
        asks: str,
        oracle: str,
        on: Select,
        otherwise: str,
        writes: bool = False,
        link: str = "",
    ) -> Callable[[Judge], Judge]:
        """Make a function that yields the faults of an operation a check of this pack."""

        def add(judge: Judge) -> Judge:
            self.checks.append(
                Check(
                    name,
                    self.name,
                    statement,
                    link or link_of(name),
                    asks,
                    oracle,
                    on,
                    otherwise,
                    writes,
                    judge,
                )
            )
            return judge

        return add


SECTIONS = {
    r"rfc(\d+)-([\d.]+)-": "https://www.rfc-editor.org/rfc/rfc{}#section-{}",
    r"(json-schema)-([\d.]+)-": "https://json-schema.org/draft/2020-12/{}-validation#section-{}",
    r"(idempotency-key)-([\d.]+)-": (
        "https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-{}-header-07#section-{}"
    ),
    r"openapi-([\w-]+?)-object-": "https://spec.openapis.org/oas/v3.1.1.html#{}-object",
}


def link_of(name: str) -> str:
    """Return where the rule stands that a check is named after."""
    for pattern, address in SECTIONS.items():
        if match := re.match(pattern, name):
            return address.format(*match.groups())
    raise ValueError(f"{name} names no section that is known here")


@dataclass
class Failure:
    """The same fault, on one operation or on many."""

    check: Check
    fault: Fault  # as it was first seen
    operations: dict[str, int] = field(default_factory=dict)  # how often on each


@dataclass
class Result:
    """What came of a check."""

    check: Check
    judged: int = 0  # operations
    why: str = ""  # it isn't applicable
    failures: list[Failure] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)  # faults that weren't seen again
    more: int = 0  # faults that aren't kept, as there are too many different ones

    @property
    def state(self) -> str:
        """One of "failed", "passed" and "not applicable"."""
        if self.failures:
            return "failed"
        return "passed" if self.judged else "not applicable"


class Score(NamedTuple):
    """How many checks passed of those that were applicable."""

    passed: int
    applicable: int

    def __str__(self) -> str:
        return f"{self.passed}/{self.applicable}"


def score(results: Iterable[Result]) -> Score:
    """Count the checks that passed, and those that were applicable."""
    states = [result.state for result in results]
    passed = states.count("passed")
    return Score(passed, passed + states.count("failed"))
