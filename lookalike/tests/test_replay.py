"""Whether a saved difference is fixed, still there, or another one now."""

from lookalike.actors import Actor
from lookalike.calls import Call
from lookalike.causes import causes_of
from lookalike.findings import Cause, Finding
from lookalike.http import NoAnswer, Outcome, Request
from lookalike.login import Recipe
from lookalike.replay import Replayed, Verdict, replay
from lookalike.stories import Saved, dumps, loads
from lookalike.targets import Target, WsgiTarget
from lookalike.tests.notes import (
    NEW_BASE,
    OLD_BASE,
    READ,
    Notes,
    create,
    evidence,
    listed,
    note_of,
    patch,
    read,
    teller,
)

STORY = [create("first"), create("ab"), patch(1, pinned=True), listed()]


def saved(story: list[Call] = STORY, bug: str = "pinned in lists") -> Saved:
    exchanges = teller(bug)(story)
    [*_, (cause, difference)] = causes_of(exchanges[-1]).items()
    return loads(dumps(Saved.of(Finding(cause, difference, story, exchanges), evidence())))


def replayed(story: Saved, bug: str, **options: object) -> Replayed:
    old, new = WsgiTarget(Notes(OLD_BASE + 90)), WsgiTarget(Notes(NEW_BASE + 900, bug))
    return replay(story, old, new, **options)  # type: ignore[arg-type] # of several options


def test_fixed() -> None:
    found = replayed(saved(), "")
    assert found.verdict is Verdict.FIXED
    assert found.verdict.status == 0
    assert len(found.exchanges) == len(STORY)
    assert found.finding(saved()) is None


def test_still_there() -> None:
    found = replayed(saved(), "pinned in lists")
    assert found.verdict is Verdict.STILL_THERE
    assert found.verdict.status == 1
    assert found.note == ""
    again = found.finding(saved())
    assert again is not None
    assert again.cause == saved().cause


def test_still_there_by_what_the_servers_held() -> None:
    old, new = WsgiTarget(Notes(OLD_BASE)), WsgiTarget(Notes(NEW_BASE, "pinned in lists"))
    first, second = (replay(saved(), old, new) for _ in range(2))
    assert (first.verdict, first.note) == (Verdict.STILL_THERE, "")
    assert second.verdict is Verdict.STILL_THERE
    assert "held before" in second.note


def test_another_one() -> None:
    story = [create("a"), create("b"), listed(first="1", sort="id", pinned="x")]
    found = replayed(saved(story, "no pages"), "two parameters")
    assert found.verdict is Verdict.ANOTHER
    assert found.verdict.status == 1
    assert found.difference is not None
    assert found.difference.place.pointer == "/count"


def test_another_one_before() -> None:
    """A story that goes wrong on its way shows nothing of its end."""
    found = replayed(saved(), "sharp s")
    assert found.verdict is Verdict.FIXED
    found = replayed(saved([create("ß" * 40), patch(0, pinned=True), listed()]), "sharp s")
    assert found.verdict is Verdict.ANOTHER
    assert len(found.exchanges) == 1


def test_what_was_there_before_is_no_other_one() -> None:
    """The first call differed as well when the story was saved."""
    bug = "long titles"
    story = [create("a" * 40), patch(0, rank=9), Call(READ, {"note_id": note_of(0, OLD_BASE)})]
    exchanges = teller(bug)(story)
    cause, difference = next(iter(causes_of(exchanges[0]).items()))
    other = Finding(Cause("value", "body", "rank", "x"), difference, story, exchanges)
    kept = Saved.of(other, evidence())
    assert kept.others == (cause,)
    assert replayed(kept, bug).verdict is Verdict.ANOTHER  # at the last call, it counts
    assert len(replayed(kept, bug).exchanges) == 3


def test_servers_that_are_not_there() -> None:
    class Gone(Target):
        base_url = "http://127.0.0.1:9"

        def send(self, request: Request) -> Outcome:
            return NoAnswer("refused")

        def close(self) -> None:
            """Do nothing."""

    found = replay(saved(), Gone(), WsgiTarget(Notes(1)))
    assert (found.verdict, found.note) == (Verdict.NOT_TOLD, "the old server doesn't answer")
    assert found.verdict.status == 2


def test_a_story_that_cannot_be_told_any_more() -> None:
    story = [create(5), read(0)]  # refused by both servers
    kept = saved([create("ß"), read(0)], "sharp s")
    found = replayed(
        Saved((*story,), kept.cause, kept.difference, evidence=kept.evidence), "sharp s"
    )
    assert found.verdict is Verdict.NOT_TOLD
    assert found.note == "neither server's answer 1 has body /id any more"


def test_who_asks() -> None:
    call = Call(READ, {"note_id": 1}, actor="alice")
    story = Saved((call,), Cause("", "", ""), saved().difference)
    found = replayed(story, "")
    assert found.verdict is Verdict.NOT_TOLD
    assert "alice" in found.note
    alice = Actor("alice", Recipe())
    assert replayed(story, "", actors=[alice]).verdict is Verdict.FIXED
