"""Which value of one server corresponds to which of the other, learned from their answers.

Servers make values of their own: ids, times, tokens, and what is derived from these. They are not
told by their form. A value of the old server corresponds to the one that stands at the same place
of the new server's answer, one to one; whatever breaks this is a difference.

A place is an operation, a status, and a pattern of a JSON Pointer in which `*` stands for any
index. Small numbers and short texts mean different things at different places, so each place has a
domain of its own. They are taken for values of the servers

- where each server gave others when it was asked the same again (`Evidence`), and
- where a place shows what is known to correspond at such a place: `product_id` of an order shows a
  product's `id`.

A number has to name something, too, by the name of its place, in a link, or by being sent back: a
count that is one too high is no id. Texts that nobody would have typed twice by chance – UUIDs,
digests, tokens – are one domain for all places, and need no evidence.
"""

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from lookalike.evidence import Evidence, Link
from lookalike.places import Difference, Place, Role, Scalar, role_of
from lookalike.values import (
    NUMBER,
    RFC3339,
    are_alike_in_form,
    are_made,
    cores,
    digits_of_fraction,
    epoch,
    is_uuid,
    looks_made,
    moment,
    outline,
    parts,
    resolution,
)

__all__ = ["Alignment", "Difference", "Evidence", "Place", "Scalar"]

APART = timedelta(seconds=60)  # how much later one of two servers may do what both were asked
SOON = timedelta(seconds=5)  # the same for a time to come, which may as well be computed
RECENT = timedelta(days=1)  # before a run: what was made then is old data, equal on both
LONGEST_SENT = 200  # characters of a text that may stand for itself
VARYING = frozenset({"value", "correspondence", "time"})


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
    """Times of one form that both servers made: in the same order."""

    def __init__(self) -> None:
        self._pairs: list[tuple[datetime, datetime]] = []  # sorted, by both

    def accepts(self, old: datetime, new: datetime, step: timedelta) -> bool:
        """Tell whether two times may be the same moment as each server saw it; note their order.

        What are two times on one server may be one on the other, if no more than a few of the
        smallest steps lie between.
        """
        place = bisect_left(self._pairs, (old, new))
        for known_old, known_new in reversed(self._pairs[:place]):
            if known_new > new:
                return False
            if known_new < new and known_old < old:
                break
            if max(old - known_old, new - known_new) > 2 * step:
                return False
        for known_old, known_new in self._pairs[place:]:
            if known_new < new:
                return False
            if known_new > new and known_old > old:
                break
            if max(known_old - old, known_new - new) > 2 * step:
                return False
        if self._pairs[place : place + 1] != [(old, new)]:
            self._pairs.insert(place, (old, new))
        return True


class Time(NamedTuple):
    """A moment as a server wrote it."""

    moment: datetime
    form: str
    step: timedelta


class Corresponding(NamedTuple):
    """Two values that may correspond, at one place of an answer."""

    place: Place
    old: str
    new: str


class Alignment:
    """All that is known about which values correspond, from the first call of a story on.

    What was made in an earlier story on the same servers is known from `before`.
    """

    def __init__(self, evidence: Evidence | None = None, before: "Alignment | None" = None) -> None:
        self.evidence = evidence or Evidence()
        self._before = before
        self._clocks: dict[tuple[int, str], Clock] = defaultdict(Clock)
        self._callers: dict[tuple[str, datetime, datetime], int] = {}  # who has seen times first
        self._times: dict[str, str] = {}  # the new server's, by the old one's
        self._domains: dict[Place, Domain] = {}
        self._holders: dict[tuple[str, str], set[Place]] = defaultdict(set)
        self._shared = Domain()  # texts that can't be mistaken for others, wherever they stand
        self._sent: set[str] = set()
        self._sent_times: list[datetime] = []  # sorted
        self._now: datetime | None = None
        self._caller = 0
        self._links: list[Corresponding] = []  # parts of links in this answer
        self._members: list[Corresponding] = []  # and what they may name

    def asked(self, sent: Iterable[str], now: datetime | None = None, caller: int = 0) -> None:
        """Note when both servers are asked, and which texts of the client's both are sent.

        Such a text is no server's own, and stands for itself. Times are in order for each caller:
        what several ask at once, two servers may do one before the other.
        """
        self._now, self._caller = now, caller
        for text in sent:
            if text in self._sent or len(text) > LONGEST_SENT:
                continue
            self._sent.add(text)
            if time := moment(text):
                insort(self._sent_times, time)
            if looks_made(text) and self._shared.is_free(text, text):
                self._shared.learn(text, text)

    def judge(self, place: Place, old: Scalar, new: Scalar) -> Difference | None:
        """Hold two values at one place against each other, and learn what corresponds."""
        if type(old) is not type(new):
            return Difference(place, "type", old, new)
        if isinstance(old, bool) or old is None:
            what = "" if old == new else "value"
        elif isinstance(old, str) and isinstance(new, str):
            what = self._judge_texts(place, old, new)
        else:
            what = self._judge(place, str(old), str(new), role_of(place.name))
        return Difference(place, what, old, new) if what else None

    def compared(self) -> Iterator[Difference]:
        """Hold the links of an answer against its members, now that all values are judged.

        What the old server's links have always named, such as the `id` beside them, the new
        server's links have to name as well.
        """
        links, members = self._links, self._members
        self._links, self._members = [], []
        if not links:
            return
        by_old, by_new = defaultdict(set), defaultdict(set)
        for each in members:
            by_old[each.old].add(each.place)
            by_new[each.new].add(each.place)
        for link in links:
            equal = frozenset(by_old.get(link.old, ()))
            known = self.evidence.links.setdefault(link.place, Link(equal))
            known.members &= equal
            known.values.add(link.old)
            is_known = known.members and known.is_certain
            if is_known and known.members.isdisjoint(by_new.get(link.new, ())):
                yield Difference(link.place, "correspondence", link.old, link.new)

    def translated(self, place: Place, value: Scalar) -> Scalar:
        """Return the new server's value for one that the old server gave at a place."""
        if value is None or isinstance(value, bool):
            return value
        return as_type_of(value, self.counterpart(place, str(value)))

    def translated_by_name(self, words: Iterable[str], value: Scalar) -> Scalar:
        """Return the new server's value for one of the old server's, by what it is called.

        `words` are those on the way to it: `/products/7` is about a product, and so is
        `"product_id": 7`.
        """
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and not NUMBER.fullmatch(value):
            found = self._shared.theirs.get(value) or self._named(words, value)
            return found or self.translated_text(value)
        return as_type_of(value, self._named(words, str(value)))

    def translated_text(self, text: str) -> str:
        """Return a text in which whatever can't be mistaken is the new server's: an address."""
        found = "".join(self._shared.theirs.get(part, part) for part in parts(text))
        return RFC3339.sub(lambda match: self._times.get(match[0], match[0]), found)

    def is_known(self, place: Place, value: Scalar) -> bool:
        """Tell whether a value of the old server at a place has a counterpart."""
        return self.counterpart(place, str(value)) is not None

    def expected(self, place: Place, value: Scalar) -> Scalar:
        """Return what should stand at a place, which may never have been seen; None if unknown."""
        if value is None or isinstance(value, bool):
            return None
        found = self.counterpart(place, str(value)) or self._named(place.words, str(value))
        return None if found is None else as_type_of(value, found)

    def counterpart(self, place: Place, old: str) -> str | None:
        """Return the new server's text for one that the old server gave at a place, if known."""
        domain = self._domains.get(place)
        found = (domain.theirs.get(old) if domain else None) or self._shared.theirs.get(old)
        if found is None and self._before is not None:
            return self._before.counterpart(place, old)
        return found

    def _named(self, words: Iterable[str], old: str) -> str | None:
        """Return the counterpart of a value in the domain that has most words in common."""
        found: dict[str, int] = {}
        for place, domain in self._domains.items():
            if old in domain.theirs and self._is_anchor(place):
                new = domain.theirs[old]
                found[new] = max(found.get(new, 0), len(place.words & {*words}))
        best = [new for new, score in found.items() if score == max(found.values())]
        return best[0] if len(best) == 1 else None

    def _is_anchor(self, place: Place) -> bool:
        return (
            self.evidence.both_make(place)
            or self.evidence.is_joined(place)
            or role_of(place.name) == "opaque"
        )

    def _judge_texts(self, place: Place, old: str, new: str) -> str:
        if old == new and len(old) > LONGEST_SENT:
            return ""
        ours, theirs = parts(old), parts(new)
        alike = len(ours) == len(theirs) > 1 and ours[1::2] == theirs[1::2]
        if not alike or self._is_one_value(place, old, new):
            return self._judge(place, old, new, role_of(place.name))
        is_link = is_address(old) and is_address(new)
        for index, pair in enumerate(zip(ours[::2], theirs[::2], strict=True)):
            inner = place._replace(pointer=f"{place.pointer}#{index}")
            before = ours[2 * index - 1] if index else ""
            role = role_of(place.name)
            if is_link:
                role = role_of(ours[2 * index - 2]) if before == "=" else "open"
                role = "id" if before.endswith("/") else role
            if before.endswith("/") and role == "id":
                self._links.append(Corresponding(inner, *pair))
            if what := self._judge(inner, *pair, role):
                return what
        return ""

    def _is_one_value(self, place: Place, old: str, new: str) -> bool:
        """Tell whether two texts are known, times, or made by the servers as a whole."""
        domain = self._domains.get(place)
        return bool(
            self._shared.holds(old, new)
            or (domain and domain.holds(old, new))
            or (moment(old) and moment(new))
            or are_made(old, new)
        )

    def _judge(self, place: Place, old: str, new: str, role: Role) -> str:
        """Return what is wrong with two texts at a place, if anything, or learn from them."""
        if place.part == "body" and "*" not in place.pointer and "#" not in place.pointer:
            self._members.append(Corresponding(place, old, new))
        if self.evidence.is_noise(place, VARYING):
            return "" if are_of_one_kind(old, new) else "value"
        if are_made(old, new):
            return self._judge_in(self._shared, old, new)
        if old != new and (what := self._judge_times(place, old, new)) is not None:
            return what
        domain = self._domains.get(place)
        if domain is not None and (old == new or domain.holds(old, new)):
            return self._judge_in(domain, old, new)
        if old == new:
            return ""
        return self._judge_unequal(place, old, new, role)

    def _judge_in(self, domain: Domain, old: str, new: str) -> str:
        if domain.holds(old, new):
            return ""
        if not domain.is_free(old, new):
            return "correspondence"
        domain.learn(old, new)
        return ""

    def _judge_unequal(self, place: Place, old: str, new: str, role: Role) -> str:
        """Judge two values that may be ids, slugs, or what is different for no good reason."""
        are_numbers = all(NUMBER.fullmatch(text) for text in (old, new))
        if are_numbers and role == "count":
            return "value"
        if not are_numbers and {old, new} & self._sent:
            return "value"  # an echo, changed
        is_held = bool(self._holders.get((old, new), set()) - {place})
        is_name = role in {"id", "opaque"} or self.evidence.is_used(place)
        if is_held and is_name:
            self.evidence.join(place)
        is_opaque = role == "opaque" and not are_numbers and is_uuid(old) == is_uuid(new)
        is_made = (is_name or not are_numbers) and self._is_made(
            place, old, new, is_number=are_numbers
        )
        is_shown = self.evidence.is_joined(place) and not self._contradicts(place, old, new)
        if not (is_held or is_opaque or is_made or is_shown):
            return "value"
        domain = self._domains.setdefault(place, Domain())
        what = self._judge_in(domain, old, new)
        if not what and self._is_anchor(place):
            self._holders[old, new].add(place)
        return what

    def _is_made(self, place: Place, old: str, new: str, *, is_number: bool) -> bool:
        """Tell whether both servers make such values at a place, by all that was seen there."""
        if not self.evidence.both_make(place) or is_uuid(old) != is_uuid(new):
            return False
        if is_number or self.evidence.is_whole(place):
            return True
        # A slug's words are of the title; only what keeps it apart from others is the server's.
        return all(core.isalnum() for core in cores(old, new))

    def _contradicts(self, place: Place, old: str, new: str) -> bool:
        """Tell whether a place that shares values with this one holds another counterpart."""
        own = self._domains.get(place)
        if own is None or self._holders.get((old, new)):
            return False
        for other, domain in self._domains.items():
            if other == place or domain.is_free(old, new) or domain.holds(old, new):
                continue
            if any(
                mine != theirs and domain.theirs.get(mine) == theirs
                for mine, theirs in own.theirs.items()
            ):
                return True
        return False

    def _judge_times(self, place: Place, old: str, new: str) -> str | None:
        """Judge two unequal times; return None where these are none."""
        now = self._now or datetime.now(UTC)
        ours, theirs = self._time(old, now), self._time(new, now)
        if ours is None or theirs is None:
            return None
        is_echo = self._is_echo(ours.moment) or self._is_echo(theirs.moment)
        for text in () if is_echo else (old, new):
            self.evidence.note_fraction(digits_of_fraction(text))
        if ours.form != theirs.form and not are_alike_in_form(
            old, new, is_trimmed=self.evidence.trims_times
        ):
            return "time"
        if is_echo:
            return "value"
        if min(ours.moment, theirs.moment) < self.evidence.began - RECENT:
            return "value"  # nothing that was made in this run
        if not self._are_close(place, ours, theirs, now):
            return "time"
        self._times[old] = new
        return ""

    def _are_close(self, place: Place, old: Time, new: Time, now: datetime) -> bool:
        """Tell whether two times may be one moment, and are in order with those before."""
        apart = abs(old.moment - new.moment)
        if max(old.moment, new.moment) > now + APART:  # an end to come has no order
            return apart <= (APART if self.evidence.both_make(place) else SOON)
        form = re.sub("0+", "0", old.form)
        pair = (form, old.moment, new.moment)
        if apart > APART or self._callers.setdefault(pair, self._caller) != self._caller:
            return apart <= APART
        clock = self._clocks[self._caller, form]
        return clock.accepts(old.moment, new.moment, max(old.step, new.step))

    def _time(self, text: str, now: datetime) -> Time | None:
        """Read a time, or a number that counts from 1970 to about now."""
        if time := moment(text):
            return Time(time, outline(text), resolution(outline(text)))
        if found := epoch(text, self.evidence.began - RECENT, now + APART):
            time, unit = found
            step = timedelta(seconds=1 / unit) if text.isdigit() else timedelta(microseconds=1)
            return Time(time, f"{unit}", step)
        return None

    def _is_echo(self, time: datetime) -> bool:
        """Tell whether a client sent a time, though maybe with more digits."""
        second = timedelta(seconds=1)
        index = bisect_left(self._sent_times, time - second + timedelta(microseconds=1))
        return index < len(self._sent_times) and self._sent_times[index] < time + second


def is_address(text: str) -> bool:
    """Tell whether a text is a URL or a path, alone or as a Link field has it (RFC 8288)."""
    return bool(re.match(r"<?(/|[a-z]{2,8}://|\?)", text))


def are_of_one_kind(old: str, new: str) -> bool:
    """Tell whether two texts that vary by themselves are still of one kind."""
    if (moment(old) is None) != (moment(new) is None) or bool(old) != bool(new):
        return False
    if moment(old):
        return are_alike_in_form(old, new)
    return looks_made(old) == looks_made(new) or are_made(old, new)


def as_type_of(value: Scalar, found: str | None) -> Scalar:
    """Return a counterpart as a value of the type that it stands for."""
    if found is None:
        return value
    if isinstance(value, int | float) and re.fullmatch(r"-?\d+(\.\d+)?", found):
        return type(value)(found)
    return found
