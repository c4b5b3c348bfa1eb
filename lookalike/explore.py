"""A walk through all operations, which uses what the servers have shown on the way."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from typing import Any, Protocol

from lookalike.calls import Call, Fresh, Made, Raw, Text, at, is_success
from lookalike.client import Exchange
from lookalike.comparison import escaped
from lookalike.divergence import diverges
from lookalike.form_data import is_form
from lookalike.generation import Generator, content, is_json, kind, parameters, samples
from lookalike.http import Answer
from lookalike.limits import READING
from lookalike.openapi import Contract, Operation
from lookalike.pools import Item, Pools, blank, made_at, plain, slot_path
from lookalike.schemas import merged
from lookalike.signing import (
    as_user,
    changed_password,
    credentials,
    password_of,
    signing_in,
    signs_up,
)
from lookalike.variants import ALL, LAST, Source

# What ends a session or an account, by the last name of its path.
ENDING = re.compile(r"(log|sign)[-_]?(out|off)|revoke|deactivate|close|terminate", re.IGNORECASE)
LONG = 10  # digits: no server has counted so far
GONE = frozenset({404, 410})
TAKEN = frozenset({400, 409, 422})  # what a value that is taken is answered with
ROUNDS = 3  # of generated requests, where no budget ends a run before
LOT = 24  # requests that are made before the first of them is sent
DRAWN = 4  # requests of a kind that are drawn for an operation in the first round
REREAD = 0.3  # of refused calls, and of collections after accepted ones
DELETES = 4  # of each kind of thing in one round
CONFLICTS = 3  # of each accepted call that has texts which must be unique
LENGTHY = 20_000  # bytes of an answer, for which others have a turn more
TEMPLATES = 6  # accepted calls of an operation that further ones are made from
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


@dataclass
class Member:
    """A text of a body that must be new each time: where it stands, and its schema."""

    names: tuple[str, ...]
    schema: Mapping[str, Any]


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
        self._may_write = may_write = means.may_write
        self._is_avoided = means.is_avoided
        self.operations = [
            operation
            for operation in sorted(contract.operations, key=order)
            if may_write or operation.method in READING
        ]
        self.templates: dict[str, list[Exchange]] = defaultdict(list)
        self._unique: dict[str, list[Member]] = defaultdict(list)  # by operation
        self._used: set[tuple[str, str]] = set()  # literal texts that were accepted, by member
        self._able: dict[str, Counter[str | None]] = defaultdict(Counter)  # successes by actor
        self._tried: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._costs: Counter[str] = Counter()  # turns that an operation leaves to others
        self._count = 0

    # What a run consists of

    def learn(self) -> Iterator[None]:
        """Reach each operation, in an order in which they lead to one another; yield after each."""
        waiting = [operation for operation in self.operations if not ends(operation)]
        for _ in range(2):  # what a later operation shows may be what an earlier one lacked
            for operation in waiting:
                self._reach(operation)
                yield
            waiting = [each for each in waiting if not self.templates[each.name]]

    def explore(self, is_late: Callable[[], bool]) -> None:
        """Go on from what was accepted, by all means in turn, until it is late or nothing is left.

        What finds more has more turns. The state of the servers is another one each time.
        """
        for turn in range(ROUNDS):
            streams = [
                (8, self._variants()),
                (1, self._filters()),
                (1, self._others()),
                (1, self._deletes()),
                (1, self._conflicts()),
                (1, self._coverage()),
                (1, self._generated(DRAWN * (turn + 1))),
            ]
            for _ in weighted(streams):
                if is_late():
                    return

    def ill_formed(self, is_late: Callable[[], bool]) -> None:
        """Send what servers may read or refuse as they like, after which their states differ."""
        for _ in self._variants(is_last=True):
            if is_late():
                return

    def examples(self) -> None:
        """Send the file's examples, and plain requests of other shapes."""
        for operation in self._unending():
            for call in [*samples(self._contract, operation), *self._generator.examples(operation)]:
                self.play(self.fill(call))

    def ends(self) -> None:
        """Send what ends sessions and accounts: as nobody, and as users who sign up for it."""
        for operation in self.operations:
            if ends(operation):
                for call in samples(self._contract, operation):
                    self.play(replace(self.fill(call), actor=None))
                    if self._may_write:
                        self._end(call)

    def _end(self, call: Call) -> None:
        user = self._signed_in()
        if user is None:
            return
        registered, sign_in, field = user
        read = next(
            (
                each.call
                for operation in self._unending()
                for each in self.templates[operation.name]
                if operation.is_safe and not operation.path_parameters and is_guarded(each)
            ),
            None,
        )
        ending = as_user(self.fill(call), registered, field)
        self.play(ending)
        if read is not None:
            self.play(as_user(read, registered, field))
        self.play(ending)
        self.play(sign_in)
        if changed := changed_password(ending, registered):
            self.play(signing_in(sign_in, changed))

    def _signed_in(self) -> tuple[Call, Call, tuple[str, Text]] | None:
        """Sign a new user up and in; return both calls, and the header field with the token."""
        for operation in self.operations:
            unique = [member.names[0] for member in self._unique[operation.name]]
            for exchange in self.templates[operation.name][:1]:
                if not signs_up(exchange, unique):
                    continue
                registered = self._again(exchange.call)
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
                        again = self._again(exchange.call)
                        self.play(replace(again, actor=actor, why="as another"))
                        yield

    def _variants(self, *, is_last: bool = False) -> Iterator[None]:
        """Vary what was accepted, all operations in turn."""
        chosen = [source for name, source in ALL.items() if (name in LAST) == is_last]
        for position in range(TEMPLATES):
            yield from weighted(
                (len(chosen) - number, self._varied(source, exchange))
                for number, source in enumerate(chosen)
                for operation in self._unending()
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
                self.play(self.fill(call, is_exact=is_exact))
                yield

    def _conflicts(self) -> Iterator[None]:
        """Send texts that must be unique, and that another thing has, beside other changes."""
        for operation in self._unending():
            if not self._unique[operation.name]:
                continue
            for exchange in CONFLICTS * self._telling(operation)[:2]:
                call = self.fill(replace(exchange.call, actor=None))
                other = self._read_another(call)
                if other is None or not isinstance(call.body, dict):
                    continue
                for member in self._unique[operation.name]:
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
        return self._again(call)

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

    def fill(self, call: Call, *, is_exact: bool = False) -> Call:
        """Put what the servers have shown in place of what a generator made up.

        Less often where a call is exact: what it says is what is tried.
        """
        actor = call.actor or self._able_actor(call.operation)

        def chance() -> bool:
            return self._random.random() < (0.75 if is_exact else 0.95)

        path, actor = self._fill_path(call, actor, chance)
        query = [
            (name, self._referred(name, value, chance))
            for name, value in call.query
            if is_exact or self._is_promising(call.operation, name)
        ]
        fields = [
            (name, Fresh(f"lookalike-{self._number()}-") if self._is_key(name, chance) else value)
            for name, value in call.fields
            if is_exact or self._is_promising(call.operation, name)
        ]
        body = call.body
        if isinstance(body, dict | list):
            body = self._filled(body, chance)
            body = self._made_unique(call.operation, body, is_exact=is_exact)
        return replace(call, path=path, query=query, fields=fields, body=body, actor=actor)

    def _learn(self, exchange: Exchange) -> None:
        call, (old, new) = exchange.call, exchange.outcomes
        is_accepted = is_success(old) and is_success(new)
        name = call.operation.name
        for parameter, _ in (*call.query, *call.fields):
            tried = self._tried[name, parameter.lower()]
            tried[0] += 1
            tried[1] += is_accepted
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
        self._able[name][call.actor] += 1
        if isinstance(old, Answer):
            self._costs[name] = max(self._costs[name], len(old.body) // LENGTHY)
        for names, value in texts_in(call.body):
            self._used.add((names[-1] if names else "", value))
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
            for actor in self._candidates(operation):
                filled = self.fill(replace(call, actor=actor))
                if operation.method == "DELETE" and not self._is_ours(filled):
                    continue
                if operation.path_parameters and not self._may_be_sent(filled):
                    continue
                exchange = self.play(replace(filled, actor=actor))
                if not all(map(is_success, exchange.outcomes)):
                    exchange = self._with_other_texts(exchange)
                if all(map(is_success, exchange.outcomes)):
                    if operation.method != "DELETE":
                        self._repeat(exchange)
                    return

    def _delete(self, operation: Operation) -> None:
        """Delete something that was created here, and ask for it, and to delete it, again."""
        for call in samples(self._contract, operation):
            filled = self.fill(replace(call, why="delete"))
            if not self._is_ours(filled) or not self._may_be_sent(filled):
                return
            self.play(filled)
            self.play(replace(filled, why="delete again"))

    def _candidates(self, operation: Operation) -> list[str | None]:
        """Return who may be able to do what an operation does, the likeliest first."""
        security = operation.raw.get("security", self._contract.raw.get("security"))
        actors = sorted(self._actors[:-1], key=lambda actor: -self._able[operation.name][actor])
        return [None, *actors] if not security else [*actors, None]

    def _able_actor(self, operation: Operation) -> str | None:
        able = self._able[operation.name]
        if able and self._random.random() < 0.9:  # noqa: PLR2004
            return self._random.choices([*able], [*able.values()])[0]
        return self._random.choice(self._candidates(operation)[:-1] or self._actors)

    def _repeat(self, exchange: Exchange) -> None:
        """Send an accepted call again: what is refused now has a text that must be unique.

        Then twice, to see what servers make anew each time.
        """
        operation = exchange.call.operation
        if not operation.is_safe:
            exchange = self.play(self._again(exchange.call))
            if not all(map(is_success, exchange.outcomes)):
                exchange = self._with_other_texts(exchange)
        if all(map(is_success, exchange.outcomes)):
            self._learn(self._send(self._again(exchange.call), learn=True))

    def _with_other_texts(self, exchange: Exchange) -> Exchange:
        """Put new texts into a refused call: one, then all; remember what made the difference."""
        call, old = exchange.call, exchange.outcomes.old
        if (
            not isinstance(old, Answer)
            or old.status not in TAKEN
            or not isinstance(call.body, dict)
        ):
            return exchange
        known = self._unique[call.operation.name]
        members = [
            member
            for member in self._members(call.operation, call.body)
            if member.names not in [each.names for each in known]
        ]
        for chosen in [*([member] for member in members[:6]), members]:
            changed = self._renewed(call, chosen)
            exchange = self.play(changed)
            if all(map(is_success, exchange.outcomes)):
                known += chosen
                return exchange
        return exchange

    def _members(self, operation: Operation, body: Mapping[str, Any]) -> list[Member]:
        """Return the texts of a body that may have to be unique."""
        declared = content(self._contract, operation)
        media_type = next((name for name in declared if is_json(name) or is_form(name)), None)
        if media_type is None:
            return []
        schema = merged(self._contract, declared[media_type].get("schema"), None)
        found = []
        for name, value in body.items():
            given = merged(self._contract, (schema.get("properties") or {}).get(name, {}), None)
            if (
                isinstance(value, str)
                and not given.get("enum")
                and kind(given) == "string"
                and given.get("format") not in {"date", "date-time", "time", "password"}
            ):
                found.append(Member((name,), given))
        return found

    def _renewed(self, call: Call, members: Sequence[Member]) -> Call:
        body = dict(call.body)
        for member in members:
            if isinstance(body.get(member.names[0]), str):
                body[member.names[0]] = self._fresh(body[member.names[0]], member.schema)
        return replace(call, body=body)

    def _fresh(self, text: str, schema: Mapping[str, Any]) -> Any:
        """Return a text like one that a member takes, but new in each story."""
        number = self._number()
        if schema.get("format") == "uuid":
            return Text((Fresh(f"{number} "),), "uuid")
        room = int(schema.get("maxLength", 60)) - len(str(number)) - 8
        name, at_sign, domain = text.partition("@")
        name = name[: max(room - len(at_sign + domain), 0)]
        fresh = Fresh(f"{name}{number}")
        return Text((fresh, f"@{domain}")) if at_sign else fresh

    def _number(self) -> int:
        self._count += 1
        return self._count

    # Filling in what servers have shown

    def _again(self, call: Call) -> Call:
        """Return a call with texts of its own, where it has texts that must be unique."""
        if not isinstance(call.body, dict):
            return call
        body = self._made_unique(call.operation, call.body, is_exact=False)
        return replace(call, body=body)

    def _made_unique(self, operation: Operation, body: Any, *, is_exact: bool) -> Any:
        if not isinstance(body, dict):
            return body
        body = dict(body)
        for member in self._unique[operation.name]:
            value = body.get(member.names[0])
            if isinstance(value, Fresh | Text):
                value = first_text(value).rstrip("0123456789")
            if not isinstance(value, str):
                continue
            if not is_exact or (member.names[0], value) in self._used:
                body[member.names[0]] = self._fresh(value, member.schema)
        return body

    def _fill_path(
        self, call: Call, actor: str | None, chance: Callable[[], bool]
    ) -> tuple[dict[str, Any], str | None]:
        path = dict(call.path)
        above: Mapping[str, Any] = {}
        operation = call.operation
        for name in reversed(operation.path_parameters):
            slot = self._pools.of(operation, name)
            if slot.path in above:
                path[name] = above[slot.path]
                continue
            item = self._pools.choose(
                slot, actor, self._random, own=not operation.is_safe and self._has_own(slot.path)
            )
            if item is None or not (may_exist(path.get(name), item) or chance()):
                continue
            path[name] = item.made
            above = {**item.above, **above}
        return path, actor

    def _has_own(self, slot: str) -> bool:
        return any(item.is_created for item in self._pools.slots[slot].items)

    def _is_ours(self, call: Call) -> bool:
        """Tell whether what a call would delete was created here."""
        made = [value for value in call.path.values() if isinstance(value, Made)]
        created = {
            item.made.value
            for slot in self._pools.slots.values()
            for item in slot.items
            if item.is_created
        }
        return bool(made) and made[-1].value in created

    def _filled(self, value: Any, chance: Callable[[], bool], name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._filled(inner, chance, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner, chance, name) for inner in value]
        return self._referred(name, value, chance)

    def _referred(self, name: str, value: Any, chance: Callable[[], bool]) -> Any:
        """Return an id that the servers gave for one that was made up."""
        if isinstance(value, bool) or not isinstance(value, str | int) or not name:
            return value
        slot = self._pools.reference(name)
        if slot is None:
            return value
        item = self._random.choice(slot.items)
        if not (may_exist(value, item) or chance()):
            return value
        return item.made if isinstance(item.made.value, type(value)) else value

    def _is_promising(self, operation: Operation, name: str) -> bool:
        """Tell whether an optional parameter is worth sending: not if it was only ever refused."""
        sent, accepted = self._tried[operation.name, name.lower()]
        return sent < 4 or accepted > 0 or self._random.random() < 0.1  # noqa: PLR2004

    def _is_key(self, name: str, chance: Callable[[], bool]) -> bool:
        return "idempotency" in name.lower() and chance()

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
                call = calls.send(
                    self.play(self._elsewhere(call)) if self._may_be_sent(call) else None
                )

    def _elsewhere(self, call: Call) -> Call:
        """Return a call about another thing, where its own is gone or isn't the same on both."""
        if not self._pools.is_worthless(call):
            return call
        path, _ = self._fill_path(call, call.actor, lambda: True)
        return replace(call, path=path)

    def _may_be_sent(self, call: Call) -> bool:
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
        path, actor = self._fill_path(Call(operation), self._able_actor(operation), lambda: True)
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
        schema = merged(self._contract, parameter.get("schema"), None)
        if kind(schema) == "boolean":
            return [True, False]
        if schema.get("enum"):
            return [*schema["enum"]]
        return []


def in_turn(sources: Iterable[Iterator[Any]]) -> Iterator[Any]:
    """Yield one of each source after the other, so that none waits for another to end."""
    waiting = [*sources]
    while waiting:
        still = []
        for source in waiting:
            with suppress(StopIteration):
                yield next(source)
                still.append(source)
        waiting = still


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


def is_guarded(exchange: Exchange) -> bool:
    """Tell whether a call was accepted from somebody who signed in."""
    return exchange.call.actor is not None


def may_exist(value: Any, item: Item) -> bool:
    """Tell whether a made-up id may be that of something on one server, and not on the other.

    Where servers count, small numbers mostly are.
    """
    text = str(value).strip()
    return str(item.made.value).isdigit() and text.isdecimal() and len(text) < LONG


@dataclass(eq=False)
class Stream:
    """Something that goes on step by step, and how far it has gone by its weight."""

    weight: int
    source: Iterator[None]
    served: float = 0


def weighted(streams: Iterable[tuple[int, Iterator[None]]]) -> Iterator[None]:
    """Yield from each stream as often as its weight says, as evenly as can be."""
    waiting = [Stream(weight, source) for weight, source in streams]
    while waiting:
        chosen = min(waiting, key=lambda each: each.served)
        chosen.served += 1 / chosen.weight
        try:
            yield next(chosen.source)
        except StopIteration:
            waiting.remove(chosen)


def size(call: Call) -> int:
    """Return how much a call says."""
    body = call.body if isinstance(call.body, dict) else {}
    return len(body) + len(call.query) + len(call.fields)


def shape(call: Call) -> tuple[Any, ...]:
    """Return what makes a call another kind than others of its operation."""
    body = frozenset(call.body) if isinstance(call.body, dict) else call.body is not None
    return body, frozenset(name for name, _ in call.query), call.media_type


def texts_in(value: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each text inside a JSON value, with the names that lead there."""
    if isinstance(value, Made | Fresh | Text | Raw):
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_in(inner, (*names, name))
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner, names)
    elif isinstance(value, str):
        yield names, value


def first_text(value: Fresh | Text) -> str:
    """Return what a text was before it became new."""
    if isinstance(value, Fresh):
        return value.text
    return "".join(
        first_text(part).rstrip("0123456789") if isinstance(part, Fresh | Text) else str(part)
        for part in value.parts
    )
