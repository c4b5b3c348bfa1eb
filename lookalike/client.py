"""Two servers, used as if they were one: every call goes to both, and the answers are compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lookalike.actors import Actor
from lookalike.alignment import Alignment, Difference, Evidence
from lookalike.calls import Call, Resolver
from lookalike.comparison import compare, volatile
from lookalike.http import Outcome, Request
from lookalike.targets import Target


class Pair(NamedTuple):
    """What belongs to the old server, and what to the new one."""

    old: Outcome
    new: Outcome


@dataclass(frozen=True)
class Exchange:
    """A call, what each server was sent for it, what each answered, and how these differ."""

    step: int
    call: Call
    requests: tuple[Request, Request]
    outcomes: Pair
    differences: tuple[Difference, ...] = ()


@dataclass
class DifferentialClient:
    """A story on two servers, from its first call on; what corresponds is learned as it goes.

    `evidence` is kept from story to story: where servers make values doesn't change with what
    they are asked. A `twin` is a second instance of the old server: where it differs from the
    old one, so may the new one.
    """

    old: Target
    new: Target
    evidence: Evidence = field(default_factory=Evidence)
    twin: Target | None = None
    actors: Sequence[Actor] = ()
    salt: str = ""  # makes the texts new that no two stories may both use
    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.alignment = Alignment(self.evidence)
        self._outcomes: tuple[dict[int, Outcome], ...] = ({}, {}, {})

    def send(self, call: Call, *, learn: bool = False) -> Exchange:
        """Send a call to both servers, compare the answers, and note what corresponds.

        With `learn`, each server is sent it twice, to see what it makes anew for equal requests.
        The second answers are a step of their own.
        """
        steps = [self._ask(call)]
        if learn:
            steps.append(self._ask(call))
            for name, first, second in zip(("old", "new"), steps[0][2], steps[1][2], strict=False):
                for place in volatile(call.operation.name, first, second):
                    self.evidence.add(name, place)
        exchanges = []
        for step, requests, outcomes in steps:
            found = compare(call.operation.name, outcomes, self.alignment)
            exchanges.append(Exchange(step, call, requests, outcomes, tuple(found)))
        self.exchanges += exchanges
        return exchanges[0]

    def _ask(self, call: Call) -> tuple[int, tuple[Request, Request], Pair]:
        step = len(self._outcomes[0])
        requests: list[Request] = []
        outcomes: list[Outcome] = []
        for index, target in enumerate((self.old, self.new)):
            ours = self._outcomes[index]
            resolver = (
                Resolver(ours, self.salt, self.alignment, self._outcomes[0])
                if index
                else Resolver(ours, self.salt)
            )
            request = call.request(resolver)
            actor = next((each for each in self.actors if each.name == call.actor), None)
            if actor is not None:
                request = rescheme(actor.signed(request, target), call.scheme)
            outcome = target.send(request)
            if actor is not None:
                actor.observe(request, outcome, target)
            self._outcomes[index][step] = outcome
            requests.append(request)
            outcomes.append(outcome)
        return step, (requests[0], requests[1]), Pair(*outcomes)


def rescheme(request: Request, scheme: str) -> Request:
    """Put another scheme before the credentials of a request (RFC 9110, section 11.4)."""
    credentials = request.header("Authorization")
    if not scheme or credentials is None:
        return request
    return request.with_fields(("Authorization", f"{scheme} {credentials.partition(' ')[2]}"))
