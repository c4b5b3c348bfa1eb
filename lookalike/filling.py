"""What the servers have shown, put in place of what a generator has made up; and who sends it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from lookalike.calls import Call, Fresh, Made
from lookalike.openapi import Contract, Operation
from lookalike.pools import Item, Pools
from lookalike.unique import UniqueTexts

LONG = 10  # digits: no server has counted so far


class Filler:
    """Makes calls that lead somewhere, by what is known so far."""

    def __init__(
        self,
        contract: Contract,
        pools: Pools,
        texts: UniqueTexts,
        actors: Sequence[str | None],  # nobody last
        random: Random,
    ) -> None:
        self._contract = contract
        self._pools = pools
        self._texts = texts
        self._actors = actors
        self._random = random
        self._able: dict[str, Counter[str | None]] = defaultdict(Counter)  # successes by actor
        self._tried: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])

    def note(self, call: Call, *, is_accepted: bool) -> None:
        """Note which parameters were sent, and whether the call was accepted."""
        for parameter, _ in (*call.query, *call.fields):
            tried = self._tried[call.operation.name, parameter.lower()]
            tried[0] += 1
            tried[1] += is_accepted

    def note_able(self, call: Call) -> None:
        """Note who may do what an operation does."""
        self._able[call.operation.name][call.actor] += 1

    def fill(self, call: Call, *, is_exact: bool = False) -> Call:
        """Put what the servers have shown in place of what a generator made up.

        Less often where a call is exact: what it says is what is tried.
        """
        actor = call.actor or self.able_actor(call.operation)

        def chance() -> bool:
            return self._random.random() < (0.75 if is_exact else 0.95)

        path, actor = self.path(call, actor, chance)
        query = [
            (name, self._referred(name, value, chance))
            for name, value in call.query
            if is_exact or self._is_promising(call.operation, name)
        ]
        fields = [
            (
                name,
                Fresh(f"lookalike-{self._texts.number()}-")
                if self._is_key(name, chance)
                else value,
            )
            for name, value in call.fields
            if is_exact or self._is_promising(call.operation, name)
        ]
        body = call.body
        if isinstance(body, dict | list):
            body = self._filled(body, chance)
            body = self._texts.made_unique(call.operation, body, is_exact=is_exact)
        return replace(call, path=path, query=query, fields=fields, body=body, actor=actor)

    def path(
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

    def is_ours(self, call: Call) -> bool:
        """Tell whether what a call would delete was created here."""
        made = [value for value in call.path.values() if isinstance(value, Made)]
        created = {
            item.made.value
            for slot in self._pools.slots.values()
            for item in slot.items
            if item.is_created
        }
        return bool(made) and made[-1].value in created

    def candidates(self, operation: Operation) -> list[str | None]:
        """Return who may be able to do what an operation does, the likeliest first."""
        security = operation.raw.get("security", self._contract.raw.get("security"))
        actors = sorted(self._actors[:-1], key=lambda actor: -self._able[operation.name][actor])
        return [None, *actors] if not security else [*actors, None]

    def able_actor(self, operation: Operation) -> str | None:
        able = self._able[operation.name]
        if able and self._random.random() < 0.9:  # noqa: PLR2004
            return self._random.choices([*able], [*able.values()])[0]
        return self._random.choice(self.candidates(operation)[:-1] or self._actors)

    def as_able(self, call: Call) -> Call:
        """Return a call by somebody who may do it, if its own actor never did and others have."""
        able = self._able[call.operation.name]
        if not able or call.actor in able:
            return call
        return replace(call, actor=max(able, key=lambda actor: able[actor]))

    def _has_own(self, slot: str) -> bool:
        return any(item.is_created for item in self._pools.slots[slot].items)

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


def may_exist(value: Any, item: Item) -> bool:
    """Tell whether a made-up id may be that of something on one server, and not on the other.

    Where servers count, small numbers mostly are.
    """
    text = str(value).strip()
    return str(item.made.value).isdigit() and text.isdecimal() and len(text) < LONG
