"""Stories told from the start, on both servers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lookalike.actors import Actor
from lookalike.calls import Call
from lookalike.causes import causes_of
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


def confirm(story: Sequence[Call], tell: Tell, cause: Cause | None = None) -> list[Exchange] | None:
    """Tell a story again; return its exchanges if the last one still differs, by the same cause."""
    exchanges = tell(story)
    found = causes_of(exchanges[-1])
    return exchanges if found and (cause is None or cause in found) else None
