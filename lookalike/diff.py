"""Two servers, asked the same: what differs, each difference with the story that shows it."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic

from lookalike.accept import Accepted
from lookalike.actors import Actor
from lookalike.alignment import Alignment
from lookalike.calls import Call, Fresh, Made, fresh_in, made_in, renumbered
from lookalike.causes import causes_of
from lookalike.client import DifferentialClient, Exchange, judge, rejudge
from lookalike.coverage import Coverage
from lookalike.divergence import Divergence, diverges
from lookalike.evidence import Evidence
from lookalike.explore import Explorer, Means
from lookalike.findings import Cause, Finding, Hidden, Observer, Observers, Run
from lookalike.limits import EndedError, LimitedTarget, Limits
from lookalike.openapi import Contract
from lookalike.places import Difference
from lookalike.ranking import kind_of_difference, kind_of_finding, ranked
from lookalike.shrinking import Budget, shrink
from lookalike.signing import login_of
from lookalike.targets import Target
from lookalike.telling import (
    Teller,
    alone,
    confirm,
    is_reading,
    learn_from_telling,
    nothing,
)

ATTEMPTS = 3  # at confirming one cause, by stories of several differences
ENOUGH = 6  # findings of one kind, after which more of it are counted, but not confirmed
STORY = 25  # the most calls before the one that differs
LONGEST_STORY = 150  # as above, where those are too few and the difference is still there
SHRINKING = 1_000  # requests to each server for one story
MOST_SHRINKING = 0.3  # of a run's time, for all of them
UNLIMITED = 600.0  # seconds, of which a run without a limit spends these shares
HALF = 0.5  # of the budget is spent when exploring starts afresh, where there is a reason
EXPLORED = 0.85  # of the budget is spent when what ends sessions, and odd writes, are left
CUT_OFF = {"interrupted", "too many failures"}  # runs that say nothing of what they didn't see


@dataclass(frozen=True)
class Options:
    """How long a run is, and what it may do."""

    seconds: float | None = 60
    requests: int | None = None  # to each server
    rate: float | None = None  # requests per second, to each server
    seed: int = 0
    read_only: bool = False  # GET, HEAD and OPTIONS alone
    write_to: Collection[str] = ()  # hosts besides this machine's that may be written to
    reset: Callable[[], None] = field(default=nothing)  # makes both servers as new
    accepted: Accepted = field(default_factory=Accepted)
    recordings: Sequence[Sequence[Call]] = ()  # asked as they are, once values are learned
    by_bytes: bool = False  # compare how JSON is written, too
    well_formed: bool = False  # send nothing that servers may read or refuse as they like
    clock: Callable[[], float] = monotonic  # by which the seconds pass


def diff(  # noqa: PLR0913 - two servers, a file, and who asks what
    contract: Contract,
    old: Target,
    new: Target,
    *,
    options: Options | None = None,
    actors: Sequence[Actor] = (),
    observer: Observer | None = None,
    twin: Target | None = None,
) -> Run:
    """Send both servers the same requests, until a budget or the requests come to their end.

    Ctrl-C ends a run as a budget does: with what was found so far.
    """
    options = options or Options()
    limits = Limits(
        options.seconds,
        options.requests,
        options.rate,
        options.read_only,
        options.write_to,
        clock=options.clock,
        began=options.clock(),
    )
    session = Session(
        contract,
        [LimitedTarget(target, limits) for target in (old, new, twin) if target is not None],
        limits,
        options,
        actors,
        Observers(Coverage(contract), observer or Observer()),
    )
    try:
        session.explore()
    except KeyboardInterrupt:
        session.run.ended = "interrupted"
    except EndedError as end:
        session.run.ended = str(end)
    return session.end()


@dataclass
class Session:
    """One run: what is explored, compared, confirmed and kept."""

    contract: Contract
    targets: Sequence[LimitedTarget]  # the old one, the new one, perhaps the old one's twin
    limits: Limits
    options: Options
    actors: Sequence[Actor]
    observer: Observer

    def __post_init__(self) -> None:
        self.run = Run(seed=self.options.seed)
        old, new = self.targets[:2]
        twin = next(iter(self.targets[2:]), None)
        evidence = Evidence()
        evidence.by_bytes = self.options.by_bytes
        salt = f"{secrets.randbelow(10**6):06}"  # what earlier runs have left must be no obstacle
        self._salt = salt
        self._client = DifferentialClient(
            old, new, evidence, twin, actors=self.actors, salt=f"{salt}0"
        )
        self._teller = Teller(old, new, evidence, twin, self.actors, self.options.reset, f"{salt}1")
        self._found: dict[tuple[Cause, str | None], Finding] = {}  # by the reason, too
        self._shrinking = 0.0  # seconds
        self._shrinking_requests = 0
        self._kinds: Counter[Hashable] = Counter()  # findings of each kind
        self._further: dict[Hashable, dict[Cause, Difference]] = defaultdict(dict)  # beyond enough
        self._attempts: Counter[tuple[Cause, bool]] = Counter()
        self._unconfirmed: dict[Cause, Difference] = {}
        self._divergence = Divergence()
        self._past_divergence = Divergence()  # before exploring afresh
        self._hidden: dict[Cause, Hidden] = {}
        self._alike: set[str] = set()  # calls that both servers have answered alike before
        self._starts_anew = self.options.reset is not nothing
        self._teller.before = self._values_on_servers
        self._held: list[Exchange] | None = None  # to be judged once more is known
        self._introduced: dict[Fresh, int] = {}  # the first steps with texts that are new
        self._told: dict[str, list[Exchange]] = {}  # stories that confirm causes of one exchange
        may_write = all(target.may_write for target in self.targets)
        self._means = Means(
            [actor.name for actor in self.actors],
            self.options.seed,
            salt,
            may_write,
            well_formed=self.options.well_formed,
            end_apart=old.ending != new.ending,
            logins=self._logins(is_fresh=True),
            old_logins=self._logins(is_fresh=False),
        )
        self._explorer = Explorer(self.contract, self._send, self._means)
        if not may_write and not self.options.read_only:
            hosts = {each.host for each in (old, new, twin) if each and not each.may_write}
            self.observer.note(
                "Only GET, HEAD and OPTIONS are sent: to let more be sent, name"
                f" {' and '.join(sorted(hosts))} with --write-to."
            )

    def _logins(self, *, is_fresh: bool) -> list[Call]:
        """Return calls that log actors in, who are new in each story or were there before."""
        actors = [actor for actor in self.actors if actor.recipe.is_fresh == is_fresh]
        found = [login_of(self.contract, actor) for actor in actors]
        return [call for call in found if call is not None]

    def explore(self) -> None:
        """Go through all parts of a run."""
        parts: list[tuple[str, Callable[[], None]]] = [
            ("learning", self._learn),
            ("recordings", self._recorded),
            ("examples", self._explorer.examples),
            ("exploring", partial(self._explorer.explore, self._is_time_for_more)),
            ("exploring afresh", self._start_afresh),
            ("ends of sessions", self._ends),  # of users who sign up for it
            ("odd writes", self._write_last),
        ]
        for name, part in parts:
            if part != self._start_afresh or self._can_start_afresh:
                self.observer.phase(name)
                part()

    def _is_time_for_more(self) -> bool:
        """Tell whether to leave off exploring: to do so afresh, or for what comes last."""
        return self._has_spent(HALF if self._can_start_afresh else EXPLORED)

    @property
    def _can_start_afresh(self) -> bool:
        """Tell whether the servers hold different things, and new ones can be held apart."""
        is_renewable = self._starts_anew or any(each.recipe.is_fresh for each in self.actors)
        return bool(self._divergence) and is_renewable and self._means.may_write

    def _start_afresh(self) -> None:
        """Explore once more, as new users or on new servers, without what led astray before.

        Where lists differ in what they hold since one request, all else about them is hidden.
        """
        old, new = self.targets[:2]
        twin = next(iter(self.targets[2:]), None)
        salt = f"{self._salt}3"
        self.options.reset()
        actors = [actor.renewed(salt) for actor in self.actors]
        evidence = self._client.evidence
        before = self._values_on_servers
        self._client = DifferentialClient(
            old, new, evidence, twin, actors=actors, salt=salt, before=before
        )
        self._teller.before = self._values_on_servers
        means = replace(
            self._means, seed=self._means.seed + 1, is_avoided=self._divergence.led_here
        )
        self._explorer = Explorer(self.contract, self._send, means)
        self._past_divergence, self._divergence = self._divergence, Divergence()
        self._alike.clear()
        self._attempts.clear()
        self._introduced.clear()
        self._learn()
        self._explorer.explore(partial(self._has_spent, EXPLORED))

    @property
    def _values_on_servers(self) -> Alignment | None:
        """What is known of values that stay on the servers, unless each story starts anew."""
        return None if self._starts_anew else self._client.alignment

    def _ends(self) -> None:
        self._explorer.ends()

    def _write_last(self) -> None:
        self._explorer.write_last()

    def _recorded(self) -> None:
        """Ask what was recorded; what may not be sent is left out, and so is what needs it."""
        may_write = all(target.may_write for target in self.targets)
        for recording in self.options.recordings:
            steps: dict[int, int] = {}
            for number, call in enumerate(recording):
                is_known = all(made.step in steps for made in call.made())
                if is_known and (may_write or call.is_safe):
                    steps[number] = self._send(renumbered(call, steps.__getitem__)).step

    def _has_spent(self, share: float) -> bool:
        """Tell whether that much of the budget is spent."""
        return self.limits.spent(self.targets[0].sent) > share

    def end(self) -> Run:
        """Return what was found."""
        run = self.run
        for key, finding in [*self._found.items()]:  # evidence may have come after it
            if not rejudge(finding.exchanges, self._client.evidence)[-1].differences:
                self._unconfirmed[finding.cause] = self._found.pop(key).difference
        run.findings = ranked(each for each in self._found.values() if each.reason is None)
        further = dict(self._further)
        for finding in run.findings:
            finding.further = [*further.pop(kind_of_finding(finding), {}).values()]
        for rest in further.values():
            self._unconfirmed |= rest
        run.accepted = [each for each in self._found.values() if each.reason is not None]
        found = {cause for cause, _ in self._found}
        run.hidden = [each for cause, each in self._hidden.items() if cause not in found]
        run.unconfirmed = [
            difference
            for cause, difference in self._unconfirmed.items()
            if cause not in found and cause not in self._hidden
        ]
        if run.ended not in CUT_OFF:
            for entry in self.options.accepted.unseen():
                self.observer.note(f"Accepted, but not seen in this run: {entry}")
        run.evidence = self._client.evidence
        run.calls = self.targets[0].sent
        run.seconds = self.limits.elapsed
        self.observer.ended(run)
        return run

    def _learn(self) -> None:
        """Reach all operations, and judge what each answered once it has been asked twice."""
        self._held = []
        for _ in self._explorer.learn():
            held, self._held = self._held, []
            for exchange in held:
                again = judge(exchange, self._client.alignment)
                self._client.exchanges[exchange.step] = again
                self._judge(again)
        self._held = None

    def _send(self, call: Call, *, learn: bool = False) -> Exchange:
        number = len(self._client.exchanges)
        for fresh in names_in(call):
            self._introduced.setdefault(fresh, number)
        self._client.send(call, learn=learn)
        for exchange in self._client.exchanges[number:]:
            self.observer.exchange(exchange)
            if self._held is None:
                self._judge(exchange)
            else:
                self._held.append(exchange)
        return self._client.exchanges[number]

    def _judge(self, exchange: Exchange) -> None:
        found = causes_of(exchange)
        self._told.clear()
        for cause, difference in found.items():
            self._note(cause, difference, exchange)
        self._divergence.note(exchange)
        if not found:
            self._alike.add(key_of(exchange.call))

    def _tell(self, story: Sequence[Call]) -> list[Exchange]:
        """Tell a story, and note where the servers hold different things from then on."""
        told = self._teller(story)
        for each in told:
            self._divergence.note(each)
        return told

    def _tell_once(self, story: Sequence[Call]) -> list[Exchange]:
        """Tell a story, unless that was done for another cause of the same exchange."""
        key = repr(story)
        if key not in self._told:
            self._told[key] = self._tell(story)
        return self._told[key]

    def _follows(self, exchange: Exchange) -> bool:
        """Tell whether a difference is what is to be expected after an earlier one.

        The servers hold different things by then, and what only reads would show that.
        """
        if self._starts_anew:
            return False
        is_new = key_of(exchange.call) not in self._alike
        return not is_new or bool(self._divergence.since(exchange.call.operation))

    def _note(self, cause: Cause, difference: Difference, exchange: Exchange) -> None:
        operation = exchange.call.operation.name
        reason = self.options.accepted.reason(cause, operation)
        if finding := self._found.get((cause, reason)):
            finding.operations[operation] = finding.operations.get(operation, 0) + 1
            return
        kind = kind_of_difference(cause, difference, exchange.call.why)
        if reason is None and self._kinds[kind] >= ENOUGH:
            self._further[kind].setdefault(cause, difference)
            return
        self._unconfirmed.setdefault(cause, difference)
        # What was left in only one server before exploring afresh may still be in the way.
        for divergence in (self._divergence, self._past_divergence):
            if since := divergence.since(exchange.call.operation):
                self._hidden.setdefault(cause, Hidden(difference, since))
        # what follows from an earlier difference must not use up what another one is due
        follows = self._divergence.is_about(exchange.call)
        attempt = cause, follows
        if self._attempts[attempt] >= (1 if follows else ATTEMPTS):
            return
        self._attempts[attempt] += 1
        told = self._told_again(exchange, cause, difference)
        if told and (again := self._still_different(told, exchange, cause)):
            story = [each.call for each in told]
            finding = Finding(cause, again, story, told, {operation: 1}, reason)
            self._found[cause, reason] = finding
            self.observer.finding(finding)
            if reason is None:
                self._kinds[kind] += 1
                if self._kinds[kind] == 1:
                    self._shrink(finding)
            if difference.place.part == "body" and not is_reading(story):
                self._divergence.add(exchange.call, f"{operation} was answered differently")

    def _told_again(
        self, exchange: Exchange, cause: Cause, difference: Difference
    ) -> list[Exchange] | None:
        """Tell a story that ends with the call of an exchange, and shows the cause again.

        What a list shows may be there because of earlier calls. Then their story has to be told;
        the list alone would show it as well, but not on new servers. And where only one of the
        servers did what it was asked, that is what differs, and not what follows.
        """
        stories = [*self._stories(exchange)]
        if difference.place.part == "body" and is_reading(alone(stories[0])):
            told = self._first(
                confirm(each, self._tell_once, cause, is_made=True)
                for each in stories
                if not is_reading(each)
            )
            if told or self._follows(exchange):
                return told
        told = self._first(confirm(each, self._tell_once, cause) for each in stories)
        if told or not self._is_still_read(exchange.call, cause):
            return told
        # It takes more than the last calls to get there, such as all entries of a list.
        _, longest = self._steps_to(exchange, LONGEST_STORY)
        return self._first(confirm(each, self._tell_once, cause) for each in self._retold(longest))

    def _is_still_read(self, call: Call, cause: Cause) -> bool:
        """Tell whether a call that only reads differs by a cause again, which no time explains."""
        return call.is_safe and cause.what != "time" and cause in causes_of(self._client.send(call))

    def _still_different(
        self, told: list[Exchange], exchange: Exchange, cause: Cause
    ) -> Difference | None:
        """Return how a story's end differs once it is known what servers make anew each time.

        A story that only reads may show what an earlier write has made: that is told as well.
        Where an answer is missing, a connection may have broken by chance, and twice by the same
        chance, such as a server that hangs up after a silence.
        """
        if cause.part == "answer":
            story = [each.call for each in told]
            if not all(cause in causes_of(self._tell(story)[-1]) for _ in range(2)):
                return None
        evidence = self._client.evidence
        changes = evidence.changes
        stories = [[each.call for each in told], *reversed([*self._stories(exchange)])]
        writing = next((story for story in stories if not is_reading(story)), None)
        if writing:
            once = self._tell(writing)
            learn_from_telling(once, self._tell(writing), evidence)
            rejudge(once, evidence)  # from which other places follow, such as a list's
        if evidence.changes != changes:
            told[:] = rejudge(told, evidence)
        return causes_of(told[-1]).get(cause)

    def _first(self, told: Iterable[list[Exchange] | None]) -> list[Exchange] | None:
        return next((each for each in told if each and not any(map(diverges, each[:-1]))), None)

    def _shrink(self, finding: Finding) -> None:
        """Look for a shorter story."""
        began, sent = self.limits.elapsed, self.targets[0].sent
        budget = self._left_for_shrinking()
        if budget and (told := shrink(finding.story, self._tell, finding.cause, budget)):
            finding.story, finding.exchanges = told.story, told.exchanges
            finding.difference = causes_of(told.exchanges[-1])[finding.cause]
            self.observer.finding(finding)
        self._shrinking += self.limits.elapsed - began
        self._shrinking_requests += self.targets[0].sent - sent

    def _left_for_shrinking(self) -> Budget | None:
        """Return a tenth of a run for one story, and no more than three for all of them."""
        whole = self.options.seconds or UNLIMITED
        left = whole - self.limits.elapsed - 1
        seconds = min(whole * MOST_SHRINKING - self._shrinking, left, whole / 10)
        requests = float(SHRINKING)
        if every := self.options.requests:
            left = every * MOST_SHRINKING - self._shrinking_requests
            requests = min(requests, left, every / 10)
        return Budget(int(requests), seconds) if min(seconds, requests) > 0 else None

    def _stories(self, exchange: Exchange) -> Iterable[list[Call]]:
        """Yield calls that may show a difference again, the fewest first."""
        needed = self._needed({exchange.step})
        for steps in dict.fromkeys(map(tuple, (needed, *self._steps_to(exchange, STORY)))):
            yield from self._retold(steps)

    def _steps_to(self, exchange: Exchange, most: int) -> tuple[list[int], list[int]]:
        """Return the steps that use an exchange's names, and with them all that touch the same.

        Of each kind these are the last ones, and what they need.
        """
        names = self._names(exchange.call)
        writes = [
            each
            for each in self._client.exchanges[: exchange.step]
            if not each.call.is_safe and not diverges(each)
        ]
        namesakes = [each.step for each in writes if names and names & self._names(each.call)]
        before = [each.step for each in writes if touches(each.call, exchange.call)]
        some = self._needed({exchange.step, *namesakes[-most:]})
        return some, self._needed({*some, *before[-most:]})

    def _retold(self, steps: Sequence[int]) -> Iterable[list[Call]]:
        """Yield the calls of some steps, and so again with a last one that is renewed.

        What was created under a name that is taken by now is created under another one, unless
        the name is what calls have in common, such as that of a user who registers and logs in.
        """
        calls = self._numbered(steps)
        counts = Counter(fresh for call in calls for fresh in names_in(call))
        *earlier, last = (
            call
            if any(counts[fresh] > 1 for fresh in fresh_in(call.body))
            else self._explorer.renewed(call)
            for call in calls
        )
        yield [*earlier, calls[-1]]
        if last != calls[-1]:
            yield [*earlier, last]

    def _names(self, call: Call) -> set[Fresh]:
        """Return the new texts that a call sends, or that its credentials were got by."""
        asked = {made.step for _, value in call.fields for made in made_in(value)}
        calls = [call, *(self._client.exchanges[step].call for step in asked)]
        return {fresh for each in calls for fresh in names_in(each)}

    def _needed(self, steps: set[int]) -> list[int]:
        """Return steps with those whose answers they need, or in which their names were new."""
        waiting, found = [*steps], set(steps)
        while waiting:
            step = waiting.pop()
            call = self._client.exchanges[step].call
            others = {made.step for made in call.made()}
            others |= {self._introduced[fresh] for fresh in names_in(call)}
            waiting += [other for other in others - found if other < step]
            found |= {other for other in others if other < step}
        return sorted(found)

    def _numbered(self, steps: Sequence[int]) -> list[Call]:
        numbers = {step: number for number, step in enumerate(steps)}
        return [
            renumbered(self._client.exchanges[step].call, numbers.__getitem__) for step in steps
        ]


def names_in(call: Call) -> set[Fresh]:
    """Return the texts that are new in each story, and that a call sends: names and keys."""
    return {*fresh_in([call.body, *(value for _, value in call.fields)])}


def key_of(call: Call) -> str:
    """Return what is equal for calls that send the same."""
    return repr(replace(call, why="", query=[*call.query], fields=[*call.fields]))


def touches(call: Call, other: Call) -> bool:
    """Tell whether a call may have changed what another one is about."""
    if call.is_safe:
        return False
    mine, yours = ([*each.path.values()] for each in (call, other))
    shared = [value for value in mine if value in yours]
    if any(isinstance(value, Made) for value in shared):
        return True
    ids = {made.value for made in made_in([*mine, call.body])}
    return bool(ids & {made.value for made in made_in([*yours, other.body])}) or (
        not other.path and call.operation.path.startswith(other.operation.path)
    )
