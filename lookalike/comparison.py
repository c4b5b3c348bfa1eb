"""Two answers to one request, held against each other, whole."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Protocol

from lookalike.evidence import Evidence
from lookalike.form import compare_form
from lookalike.http import Answer, Fields, NoAnswer, Outcome
from lookalike.places import Difference, Place, Scalar, role_of
from lookalike.values import NUMBER, is_timed, looks_made, moment

# Fields that belong to a connection, repeat what the body shows, or name the software, which a
# rewrite replaces (RFC 9110, sections 6.6.1, 7.6.1, 8.6 and 10.2.4). A report names them, so that
# nobody takes them for compared.
UNCOMPARED = frozenset(
    {
        *("connection", "content-encoding", "content-length", "date", "keep-alive", "server"),
        "transfer-encoding",
    }
)

# Fields that name a set: their order says nothing (RFC 9110, sections 10.2.1 and 12.5.5; Fetch,
# section 3.2.3), and in some frameworks it is another one in each process.
SETS = frozenset(
    {
        *("allow", "vary", "accept-patch", "accept-post", "access-control-allow-headers"),
        *("access-control-allow-methods", "access-control-expose-headers"),
    }
)


class Judge(Protocol):
    """Tells whether two values at one place are the same for whoever reads them."""

    evidence: Evidence

    def judge(self, place: Place, old: Scalar, new: Scalar) -> Difference | None:
        """Hold two values at one place against each other."""

    def compared(self) -> Iterator[Difference]:
        """Say what an answer as a whole shows, once all its values are judged."""

    def expected(self, place: Place, value: Scalar) -> Scalar:
        """Return what should stand at a place for a value of the old server; None if unknown."""


class Exactly:
    """Judges by value alone: two answers of one server, say."""

    def __init__(self) -> None:
        self.evidence = Evidence()

    def judge(self, place: Place, old: Scalar, new: Scalar) -> Difference | None:
        """Tell values apart, and 1 from 1.0 and from true."""
        if type(old) is not type(new):
            return Difference(place, "type", old, new)
        return None if old == new else Difference(place, "value", old, new)

    def compared(self) -> Iterator[Difference]:
        """Say nothing more."""
        yield from ()

    def expected(self, place: Place, value: Scalar) -> Scalar:
        """Return the value itself."""
        return value


def compare(operation: str, outcomes: tuple[Outcome, Outcome], judge: Judge) -> list[Difference]:
    """List how the old and the new server's outcome differ, once values are aligned."""
    old, new = outcomes
    if isinstance(old, NoAnswer) or isinstance(new, NoAnswer):
        if old == new:
            return []
        return [Difference(Place(operation, 0, "answer"), "value", summary(old), summary(new))]
    if old.status != new.status:
        place = Place(operation, old.status, "status")
        is_noise = judge.evidence.is_noise(place, {"value"}) and old.status // 100 == (
            new.status // 100
        )
        return [] if is_noise else [Difference(place, "value", old.status, new.status)]
    place = Place(operation, old.status, "body")
    return [
        *compare_fields(place, old.fields, new.fields, judge),
        *bodies(place, old, new, judge),
        *judge.compared(),
    ]


def summary(outcome: Outcome) -> str:
    """Say in a few words what came."""
    if isinstance(outcome, NoAnswer):
        return f"no answer: {outcome.why}"
    return f"{outcome.status} {outcome.reason}".strip()


def grouped(fields: Fields) -> dict[str, list[str]]:
    """Return the values of each field by its name in lower case, of each cookie by its own name."""
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in fields:
        lowered = name.lower()
        if lowered == "set-cookie":
            cookie, _, rest = value.partition("=")
            values[f"set-cookie {cookie.strip()}"].append(rest)
        elif lowered in SETS:
            values[lowered].append(", ".join(sorted(item.strip() for item in value.split(","))))
        elif lowered not in UNCOMPARED:
            values[lowered].append(value)
    return values


def compare_fields(place: Place, old: Fields, new: Fields, judge: Judge) -> Iterator[Difference]:
    """Hold header fields against each other: which there are, how often, and their values."""
    ours, theirs = grouped(old), grouped(new)
    for name in sorted({*ours, *theirs}):
        where = place._replace(part=name, pointer="")
        mine, yours = ours.get(name, []), theirs.get(name, [])
        if len(mine) != len(yours):
            what = "missing" if not mine or not yours else "length"
            if not judge.evidence.is_noise(where, {what}):
                yield Difference(where, what, ", ".join(mine) or None, ", ".join(yours) or None)
            continue
        for pair in zip(mine, yours, strict=True):
            if found := judge.judge(where, *pair):
                yield found


LONG = 100_000  # bytes: a document, which says no more when it is read again


def bodies(place: Place, old: Answer, new: Answer, judge: Judge) -> Iterator[Difference]:
    """Hold bodies against each other: JSON by value, all else by the parts of the text."""
    if old.is_json and new.is_json:
        if old.body == new.body and len(old.body) > LONG and judge.evidence.knows(place, old.body):
            return
        try:
            values = parsed(old.body), parsed(new.body)
            found = [*walk(place, *values, judge)]
        except (ValueError, RecursionError):  # no JSON, or nested too deeply to be walked through
            pass
        else:
            if judge.evidence.by_bytes and not found and old.body != new.body:
                found = [*compare_form(place, text_of(old.body), text_of(new.body))]
            yield from found
            return
    if old.body == new.body:
        return
    texts = text_of(old.body), text_of(new.body)
    if texts[0] == texts[1]:  # what is no UTF-8 is written like what is
        yield Difference(place, "value", repr(old.body), repr(new.body))
    elif difference := judge.judge(place, *texts):
        yield difference


class Constant(str):
    """What looks like a number, and is none in JSON: NaN, Infinity, -Infinity."""

    __slots__ = ()


def parsed(body: bytes) -> Any:
    """Read JSON in UTF-8 (RFC 8259, section 8.1); raise a ValueError where it is none.

    Of members of one name the last counts for most readers. The others are kept as `name (1)`.
    """
    return json.loads(body.decode(), object_pairs_hook=members, parse_constant=Constant)


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object of all its members, those whose names are repeated under new ones."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    left = Counter(name for name, _ in pairs)
    for name, value in pairs:
        left[name] -= 1
        if left[name]:
            found[f"{name} ({left[name]})"] = value
    return found


def text_of(body: bytes) -> str:
    """Return a body as text, whatever it is."""
    return body.decode("utf-8", "backslashreplace")


def walk(place: Place, old: Any, new: Any, judge: Judge) -> Iterator[Difference]:
    """Hold two JSON values against each other, member by member."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted({*old, *new}):
            inner = place._replace(pointer=f"{place.pointer}/{escaped(name)}")
            if name in old and name in new:
                yield from walk(inner, old[name], new[name], judge)
            elif not judge.evidence.is_noise(inner, {"missing"}):
                yield Difference(inner, "missing", old.get(name, ABSENT), new.get(name, ABSENT))
    elif isinstance(old, list) and isinstance(new, list):
        yield from arrays(place, old, new, judge)
    elif isinstance(old, dict | list) or isinstance(new, dict | list):
        if not judge.evidence.is_noise(place, {"type"}):
            yield Difference(place, "type", old, new)
    elif found := judge.judge(place, old, new):
        yield found


def arrays(
    place: Place, old: Sequence[Any], new: Sequence[Any], judge: Judge
) -> Iterator[Difference]:
    """Hold two arrays against each other; the same entries in another order are one difference."""
    inner = place._replace(pointer=f"{place.pointer}/*")
    if len(old) != len(new):
        if not judge.evidence.is_noise(place, {"length"}):
            yield Difference(place, "length", len(old), len(new))
        for mine, yours in recognised(inner, old, new, judge):
            yield from walk(inner, mine, yours, judge)
        return
    if not is_order_of_content(inner, old, new, judge) and are_sorted_by_made(
        inner, old, new, judge
    ):
        for mine, yours in recognised(inner, old, new, judge):
            yield from walk(inner, mine, yours, judge)
        return
    order = counterparts(inner, old, new, judge)
    if order != [*range(len(old))] and not judge.evidence.is_noise(place, {"order"}):
        yield Difference(place, "order", old, new)
    for mine, index in zip(old, order, strict=True):
        yield from walk(inner, mine, new[index], judge)


def is_order_of_content(place: Place, old: Sequence[Any], new: Sequence[Any], judge: Judge) -> bool:
    """Tell whether entries are equal one by one, but for what is the servers' own.

    Where most are equal to one another that says nothing of their order, if so many are sorted.
    """
    names = {name for entry in (*old, *new) if isinstance(entry, dict) for name in entry}
    own = {name for name in names if is_own(place, name, old, judge)}

    def content(entry: Any) -> Any:
        if not isinstance(entry, dict):
            return entry
        return {name: value for name, value in entry.items() if name not in own}

    mine = [*map(content, old)]
    if mine != [*map(content, new)]:
        return False
    is_sure = len(old) >= SURELY_SORTED or judge.evidence.is_sorted(place)
    return not is_sure or len({*map(repr, mine)}) * 2 > len(mine)


def are_sorted_by_made(place: Place, old: Sequence[Any], new: Sequence[Any], judge: Judge) -> bool:
    """Tell whether both servers have sorted entries by texts that each of them makes by itself.

    Where such texts are random, as most UUIDs are, each server has an order of its own, and pages
    of its own: which entry stands where says nothing then. UUIDs that begin with a time are in the
    order in which they were made, which is the same on both. A page of one entry shows no order; it
    is taken for one of those that longer lists of the place have shown.
    """
    for name in {name for entry in old if isinstance(entry, dict) for name in entry}:
        keys = [
            [key for entry in entries if isinstance(key := member(entry, name), str)]
            for entries in (old, new)
        ]
        if all(NUMBER.fullmatch(key) or moment(key) or is_timed(key) for key in keys[0]):
            continue
        are_most = all(len(each) > len(old) / 2 for each in keys)
        is_one = len(old) == 1 and judge.evidence.is_sorted(place)
        is_way = is_one or ways_of(keys[0]) & ways_of(keys[1])
        if are_most and is_way and is_own(place, name, old, judge):
            if len(old) >= SURELY_SORTED:
                judge.evidence.sort(place)
            return True
    return False


SURELY_SORTED = 4  # entries, which nearly never are in order by chance


def ways_of(keys: Sequence[str]) -> set[tuple[bool, bool]]:
    """Return how texts are sorted: backwards or not, with capitals apart or not.

    An entry without a key leads some programs to put one in twenty in the wrong place.
    """
    found = set()
    for is_folded in (False, True):
        folded = [key.casefold() for key in keys] if is_folded else [*keys]
        for is_backwards in (False, True):
            pairs = pairwise(reversed(folded) if is_backwards else folded)
            if len({*keys}) > 1 and sum(one > two for one, two in pairs) <= len(keys) // 20:
                found.add((is_backwards, is_folded))
    return found


def is_own(place: Place, name: str, old: Sequence[Any], judge: Judge) -> bool:
    """Tell whether each server makes the values of a member of entries by itself."""
    inner = place._replace(pointer=f"{place.pointer}/{escaped(name)}")
    values = [member(entry, name) for entry in old]
    return (
        judge.evidence.both_make(inner)
        or judge.evidence.is_joined(inner)
        or all(looks_made(str(value)) for value in values)
        or any(judge.expected(inner, value) not in {None, value} for value in values)
    )


def counterparts(place: Place, old: Sequence[Any], new: Sequence[Any], judge: Judge) -> list[int]:
    """Return at which index each entry's counterpart stands, as far as known values tell.

    Entries that are new on both servers stand for each other in the order in which they are left.
    """
    names = {name for entry in old if isinstance(entry, dict) for name in entry}
    for name in sorted(names, key=lambda name: (name != "id", name)):
        inner = place._replace(pointer=f"{place.pointer}/{escaped(name)}")
        wanted = [judge.expected(inner, member(entry, name)) for entry in old]
        theirs = [member(entry, name) for entry in new]
        mine, yours = [*map(repr, wanted)], [*map(repr, theirs)]
        known = {
            index: yours.index(value)
            for index, value in enumerate(mine)
            if wanted[index] is not None and value in yours
        }
        are_all = len(known) == len(wanted) - wanted.count(None) == len({*known.values()})
        if known and are_all and len({*yours}) == len(yours):
            rest = iter(sorted({*range(len(new))} - {*known.values()}))
            return [known[index] if index in known else next(rest) for index in range(len(old))]
    mine, yours = [*map(repr, old)], [*map(repr, new)]
    if len({*mine}) == len(mine) and sorted(mine) == sorted(yours):
        return [yours.index(entry) for entry in mine]
    return [*range(len(old))]


def recognised(
    place: Place, old: Sequence[Any], new: Sequence[Any], judge: Judge
) -> Iterator[tuple[Any, Any]]:
    """Yield entries that correspond by their ids, where one server has more of them."""
    names = {name for entry in old if isinstance(entry, dict) for name in entry}
    for name in sorted(names, key=lambda name: (name != "id", name)):
        if role_of(name) != "id":
            continue
        inner = place._replace(pointer=f"{place.pointer}/{escaped(name)}")
        theirs = {repr(member(entry, name)): entry for entry in new}
        wanted = [judge.expected(inner, member(entry, name)) for entry in old]
        keys = [None if value is None else repr(value) for value in wanted]
        found = [
            (entry, theirs[key]) for entry, key in zip(old, keys, strict=True) if key in theirs
        ]
        if found and len(theirs) == len(new) and len(found) == len({*keys} & {*theirs}):
            yield from found
            return


def member(entry: Any, name: str) -> Any:
    """Return a scalar member of an object, if it has one of the name."""
    value = entry.get(name) if isinstance(entry, dict) else None
    return None if isinstance(value, dict | list) else value


def escaped(name: str) -> str:
    """Write a name as a part of a JSON Pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


class Absent:
    """A member that is not there, which null is not."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT = Absent()
