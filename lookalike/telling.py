"""Stories told from the start, on both servers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lookalike.actors import Actor
from lookalike.alignment import Alignment
from lookalike.calls import Call, Made, at, renumbered
from lookalike.causes import cause_of
from lookalike.client import DifferentialClient, Exchange, learn_from_both
from lookalike.evidence import Evidence
from lookalike.findings import Cause
from lookalike.targets import Target

Tell = Callable[[Sequence[Call]], list[Exchange]]


def nothing() -> None:
    """Reset nothing."""


@dataclass
class Teller:
    """Tells each story with a new alignment, new actors, and texts that no other story used.

    What servers were told before stays on them, unless `reset` makes both as new.
    """

    old: Target
    new: Target
    evidence: Evidence = field(default_factory=Evidence)
    twin: Target | None = None
    actors: Sequence[Actor] = ()  # renewed for each story, where their recipes can
    reset: Callable[[], None] = nothing
    salt: str = ""  # what this teller's stories have in common; the next must have another
    told: int = 0  # stories
    before: Alignment | None = None  # knows the values that are on the servers from before

    def __call__(self, story: Sequence[Call]) -> list[Exchange]:
        """Tell a story; return an exchange for each of its calls.

        Where the last one differs, and only reads, it is asked twice more: what was constant may
        have begun to vary by itself, on the old server as well.
        """
        self.told += 1
        salt = f"{self.salt}{self.told}"
        self.reset()
        actors = [actor.renewed(salt) for actor in self.actors]
        client = DifferentialClient(
            self.old,
            self.new,
            self.evidence,
            self.twin,
            actors=actors,
            salt=salt,
            before=self.before,
        )
        for call in story:
            client.send(call)
        if story[-1].is_safe and client.exchanges[-1].differences:
            client.send(story[-1], learn=True)
        return client.rejudge()[: len(story)]


def learn_from_telling(
    once: Sequence[Exchange], again: Sequence[Exchange], evidence: Evidence
) -> None:
    """Learn what servers make anew from the writes of a story that was told twice.

    A call that was never repeated, such as one by a method that the file doesn't have, shows its
    ids for the first time in a story; they would be taken for what differs.
    """
    for one, other in zip(once, again, strict=True):
        if not one.call.is_safe:
            learn_from_both(one, other, evidence)


def alone(story: Sequence[Call]) -> list[Call]:
    """Return the last call of a story, with the calls that it needs."""
    needed = {len(story) - 1}
    for index in reversed(range(len(story))):
        if index in needed:
            needed |= {made.step for made in story[index].made()}
    numbers = {step: number for number, step in enumerate(sorted(needed))}
    return [renumbered(story[step], numbers.__getitem__) for step in numbers]


def is_reading(story: Sequence[Call]) -> bool:
    """Tell whether a story shows what the servers hold, and changes nothing."""
    return all(call.is_safe for call in story)


def amount(exchange: Exchange, cause: Cause) -> int:
    """Return how much differs by a cause: how often, or by how many items."""
    return sum(
        abs(each.old - each.new)
        if each.what == "length" and isinstance(each.old, int) and isinstance(each.new, int)
        else 1
        for each in exchange.differences
        if cause_of(exchange, each) == cause
    )


def lacking(exchanges: Sequence[Exchange]) -> Made | None:
    """Return a value that a call needed, and that neither server has made this time."""
    for exchange in exchanges:
        for made in exchange.call.made():
            if all(at(outcome, made) is None for outcome in exchanges[made.step].outcomes):
                return made
    return None


def confirm(
    story: Sequence[Call], tell: Tell, cause: Cause, *, is_made: bool = False
) -> list[Exchange] | None:
    """Tell a story again; return its exchanges if the last one differs by the cause again.

    A story of which a call lacks what an earlier one made the first time is another one.
    With `is_made`, the story has to make the difference: it must be more than what the last call
    shows before, with what it needs, of what servers have kept from earlier stories.
    """
    before = amount(tell(alone(story))[-1], cause) if is_made else 0
    exchanges = tell(story)
    if lacking(exchanges) or amount(exchanges[-1], cause) <= before:
        return None
    return exchanges
