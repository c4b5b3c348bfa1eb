"""Stories told from the start, on both servers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lookalike.actors import Actor
from lookalike.calls import Call
from lookalike.causes import cause_of
from lookalike.client import DifferentialClient, Exchange
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
    sent: int = 0  # requests to each server

    def __call__(self, story: Sequence[Call]) -> list[Exchange]:
        """Tell a story; return an exchange for each of its calls."""
        self.told += 1
        salt = f"{self.salt}{self.told}"
        self.reset()
        actors = [actor.renewed(salt) for actor in self.actors]
        client = DifferentialClient(
            self.old, self.new, self.evidence, self.twin, actors=actors, salt=salt
        )
        for call in story:
            self.sent += 1
            client.send(call)
        return client.rejudge()


def is_standalone(call: Call) -> bool:
    """Tell whether a call changes nothing, and needs no earlier one: a list, say."""
    return call.operation.is_safe and not any(call.made())


def amount(exchange: Exchange, cause: Cause) -> int:
    """Return how much differs by a cause: how often, or by how many items."""
    return sum(
        abs(each.old - each.new)
        if each.what == "length" and isinstance(each.old, int) and isinstance(each.new, int)
        else 1
        for each in exchange.differences
        if cause_of(exchange, each) == cause
    )


def confirm(
    story: Sequence[Call], tell: Tell, cause: Cause, *, is_made: bool = False
) -> list[Exchange] | None:
    """Tell a story again; return its exchanges if the last one differs by the cause again.

    With `is_made`, the story has to make the difference: it must be more than what the last call
    alone shows before, of what servers have kept from earlier stories.
    """
    before = amount(tell(story[-1:])[-1], cause) if is_made else 0
    exchanges = tell(story)
    return exchanges if amount(exchanges[-1], cause) > before else None
