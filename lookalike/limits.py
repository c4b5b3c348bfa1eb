"""What is sent, and how much: the one place through which each request to a server goes."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lookalike.http import NoAnswer, Outcome, Request
from lookalike.targets import Target, Wrapper, is_loopback

READING = frozenset({"GET", "HEAD", "OPTIONS"})
GONE = frozenset({"refused", "unknown host", "timed out", "closed"})  # of a server that is dead


class EndedError(Exception):
    """The run has to end; the text says why, as `Run.ended` does."""


class ForbiddenWriteError(PermissionError):
    """A request that may change something, to a host that nobody allowed to be changed."""


@dataclass
class Limits:
    """What a run may send, and for how long, to all of its servers together."""

    seconds: float | None = None
    requests: int | None = None  # to each server
    rate: float | None = None  # requests per second, to each server
    is_reading_only: bool = False
    write_to: Collection[str] = ()  # hosts besides this machine that may be written to
    failures: int = 10  # requests in a row without an answer, from one server
    clock: Callable[[], float] = time.monotonic  # in seconds
    began: float = field(default_factory=time.monotonic)  # by that clock

    def may_write(self, target: Target) -> bool:
        """Tell whether a server may be sent what may change something."""
        host = host_of(target)
        return not self.is_reading_only and (host in self.write_to or is_loopback(host))

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.clock() - self.began

    def spent(self, requests: int) -> float:
        """Return which part of the budget is spent, with as many requests sent to a server."""
        return max(
            self.elapsed / self.seconds if self.seconds else 0,
            requests / self.requests if self.requests else 0,
        )


class LimitedTarget(Wrapper):
    """A server that gets only what it may be sent, and not more than that."""

    def __init__(self, target: Target, limits: Limits) -> None:
        super().__init__(target)
        self.host = host_of(target)
        self.sent = 0
        self.beneath = target  # logins go there: they are no write, nor a part of the run
        self._limits = limits
        self.may_write = limits.may_write(target)
        self._failures = 0
        self._last = 0.0

    def send(self, request: Request) -> Outcome:
        """Send a request, unless it may not be sent, or the run has to end."""
        limits = self._limits
        if request.method not in READING and not self.may_write:
            raise ForbiddenWriteError(
                f"{request.method} is not sent to {self.host}, which nobody has named as writable"
            )
        if limits.seconds is not None and limits.elapsed > limits.seconds:
            raise EndedError("out of time")
        if limits.requests is not None and self.sent >= limits.requests:
            raise EndedError("out of requests")
        if limits.rate:
            time.sleep(max(0.0, self._last + 1 / limits.rate - time.monotonic()))
            self._last = time.monotonic()
        self.sent += 1
        outcome = super().send(request)
        is_gone = isinstance(outcome, NoAnswer) and outcome.why in GONE
        self._failures = self._failures + 1 if is_gone else 0
        if self._failures >= limits.failures:
            raise EndedError("too many failures")
        return outcome


def host_of(target: Target) -> str:
    """Return the host that a server is on."""
    return str(getattr(target, "host", "") or urlsplit(target.base_url).hostname or "")
