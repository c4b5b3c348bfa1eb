"""One server, asked as a differential client asks two: every exchange is kept."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lookalike.actors import Actor
from lookalike.calls import Call, Resolver
from lookalike.client import Exchange, Outcomes, rescheme
from lookalike.http import Answer, NoAnswer, Outcome, Request
from lookalike.targets import Target

NO_ANSWER = Answer(0, (), b"")


@dataclass(frozen=True)
class Seen(Exchange):
    """A call to one server, in the form of one whose old and new server are the same."""

    check: str = ""  # that asked
    pack: str = ""  # of that check

    @property
    def request(self) -> Request:
        """What was sent."""
        return self.requests[0]

    @property
    def outcome(self) -> Outcome:
        """What came."""
        return self.outcomes.old

    @property
    def answer(self) -> Answer:
        """What came; an answer of status 0 where nothing did."""
        return self.outcome if isinstance(self.outcome, Answer) else NO_ANSWER

    @property
    def status(self) -> int:
        """The status code, or 0."""
        return self.answer.status

    @property
    def is_success(self) -> bool:
        """Whether the answer is one of 2xx (RFC 9110, section 15.3)."""
        return self.status // 100 == 2  # noqa: PLR2004 - the class of the status

    @property
    def value(self) -> Any:
        """The JSON value of the body, None where there is none."""
        try:
            return json.loads(self.answer.body) if self.answer.is_json else None
        except (ValueError, RecursionError):
            return None

    @property
    def members(self) -> dict[str, Any]:
        """The members of the body, none where it is no object."""
        return self.value if isinstance(self.value, dict) else {}

    def field(self, name: str) -> str | None:
        """Return all values of a header field as one (RFC 9110, section 5.3)."""
        found = [value for key, value in self.answer.fields if key.lower() == name.lower()]
        return ", ".join(found) if found else None

    def __str__(self) -> str:
        if isinstance(self.outcome, NoAnswer):
            return f"no answer ({self.outcome.why})"
        return f"{self.status} {self.answer.reason}".strip()


@dataclass
class Client:
    """Sends calls to one server, as the actors that they name."""

    target: Target
    actors: Sequence[Actor] = ()
    heard: Callable[[Seen], None] = lambda _: None
    exchanges: list[Seen] = field(default_factory=list)
    check: str = ""  # that asks now
    pack: str = ""  # of that check

    @contextmanager
    def asking(self, check: str, pack: str) -> Iterator[None]:
        """Note which check asks what is sent meanwhile."""
        before = self.check, self.pack
        self.check, self.pack = check, pack
        try:
            yield
        finally:
            self.check, self.pack = before

    def send(self, call: Call) -> Seen:
        """Send a call, and keep what came."""
        answers = {}
        if any(True for _ in call.made()):
            answers = {seen.step: seen.outcome for seen in self.exchanges}
        request = call.request(Resolver(answers))
        actor = next((each for each in self.actors if each.name == call.actor), None)
        if actor is not None:
            request = rescheme(actor.signed(request, self.target), call.scheme)
        sent = request if call.is_literal else self.target.spelled(request)
        outcome = self.target.send(sent)
        if actor is not None:
            actor.observe(request, outcome, self.target)
        seen = Seen(
            len(self.exchanges),
            call,
            (sent, sent),
            Outcomes(outcome, outcome),
            check=self.check,
            pack=self.pack,
        )
        self.exchanges.append(seen)
        self.heard(seen)
        return seen
