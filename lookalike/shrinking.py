"""The shortest story that still shows a difference: delta debugging (Zeller and Hildebrandt, 2002).

First whole calls are left out, then what calls send becomes smaller, until nothing more can be left
out. A smaller story counts if its last call differs by the same cause, with the same status.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, singledispatch
from typing import Any, TypeVar

from lookalike.calls import Call, Fresh, Made, at, mapped, renumbered
from lookalike.causes import causes_of
from lookalike.client import Exchange
from lookalike.findings import Cause
from lookalike.form_data import File
from lookalike.places import Difference
from lookalike.telling import Tell, alone, amount, confirm, is_reading
from lookalike.values import UUID

Item = TypeVar("Item")
NIL = "00000000-0000-0000-0000-000000000000"  # RFC 9562, section 5.9


@dataclass
class Budget:
    """How much may be spent on one story."""

    requests: int = 500  # to each server
    seconds: float = 60

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.seconds

    def spend(self, requests: int) -> bool:
        """Take some requests from the budget, if there are as many, and time is left."""
        if requests > self.requests or time.monotonic() > self._until:
            return False
        self.requests -= requests
        return True


@dataclass(frozen=True)
class Telling:
    """A story as it was told, and its last exchange differed as it should."""

    story: tuple[Call, ...]
    exchanges: Sequence[Exchange] = field(compare=False)


def shrink(
    story: Sequence[Call], tell: Tell, cause: Cause, budget: Budget | None = None
) -> Telling | None:
    """Return the shortest telling of a story whose last call differs by a cause, if any does.

    Each story is told on servers that remember the earlier ones, unless `tell` resets them.
    """
    exchanges = tell(story)
    for number, exchange in enumerate(exchanges, 1):
        begun = story[:number]
        # what reads alone may show what earlier stories have left
        if number < len(story) and is_reading(alone(begun)):
            continue
        if difference := causes_of(exchange).get(cause):
            told = Telling(tuple(begun), exchanges[:number])
            return _Shrinking(told, difference, tell, cause, budget or Budget()).result()
    return None


class _Shrinking:
    def __init__(
        self,
        first: Telling,
        difference: Difference,
        tell: Tell,
        cause: Cause,
        budget: Budget,
    ) -> None:
        self._accepted = [first]
        self._status = difference.place.status
        self._tell = tell
        self._cause = cause
        self._budget = budget
        self._failed: set[str] = set()
        self._is_made = self._is_made_by(first.story)

    @property
    def _best(self) -> tuple[Call, ...]:
        return self._accepted[-1].story

    def result(self) -> Telling:
        """Shrink until nothing changes; tell the result again, which chance may have chosen."""
        before: tuple[Call, ...] = ()
        while before != self._best:
            before = self._best
            self._leave_out_calls()
            for step in reversed(range(len(self._best))):
                self._copy(step)
                self._simplify(step)
            self._simplify_together()
        middle = len(self._accepted) // 2
        for telling in (self._accepted[-1], self._accepted[middle]):
            exchanges = confirm(telling.story, self._tell, self._cause)
            if exchanges and self._is_alike(exchanges[-1]):
                return Telling(telling.story, exchanges)
        return self._accepted[0]

    def _is_made_by(self, story: tuple[Call, ...]) -> bool:
        """Tell whether calls before the last make a difference that the last one can show alone.

        Where servers keep what earlier stories made, a list shows all of it. Then only what wasn't
        there before a story is its own.
        """
        last = alone(story)
        if len(last) == len(story) or not is_reading(last):
            return False
        before, made, after = (
            amount(self._tell(calls)[-1], self._cause) for calls in (last, story, last)
        )
        return before < made and before < after  # or else servers keep nothing of it

    def _shows(self, story: Sequence[Call]) -> bool:
        """Tell a story, if the budget allows; keep it if it shows the difference."""
        key = repr([*story])  # in which 1 is not 1.0, nor True
        if key == repr([*self._best]):
            return True
        if key in self._failed or not self._budget.spend(len(story) + self._is_made):
            return False
        exchanges = confirm(story, self._tell, self._cause, is_made=self._is_made)
        if exchanges and self._is_alike(exchanges[-1]):
            self._accepted.append(Telling(tuple(story), exchanges))
            return True
        self._failed.add(key)
        return False

    def _is_alike(self, exchange: Exchange) -> bool:
        """Tell whether the old server's answer has the status that it had at first."""
        return causes_of(exchange)[self._cause].place.status == self._status

    def _leave_out_calls(self) -> None:
        story = self._best
        numbers = range(len(story) - 1)

        def shows(kept: Sequence[int]) -> bool:
            shorter = leave_out(story, {*numbers} - {*kept})
            return shorter is not None and self._shows(shorter)

        minimized(numbers, shows)

    def _copy(self, step: int) -> None:
        """Send values of earlier answers as they are, where both servers gave the same.

        Ids are no such values: what only one server calls so would be another thing.
        """
        exchanges = self._accepted[-1].exchanges

        def copied(value: Any) -> Any:
            if isinstance(value, Made):
                old, new = (at(outcome, value) for outcome in exchanges[value.step].outcomes)
                if old is not None and repr(old) == repr(new):
                    return old
            return value

        call = self._best[step]
        if call.address is None:
            self._shows([*self._best[:step], mapped(call, copied), *self._best[step + 1 :]])

    def _simplify(self, step: int) -> None:
        """Make what a call sends smaller, one part of it after the other."""
        self._change(step, actor=None)
        self._change(step, scheme="")
        self._change(step, body=None, media_type="")
        for part in ("query", "fields"):
            minimized(getattr(self._best[step], part), partial(self._replace, step, part))
            for index, (_, value) in enumerate(getattr(self._best[step], part)):
                simplified(value, partial(self._replace_in, step, part, index))
        simplified(self._best[step].path, partial(self._change_path, step))
        simplified(self._best[step].body, partial(self._replace, step, "body"))

    def _simplify_together(self) -> None:
        """Make texts smaller that calls share, such as the key of a request and of its replay."""
        texts: list[str | Fresh] = []

        def note(value: Any) -> Any:
            if isinstance(value, str | Fresh):
                texts.append(value)
            return value

        for call in self._best:
            mapped(call, note)
        for text in dict.fromkeys(text for text in texts if texts.count(text) > 1):
            simplified(text, partial(self._substitute, text))

    def _substitute(self, old: Any, new: Any) -> bool:
        return self._shows(
            [mapped(call, lambda value: new if value == old else value) for call in self._best]
        )

    def _replace_in(self, step: int, part: str, index: int, value: Any) -> bool:
        pairs = [*getattr(self._best[step], part)]
        pairs[index] = (pairs[index][0], value)
        return self._replace(step, part, pairs)

    def _change_path(self, step: int, path: Mapping[str, Any]) -> bool:
        # without a text in a path, it would be another path
        if path.keys() != self._best[step].path.keys() or "" in path.values():
            return False
        return self._replace(step, "path", path)

    def _replace(self, step: int, part: str, value: Any) -> bool:
        return self._change(step, **{part: value})

    def _change(self, step: int, **parts: Any) -> bool:
        call = replace(self._best[step], **parts)
        if repr(call) == repr(self._best[step]):
            return False
        return self._shows([*self._best[:step], call, *self._best[step + 1 :]])


def leave_out(story: Sequence[Call], dropped: set[int]) -> list[Call] | None:
    """Leave calls out of a story, and those that need their answers; None if the last one does.

    A call that needs what one of these made takes it from another call of the same operation, if
    there is one before it.
    """
    numbers: dict[int, int] = {}  # of the calls that are kept, and of those that take their place
    kept: list[Call] = []
    for index, call in enumerate(story):
        if index in dropped:
            continue
        needed = {made.step: _stand_in(story, made.step, numbers) for made in call.made()}
        found = {step: number for step, number in needed.items() if number is not None}
        if len(found) < len(needed):
            continue
        kept.append(renumbered(call, found.__getitem__))
        numbers[index] = len(kept) - 1
    return kept if len(story) - 1 in numbers else None


def _stand_in(story: Sequence[Call], step: int, numbers: Mapping[int, int]) -> int | None:
    """Return the new number of a step, or of the nearest one that makes the same kind of thing."""
    alike = [
        other
        for other in numbers
        if (story[other].operation.name, story[other].method, story[other].target)
        == (story[step].operation.name, story[step].method, story[step].target)
    ]
    nearest = min(alike, key=lambda other: (abs(other - step), other), default=None)
    return None if nearest is None else numbers[nearest]


def minimized(items: Sequence[Item], shows: Callable[[Sequence[Item]], bool]) -> Sequence[Item]:
    """Leave items out of a sequence, first many at once, as long as what is kept shows something.

    In the end no single item can be left out.
    """
    size = len(items)
    while size:
        before = items
        start = len(items) - size
        while start > -size:
            kept = [*items[: max(start, 0)], *items[start + size :]]
            if shows(kept):
                items = kept
            start -= size
        if size > 1:
            size = (size + 1) // 2
        elif len(items) == len(before):
            break
    return items


@singledispatch
def simplified(value: Any, _: Callable[[Any], bool]) -> Any:
    """Make a value smaller, part by part, as long as it shows something; return what is left."""
    return value


@simplified.register
def _(made: Made, shows: Callable[[Any], bool]) -> Any:
    """Put a value in its place that no server makes, so that nothing must be made before."""
    literal: Any = 0
    if isinstance(made.value, str):
        literal = "0" if made.value.isdecimal() else "a"
        literal = NIL if UUID.fullmatch(made.value) else literal
    return literal if shows(literal) else made


@simplified.register
def _(fresh: Fresh, shows: Callable[[Any], bool]) -> Fresh:
    return Fresh(simplified(fresh.text, lambda text: shows(Fresh(text))))


@simplified.register
def _(text: str, shows: Callable[[Any], bool]) -> str:
    if len(text) > 1 and shows("a"):
        text = "a"
    plain = "a" * len(text)
    if text == plain or shows(plain):  # so it is the length that counts
        length: int = simplified(len(text), lambda size: shows("a" * size))
        return "a" * length
    text = "".join(minimized(text, lambda kept: shows("".join(kept))))
    for index, letter in enumerate(text):
        plainer = f"{text[:index]}a{text[index + 1 :]}"
        if letter != "a" and shows(plainer):
            text = plainer
    return text


@simplified.register
def _(file: File, shows: Callable[[Any], bool]) -> File:
    found = simplified(file.content, lambda content: shows(file._replace(content=content)))
    return file._replace(content=found)


@simplified.register
def _(content: bytes, shows: Callable[[Any], bool]) -> bytes:
    return bytes(minimized(content, lambda kept: shows(bytes(kept))))


@simplified.register
def _(truth: bool, _: Callable[[Any], bool]) -> bool:  # noqa: FBT001 - a value, no option
    return truth


@simplified.register
def _(number: int, shows: Callable[[Any], bool]) -> int:
    """Bring a number towards 0, by ever smaller steps."""
    if number < 0 and shows(-number):
        number = -number
    sign, size = (-1, -number) if number < 0 else (1, number)
    step = size
    while step:
        if shows(sign * (size - step)):
            size -= step
            step = min(step, size)
        else:
            step //= 2
    return sign * size


@simplified.register
def _(number: float, shows: Callable[[Any], bool]) -> float:
    if not math.isfinite(number):
        return number
    for plainer in (int(number), *(round(number, digits) for digits in range(6))):
        if plainer != number and shows(plainer):
            return plainer if isinstance(plainer, float) else simplified(plainer, shows)
    return number


@simplified.register
def _(members: dict, shows: Callable[[Any], bool]) -> dict[str, Any]:  # type: ignore[type-arg] # read at run time
    names = minimized([*members], lambda kept: shows({name: members[name] for name in kept}))
    left = {name: members[name] for name in names}
    for name in names:
        left[name] = simplified(left[name], partial(_with, left, name, shows))
    return left


@simplified.register
def _(items: list, shows: Callable[[Any], bool]) -> list[Any]:  # type: ignore[type-arg] # as above
    left = [*minimized(items, shows)]
    for index, item in enumerate(left):
        left[index] = simplified(item, partial(_with, left, index, shows))
    return left


def _with(whole: Any, key: Any, shows: Callable[[Any], bool], value: Any) -> bool:
    changed = whole.copy()
    changed[key] = value
    return shows(changed)
