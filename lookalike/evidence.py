"""What is learned of places, whatever the values there: it holds for all that two servers are told.

Evidence can come late: what was judged before it is judged again in the end (`rejudge`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

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


class Fact(NamedTuple):
    """Something that is known of a place, as it is kept in a file with a story."""

    kind: str
    place: Place
    texts: tuple[str, ...] = ()
    others: tuple[Place, ...] = ()


class Evidence:
    """Where servers make values, where these vary by themselves, and what else is about places."""

    def __init__(self) -> None:
        self._documents: set[tuple[Place, int]] = set()  # that both servers have sent alike
        self.began = datetime.now(UTC)
        self.by_bytes = False  # whether how JSON is written is compared, too
        self.trims_times = False  # whether zeros at the end of a time's fraction are left out
        self.changes = 0  # so that a reader knows whether there was any
        self.links: dict[Place, Link] = {}
        self._makers: dict[Place, set[str]] = defaultdict(set)
        self._whole: set[Place] = set()
        self._joined: set[Place] = set()
        self._used: set[Place] = set()
        self._sorted: set[Place] = set()
        self._noise: dict[Place, dict[str, str]] = defaultdict(dict)
        self._alike: dict[tuple[str, str, str], set[str]] = defaultdict(set)  # operations, by place

    def knows(self, place: Place, document: bytes) -> bool:
        """Tell whether both servers have sent a document alike before, and note it."""
        key = place, hash(document)
        is_known = key in self._documents
        self._documents.add(key)
        return is_known

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

    def sort(self, place: Place) -> None:
        """Note that a list was sorted by what each server makes by itself."""
        self._note(self._sorted, place)

    def is_sorted(self, place: Place) -> bool:
        """Tell whether a list may be sorted by what each server makes by itself."""
        return place in self._sorted

    def add_noise(self, place: Place, what: str, how: str) -> None:
        """Note that a place varies by itself; `what` is as in `Difference`."""
        if what not in self._noise[place]:
            self._noise[place][what] = how
            self._alike[place.part, place.pointer, what].add(place.operation)
            self.changes += 1

    def is_noise(self, place: Place, kinds: Iterable[str]) -> bool:
        """Tell whether a place varies by itself in one of some ways.

        What varies in a header field of one operation does so on all, as one program writes it;
        and so does a member that varies on two.
        """
        if place.part == "status":
            return "value" in self._noise.get(place, {})
        for what in kinds:
            operations = self._alike.get((place.part, place.pointer, what), set())
            if len(operations) > (place.part == "body") or place.operation in operations:
                if what not in self._noise[place]:
                    self._noise[place][what] = f"as on {min(operations)}"
                return True
        return False

    def note_fraction(self, digits: int) -> None:
        """Note how many digits the fraction of a time has: 3, 6 or 9 where none is left out."""
        if digits % 3 and not self.trims_times:
            self.trims_times = True
            self.changes += 1

    def facts(self) -> Iterator[Fact]:
        """Yield all that is known of places."""
        for place, servers in sorted(self._makers.items()):
            yield Fact("made", place, tuple(sorted(servers)))
        for kind, places in (
            ("whole", self._whole),
            ("joined", self._joined),
            ("used", self._used),
            ("sorted", self._sorted),
        ):
            yield from (Fact(kind, place) for place in sorted(places))
        for place, kinds in sorted(self._noise.items()):
            yield from (Fact("noise", place, item) for item in sorted(kinds.items()))
        for place, link in sorted(self.links.items()):
            yield Fact("link", place, tuple(sorted(link.values)[:2]), tuple(sorted(link.members)))

    def learn(self, fact: Fact) -> None:
        """Take over what was known elsewhere; raise a ValueError for what can't be known."""
        _, place, texts, others = fact
        match fact.kind:
            case "made":
                for server in texts:
                    self.add(server, place)
            case "whole":
                self._note(self._whole, place)
            case "joined":
                self.join(place)
            case "used":
                self.use(place)
            case "sorted":
                self.sort(place)
            case "noise":
                what, how = texts
                self.add_noise(place, what, how)
            case "link":
                self.links[place] = Link(frozenset(others), {*texts})
            case kind:
                raise ValueError(f"{kind!r} is nothing that is known of places")

    def _note(self, known: set[Any], fact: Any) -> None:
        if fact not in known:
            known.add(fact)
            self.changes += 1
