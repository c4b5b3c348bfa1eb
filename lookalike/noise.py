"""What servers make, and what varies by itself: learned by asking again, and by asking a twin."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from lookalike.alignment import Alignment, is_address
from lookalike.comparison import Exactly, compare
from lookalike.evidence import SERVERS, Evidence
from lookalike.http import Answer, Outcome
from lookalike.places import Difference, role_of
from lookalike.values import NUMBER, cores, parts

ASKED_AGAIN = "varies on the old server when it is asked the same again"
TWINS = "differs between two instances of the old server"


class Twice(NamedTuple):
    """What two servers answered to the same request, sent twice."""

    operation: str
    old: tuple[Outcome, Outcome]
    new: tuple[Outcome, Outcome]


def learn_from_repeat(
    twice: Twice, evidence: Evidence, sent: Collection[str] = (), *, is_safe: bool
) -> None:
    """Learn where both servers make values, and where values vary by themselves.

    `sent` are texts that were not the same in both requests, and so aren't in both answers.
    A value that follows from the server's state, such as a count, is no noise: there both servers
    agree each time, and a counter that is wrong still counts up.
    """
    old, new = (variations(twice.operation, *outcomes) for outcomes in (twice.old, twice.new))
    apart = [
        {each.place for each in variations(twice.operation, *outcomes)}
        for outcomes in zip(twice.old, twice.new, strict=True)
    ]
    for each in old:
        role = role_of(each.place.name)
        is_counter = is_number(each) and not is_decrease(each) and role != "open"
        varies = not is_counter if is_safe else is_decrease(each) and role != "id"
        if varies and each.place in apart[0] & apart[1]:
            evidence.add_noise(each.place, each.what, ASKED_AGAIN)
    if is_safe:
        return
    made = [{each.place: each for each in found if is_made(each, sent)} for found in (old, new)]
    for place in made[0].keys() & made[1].keys():
        whole = all(is_whole(each[place]) for each in made)
        if whole or not any(is_whole(each[place]) for each in made):
            evidence.add("old", place, whole=whole)
            evidence.add("new", place, whole=whole)


def learn_from_twin(
    operation: str, outcomes: tuple[Outcome, Outcome], alignment: Alignment
) -> None:
    """Learn what varies by itself, since two instances of the old server differ in it.

    Ids of which each instance has its own vary, too, but one to one.
    """
    for found in compare(operation, outcomes, alignment):
        is_link = isinstance(found.old, str) and is_address(found.old)
        for each in by_parts(found):
            is_id = role_of(each.place.name) in {"id", "opaque"} or (is_link and is_number(each))
            if found.what == "value" and is_id:
                for server in SERVERS:
                    alignment.evidence.add(server, each.place, whole=is_whole(each))
            elif found.place.part != "answer":
                alignment.evidence.add_noise(each.place, each.what, TWINS)


def variations(operation: str, first: Outcome, second: Outcome) -> list[Difference]:
    """List in what two answers differ, texts by their parts."""
    if not isinstance(first, Answer) or not isinstance(second, Answer):
        return []
    return [
        each
        for found in compare(operation, (first, second), Exactly())
        for each in by_parts(found)
        if each.place.part != "status"
    ]


def by_parts(found: Difference) -> Iterator[Difference]:
    """Yield for two unequal texts those of their parts that are unequal."""
    if found.what != "value" or not isinstance(found.old, str) or not isinstance(found.new, str):
        yield found
        return
    ours, theirs = parts(found.old), parts(found.new)
    if not len(ours) == len(theirs) > 1 or ours[1::2] != theirs[1::2]:
        yield found
        return
    for number, (mine, yours) in enumerate(zip(ours[::2], theirs[::2], strict=True)):
        if mine != yours:
            place = found.place._replace(pointer=f"{found.place.pointer}#{number}")
            yield Difference(place, "value", mine, yours)


def is_made(found: Difference, sent: Collection[str]) -> bool:
    """Tell whether what varies is a value that a server may have made, and no client has sent."""
    if found.what != "value" or isinstance(found.old, bool) or found.old is None:
        return False
    if not isinstance(found.old, str) or not isinstance(found.new, str):
        return True
    if any(text in value for text in sent for value in (found.old, found.new)):
        return False
    # `title` and `title-2`: what was there before decides, on both servers alike
    return is_whole(found) or all(core.isalnum() for core in cores(found.old, found.new))


def is_whole(found: Difference) -> bool:
    """Tell whether two texts have no words in common."""
    return (found.old, found.new) == cores(str(found.old), str(found.new))


def is_number(found: Difference) -> bool:
    """Tell whether two values are numbers, in JSON or as texts."""
    return found.what == "value" and all(
        NUMBER.fullmatch(str(value)) for value in (found.old, found.new)
    )


def is_decrease(found: Difference) -> bool:
    """Tell whether of two numbers the second is less, as no counter's is."""
    return is_number(found) and float(str(found.new)) < float(str(found.old))
