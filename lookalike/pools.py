"""What servers have shown so far: ids for path parameters, and values to filter lists by."""

import json
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, zip_longest
from random import Random
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from lookalike.alignment import Place
from lookalike.calls import Call, Made, at, is_success
from lookalike.client import Exchange
from lookalike.comparison import escaped
from lookalike.divergence import last_made
from lookalike.http import Answer
from lookalike.openapi import Contract, Operation
from lookalike.values import parts

KEPT = 40  # values of a kind that are at hand
LISTED = 20  # entries of an array that are looked at
MOST = 200  # objects of one answer
DEPTH = 4  # of the objects in an answer that are looked at
# What APIs call the value that tells things of a kind apart, where no parameter has its name.
ID_NAMES = ("id", "_id", "uuid", "guid", "key", "slug", "name", "code", "number")
WRAPPERS = frozenset({"items", "data", "results", "content", "entries", "records", "rows", "value"})


class Item(NamedTuple):
    """A value that a path parameter takes, and how it is reached."""

    made: Made
    actor: str | None  # who was shown it
    is_created: bool  # by a call of this story, so that it may be changed and deleted
    above: Mapping[str, Any] = {}  # values of the parameters left of it, by slot


@dataclass
class Slot:
    """A place in paths that takes the ids of one kind of thing, such as `/products/{}`."""

    path: str
    names: set[str] = field(default_factory=set)  # of the parameter, as operations have it
    items: deque[Item] = field(default_factory=lambda: deque(maxlen=KEPT))

    @property
    def collection(self) -> str:
        """The path of the collection, blank as this is."""
        return self.path.removesuffix("/{}")

    @cached_property
    def noun(self) -> str:
        """What one thing of the kind is called: `product`."""
        return singular(plain(self.collection.rpartition("/")[2]))

    @cached_property
    def nouns(self) -> set[str]:
        """What objects of the kind stand under in answers, in plain form: `products`."""
        return {self.noun, plain(self.collection.rpartition("/")[2])}

    @cached_property
    def id_names(self) -> list[str]:
        """What the id may be called within such an object, the likeliest first."""
        return [*sorted(self.names), *ID_NAMES, f"{self.noun}_id", f"{self.noun}Id"]

    @cached_property
    def references(self) -> set[str]:
        """What members elsewhere that hold such an id are called, in plain form."""
        own = {plain(name) for name in self.names} - {plain(name) for name in ID_NAMES}
        return own | ({self.noun, f"{self.noun}id"} if self.noun else set())


def plain(name: str) -> str:
    """Return a name without what styles differ in: `productId` and `product_id` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def singular(name: str) -> str:
    """Return the singular of a plain English noun."""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def blank(path: str) -> str:
    """Return a path's template without the parameters' names."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def slot_path(path: str, name: str) -> str:
    """Return which slot a parameter of a path stands for."""
    return blank(path.partition(f"{{{name}}}")[0] + "{}")


class Pools:
    """All that answers have shown and later calls may use."""

    def __init__(self, contract: Contract, salt: str) -> None:
        self._contract = contract
        self._salt = salt  # a text that holds it is another one when the story is told again
        self.slots: dict[str, Slot] = {}
        for operation in contract.operations:
            for name in operation.path_parameters:
                path = slot_path(operation.path, name)
                self.slots.setdefault(path, Slot(path)).names.add(name)
        self._references = {name: slot for slot in self.slots.values() for name in slot.references}
        self._dropped: set[Any] = set()  # ids of the old server
        self._lost: set[tuple[str | None, Any]] = set()  # ids by who asked for them
        self.values: dict[str, dict[str, Any]] = defaultdict(dict)  # by plain name, then as JSON

    def of(self, operation: Operation, name: str) -> Slot:
        """Return the slot of an operation's parameter."""
        return self.slots[slot_path(operation.path, name)]

    def reference(self, name: str) -> Slot | None:
        """Return whose ids a member or a parameter of some name holds, if it is named so."""
        bare = plain(name)
        for form in (bare, singular(bare), bare.removesuffix("s")):
            slot = self._references.get(form)
            if slot is not None and slot.items:
                return slot
        return None

    def choose(self, slot: Slot, actor: str | None, random: Random, *, own: bool) -> Item | None:
        """Choose one of a slot's items: an actor's own, as recent as may be; `own` ones only."""
        items = [*slot.items]
        created = [item for item in items if item.is_created]
        mine = [item for item in created if item.actor == actor]
        if own:
            choice = mine or created
        else:
            choice = mine or created or [item for item in items if item.actor == actor] or items
        if not choice:
            return None
        recent = choice[-8:]
        return recent[-1] if random.random() < 0.4 else random.choice(recent)  # noqa: PLR2004

    def lose(self, call: Call) -> None:
        """Forget what a call was about, as it isn't there for who asked."""
        self._lost |= {(call.actor, made.value) for made in last_made(call)}
        for slot in self.slots.values():
            for item in [*slot.items]:
                if item.actor == call.actor and item.made in [*call.path.values()][-1:]:
                    slot.items.remove(item)

    def drop(self, call: Call) -> None:
        """Forget what a call was about for good, as it isn't the same on both servers any more."""
        for made in last_made(call):
            self._dropped.add(made.value)
            for slot in self.slots.values():
                kept = [item for item in slot.items if item.made.value != made.value]
                slot.items = deque(kept, maxlen=KEPT)

    def is_worthless(self, call: Call) -> bool:
        """Tell whether a call is about what is gone, or isn't the same on both servers."""
        is_ending = call.operation.method == "DELETE"
        return any(
            made.value in self._dropped
            or ((call.actor, made.value) in self._lost and not is_ending)
            for made in last_made(call)
        )

    def harvest(self, exchange: Exchange) -> None:
        """Take what an accepted call's answers show."""
        old, new = exchange.outcomes
        if not (is_success(old) and is_success(new)):
            return
        if not isinstance(old, Answer) or not isinstance(new, Answer):
            return
        self._take_links(exchange, old)
        self._take_location(exchange, old)
        if not old.is_json or exchange.call.operation.method in {"HEAD", "OPTIONS"}:
            return
        try:
            value, other = json.loads(old.body), json.loads(new.body)
        except (ValueError, RecursionError):
            return
        torn = torn_lists(exchange)
        for pointer, context, found, theirs in islice(objects(value, other), MOST):
            if torn and pattern_of(pointer).startswith(torn):
                continue
            self._take_ids(exchange, pointer, context, found)
            self._take_values(exchange, pointer, found, theirs)

    def _add(self, exchange: Exchange, slot: Slot, part: str, pointer: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            return
        is_known = any(str(item.made.value) == str(value) for item in slot.items)
        if is_known or value in self._dropped:
            return
        call = exchange.call
        made = made_at(exchange, part, pointer, value)
        if at(exchange.outcomes.new, made) is None:
            return
        above = {
            slot_path(call.operation.path, name): given
            for name, given in call.path.items()
            if name in call.operation.path_parameters
        }
        is_created = call.operation.method in {"POST", "PUT"} and self._is_below(call, slot)
        slot.items.append(Item(made, call.actor, is_created, above))

    def _is_below(self, call: Call, slot: Slot) -> bool:
        return blank(call.operation.path).startswith(slot.collection)

    def _take_location(self, exchange: Exchange, old: Answer) -> None:
        location = old.header("location")
        if not location:
            return
        pieces = parts(location)[::2]
        path = urlsplit(location).path
        for operation in self._contract.operations:
            matched = operation.matches(path)
            if not matched or path == operation.path:
                continue
            name = operation.path_parameters[-1]
            value = matched[name]
            if value in pieces and unquote(value) == value:
                number = len(pieces) - 1 - pieces[::-1].index(value)
                self._add(exchange, self.of(operation, name), "location", f"#{number}", value)

    def _take_links(self, exchange: Exchange, old: Answer) -> None:
        responses = exchange.call.operation.raw.get("responses") or {}
        response = self._contract.resolved(responses.get(str(old.status)) or {})
        for given in (response.get("links") or {}).values():
            link = self._contract.resolved(given)
            operation = self._linked(link)
            if operation is None:
                continue
            for key, expression in (link.get("parameters") or {}).items():
                name = str(key).removeprefix("path.")
                pointer = str(expression).removeprefix("$response.body#")
                if name not in operation.path_parameters or pointer == expression:
                    continue
                value = at(old, made_at(exchange, "body", pointer, ""))
                self._add(exchange, self.of(operation, name), "body", pointer, value)

    def _linked(self, link: Mapping[str, Any]) -> Operation | None:
        for operation in self._contract.operations:
            reference = operation.path.replace("~", "~0").replace("/", "~1")
            if link.get("operationId") is not None:
                if operation.raw.get("operationId") == link["operationId"]:
                    return operation
            elif str(link.get("operationRef", "")).endswith(
                f"/paths/{reference}/{operation.method.lower()}"
            ):
                return operation
        return None

    def _take_ids(
        self, exchange: Exchange, pointer: str, context: str, found: Mapping[str, Any]
    ) -> None:
        path = blank(exchange.call.operation.path)
        for slot in self.slots.values():
            is_own = not context and (path == slot.path or self._is_of(path, slot))
            if is_own or context in slot.nouns:
                name = next((name for name in slot.id_names if name in found), None)
                if name is not None:
                    inner = f"{pointer}/{escaped(name)}"
                    self._add(exchange, slot, "body", inner, found[name])
        for name, value in found.items():
            if not isinstance(value, dict | list):
                referred = self._references.get(plain(name))
                if referred is not None:
                    self._add(exchange, referred, "body", f"{pointer}/{escaped(name)}", value)

    def _is_of(self, path: str, slot: Slot) -> bool:
        """Tell whether a path is a collection's own, or of a part without a slot: `/todos/bulk`."""
        if path == slot.collection:
            return True
        rest = path.removeprefix(f"{slot.collection}/")
        return rest != path and "{}" not in rest and f"{path}/{{}}" not in self.slots

    def _take_values(
        self, exchange: Exchange, pointer: str, found: Mapping[str, Any], theirs: Any
    ) -> None:
        for name, value in found.items():
            kept = self.values[plain(name)]
            if len(kept) >= KEPT:
                continue
            other = theirs.get(name) if isinstance(theirs, dict) else None
            inner = f"{pointer}/{escaped(name)}"
            several = [(inner, value, other)]
            if isinstance(value, list):
                others = other if isinstance(other, list) else []
                pairs = zip_longest(value[:LISTED], others[:LISTED])
                several = [(f"{inner}/{index}", *pair) for index, pair in enumerate(pairs)]
            for where, each, another in several:
                if each is None or isinstance(each, dict | list) or each == "":
                    continue
                is_ours = each == another and not (isinstance(each, str) and self._salt in each)
                kept.setdefault(
                    json.dumps(each), each if is_ours else made_at(exchange, "body", where, each)
                )


def made_at(exchange: Exchange, part: str, pointer: str, value: Any) -> Made:
    """Return a value of an answer as later calls may take it."""
    outcome = exchange.outcomes.old
    status = outcome.status if isinstance(outcome, Answer) else 0
    place = Place(exchange.call.operation.name, status, part, pattern_of(pointer))
    return Made(exchange.step, part, pointer, place, value)


def pattern_of(pointer: str) -> str:
    """Return a pointer with `*` for each index."""
    return re.sub(r"/\d+(?=/|$)", "/*", pointer)


def torn_lists(exchange: Exchange) -> tuple[str, ...]:
    """Return where entries of both servers that stand at one index aren't one thing."""
    return tuple(
        f"{each.place.pointer}/*"
        for each in exchange.differences
        if each.place.part == "body" and each.what in {"length", "order"}
    )


def objects(
    value: Any, other: Any, pointer: str = "", context: str = "", depth: int = 0
) -> Iterator[tuple[str, str, Mapping[str, Any], Any]]:
    """Yield each object inside a JSON value, with what stands there in another value.

    Before these, its pointer and the plain name of the member that holds it.
    """
    if depth > DEPTH:
        return
    if isinstance(value, dict):
        yield pointer, context, value, other
        for name, inner in value.items():
            bare = plain(name)
            under = context if bare in WRAPPERS else bare
            theirs = other.get(name) if isinstance(other, dict) else None
            yield from objects(inner, theirs, f"{pointer}/{escaped(name)}", under, depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value[:LISTED]):
            theirs = other[index] if isinstance(other, list) and index < len(other) else None
            yield from objects(inner, theirs, f"{pointer}/{index}", context, depth + 1)
