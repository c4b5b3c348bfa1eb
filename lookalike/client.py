"""Two servers, used as if they were one: every call goes to both, and the answers are compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from lookalike.actors import Actor
from lookalike.addresses import Renaming, below
from lookalike.alignment import Alignment
from lookalike.calls import Call, Resolver, is_success, made_in
from lookalike.comparison import compare
from lookalike.echoes import is_echo, sent_apart
from lookalike.evidence import Evidence
from lookalike.http import Outcome, Request
from lookalike.noise import Twice, learn_from_repeat, learn_from_twin
from lookalike.places import Difference
from lookalike.targets import Target

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110, section 9.2.1
PASSES = 4  # of judging a story, each by what the ones before have shown


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
    when: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)


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
        self._among_old = Alignment(self.evidence)  # of the old server and its twin
        self._answers: tuple[dict[int, Outcome], ...] = ({}, {}, {})
        urls = [(target or self.old).base_url for target in (self.old, self.new, self.twin)]
        drops_path = len({urlsplit(url).path for url in urls}) > 1
        self._renamings = [Renaming(url, urls[0], drops_path=drops_path) for url in urls]

    def send(self, call: Call, *, learn: bool = False) -> Exchange:
        """Send a call to both servers, compare the answers, and note what corresponds.

        With `learn`, each server is sent it twice, to see what it makes anew for equal requests;
        what must be new is new in the second, too. The second answers are a step of their own.
        """
        first = self._ask(call, self.salt)
        if not learn:
            return self._judged(first)
        second = self._ask(call, f"{self.salt}2")  # digits: most patterns take them
        learn_from_repeat(
            Twice(
                call.operation.name,
                (first.outcomes.old, second.outcomes.old),
                (first.outcomes.new, second.outcomes.new),
            ),
            self.evidence,
            first.requests[0].texts ^ second.requests[0].texts,
            is_safe=first.requests[0].method in SAFE,
        )
        judged = self._judged(first)
        self._judged(second)
        return judged

    def rejudge(self) -> list[Exchange]:
        """Judge all exchanges again, by all that is known in the end."""
        self.exchanges = rejudge(self.exchanges, self.evidence)
        return self.exchanges

    def _judged(self, exchange: Exchange) -> Exchange:
        """Compare the answers of an exchange, and keep it."""
        judged = judge(exchange, self.alignment)
        self.exchanges.append(judged)
        return judged

    def _ask(self, call: Call, salt: str) -> Exchange:
        """Send a call to all servers."""
        when = datetime.now(UTC)
        old, before = self._send(call, self.old, 0, salt)
        new, after = self._send(call, self.new, 1, salt)
        if self.twin is not None:
            request, outcome = self._send(call, self.twin, 2, salt)
            self._among_old.asked(old.texts & request.texts, when)
            learn_from_twin(call.operation.name, (before, outcome), self._among_old)
        if is_success(before) and is_success(after):
            for made in made_in([*call.path.values(), *(value for _, value in call.query)]):
                self.evidence.use(made.place)
        step = len(self._answers[0]) - 1
        return Exchange(step, call, (old, new), Pair(before, after), when=when)

    def _send(self, call: Call, target: Target, index: int, salt: str) -> tuple[Request, Outcome]:
        """Send a call to one server, as its actor, with that server's own values."""
        answers = self._answers[index]
        alignment = (None, self.alignment, self._among_old)[index]
        request = call.request(Resolver(answers, salt, alignment, self._answers[0]))
        if call.address:
            request = below(request, self.old.base_url)
        actor = next((each for each in self.actors if each.name == call.actor), None)
        if actor is not None:
            request = rescheme(actor.signed(request, target), call.scheme)
        outcome = self._renamings[index](target.send(request))
        if actor is not None:
            actor.observe(request, outcome, target)
        answers[len(answers)] = outcome
        return request, outcome


def judge(exchange: Exchange, alignment: Alignment) -> Exchange:
    """Compare the answers of an exchange by what an alignment knows, which learns from them."""
    old, new = exchange.requests
    alignment.asked(old.texts & new.texts, exchange.when)
    pairs = sent_apart(old, new)
    found = compare(exchange.call.operation.name, exchange.outcomes, alignment)
    return replace(exchange, differences=tuple(each for each in found if not is_echo(each, pairs)))


def rejudge(exchanges: Sequence[Exchange], evidence: Evidence) -> list[Exchange]:
    """Judge a story again, from its first call on: what is known by now was not known at first."""
    judged = [*exchanges]
    for _ in range(PASSES):
        known = evidence.changes
        alignment = Alignment(evidence)
        judged = [judge(exchange, alignment) for exchange in judged]
        if evidence.changes == known:
            break
    return judged


def rescheme(request: Request, scheme: str) -> Request:
    """Put another scheme before the credentials of a request (RFC 9110, section 11.4)."""
    credentials = request.header("Authorization")
    if not scheme or credentials is None:
        return request
    return request.with_fields(("Authorization", f"{scheme} {credentials.partition(' ')[2]}"))
