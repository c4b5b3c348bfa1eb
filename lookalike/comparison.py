"""Two answers to one request, held against each other, whole."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lookalike.alignment import Alignment, Difference, Place
from lookalike.http import Answer, Fields, NoAnswer, Outcome
from lookalike.values import parts

# Fields that belong to a connection or repeat what the body shows (RFC 9110, sections 6.6.1, 7.6.1,
# 8.6). A report names them, so that nobody takes them for compared.
UNCOMPARED = frozenset(
    {"connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding"}
)


class Leaf(NamedTuple):
    """A value of an answer, without anything inside it."""

    place: Place
    value: Any


def compare(
    operation: str, outcomes: tuple[Outcome, Outcome], alignment: Alignment
) -> list[Difference]:
    """List how the old and the new server's outcome differ, once values are aligned."""
    old, new = outcomes
    if isinstance(old, NoAnswer) or isinstance(new, NoAnswer):
        if old == new:
            return []
        return [Difference(Place(operation, 0, "answer"), "value", summary(old), summary(new))]
    if old.status != new.status:
        place = Place(operation, old.status, "status")
        return [Difference(place, "value", old.status, new.status)]
    place = Place(operation, old.status, "body")
    return [
        *compare_fields(place, old.fields, new.fields, alignment),
        *bodies(place, old, new, alignment),
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
        elif lowered not in UNCOMPARED:
            values[lowered].append(value)
    return values


def compare_fields(
    place: Place, old: Fields, new: Fields, alignment: Alignment
) -> Iterator[Difference]:
    """Hold header fields against each other: which there are, how often, and their values."""
    ours, theirs = grouped(old), grouped(new)
    for name in sorted({*ours, *theirs}):
        where = place._replace(part=name, pointer="")
        mine, yours = ours.get(name, []), theirs.get(name, [])
        if len(mine) != len(yours):
            what = "missing" if not mine or not yours else "length"
            yield Difference(where, what, ", ".join(mine) or None, ", ".join(yours) or None)
            continue
        for pair in zip(mine, yours, strict=True):
            if found := alignment.judge(where, *pair):
                yield found


def bodies(place: Place, old: Answer, new: Answer, alignment: Alignment) -> Iterator[Difference]:
    """Hold bodies against each other: JSON by value, text by its parts, all else by bytes."""
    if old.body == new.body and not (old.is_json and new.is_json):
        return
    if old.is_json and new.is_json:
        try:
            values = json.loads(old.body or b"null"), json.loads(new.body or b"null")
        except (ValueError, RecursionError):
            if old.body != new.body:
                yield Difference(place, "value", text_of(old.body), text_of(new.body))
            return
        yield from walk(place, *values, alignment)
    elif found := alignment.judge(place, text_of(old.body), text_of(new.body)):
        yield found


def text_of(body: bytes) -> str:
    """Return a body as text, whatever it is."""
    return body.decode("utf-8", "backslashreplace")


def walk(place: Place, old: Any, new: Any, alignment: Alignment) -> Iterator[Difference]:
    """Hold two JSON values against each other, member by member."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted({*old, *new}):
            inner = place._replace(pointer=f"{place.pointer}/{escaped(name)}")
            if name not in old or name not in new:
                yield Difference(inner, "missing", old.get(name, ABSENT), new.get(name, ABSENT))
            else:
                yield from walk(inner, old[name], new[name], alignment)
    elif isinstance(old, list) and isinstance(new, list):
        yield from arrays(place, old, new, alignment)
    elif isinstance(old, dict | list) or isinstance(new, dict | list):
        yield Difference(place, "type", old, new)
    elif found := alignment.judge(place, old, new):
        yield found


def arrays(
    place: Place, old: Sequence[Any], new: Sequence[Any], alignment: Alignment
) -> Iterator[Difference]:
    """Hold two arrays against each other; the same entries in another order are one difference."""
    inner = place._replace(pointer=f"{place.pointer}/*")
    if len(old) != len(new):
        yield Difference(place, "length", len(old), len(new))
        return
    order = counterparts(inner, old, new, alignment)
    if order != [*range(len(old))]:
        yield Difference(place, "order", old, new)
    for mine, index in zip(old, order, strict=True):
        yield from walk(inner, mine, new[index], alignment)


def counterparts(
    place: Place, old: Sequence[Any], new: Sequence[Any], alignment: Alignment
) -> list[int]:
    """Return at which index each entry's counterpart stands, as far as known values tell."""
    unchanged = [*range(len(old))]
    names = {name for entry in old if isinstance(entry, dict) for name in entry}
    for name in sorted(names, key=lambda name: (name != "id", name)):
        inner = place._replace(pointer=f"{place.pointer}/{escaped(name)}")
        ours = [member(entry, name) for entry in old]
        theirs = [member(entry, name) for entry in new]
        if not all(alignment.is_known(inner, value) for value in ours):
            continue
        wanted = [alignment.translated(inner, value) for value in ours]
        if len({*map(str, wanted)}) == len(wanted) and sorted(map(str, wanted)) == sorted(
            map(str, theirs)
        ):
            places = {str(value): index for index, value in enumerate(theirs)}
            return [places[str(value)] for value in wanted]
    if len({*map(repr, old)}) == len(old) and sorted(map(repr, old)) == sorted(map(repr, new)):
        return [[*map(repr, new)].index(repr(entry)) for entry in old]
    return unchanged


def member(entry: Any, name: str) -> Any:
    """Return a scalar member of an object, if it has one of the name."""
    value = entry.get(name) if isinstance(entry, dict) else None
    return None if isinstance(value, dict | list) else value


def leaves(place: Place, value: Any) -> Iterator[Leaf]:
    """Yield each value inside a JSON value, with its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(place._replace(pointer=f"{place.pointer}/{escaped(name)}"), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(place._replace(pointer=f"{place.pointer}/*"), inner)
    else:
        yield Leaf(place, value)


def escaped(name: str) -> str:
    """Write a name as a part of a JSON Pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


class Absent:
    """A member that is not there, which null is not."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT = Absent()


def volatile(operation: str, first: Outcome, second: Outcome) -> Iterator[Place]:
    """Yield the places at which one server's two answers to equal requests differ."""
    if isinstance(first, NoAnswer) or isinstance(second, NoAnswer):
        return
    if first.status != second.status:
        return
    place = Place(operation, first.status, "body")
    ours, theirs = grouped(first.fields), grouped(second.fields)
    for name in ours.keys() & theirs.keys():
        yield from texts(place._replace(part=name), ", ".join(ours[name]), ", ".join(theirs[name]))
    if not (first.is_json and second.is_json):
        yield from texts(place, text_of(first.body), text_of(second.body))
        return
    try:
        values: Mapping[bool, Any] = {True: json.loads(first.body), False: json.loads(second.body)}
    except (ValueError, RecursionError):
        return
    mine, yours = [*leaves(place, values[True])], [*leaves(place, values[False])]
    if [leaf.place for leaf in mine] != [leaf.place for leaf in yours]:
        return
    for one, other in zip(mine, yours, strict=True):
        if isinstance(one.value, str) and isinstance(other.value, str):
            yield from texts(one.place, one.value, other.value)
        elif one.value != other.value:
            yield one.place


def texts(place: Place, one: str, other: str) -> Iterator[Place]:
    """Yield the place of two unequal texts, or of those of their parts that are unequal."""
    if one == other:
        return
    ours, theirs = parts(one), parts(other)
    if len(ours) == len(theirs) > 1 and ours[1::2] == theirs[1::2]:
        for number, (mine, yours) in enumerate(zip(ours[::2], theirs[::2], strict=True)):
            if mine != yours:
                yield place._replace(pointer=f"{place.pointer}#{number}")
    else:
        yield place
