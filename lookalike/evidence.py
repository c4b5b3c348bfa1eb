"""What is learned of places, whatever the values there: it holds for all that two servers are told.

Evidence can come late: what was judged before it is judged again in the end (`rejudge`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lookalike.places import Place

SERVERS = frozenset({"old", "new"})


@dataclass
class Link:
    """Which members of the old server's answers have always been equal to a part of a link."""

    members: frozenset[Place]
    values: set[str] = field(default_factory=set)

    @property
    def is_certain(self) -> bool:
        """Whether more than one value has shown it."""
        return len(self.values) > 1


class Evidence:
    """Where servers make values, where these vary by themselves, and what else is about places."""

    def __init__(self) -> None:
        self.began = datetime.now(UTC)
        self.changes = 0  # so that a reader knows whether there was any
        self.links: dict[Place, Link] = {}
        self._makers: dict[Place, set[str]] = defaultdict(set)
        self._whole: set[Place] = set()
        self._joined: set[Place] = set()
        self._used: set[Place] = set()
        self._noise: dict[Place, dict[str, str]] = defaultdict(dict)

    @property
    def noise(self) -> Mapping[Place, str]:
        """What varies by itself, and how that was told."""
        return {place: "; ".join(sorted({*kinds.values()})) for place, kinds in self._noise.items()}

    def add(self, server: str, place: Place, *, whole: bool = False) -> None:
        """Note that a server gave two values at a place for equal requests.

        They are made as a whole if no word of one is a word of the other.
        """
        self._note(self._makers[place], server)
        if whole:
            self._note(self._whole, place)

    def both_make(self, place: Place) -> bool:
        """Tell whether both servers make the values at a place."""
        return self._makers.get(place, set()) >= SERVERS

    def is_whole(self, place: Place) -> bool:
        """Tell whether texts at a place have no words in common."""
        return place in self._whole

    def join(self, place: Place) -> None:
        """Note that a place shows values that were made at other places."""
        self._note(self._joined, place)

    def is_joined(self, place: Place) -> bool:
        """Tell whether a place shows values that were made at other places."""
        return place in self._joined

    def use(self, place: Place) -> None:
        """Note that a value of a place was sent back, and that both servers took it."""
        self._note(self._used, place)

    def is_used(self, place: Place) -> bool:
        """Tell whether values of a place name something that servers are asked for."""
        return place in self._used

    def add_noise(self, place: Place, what: str, how: str) -> None:
        """Note that a place varies by itself; `what` is as in `Difference`."""
        if what not in self._noise[place]:
            self._noise[place][what] = how
            self.changes += 1

    def is_noise(self, place: Place, what: Iterable[str]) -> bool:
        """Tell whether a place varies by itself in one of some ways."""
        return place in self._noise and not self._noise[place].keys().isdisjoint(what)

    def _note(self, known: set[Any], fact: Any) -> None:
        if fact not in known:
            known.add(fact)
            self.changes += 1
