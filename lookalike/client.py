"""Two servers, used as if they were one: every call goes to both, and the answers are compared."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lookalike.actors import Actor
from lookalike.addresses import Renaming, below
from lookalike.alignment import Alignment
from lookalike.calls import Call, Own, Raw, Resolver, is_success, made_in
from lookalike.comparison import ABSENT, compare
from lookalike.echoes import is_echo, sent_apart
from lookalike.evidence import Evidence
from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.noise import Twice, learn_from_repeat, learn_from_twin
from lookalike.openapi import Contract, Operation
from lookalike.places import Difference
from lookalike.targets import Target
from lookalike.translation import translated
from lookalike.values import NUMBER, looks_made

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110, section 9.2.1
THREADS = 32  # at most, all callers' together
# One pool for all stories, as each of its threads keeps a connection to each server.
SENDERS = ThreadPoolExecutor(THREADS, "lookalike")
PASSES = 4  # of judging a story, each by what the ones before have shown


class Outcomes(NamedTuple):
    """What belongs to the old server, and what to the new one."""

    old: Outcome
    new: Outcome


@dataclass(frozen=True)
class Exchange:
    """A call, what each server was sent for it, what each answered, and how these differ."""

    step: int
    call: Call
    requests: tuple[Request, Request]
    outcomes: Outcomes
    differences: tuple[Difference, ...] = ()
    when: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)
    caller: int = field(default_factory=threading.get_ident, compare=False)  # the thread's


class NoAnswerError(AssertionError):
    """All servers gave no answer to a request."""


class DifferenceError(AssertionError):
    """Two servers gave different answers to one request."""

    def __init__(
        self, exchange: Exchange, base_urls: tuple[str, str], mask: Callable[[str], str] = str
    ) -> None:
        self.exchange = exchange
        request = exchange.requests[0]
        lines = [f"{request.method} {request.target} is answered differently:"]
        for place, what, old, new in exchange.differences:
            lines.append(mask(f"  {place}: {what}: {old!r} → {new!r}"))
            if place.part == "body" and what == "value" and type(old) is type(new) is int:
                lines.append("  (if each server counts these by itself: learn=True)")
        for asked, base_url in zip(exchange.requests, base_urls, strict=True):
            lines.append(asked.curl(base_url, mask))
        super().__init__("\n".join(lines))


@dataclass
class Peer:
    """A server, and what it has answered to each step."""

    target: Target
    alignment: Alignment  # of the old server's values and this one's
    renaming: Renaming  # of its own address as the old server's
    answers: dict[int, Outcome] = field(default_factory=dict)


@dataclass
class DifferentialClient:
    """A story on two servers, from its first call on; what corresponds is learned as it goes.

    `evidence` is kept from story to story: where servers make values doesn't change with what
    they are asked. A `twin` is a second instance of the old server: where it differs from the
    old one, so may the new one. `further` new servers are held against the old one as well.

    Any number of threads may use `request`.
    """

    old: Target
    new: Target
    evidence: Evidence = field(default_factory=Evidence)
    twin: Target | None = None
    actors: Sequence[Actor] = ()
    salt: str = ""  # makes the texts new that no two stories may both use
    exchanges: list[Exchange] = field(default_factory=list)
    contract: Contract | None = None  # knows the operations of requests, if there is one
    further: Sequence[Target] = ()
    further_exchanges: list[Exchange] = field(default_factory=list)
    before: Alignment | None = None  # of the old and the new server in an earlier story

    def __post_init__(self) -> None:
        targets = [self.old, self.new, *self.further, *([self.twin] if self.twin else [])]
        urls = [target.base_url for target in targets]
        drops_path = len({urlsplit(url).path for url in urls}) > 1
        self._old, *peers = (
            Peer(
                target,
                Alignment(self.evidence, self.before if target is self.new else None),
                Renaming(url, urls[0], drops_path=drops_path),
            )
            for target, url in zip(targets, urls, strict=True)
        )
        self._twin = peers.pop() if self.twin else None
        self._peers = peers
        self._lock = threading.RLock()

    @property
    def alignment(self) -> Alignment:
        """What is known to correspond on the old and the new server."""
        return self._peers[0].alignment

    def send(self, call: Call, *, learn: bool = False) -> Exchange:
        """Send a call to all servers, compare, and note what corresponds.

        With `learn`, each server is sent it twice, to see what it makes anew for equal requests;
        what must be new is new in the second, too. The second answers are a step of their own.
        """
        exchanges = self._ask(call, self.salt)
        if not learn:
            return self._judged(exchanges)[0]
        again = self._ask(call, f"{self.salt}2")  # digits: most patterns take them
        return self._learned(exchanges, again)[0]

    def request(  # noqa: PLR0913 - a request has many parts, each passed by its name
        self,
        method: str,
        path: str,
        *,
        json: Any = ABSENT,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        actor: str | None = None,
        learn: bool = False,
    ) -> Answer:
        """Send a request to all servers at once, and return the old one's answer.

        It is written in the old server's values; the others are sent their own in place of these.
        With `learn` it is sent twice, as by `send`. Raises a DifferenceError where answers differ,
        and a NoAnswerError where none comes.
        """
        content = body if json is ABSENT else Raw(("null",)) if json is None else json
        call = Call(
            operation_of(method, path, self.contract),
            fields=tuple((headers or {}).items()),
            body=content,
            media_type="" if json is ABSENT else "application/json",
            actor=actor,
            target=path,
            method=method,
        )
        sent = self._at_once(call)
        with self._lock:
            again = self._at_once(call) if learn else None
            exchanges = self._learned(sent, again) if again else self._judged(sent)
        for exchange, peer in zip(exchanges, self._peers, strict=True):
            if exchange.differences:
                base_urls = (self.old.base_url, peer.target.base_url)
                raise DifferenceError(exchange, base_urls, self._masked)
        outcome = exchanges[0].outcomes.old
        if isinstance(outcome, NoAnswer):
            raise NoAnswerError(f"{method} {path}: {outcome.why} {outcome.detail}")
        return outcome

    def rejudge(self) -> list[Exchange]:
        """Judge all exchanges again, by all that is known in the end."""
        self.exchanges = rejudge(self.exchanges, self.evidence)
        return self.exchanges

    def close(self) -> None:
        """Hang up everywhere."""
        for peer in (self._old, *self._peers, *([self._twin] if self._twin else [])):
            peer.target.close()

    def _masked(self, text: str) -> str:
        for actor in self.actors:
            text = actor.secrets.masked(text)
        return text

    def _learned(self, once: Sequence[Exchange], again: Sequence[Exchange]) -> list[Exchange]:
        """Learn from what was sent twice, and compare both times; return the first."""
        for pair in zip(once, again, strict=True):
            learn_from_both(*pair, self.evidence)
        judged = self._judged(once)
        self._judged(again)
        return judged

    def _at_once(self, call: Call) -> list[Exchange]:
        """Send a call in the old server's values to all servers, each in its own."""
        request = call.request(Resolver({}, self.salt))
        others = [*self._peers, *([self._twin] if self._twin else [])]
        with self._lock:
            requests = [translated(request, peer.alignment) for peer in others]
        when = datetime.now(UTC)
        waiting = [
            SENDERS.submit(self._send, call, peer, each)
            for peer, each in zip(others, requests, strict=True)
        ]
        sent = self._send(call, self._old, request)
        told = [each.result() for each in waiting]
        with self._lock:
            if self._twin is not None:
                self._learn_from_twin(self._twin, call, sent, told.pop(), when)
            return self._answered(call, sent, told, when)

    def _learn_from_twin(
        self,
        twin: Peer,
        call: Call,
        sent: tuple[Request, Outcome],
        told: tuple[Request, Outcome],
        when: datetime,
    ) -> None:
        twin.alignment.asked(sent[0].texts & told[0].texts, when, threading.get_ident())
        learn_from_twin(call.operation.name, (sent[1], told[1]), twin.alignment)
        twin.answers[len(self._old.answers)] = told[1]

    def _judged(self, exchanges: Sequence[Exchange]) -> list[Exchange]:
        """Compare the answers of a step, and keep them."""
        judged = [
            judge(exchange, peer.alignment)
            for exchange, peer in zip(exchanges, self._peers, strict=True)
        ]
        self.exchanges.append(judged[0])
        self.further_exchanges += judged[1:]
        return judged

    def _ask(self, call: Call, salt: str) -> list[Exchange]:
        """Send a call to all servers, each with the values that it made itself."""
        when = datetime.now(UTC)
        before = self._old.answers
        asked = [(self._old, call.request(Resolver(before, salt, own=self._own)))]
        for peer in (*self._peers, *([self._twin] if self._twin else [])):
            resolver = Resolver(peer.answers, salt, peer.alignment, before, self._own)
            asked.append((peer, call.request(resolver)))
        if any(peer.target.is_in_process for peer, _ in asked):  # which nothing makes faster
            sent, *told = [self._send(call, *each) for each in asked]
        else:
            waiting = [SENDERS.submit(self._send, call, *each) for each in asked[1:]]
            sent = self._send(call, *asked[0])
            told = [each.result() for each in waiting]
        if self._twin is not None:
            self._learn_from_twin(self._twin, call, sent, told.pop(), when)
        if all(is_success(outcome) for _, outcome in (sent, *told)):
            for made in made_in([*call.path.values(), *(value for _, value in call.query)]):
                self.evidence.use(made.place)
        return self._answered(call, sent, told, when)

    def _own(self, own: Own) -> str:
        """Return what an actor of this story logs in by."""
        found = [each.own(own.pointer) for each in self.actors if each.name == own.actor]
        return next((text for text in found if text is not None), own.text)

    def _answered(
        self,
        call: Call,
        sent: tuple[Request, Outcome],
        told: Sequence[tuple[Request, Outcome]],
        when: datetime,
    ) -> list[Exchange]:
        """Give a step its number, and keep its answers for later ones."""
        step = len(self._old.answers)
        self._old.answers[step] = sent[1]
        exchanges = []
        for peer, (request, outcome) in zip(self._peers, told, strict=True):
            peer.answers[step] = outcome
            pair = Outcomes(sent[1], outcome)
            exchanges.append(Exchange(step, call, (sent[0], request), pair, when=when))
        return exchanges

    def _send(self, call: Call, peer: Peer, request: Request) -> tuple[Request, Outcome]:
        """Send a request to one server, as a call's actor."""
        if call.address:
            request = below(request, self.old.base_url)
        actor = next((each for each in self.actors if each.name == call.actor), None)
        if actor is not None:
            request = rescheme(actor.signed(request, peer.target), call.scheme)
        sent = request if call.is_literal else peer.target.spelled(request)
        outcome = peer.renaming(peer.target.send(sent))
        if actor is not None:
            actor.observe(request, outcome, peer.target)
        return sent, outcome


def learn_from_both(one: Exchange, other: Exchange, evidence: Evidence) -> None:
    """Learn from one call that was sent twice where both servers make values."""
    learn_from_repeat(
        Twice(
            one.call.operation.name,
            (one.outcomes.old, other.outcomes.old),
            (one.outcomes.new, other.outcomes.new),
        ),
        evidence,
        one.requests[0].texts ^ other.requests[0].texts,
        is_safe=one.requests[0].method in SAFE,
    )


def operation_of(method: str, path: str, contract: Contract | None) -> Operation:
    """Return the operation that a request is for; without a file, by which parts are ids."""
    path = path.partition("?")[0]
    if contract is not None and (found := contract.find(method, path)):
        return found
    named = [
        "{id}" if NUMBER.fullmatch(part) or looks_made(part) else part for part in path.split("/")
    ]
    return Operation(method, "/".join(named), {}, ())


def judge(exchange: Exchange, alignment: Alignment) -> Exchange:
    """Compare the answers of an exchange by what an alignment knows, which learns from them."""
    old, new = exchange.requests
    alignment.asked(old.texts & new.texts, exchange.when, exchange.caller)
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
