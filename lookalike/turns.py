"""Several streams of work that have their turns."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


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
