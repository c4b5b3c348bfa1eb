"""Which value of one server corresponds to which of the other, learned from their answers.

Servers make values of their own: ids, times, tokens, and what is derived from these. They are not
told by their form. A value of the old server corresponds to the one that stands at the same place
of the new server's answer, one to one; whatever breaks this is a difference. Whether a place holds
such values at all is learned, too (`Evidence`): a server gave two of them for equal requests.

A place is an operation, a status, and a pattern of a JSON Pointer in which `*` stands for any
index. Small numbers mean different things at different places, so each place has a domain of its
own, until values show that two places share one: that `product_id` of an order is a product's `id`.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from lookalike.values import looks_made, moment, outline, parts

Scalar = str | int | float | bool | None
APART = timedelta(seconds=60)  # how much later one of two servers may do what both were asked


class Place(NamedTuple):
    """Where a value stands: `("GET /todos", 200, "body", "/items/*/id")`."""

    operation: str
    status: int
    part: str  # "body", a header field's name in lower case, or "cookie"
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.part} {self.pointer}".strip()


class Difference(NamedTuple):
    """Two values, or what is missing on one side, at one place."""

    place: Place
    what: str  # such as "value", "type", "missing", "order", "correspondence", "time"
    old: object
    new: object


@dataclass
class Domain:
    """Values that two servers made of the same kind of thing, one to one.

    They are kept as texts: an id is a number in JSON, and a text in a path.
    """

    theirs: dict[str, str] = field(default_factory=dict)  # by the old server's
    ours: dict[str, str] = field(default_factory=dict)  # by the new server's

    def holds(self, old: str, new: str) -> bool:
        """Tell whether two values are known to correspond."""
        return old in self.theirs and self.theirs[old] == new

    def is_free(self, old: str, new: str) -> bool:
        """Tell whether neither of two values has a counterpart."""
        return old not in self.theirs and new not in self.ours

    def learn(self, old: str, new: str) -> None:
        """Note that two values correspond."""
        self.theirs[old] = new
        self.ours[new] = old


class Clock:
    """Times that both servers made: close to each other, and in the same order."""

    def __init__(self) -> None:
        self._pairs: list[tuple[datetime, datetime]] = []  # sorted, by both

    def accepts(self, old: str, new: str) -> bool:
        """Tell whether two times may be the same moment as each server saw it; note their order."""
        ours, theirs = moment(old), moment(new)
        if ours is None or theirs is None or outline(old) != outline(new):
            return False
        if abs(ours - theirs) > APART:
            return False
        if max(ours, theirs) > datetime.now(UTC) + APART:
            return True  # such as an end to come, which is no moment of this order
        place = bisect_left(self._pairs, (ours, theirs))
        before, after = self._pairs[:place][-1:], self._pairs[place : place + 1]
        if any(theirs < known for _, known in before) or any(theirs > known for _, known in after):
            return False
        if not after or after[0] != (ours, theirs):
            self._pairs.insert(place, (ours, theirs))
        return True


class Evidence:
    """Where servers make values: there, equal requests got other values each time."""

    def __init__(self) -> None:
        self._seen: dict[Place, set[str]] = defaultdict(set)

    def add(self, server: str, place: Place) -> None:
        """Note that a server has given two values at a place for equal requests."""
        self._seen[place].add(server)

    def both_make(self, place: Place) -> bool:
        """Tell whether both servers make the values at a place."""
        return len(self._seen[place]) > 1


class Alignment:
    """All that is known about which values correspond."""

    def __init__(self, evidence: Evidence | None = None) -> None:
        self.evidence = evidence or Evidence()
        self._clock = Clock()
        self._domains: dict[Place, Domain] = {}
        self._shared = Domain()  # texts that can't be mistaken for others, wherever they stand
        self._equal: dict[Place, set[str]] = defaultdict(set)  # equal on both, domain unknown
        self._sent: set[str] = set()

    def sent(self, text: str) -> None:
        """Note a text that a client made up: it is no server's own, and stands for itself."""
        self._sent.add(text)

    def judge(self, place: Place, old: Scalar, new: Scalar) -> Difference | None:
        """Hold two values at one place against each other, and learn what corresponds."""
        if isinstance(old, str) and isinstance(new, str):
            return self._judge_texts(place, old, new)
        if type(old) is not type(new):
            return Difference(place, "type", old, new)
        if isinstance(old, bool) or old is None:
            return None if old == new else Difference(place, "value", old, new)
        what = self._judge(place, str(old), str(new))
        return Difference(place, what, old, new) if what else None

    def translated(self, place: Place, value: Scalar) -> Scalar:
        """Return the new server's value for one that the old server gave at a place."""
        domain = self._domains.get(place, self._shared)
        found = domain.theirs.get(str(value), self._shared.theirs.get(str(value)))
        if found is None or value is None or isinstance(value, bool):
            return value
        return found if isinstance(value, str) else type(value)(found)

    def translated_text(self, text: str) -> str:
        """Return a text in which whatever can't be mistaken is the new server's: an address."""
        return "".join(self._shared.theirs.get(part, part) for part in parts(text))

    def is_known(self, place: Place, value: Scalar) -> bool:
        """Tell whether a value of the old server at a place has a counterpart."""
        domain = self._domains.get(place)
        return str(value) in self._shared.theirs or (
            domain is not None and str(value) in domain.theirs
        )

    def _judge_texts(self, place: Place, old: str, new: str) -> Difference | None:
        if old != new and not self._is_one_value(place, old, new):
            ours, theirs = parts(old), parts(new)
            if len(ours) == len(theirs) > 1 and ours[1::2] == theirs[1::2]:
                for number, pair in enumerate(zip(ours[::2], theirs[::2], strict=True)):
                    inner = place._replace(pointer=f"{place.pointer}#{number}")
                    if what := self._judge(inner, *pair):
                        return Difference(place, what, old, new)
                return None
        what = self._judge(place, old, new)
        return Difference(place, what, old, new) if what else None

    def _is_one_value(self, place: Place, old: str, new: str) -> bool:
        """Tell whether two unequal texts are known, times, or made by the servers as a whole."""
        domain = self._domains.get(place)
        return bool(
            self._shared.holds(old, new)
            or (domain and domain.holds(old, new))
            or (moment(old) and moment(new))
            or (looks_made(old) and looks_made(new))
        )

    def _judge(self, place: Place, old: str, new: str) -> str:
        """Return what is wrong with two texts at a place, if anything, or learn from them."""
        if old != new and moment(old) and moment(new):
            return "" if self._clock.accepts(old, new) else "time"
        domain = self._domain(place, old, new)
        if domain is None:
            self._equal[place] |= {old} & {new}
            return "" if old == new else "value"
        if domain.holds(old, new):
            return ""
        if domain.is_free(old, new):
            domain.learn(old, new)
            return ""
        return "correspondence"

    def _domain(self, place: Place, old: str, new: str) -> Domain | None:
        """Find the domain of a place, if its values are known to be the servers' own."""
        if looks_made(old) and looks_made(new):
            if old == new and old in self._sent and self._shared.is_free(old, new):
                self._shared.learn(old, new)
            return self._shared
        if place in self._domains or old == new:
            return self._domains.get(place)
        domains = {id(domain): domain for domain in self._domains.values()}.values()
        for domain in domains:
            if domain.holds(old, new) and self._adopt(place, domain):
                return domain  # it holds what another place does: they are of one kind
        if self.evidence.both_make(place) and not {old, new} & self._sent:
            domain = Domain()
            if self._adopt(place, domain):
                return domain
        return None

    def _adopt(self, place: Place, domain: Domain) -> bool:
        """Give a place its domain, unless what was equal there before contradicts it."""
        equal = self._equal[place]
        if any(
            domain.theirs.get(value, value) != value or domain.ours.get(value, value) != value
            for value in equal
        ):
            return False
        for value in equal:
            domain.learn(value, value)
        self._domains[place] = domain
        return True
