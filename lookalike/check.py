"""One server against its OpenAPI file and the RFCs that it claims."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from lookalike.actors import Actor
from lookalike.checks import (
    authentication,
    conditional,
    cors,
    examples,
    head,
    idempotency,
    merge_patch,
    methods,
    negotiation,
    paging,
    problems,
    responses,
    robustness,
    values,
    writes,
)
from lookalike.checks.api import Api
from lookalike.checks.client import Client, Seen
from lookalike.checks.pack import (
    Check,
    Failure,
    Fault,
    Pack,
    Result,
    Score,
    UnjudgedError,
    score,
)
from lookalike.openapi import Contract, Operation
from lookalike.targets import Target

PACKS: tuple[Pack, ...] = (
    methods.PACK,
    head.PACK,
    negotiation.PACK,
    conditional.PACK,
    writes.PACK,
    merge_patch.PACK,
    idempotency.PACK,
    paging.PACK,
    authentication.PACK,
    cors.PACK,
    examples.PACK,
    values.PACK,
    problems.PACK,
    responses.PACK,
    robustness.PACK,
)
MOST = 20  # different faults of one check that are kept, of which a report shows fewer


class PackError(ValueError):
    """A pack that doesn't exist."""


@dataclass
class Checked:
    """All that is known of a server in the end."""

    results: list[Result] = field(default_factory=list)
    scores: dict[str, Score] = field(default_factory=dict)  # by pack
    unreached: list[str] = field(default_factory=list)  # operations that never succeeded, and why
    requests: int = 0
    seconds: float = 0
    ended: str = "finished"

    @property
    def score(self) -> Score:
        """How many checks passed of all that were applicable."""
        return score(self.results)

    @property
    def exit_code(self) -> int:
        """0 all passed, 1 some failed, 2 nothing could be judged."""
        if not self.score.applicable:
            return 2
        return int(self.score.passed < self.score.applicable)


class Watcher:
    """Is told what goes on, as it goes on."""

    def began(self, pack: Pack, check: Check) -> None:
        """Note that a check begins."""

    def exchange(self, seen: Seen) -> None:
        """Note a request and its answer."""

    def failed(self, failure: Failure) -> None:
        """Note a new fault."""

    def judged(self, result: Result) -> None:
        """Note what came of a check."""

    def ended(self, checked: Checked) -> None:
        """Note that all is done."""


def chosen(names: Collection[str]) -> list[Pack]:
    """Return the packs of some names, all of them where there are none; `-name` leaves one out."""
    known = {pack.name: pack for pack in PACKS}
    for name in names:
        if name.removeprefix("-") not in known:
            listed = ", ".join(known)
            raise PackError(f"no pack is called {name.removeprefix('-')!r}; there are {listed}")
    wanted = [name for name in names if not name.startswith("-")]
    unwanted = {name[1:] for name in names if name.startswith("-")}
    return [
        pack
        for name, pack in known.items()
        if name not in unwanted and (not wanted or name in wanted)
    ]


def check(  # noqa: PLR0913 - a setting each, all with defaults
    contract: Contract,
    target: Target,
    *,
    actors: Sequence[Actor] = (),
    packs: Collection[str] = (),
    may_write: bool = True,
    origin: str = "https://lookalike.example",
    seconds: float | None = None,
    seed: int = 0,
    watcher: Watcher | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Checked:
    """Hold a server against a file and against the RFCs.

    With `may_write` false only GET, HEAD and OPTIONS are sent. `origin` is the one that the
    server lets read its answers, if it does so for any.
    """
    watcher = watcher or Watcher()
    client = Client(target, actors, watcher.exchange)
    api = Api(contract, client, origin=origin, seed=seed, may_write=may_write)
    began = clock()
    checked = Checked()
    wanted = sorted(chosen(packs), key=lambda pack: pack.is_last)
    try:
        for pack in wanted:
            for each in pack.checks:
                watcher.began(pack, each)
                is_late = seconds is not None and clock() - began > seconds
                result = Result(each, why="out of time") if is_late else judge(api, each, watcher)
                checked.results.append(result)
                watcher.judged(result)
                if is_late:
                    checked.ended = "out of time"
    except KeyboardInterrupt:
        checked.ended = "interrupted"
    names = [result.check.pack for result in checked.results]
    for pack in wanted:
        if pack.name in names:
            own = [each for each in checked.results if each.check.pack == pack.name]
            checked.scores[pack.name] = score(own)
    checked.unreached = api.unreached()
    checked.requests = len(client.exchanges)
    checked.seconds = clock() - began
    watcher.ended(checked)
    return checked


def judge(api: Api, check: Check, watcher: Watcher) -> Result:
    """Hold a check against each operation that it is about."""
    result = Result(check)
    if check.writes and not api.may_write:
        result.why = "it asks for changes, and nothing may be written"
        return result
    api.client.check = check.name
    reasons: list[str] = []
    try:
        operations = [*check.on(api)]
    except UnjudgedError as error:
        result.why = str(error)
        return result
    for operation in operations:
        try:
            for fault in check.judge(api, operation):
                note(result, fault, operation, watcher)
            result.judged += 1
        except UnjudgedError as error:
            reasons.append(str(error))
    if not operations:
        result.why = check.otherwise
    elif not result.judged and not result.failures:
        result.why = reasons[0]
    api.client.check = ""
    return result


def note(result: Result, fault: Fault, operation: Operation, watcher: Watcher) -> None:
    """Add a fault to what came of a check: the same on several operations is one failure."""
    for failure in result.failures:
        if failure.fault.what == fault.what:
            failure.operations[operation.name] = failure.operations.get(operation.name, 0) + 1
            return
    if len(result.failures) < MOST:
        result.failures.append(Failure(result.check, fault, {operation.name: 1}))
        watcher.failed(result.failures[-1])
    else:
        result.more += 1
