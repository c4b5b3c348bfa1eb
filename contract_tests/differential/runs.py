"""Runs of lookalike on two of the servers under test, and what makes a run fail."""

import io
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TextIO

from contract_tests.client import observed
from contract_tests.contract import CONTRACT_FILE
from contract_tests.law import violations
from contract_tests.servers import PLAIN, TUNED
from lookalike import config
from lookalike.accept import Accepted
from lookalike.client import Exchange
from lookalike.coverage import summary
from lookalike.diff import Options, diff
from lookalike.findings import Observer, Observers, Run
from lookalike.http import Answer
from lookalike.job import new_salt
from lookalike.openapi import Contract
from lookalike.places import Difference
from lookalike.reports import About
from lookalike.reports.terminal import Terminal
from lookalike.reports.wording import Wording
from lookalike.targets import HttpTarget

FOLDER = CONTRACT_FILE.parent / "contract_tests" / "lookalike_pairs"
SETTINGS = config.read(FOLDER / "lookalike.toml")
CONTRACT = Contract.read(CONTRACT_FILE).narrowed(SETTINGS.include, SETTINGS.exclude)
WORDING = Wording(str)  # in which nothing is secret
# Each twin plain, and the other one tuned: the other layers compare the two plain ones.
PAIRS = ((PLAIN[0], TUNED[1]), (TUNED[0], PLAIN[1]))


@dataclass
class Law(Observer):
    """Holds each answer to what the contract says of all of them."""

    base_urls: tuple[str, str]
    broken: dict[str, str] = field(default_factory=dict)  # the first request, by what is wrong

    def exchange(self, exchange: Exchange) -> None:
        told = zip(self.base_urls, exchange.requests, exchange.outcomes, strict=True)
        for base_url, request, answer in told:
            if isinstance(answer, Answer):
                method, target, status = request.method, request.target, answer.status
                observed.add((method, target, status))
                found = violations(method, target, status, answer.fields, answer.body)
                for each in found:
                    self.broken.setdefault(each, request.curl(base_url))


class Story(Terminal):
    """The report, without the notes: most runs are too short for all that is accepted."""

    def note(self, text: str) -> None:
        pass


def is_renewal(difference: Difference) -> bool:
    """Tell whether a request fell between two servers' renewals of a token's `last_used_at`.

    It is renewed when it is older than 60 seconds, which is not the same moment on both servers. A
    story that is told again has a new token.
    """
    place = difference.place
    is_shown = place.operation in {"GET /api/tokens", "HEAD /api/tokens"}
    return is_shown and (place.part != "body" or "last_used_at" in place.pointer)


@dataclass(frozen=True)
class Comparison:
    """What a run has shown."""

    run: Run
    broken: Mapping[str, str]
    report: str

    @property
    def wrong(self) -> list[str]:
        """What differs, or breaks the contract."""
        return [*self._differences(), *map("\n".join, self.broken.items())]

    @property
    def unsuccessful(self) -> list[str]:
        """Operations that never succeeded on both servers, so that only refusals were compared."""
        return [each.operation.name for each in summary(CONTRACT, self.run.reached).unsuccessful]

    def _differences(self) -> Iterator[str]:
        run = self.run
        if run.ended == "too many failures":  # to answer at all
            yield run.ended
        yield from map(WORDING.headline, run.findings)
        for each in run.unconfirmed:
            if not is_renewal(each):
                yield f"seen once: {each.place.operation}: {WORDING.difference(each)}"
        if not run.accepted:  # after which servers may hold different things
            for each, since in run.hidden:
                yield f"since {since}: {each.place.operation}: {WORDING.difference(each)}"


def compare(
    base_urls: tuple[str, str],
    seed: int,
    *,
    requests: int,
    seconds: float | None = None,
    progress: TextIO | None = None,
) -> Comparison:
    """Send two servers the same requests, which may change what they hold.

    What the contract leaves to each framework's parser isn't sent, and what else it leaves open is
    accepted.
    """
    old, new = map(HttpTarget, base_urls)
    law = Law(base_urls)
    servers = dict(zip(("old", "new"), base_urls, strict=True))
    about = About(CONTRACT, CONTRACT_FILE.name, servers)
    report = io.StringIO()
    terminal = Story(about, report, progress or io.StringIO(), budget=seconds)
    with closing(old), closing(new):
        run = diff(
            CONTRACT,
            old,
            new,
            options=Options(
                seconds=seconds,
                requests=requests,
                seed=seed,
                write_to={old.host, new.host},
                accepted=Accepted.read(FOLDER / "accepted.toml"),
                well_formed=True,
            ),
            actors=[actor.renewed(new_salt()) for actor in SETTINGS.actors],
            observer=Observers(law, terminal),
        )
    return Comparison(run, law.broken, report.getvalue())
