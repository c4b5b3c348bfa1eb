"""A walk through all operations, which uses what the servers have shown on the way."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from random import Random
from typing import Any, Protocol

from lookalike.calls import Call, Fresh, Made, Text, at, is_success
from lookalike.client import Exchange
from lookalike.comparison import escaped
from lookalike.divergence import diverges
from lookalike.filling import Filler
from lookalike.generation import Generator
from lookalike.http import Answer
from lookalike.limits import READING
from lookalike.openapi import Contract, Operation
from lookalike.pools import Pools, blank, made_at, plain, slot_path
from lookalike.samples import parameters, samples
from lookalike.schemas import read as read_schema
from lookalike.signing import (
    as_user,
    changed_password,
    credentials,
    is_as_user,
    password_of,
    signing_in,
    signs_up,
)
from lookalike.turns import in_turn, weighted
from lookalike.unique import UniqueTexts
from lookalike.variants import ALL, ILL_FORMED, LAST, LONG, Source
from lookalike.variants.parameters import set_to
from lookalike.variants.replays import KEY

# What ends a session or an account, by the last name of its path.
ENDING = re.compile(r"(log|sign)[-_]?(out|off)|revoke|deactivate|close|terminate", re.IGNORECASE)
GONE = frozenset({404, 410})
TAKEN = frozenset({400, 409, 422})  # what a value that is taken is answered with, or, where
BROKEN = 500  # a database's refusal is handled by nobody, one from here on
ROUNDS = 3  # of generated requests, where no budget ends a run before
LOT = 24  # requests that are made before the first of them is sent
DRAWN = 4  # requests of a kind that are drawn for an operation in the first round
REREAD = 0.3  # of refused calls, and of collections after accepted ones
DELETES = 4  # of each kind of thing in one round
CONFLICTS = 3  # of each accepted call that has texts which must be unique
LENGTHY = 20_000  # bytes of an answer, for which others have a turn more
TEMPLATES = 6  # accepted calls of an operation that further ones are made from
# How many turns a source has beside others: the first ones more, and those that take long.
WEIGHTS = {
    name: LONG[name] * len(ALL) if name in LONG else len(ALL) - number
    for number, name in enumerate(ALL)
}
ORDER = {"POST": 0, "PUT": 2, "PATCH": 2, "DELETE": 3}


class Send(Protocol):
    """Sends a call to both servers, twice with `learn`."""

    def __call__(self, call: Call, *, learn: bool = False) -> Exchange: ...


def order(operation: Operation) -> tuple[int, int, str]:
    """Return where an operation stands among others: creates, reads, updates, deletes."""
    return ORDER.get(operation.method, 1), len(operation.path_parameters), operation.path


def ends(operation: Operation) -> bool:
    """Tell whether an operation may end the session or the account of who asks for it."""
    if operation.is_safe:
        return False
    if operation.method == "DELETE":
        return not operation.path_parameters
    last = operation.path.rstrip("/").rpartition("/")[2]
    return bool(ENDING.fullmatch(last)) or (operation.method != "POST" and "password" in last)


@dataclass(frozen=True)
class Means:
    """What an explorer has to work with."""

    actors: Sequence[str]  # their names
    seed: int
    salt: str  # what makes this run's texts new
    may_write: bool = True
    is_avoided: Callable[[Call], bool] = lambda _: False  # of calls that change something
    # texts that were accepted, by member: one server alone may still have them when exploring anew
    used: set[tuple[str, str]] = field(default_factory=set)
    logins: Sequence[Call] = ()  # of actors who have registered for this run
    old_logins: Sequence[Call] = ()  # of others: accounts that were there before
    well_formed: bool = False  # nothing is sent that servers may read or refuse as they like
    end_apart: bool = False  # the servers' paths: one's with a slash, the other's without


class Explorer:
    """Sends calls, learns from what is answered, and makes further calls of it.

    Which calls are made depends on the seed and on the old server's answers, and on nothing else.
    """

    def __init__(self, contract: Contract, send: Send, means: Means) -> None:
        self._send = send
        self._contract = contract
        self._actors: list[str | None] = [*means.actors, None]
        self._random = Random(means.seed)  # noqa: S311 - repeatable on purpose
        self._generator = Generator(contract, means.seed)
        self._pools = Pools(contract, means.salt)
        self._texts = UniqueTexts(contract, means.used)
        self._filler = Filler(contract, self._pools, self._texts, self._actors, self._random)
        self._logins, self._old_logins = means.logins, means.old_logins
        self._may_write = may_write = means.may_write
        self._is_avoided = means.is_avoided
        self._end_apart = means.end_apart
        self._sources = {
            name: source
            for name, source in ALL.items()
            if not (means.well_formed and name == ILL_FORMED)
        }
        self.operations = [
            operation
            for operation in sorted(contract.operations, key=order)
            if may_write or operation.method in READING
        ]
        self.templates: dict[str, list[Exchange]] = defaultdict(list)
        self._costs: Counter[str] = Counter()  # turns that an operation leaves to others
        self._endings = self._all_endings()  # how far it has got
        self._sessions: dict[str | None, tuple[str, Text]] = {}  # second ones, by actor

    # What a run consists of

    def learn(self) -> Iterator[None]:
        """Reach each operation, in an order in which they lead to one another; yield after each."""
        waiting = [operation for operation in self.operations if not ends(operation)]
        for _ in range(2):  # what a later operation shows may be what an earlier one lacked
            for operation in waiting:
                self._reach(operation)
                self._log_in(operation)
                yield
            waiting = [each for each in waiting if not self.templates[each.name]]

    def explore(self, is_late: Callable[[], bool]) -> None:
        """Go on from what was accepted, by all means in turn, until it is late or nothing is left.

        What finds more has more turns. The state of the servers is another one each time.
        """
        for turn in range(ROUNDS):
            streams = [
                (10, self._variants()),
                (1, self._filters()),
                (1, self._others()),
                (1, self._deletes()),
                (1, self._conflicts()),
                (1, self._endings),
                (1, self._coverage()),
                (1, self._generated(DRAWN * (turn + 1))),
            ]
            for _ in weighted(streams):
                if is_late():
                    return

    def write_last(self) -> None:
        """Send writes that servers may read or refuse as they like, after which they differ."""
        for _ in self._variants(is_last=True):
            pass

    def examples(self) -> None:
        """Send the file's examples, and plain requests of other shapes."""
        for operation in self._unending():
            for call in [*samples(self._contract, operation), *self._generator.examples(operation)]:
                self.play(self._filler.fill(call))

    def ends(self) -> None:
        """Send what is left of what ends sessions and accounts."""
        for _ in self._endings:
            pass

    def _all_endings(self) -> Iterator[None]:
        """Send what ends sessions and accounts: as nobody, and as users who sign up for it."""
        for operation in self.operations:
            if ends(operation):
                for call in samples(self._contract, operation):
                    self.play(replace(self._filler.fill(call), actor=None))
                    yield
                    if self._may_write:
                        yield from self._end(call)

    def _end(self, call: Call) -> Iterator[None]:
        """End one of a new user's two sessions, or their account, and see what is left of it."""
        user = self._signed_in()
        if user is None:
            return
        registered, sign_in, field = user
        other = credentials(self._contract, self.play(sign_in)) or field
        yield
        read = self._own_read()
        ending = as_user(self._filler.fill(call), registered, field)
        self.play(ending)
        for each in dict.fromkeys((field, other)):
            if read is not None:
                self.play(as_user(read, registered, each))
        yield
        self.play(ending)
        yield
        self.play(sign_in)
        yield
        if changed := changed_password(ending, registered):
            self.play(signing_in(sign_in, changed))
            yield

    def _own_read(self) -> Call | None:
        """Return a call that shows users what is their own."""
        return next(
            (
                each.call
                for operation in self._unending()
                for each in self.templates[operation.name]
                if operation.is_safe and not operation.path_parameters and is_guarded(each)
            ),
            None,
        )

    def _signed_in(self) -> tuple[Call, Call, tuple[str, Text]] | None:
        """Sign a new user up and in; return both calls, and the header field with the token."""
        for operation in self.operations:
            unique = [member.names[0] for member in self._texts.by_operation[operation.name]]
            for exchange in self.templates[operation.name][:1]:
                if not signs_up(exchange, unique):
                    continue
                registered = self._texts.again(exchange.call)
                if not all(map(is_success, self.play(registered).outcomes)):
                    continue
                for sign_in in self._ways_in(operation):
                    call = signing_in(sign_in, registered)
                    if field := credentials(self._contract, self.play(call)):
                        return registered, call, field
        return None

    def _ways_in(self, sign_up: Operation) -> Iterator[Call]:
        """Yield calls that may sign somebody in."""
        for operation in self.operations:
            if operation.method == "POST" and operation != sign_up:
                for call in samples(self._contract, operation)[:1]:
                    if password_of(call.body) and not operation.path_parameters:
                        yield call

    def _filters(self) -> Iterator[None]:
        """Read lists by values that they hold."""
        reads = [each for each in self._unending() if each.method == "GET"]
        for call in in_turn([self._filtered(operation) for operation in reads]):
            self.play(call)
            yield

    def _others(self) -> Iterator[None]:
        """Ask for what was accepted as somebody else, and as nobody."""
        for operation in self._unending():
            for exchange in self.templates[operation.name][:2]:
                for actor in self._actors:
                    if actor != exchange.call.actor:
                        again = self._texts.again(exchange.call)
                        self.play(replace(again, actor=actor, why="as another"))
                        yield
                yield from self._keys_of_others(exchange)

    def _keys_of_others(self, exchange: Exchange) -> Iterator[None]:
        """Send a call under an idempotency key, and so again in another session, and as others."""
        call = self._texts.again(exchange.call)
        names = [name for name in parameters(call.operation, "header") if KEY.search(name)]
        if not names or call.actor is None:
            return
        key = Fresh(f"lookalike-shared-{exchange.step}-")
        fields = [*set_to(call.fields, names[0], key)]
        keyed = replace(call, fields=fields, why="under a key")
        self.play(keyed)
        yield
        if session := self._sessions.get(call.actor):
            again = replace(keyed, fields=[*fields, session], actor=None)
            self.play(replace(again, why="the key in another session"))
            yield
        for actor in self._actors[:-1]:
            if actor != call.actor:
                self.play(replace(keyed, actor=actor, why="the key as another"))
                yield

    def _variants(self, *, is_last: bool = False) -> Iterator[None]:
        """Vary what was accepted, all operations in turn."""
        for position in range(TEMPLATES):
            yield from weighted(
                (WEIGHTS[name], self._varied(source, exchange))
                for name, source in self._sources.items()
                for operation in self._unending()
                if is_last == (name in LAST and not operation.is_safe)
                for exchange in self._telling(operation)[position : position + 1]
            )

    def _telling(self, operation: Operation) -> list[Exchange]:
        """Return the accepted calls of an operation, those that say most first."""
        return sorted(self.templates[operation.name], key=lambda each: -size(each.call))

    def _generated(self, count: int) -> Iterator[None]:
        """Send what Schemathesis makes of the file, some of it for each operation."""
        yield from in_turn([self._drawn(operation, count) for operation in self._unending()])

    def _drawn(self, operation: Operation, count: int) -> Iterator[None]:
        yield from self._played(self._generator.positive(operation, count))
        yield from self._played(self._generator.negative(operation, count), is_exact=True)

    def _coverage(self) -> Iterator[None]:
        """Send what stands at and beyond the bounds of each schema."""
        yield from in_turn([self._bounds(operation) for operation in self._unending()])

    def _bounds(self, operation: Operation) -> Iterator[None]:
        calls = self._generator.coverage(operation)
        while lot := [*islice(calls, LOT)]:
            self._random.shuffle(lot)
            yield from self._played(lot, is_exact=True)

    def _played(self, calls: Iterable[Call], *, is_exact: bool = False) -> Iterator[None]:
        for call in calls:
            if self._may_be_sent(call):
                self.play(self._filler.fill(call, is_exact=is_exact))
                yield

    def _conflicts(self) -> Iterator[None]:
        """Send texts that must be unique, and that another thing has, beside other changes."""
        for operation in self._unending():
            if not self._texts.by_operation[operation.name]:
                continue
            for exchange in CONFLICTS * self._telling(operation)[:2]:
                call = self._filler.fill(replace(exchange.call, actor=None))
                other = self._read_another(call)
                if other is None or not isinstance(call.body, dict):
                    continue
                for member in self._texts.by_operation[operation.name]:
                    taken = member_of(other, member.names[0])
                    if taken is not None:
                        body = self._changed(call.body) | {member.names[0]: taken}
                        self.play(replace(call, body=body, why="a text that is taken"))
                        yield

    def _changed(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a body with other values that answers have shown, where there are any."""
        return {
            name: value
            if isinstance(value, dict | list)
            else self._random.choice([*self._pools.values[plain(name)].values(), value])
            for name, value in body.items()
        }

    def _read_another(self, call: Call) -> Exchange | None:
        """Read a thing of the kind that a call creates or changes, and another one than this."""
        for read in self.operations:
            if read.method != "GET" or not read.path_parameters:
                continue
            name = read.path_parameters[-1]
            slot = self._pools.of(read, name)
            if not read.path.endswith(f"{{{name}}}") or slot.collection != collection(call):
                continue
            others = [
                item
                for item in slot.items
                if item.actor == call.actor and item.made not in call.path.values()
            ]
            if others:
                item = self._random.choice(others)
                path = {
                    each: item.above.get(slot_path(read.path, each), "")
                    for each in read.path_parameters[:-1]
                }
                return self.play(Call(read, {**path, name: item.made}, actor=call.actor))
        return None

    def renewed(self, call: Call) -> Call:
        """Return a call with new texts where they must be unique, so that it can be sent again."""
        return self._texts.again(call)

    def _deletes(self) -> Iterator[None]:
        """Delete what was created, and ask for it afterwards."""
        deletes = [
            operation
            for operation in self._unending()
            if operation.method == "DELETE" and operation.path_parameters
        ]
        for _ in range(DELETES):
            for operation in deletes:
                self._delete(operation)
                yield

    # One call, and what follows from it

    def play(self, call: Call) -> Exchange:
        """Send a call, learn from it, and read again what it may have changed."""
        exchange = self._send(call)
        self._learn(exchange)
        if not call.operation.is_safe and not call.method:
            for read in self._reads(exchange):
                self._learn(self._send(read))
        return exchange

    def _learn(self, exchange: Exchange) -> None:
        call, (old, new) = exchange.call, exchange.outcomes
        is_accepted = is_success(old) and is_success(new)
        name = call.operation.name
        self._filler.note(call, is_accepted=is_accepted)
        if diverges(exchange):
            self._pools.drop(call)
        if not is_accepted:
            if all(isinstance(each, Answer) and each.status in GONE for each in (old, new)):
                self._pools.lose(call)
            return
        self._pools.harvest(exchange)
        if call.method and call.method != call.operation.method:
            return
        if call.operation.method == "DELETE":
            self._pools.lose(call)
        if not is_as_user(call):
            self._filler.note_able(call)
        if isinstance(old, Answer):
            self._costs[name] = max(self._costs[name], len(old.body) // LENGTHY)
        self._texts.note(call.body)
        known = self.templates[name]
        if len(known) < TEMPLATES and not any(shape(each.call) == shape(call) for each in known):
            known.append(exchange)

    def _reads(self, exchange: Exchange) -> Iterator[Call]:
        """Yield calls that read what a call may have changed, in the state after it."""
        call = exchange.call
        accepted = all(map(is_success, exchange.outcomes))
        item = self._find("GET", call.operation.path)
        if item and item.path_parameters and self._random.random() < (1 if accepted else REREAD):
            yield Call(item, call.path, actor=call.actor, why="the state after a write")
        parent = self._find("GET", call.operation.path.rpartition("/")[0])
        if accepted and parent and self._random.random() < REREAD:
            path = {name: call.path[name] for name in parent.path_parameters if name in call.path}
            yield Call(parent, path, actor=call.actor, why="the state after a write")
        if accepted and call.operation.method == "POST" and item is None:
            yield from self._read_created(exchange)

    def _read_created(self, exchange: Exchange) -> Iterator[Call]:
        for operation in self.operations:
            if operation.method != "GET" or not operation.path_parameters:
                continue
            name = operation.path_parameters[-1]
            slot = self._pools.of(operation, name)
            for item in slot.items:
                if item.made.step == exchange.step and operation.path.endswith(f"{{{name}}}"):
                    path = {
                        each: item.above.get(slot_path(operation.path, each), "")
                        for each in operation.path_parameters[:-1]
                    }
                    yield Call(
                        operation,
                        {**path, name: item.made},
                        actor=exchange.call.actor,
                        why="the state after a write",
                    )
                    break

    def _find(self, method: str, path: str) -> Operation | None:
        return next(
            (each for each in self.operations if each.method == method and each.path == path), None
        )

    # Reaching an operation

    def _reach(self, operation: Operation) -> None:
        for call in samples(self._contract, operation):
            for actor in self._filler.candidates(operation):
                filled = self._filler.fill(replace(call, actor=actor))
                if operation.method == "DELETE" and not self._filler.is_ours(filled):
                    continue
                if operation.path_parameters and not self._may_be_sent(filled):
                    continue
                exchange = self.play(replace(filled, actor=actor))
                if not all(map(is_success, exchange.outcomes)):
                    exchange = self._with_other_texts(exchange)
                if all(map(is_success, exchange.outcomes)):
                    if operation.method != "DELETE":
                        self._repeat(exchange)
                    if operation.is_safe and self._end_apart:
                        end = "with a" if operation.path.endswith("/") else "without a"
                        why = f"{end} slash at its end, as the file has it"
                        self.play(replace(exchange.call, is_literal=True, why=why))
                    return

    def _log_in(self, operation: Operation) -> None:
        """Log actors in twice more, so that what only that makes, such as sessions, has several.

        Variants of it are made of those alone who are new: wrong passwords may lock an account.
        """
        for call in self._logins:
            if call.operation == operation:
                self._note_session(self._send(call, learn=True))
        for call in self._old_logins:
            if call.operation == operation:
                self._pools.harvest(self._send(call, learn=True))

    def _note_session(self, exchange: Exchange) -> None:
        self._learn(exchange)
        if session := credentials(self._contract, exchange):
            self._sessions[exchange.call.actor] = session

    def _delete(self, operation: Operation) -> None:
        """Delete something that was created here, and ask for it, and to delete it, again."""
        for call in samples(self._contract, operation):
            filled = self._filler.fill(replace(call, why="delete"))
            if not self._filler.is_ours(filled) or not self._may_be_sent(filled):
                return
            self.play(filled)
            self.play(replace(filled, why="delete again"))

    def _repeat(self, exchange: Exchange) -> None:
        """Send an accepted call again: what is refused now has a text that must be unique.

        Then twice, to see what servers make anew each time.
        """
        operation = exchange.call.operation
        if not operation.is_safe:
            exchange = self.play(self._texts.again(exchange.call))
            if not all(map(is_success, exchange.outcomes)):
                exchange = self._with_other_texts(exchange)
        if all(map(is_success, exchange.outcomes)):
            self._learn(self._send(self._texts.again(exchange.call), learn=True))

    def _with_other_texts(self, exchange: Exchange) -> Exchange:
        """Put new texts into a refused call: one, then all; remember what made the difference."""
        call, old = exchange.call, exchange.outcomes.old
        if (
            not isinstance(old, Answer)
            or not (old.status in TAKEN or old.status >= BROKEN)
            or not isinstance(call.body, dict)
        ):
            return exchange
        known = self._texts.by_operation[call.operation.name]
        members = [
            member
            for member in self._texts.members(call.operation, call.body)
            if member.names not in [each.names for each in known]
        ]
        for chosen in [*([member] for member in members[:6]), members]:
            changed = self._texts.renewed(call, chosen)
            exchange = self.play(changed)
            if all(map(is_success, exchange.outcomes)):
                known += chosen
                self._texts.share(call.operation, self.operations)
                return exchange
        return exchange

    # The parts of a run

    def _unending(self) -> list[Operation]:
        return [operation for operation in self.operations if not ends(operation)]

    def _varied(self, source: Source, exchange: Exchange) -> Iterator[None]:
        """Send what a source makes of an accepted call, one call at a time."""
        calls = source(self._contract, exchange)
        with suppress(StopIteration):
            call = next(calls)
            while True:
                for _ in range(self._costs[exchange.call.operation.name]):
                    yield  # its answers are long; others have their turns
                yield
                if call.operation != exchange.call.operation:  # such as a write of what was read
                    call = self._filler.as_able(call)
                call = calls.send(
                    self.play(self._elsewhere(call)) if self._may_be_sent(call) else None
                )

    def _elsewhere(self, call: Call) -> Call:
        """Return a call about another thing, where its own is gone or isn't the same on both."""
        if not self._pools.is_worthless(call):
            return call
        path, _ = self._filler.path(call, call.actor, lambda: True)
        return replace(call, path=path)

    def _may_be_sent(self, call: Call) -> bool:
        if self._end_apart and is_about_the_end(call):
            return False
        is_safe = (call.method or call.operation.method) in READING
        return is_safe or (self._may_write and not self._is_avoided(call))

    def _filtered(self, operation: Operation) -> Iterator[Call]:
        """Yield calls that filter a list by what its entries hold."""
        choices = {
            name: values
            for name, parameter in parameters(operation, "query").items()
            if (values := self._values_for(name, parameter))
        }
        if not choices:
            return
        path, actor = self._filler.path(
            Call(operation), self._filler.able_actor(operation), lambda: True
        )
        base = Call(operation, path, actor=actor, why="a filter by what there is")
        singles = [[(name, value)] for name, values in choices.items() for value in values]
        self._random.shuffle(singles)
        for query in singles:
            yield replace(base, query=query)
        if len(choices) > 1:
            for _ in range(2 * len(choices)):
                names = self._random.sample(sorted(choices), 2)
                yield replace(
                    base, query=[(name, self._random.choice(choices[name])) for name in names]
                )

    def _values_for(self, name: str, parameter: Mapping[str, Any]) -> list[Any]:
        schema = read_schema(self._contract, parameter.get("schema"))
        return [True, False] if schema.type == "boolean" else [*schema.choices]


def collection(call: Call) -> str:
    """Return the path of the collection that a call is about, without parameters' names."""
    return blank(call.operation.path).removesuffix("/{}")


def member_of(exchange: Exchange, name: str) -> Made | None:
    """Return the text that a member of the answer's object has, if it has one on both servers."""
    answer = exchange.outcomes.old
    if not all(map(is_success, exchange.outcomes)) or not isinstance(answer, Answer):
        return None
    made = made_at(exchange, "body", f"/{escaped(name)}", "")
    found = at(answer, made)
    return made._replace(value=found) if isinstance(found, str) and found else None


def is_about_the_end(call: Call) -> bool:
    """Tell whether a call is odd by the slash at its end, or by an id that leaves only this."""
    template = call.operation.path
    path = call.target.partition("?")[0] or template
    is_odd = path != template and path.rstrip("/") == template.rstrip("/")
    return is_odd or "" in [*call.path.values()][-1:]


def is_guarded(exchange: Exchange) -> bool:
    """Tell whether a call was accepted from somebody who signed in."""
    return exchange.call.actor is not None


def size(call: Call) -> int:
    """Return how much a call says."""
    body = call.body if isinstance(call.body, dict) else {}
    return len(body) + len(call.query) + len(call.fields)


def shape(call: Call) -> tuple[Any, ...]:
    """Return what makes a call another kind than others of its operation."""
    body = frozenset(call.body) if isinstance(call.body, dict) else call.body is not None
    return body, frozenset(name for name, _ in call.query), call.media_type
