"""Is a difference fixed, still there, or another one now? Its story is told again to find out."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from lookalike.actors import Actor
from lookalike.causes import causes_of
from lookalike.client import Exchange
from lookalike.findings import Finding
from lookalike.http import NoAnswer
from lookalike.places import Difference
from lookalike.stories import Saved
from lookalike.targets import Target
from lookalike.telling import Teller, alone, is_reading, lacking, nothing


class Verdict(Enum):
    """What became of a difference, and the exit status that says so."""

    FIXED = ("fixed", 0)
    STILL_THERE = ("still there", 1)
    ANOTHER = ("another difference now", 1)
    NOT_TOLD = ("the story can't be told", 2)

    def __init__(self, text: str, status: int) -> None:
        self.text = text
        self.status = status


@dataclass(frozen=True)
class Replayed:
    """How a story was told again, as far as it could be."""

    verdict: Verdict
    exchanges: Sequence[Exchange] = ()  # up to the one that decides
    difference: Difference | None = None  # that was found now
    note: str = ""

    def finding(self, saved: Saved) -> Finding | None:
        """Return what was found now as a finding, to be reported as others are."""
        if self.difference is None:
            return None
        cause = next(
            cause
            for cause, difference in causes_of(self.exchanges[-1]).items()
            if difference == self.difference
        )
        return Finding(cause, self.difference, saved.calls[: len(self.exchanges)], self.exchanges)


def replay(
    saved: Saved,
    old: Target,
    new: Target,
    *,
    actors: Sequence[Actor] = (),
    reset: Callable[[], None] = nothing,
) -> Replayed:
    """Tell a story on two servers, and say what became of the difference that it showed.

    Differences that earlier calls showed already when the story was saved don't count.
    """
    names = {call.actor for call in saved.calls if call.actor} - {actor.name for actor in actors}
    if names:
        note = f"it needs to know how to sign in {', '.join(sorted(names))}"
        return Replayed(Verdict.NOT_TOLD, note=note)
    salt = f"{secrets.randbelow(10**6):06}"  # not that of an earlier replay
    tell = Teller(old, new, saved.known(), actors=actors, reset=reset, salt=salt)
    last = alone(saved.calls)
    is_made = is_reading(last) and not is_reading(saved.calls)
    before = saved.cause in causes_of(tell(last)[-1]) if is_made else False
    exchanges = tell(saved.calls)
    for number, exchange in enumerate(exchanges, 1):
        told = exchanges[:number]
        for name, outcome in zip(("old", "new"), exchange.outcomes, strict=True):
            if isinstance(outcome, NoAnswer) and outcome.why == "refused":
                note = f"the {name} server doesn't answer"
                return Replayed(Verdict.NOT_TOLD, told, note=note)
        if made := lacking(told):
            where = f"{made.part} {made.pointer}".strip()
            note = f"neither server's answer {made.step + 1} has {where} any more"
            return Replayed(Verdict.NOT_TOLD, told, note=note)
        found = causes_of(exchange)
        if saved.cause in found:
            note = (
                "The last call alone shows it, by what the servers held before." if before else ""
            )
            return Replayed(Verdict.STILL_THERE, told, found[saved.cause], note)
        for cause, difference in found.items():
            if number == len(exchanges) or cause not in saved.others:
                return Replayed(Verdict.ANOTHER, told, difference)
    return Replayed(Verdict.FIXED, exchanges)
