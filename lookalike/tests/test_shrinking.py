"""The shortest story that still shows a difference, on servers that are wrong on purpose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.calls import Call, Fresh
from lookalike.causes import causes_of
from lookalike.client import Exchange, Outcomes
from lookalike.findings import Cause
from lookalike.http import Answer, Request
from lookalike.places import Difference, Place
from lookalike.shrinking import Budget, Telling, leave_out, minimized, shrink, simplified
from lookalike.telling import confirm
from lookalike.tests.notes import (
    CREATE,
    create,
    delete,
    listed,
    note_of,
    patch,
    read,
    teller,
)

LONGER = Cause("length", "body", "items", "GET /notes")
KEYED = replace(create("once"), fields=[("X-Other", "1"), ("Idempotency-Key", Fresh("key"))])


def first_cause(story: Sequence[Call], bug: str) -> Cause:
    return next(cause for exchange in teller(bug)(story) for cause in causes_of(exchange))


def shrunk(story: Sequence[Call], bug: str, *, is_reset: bool = False) -> Telling:
    found = shrink(story, teller(bug, is_reset=is_reset), first_cause(story, bug))
    assert found is not None
    return found


def shape(telling: Telling) -> list[tuple[str, Any]]:
    """Return what is left of each call: its operation, and what it sends."""
    return [
        (call.operation.name, call.body or dict(call.query) or dict(call.fields) or None)
        for call in telling.story
    ]


@pytest.mark.parametrize("is_reset", [True, False])
def test_after_a_create_a_patch_and_another_one_s_delete(*, is_reset: bool) -> None:
    story = [
        create("first", rank=3),
        listed(sort="title"),
        create("second"),
        read(0),
        create("third", tags=[{"name": "x"}]),
        patch(0, title="b"),
        delete(2),
        read(4),
        patch(4, title="c", pinned=True),
        listed(),
        read(4),
    ]
    found = shrunk(story, "patch lost", is_reset=is_reset)
    assert [name for name, _ in shape(found)] == [
        "POST /notes",
        "POST /notes",
        "DELETE /notes/{note_id}",
        "PATCH /notes/{note_id}",
    ]
    assert found.story[-1].body == {"pinned": True}
    assert [call.body for call in found.story[:2]] == [{"title": ""}, {"title": ""}]


def test_two_query_parameters() -> None:
    story = [create(), listed(page=1, sort="-rank", q="milk", pinned="true", of="me")]
    assert shape(shrunk(story, "two parameters")) == [("GET /notes", {"sort": "a", "pinned": "a"})]


@pytest.mark.parametrize("is_reset", [True, False])
def test_the_33rd_character(*, is_reset: bool) -> None:
    story = [create(f"Buy milk{' and more' * 20}", rank=7), read(0)]
    [call] = shape(shrunk(story, "long titles", is_reset=is_reset))
    assert call == ("POST /notes", {"title": "a" * 33})


def test_a_letter() -> None:
    assert shape(shrunk([create("Straße, naß")], "sharp s")) == [("POST /notes", {"title": "ß"})]


def test_a_number() -> None:
    assert shape(shrunk([create(rank=98_765)], "large ranks")) == [
        ("POST /notes", {"title": "", "rank": 1_001})
    ]


def test_a_nested_member() -> None:
    tags = [{"color": "blue"}, {"color": "red", "weight": 3, "of": [1, 2]}, {"color": "red"}]
    assert shape(shrunk([create("x", tags=tags)], "red tags")) == [
        ("POST /notes", {"title": "", "tags": [{"color": "red"}]})
    ]


def test_the_second_replay() -> None:
    calls = shrunk([KEYED, listed(), KEYED, create(), KEYED, listed()], "replayed twice").story
    assert [call.operation for call in calls] == [CREATE, CREATE, CREATE]
    assert all([*call.fields] == [("Idempotency-Key", Fresh(""))] for call in calls)


@pytest.mark.parametrize("is_reset", [True, False])
def test_a_list_that_shows_what_earlier_stories_left(*, is_reset: bool) -> None:
    """The list alone differs, too, by then; on new servers it wouldn't."""
    story = [create("first"), create("ab"), patch(1, pinned=True), read(0), listed(sort="id")]
    assert shape(shrunk(story, "pinned in lists", is_reset=is_reset)) == [
        ("POST /notes", {"title": ""}),
        ("PATCH /notes/{note_id}", {"pinned": True}),
        ("GET /notes", None),
    ]


def test_a_list_on_the_way() -> None:
    """It shows what earlier stories have left, too, but the story is another one."""
    tell = teller("pinned anywhere")
    story = [listed(), create("a"), patch(1, pinned=True), read(1)]
    cause = next(iter(causes_of(tell(story)[-1])))
    found = shrink(story, tell, cause)
    assert found
    assert [name for name, _ in shape(found)] == [
        "POST /notes",
        "PATCH /notes/{note_id}",
        "GET /notes/{note_id}",
    ]


def test_a_server_that_differs_now_and_then() -> None:
    story = [create("a", rank=n) for n in range(8)]
    cause = Cause("type", "body", "pinned", "boolean → null")
    found = shrink(story, teller("every third answer"), cause, Budget(200))
    assert found
    assert cause in causes_of(found.exchanges[-1])
    assert len(found.story) == len(found.exchanges) <= len(story)


def test_a_longer_list_that_earlier_stories_left() -> None:
    """How much longer it is tells whether a story has a share in it."""
    story = [create("first"), create(), listed(first="0")]
    found = shrink(story, teller("no pages"), LONGER)
    assert found
    assert [name for name, _ in shape(found)] == ["POST /notes", "GET /notes"]


def test_a_difference_that_a_story_has_no_share_in() -> None:
    tell = teller("no pages")
    story = [create(), listed(first="0")]
    tell(story)
    assert confirm(story[1:], tell, LONGER)
    assert confirm(story[1:], tell, LONGER, is_made=True) is None
    assert confirm(story, tell, LONGER, is_made=True)
    assert confirm(story, tell, LONGER._replace(what="order")) is None


def test_values_that_both_servers_gave_are_sent_as_they_are() -> None:
    """So the call that they came from isn't needed."""
    title = note_of(0)._replace(pointer="/title")
    story = [create("a"), listed(sort=title, pinned="x")]
    assert [*shrunk(story, "two parameters").story[0].query] == [("sort", "a"), ("pinned", "a")]


def test_a_story_that_lacks_what_it_needs_is_another_one() -> None:
    """What is sent instead is an id of the first time: it may be somebody else's by now."""
    tell = teller("sharp s")
    cause = first_cause([create("ß"), read(0)], "sharp s")
    assert confirm([create("ß"), read(0)], tell, cause)
    assert confirm([create("ß"), create(None), read(1)], tell, cause) is None


@dataclass(frozen=True)
class Simulated:
    """Servers that differ at the last call of a story, if some calls came before it in order."""

    needed: Sequence[str]  # by their titles
    chances: Random | None = None  # of which half is against a difference

    def __call__(self, story: Sequence[Call]) -> list[Exchange]:
        missing = [*self.needed]
        for call in story[:-1]:
            if missing and (call.body or {}).get("title") == missing[0]:
                del missing[0]
        place = Place("GET /notes", 200, "body", "/count")
        is_shown = not missing and (self.chances is None or self.chances.random() < 0.5)
        found = (Difference(place, "value", 1, 2),) if is_shown else ()
        request = Request("GET", "/notes")
        form = (("Content-Type", "application/json"),)
        answers = Outcomes(*(Answer(200, form, b'{"id":%d}' % number) for number in (1, 2)))
        return [
            Exchange(step, call, (request, request), answers, found if call is story[-1] else ())
            for step, call in enumerate(story)
        ]


COUNT = Cause("value", "body", "count", "another number")
TITLES = st.lists(st.sampled_from("abc"), max_size=12)


@st.composite
def stories(draw: st.DrawFn) -> list[Call]:
    """Draw calls of which some need what an earlier one made, and a last one that lists."""
    story: list[Call] = []
    for step, title in enumerate(draw(TITLES)):
        before = draw(st.none() | st.integers(0, step - 1)) if step else None
        story.append(create(title, after=None if before is None else note_of(before)))
    return [*story, listed()]


@settings(deadline=None)
@given(stories(), st.lists(st.sampled_from("abc"), max_size=3))
def test_no_call_of_a_shrunk_story_can_be_left_out(story: list[Call], needed: list[str]) -> None:
    tell = Simulated(needed)
    found = shrink(story, tell, COUNT, Budget(100_000))
    if found is None:
        assert not tell(story)[-1].differences
        return
    assert tell(found.story)[-1].differences == found.exchanges[-1].differences
    assert len(found.story) == len(found.exchanges) <= len(story)
    for step in range(len(found.story) - 1):
        shorter = leave_out(found.story, {step})
        assert shorter is None or not tell(shorter)[-1].differences
    for step, call in enumerate(found.story):
        assert all(made.step < step for made in call.made())


@settings(deadline=None)
@given(stories(), st.lists(st.sampled_from("abc"), max_size=3), st.randoms())
def test_servers_that_differ_by_chance(
    story: list[Call], needed: list[str], chances: Random
) -> None:
    found = shrink(story, Simulated(needed, chances), COUNT, Budget(1_000))
    assert found is None or (
        found.exchanges[-1].differences and len(found.story) == len(found.exchanges) <= len(story)
    )


@settings(max_examples=50, deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
        max_leaves=20,
    ),
    chances=st.randoms(use_true_random=False),
)
def test_values_end_whatever_is_said_of_them(value: Any, chances: Any) -> None:
    accepted = [value]

    def shows(candidate: Any) -> bool:
        if chances.random() < 0.5:
            accepted.append(candidate)
            return True
        return False

    assert repr(simplified(value, shows)) == repr(accepted[-1])


@settings(deadline=None)
@given(st.lists(st.integers(0, 9)), st.sets(st.integers(0, 9), max_size=3))
def test_items_are_1_minimal(items: list[int], needed: set[int]) -> None:
    def shows(kept: Sequence[int]) -> bool:
        return needed <= {*kept}

    found = minimized(items, shows) if shows(items) else items
    assert shows(found) == shows(items)
    if shows(items):
        assert sorted(found) == sorted(needed)
