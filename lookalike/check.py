"""One server against its OpenAPI file and the RFCs that it claims."""

import time
from collections.abc import Collection, Sequence
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
from lookalike.checks.api import ORIGIN, Api
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
from lookalike.limits import EndedError
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
    # These judge what those before were answered, and
    problems.PACK,
    responses.PACK,
    # these leave behind what no client would have sent.
    values.PACK,
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
    reached: int = 0  # operations that succeeded

    @property
    def score(self) -> Score:
        """How many checks passed of all that were applicable."""
        return score(self.results)

    @property
    def exit_code(self) -> int:
        """0 all passed, 1 some failed, 2 nothing could be judged, as no operation succeeded."""
        if self.score.passed < self.score.applicable:
            return 1
        return 0 if self.reached else 2


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
    origin: str = ORIGIN,
    seed: int | None = None,
    watcher: Watcher | None = None,
) -> Checked:
    """Hold a server against a file and against the RFCs.

    With `may_write` false only GET, HEAD and OPTIONS are sent. `origin` is the one that the
    server lets read its answers, if it does so for any. What limits a target sets ends the run.
    With a `seed`, texts are those of another run with it, and may be taken.
    """
    watcher = watcher or Watcher()
    client = Client(target, actors, watcher.exchange)
    api = Api(
        contract,
        client,
        origin=origin,
        seed=time.time_ns() if seed is None else seed,
        may_write=may_write,
    )
    began = time.monotonic()
    checked = Checked()
    wanted = chosen(packs)
    checked.results = [Result(each) for pack in wanted for each in pack.checks]
    try:
        for operation in contract.operations:
            api.accepted(operation)
        for pack in wanted:
            for result in checked.results:
                if result.check.pack == pack.name:
                    watcher.began(pack, result.check)
                    judge(api, result, watcher)
                    watcher.judged(result)
    except EndedError as error:
        checked.ended = str(error)
    except KeyboardInterrupt:
        checked.ended = "interrupted"
    for result in checked.results:
        if result.state == "not applicable" and not result.why:
            result.why = f"the run ended: {checked.ended}"
            watcher.judged(result)
    summarize(checked, api, wanted)
    checked.requests = len(client.exchanges)
    checked.seconds = time.monotonic() - began
    watcher.ended(checked)
    return checked


def summarize(checked: Checked, api: Api, wanted: Sequence[Pack]) -> None:
    """Add the score of each pack, and which operations succeeded."""
    for pack in wanted:
        own = [each for each in checked.results if each.check.pack == pack.name]
        checked.scores[pack.name] = score(own)
    checked.unreached = api.unreached()
    checked.reached = len(api.contract.operations) - len(checked.unreached)


def judge(api: Api, result: Result, watcher: Watcher) -> None:
    """Hold a check against each operation that it is about, and put into its result what came."""
    check = result.check
    if check.writes and not api.may_write:
        result.why = "it asks for changes, and nothing may be written"
        return
    reasons: list[str] = []
    operations: list[Operation] = []
    with api.client.asking(check.name, check.pack):
        try:
            operations = [*check.on(api)]
        except UnjudgedError as error:
            reasons.append(str(error))
        for operation in operations:
            try:
                found = [*check.judge(api, operation)]
                for fault in confirmed(api, result, operation, found):
                    note(result, fault, operation, watcher)
                result.judged += 1
            except UnjudgedError as error:
                reasons.append(str(error))
    if not result.judged and not result.failures:
        result.why = reasons[0] if reasons else check.otherwise


def confirmed(
    api: Api, result: Result, operation: Operation, found: Sequence[Fault]
) -> list[Fault]:
    """Judge again where there are new faults; return those that are seen again, and known ones."""
    known = {failure.fault.what for failure in result.failures}
    if all(fault.what in known for fault in found):
        return [*found]
    try:
        known |= {fault.what for fault in result.check.judge(api, operation)}
    except UnjudgedError:
        if result.check.pack == robustness.PACK.name:  # this has felled the server
            return [*found]
    result.unconfirmed += [fault.what for fault in found if fault.what not in known]
    return [fault for fault in found if fault.what in known]


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
