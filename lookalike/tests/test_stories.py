"""What is shown of a story, and what is kept of it in a file."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.calls import Call, Fresh, Made, Own, Raw, Text
from lookalike.causes import causes_of
from lookalike.comparison import ABSENT
from lookalike.evidence import Evidence, Fact, Link
from lookalike.findings import Cause, Finding
from lookalike.openapi import Operation
from lookalike.places import Difference, Place
from lookalike.stories import Saved, StoryError, dumps, loads
from lookalike.tests.notes import create, evidence, read, teller

PLACES = st.builds(
    Place, st.just("GET /a"), st.integers(200, 599), st.sampled_from(["body", "etag"]), st.text()
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
MADE = st.builds(Made, st.just(0), st.text(), st.text(), PLACES, st.text() | st.integers())
PARTS = st.lists(st.text() | MADE, max_size=3).map(tuple)
OWN = st.builds(Own, st.text(), st.text(), st.text())
SENT = SCALARS | MADE | st.builds(Fresh, st.text()) | OWN | st.builds(Text, PARTS, st.just("upper"))
NAMES = st.text() | st.sampled_from(["$made", "$", "$object"])
BODIES = st.recursive(
    SENT | st.builds(Raw, PARTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
PAIRS = st.lists(st.tuples(st.text(), SENT), max_size=3).map(tuple)
OPERATION = Operation("GET", "/a", {}, ())
OPERATIONS = st.builds(
    Operation, st.just("GET"), st.text(), st.just({}), st.just(()), st.none() | st.integers()
)
CALLS = st.builds(
    Call,
    OPERATIONS,
    st.dictionaries(st.text(), SENT, max_size=2),
    PAIRS,
    PAIRS,
    BODIES | st.binary(),
    media_type=st.text(),
    actor=st.none() | st.text(),
    address=st.none() | MADE,
    method=st.text(),
    why=st.text(),
)
CAUSES = st.builds(Cause, st.text(), st.text(), st.text(), st.text())
STORIES = st.builds(
    Saved,
    # the first call needs nothing, and the others take their values from it
    st.lists(CALLS, max_size=3).map(lambda calls: (Call(OPERATION), *calls)),
    CAUSES,
    st.builds(Difference, PLACES, st.text(), BODIES | st.just(ABSENT), BODIES),
    st.lists(CAUSES, max_size=2).map(tuple),
    st.lists(
        st.builds(
            Fact,
            st.sampled_from(["made", "link"]),
            PLACES,
            st.lists(st.text(), max_size=2).map(tuple),
            st.lists(PLACES, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    st.dictionaries(st.text(), st.text()),
    *[st.text()] * 4,
)


@settings(max_examples=40, deadline=None)
@given(STORIES)
def test_a_file_holds_all_of_a_story(saved: Saved) -> None:
    assert repr(loads(dumps(saved))) == repr(saved)  # in which 1 is not 1.0, nor True


def test_numbers_that_json_lacks() -> None:
    call = Call(OPERATION, body=[float("inf"), -float("inf"), float("nan")])
    text = dumps(Saved((call,), Cause("", "", ""), Difference(PLACE, "", 1, 2)))
    json.loads(text, parse_constant=pytest.fail)
    assert repr(loads(text).calls[0].body) == "[inf, -inf, nan]"


PLACE = Place("POST /notes", 201, "body", "/title")


def found(story: list[Call], bug: str) -> Finding:
    exchanges = teller(bug)(story)
    [(cause, difference)] = causes_of(exchanges[-1]).items()
    return Finding(cause, difference, story, exchanges)


def test_a_file_of_a_finding() -> None:
    finding = found([create("ß"), create("a"), read(0)], "sharp s")
    saved = Saved.of(finding, evidence(), servers={"old": "http://a"}, headline="A title")
    assert loads(dumps(saved)) == saved
    assert saved.others == ()
    assert saved.operation.name == "GET /notes/{note_id}"
    known = saved.known()
    assert known.both_make(Place("POST /notes", 201, "body", "/id"))
    assert not known.both_make(Place("PATCH /notes/{note_id}", 200, "body", "/id"))


def test_secrets_are_masked_in_a_file() -> None:
    finding = found([create("ß", password="hunter2")], "sharp s")
    text = dumps(Saved.of(finding, evidence()), lambda text: text.replace("hunter2", "***"))
    assert "hunter2" not in text
    assert loads(text).calls[0].body == {"title": "ß", "password": "***"}


def altered(**parts: Any) -> str:
    saved = Saved.of(found([create("ß"), read(0)], "sharp s"), evidence())
    return json.dumps(json.loads(dumps(saved)) | parts)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no story"),
        ("[]", "no story"),
        ("{}", "no story"),
        (altered(format=99), "format 99"),
        (altered(calls=[]), "damaged"),
        (altered(calls=[{"operation": {}}]), "damaged"),
        (
            altered(evidence=[{"kind": "x", "place": [*PLACE], "texts": [], "others": []}]),
            "damaged",
        ),
        (altered(cause=None), "damaged"),
        (altered(difference={"place": []}), "damaged"),
        (altered(difference={"$unknown": []}), "damaged"),
        (altered(calls=json.loads(altered())["calls"][1:]), "no earlier one"),
    ],
)
def test_a_file_that_holds_no_story(text: str, why: str) -> None:
    with pytest.raises(StoryError, match=why):
        loads(text)


def test_evidence_is_what_its_facts_say() -> None:
    known = Evidence()
    known.add("old", PLACE, whole=True)
    known.add("new", PLACE)
    known.join(PLACE._replace(status=200))
    known.use(PLACE._replace(status=202))
    known.add_noise(PLACE._replace(part="age"), "value", "a twin")
    known.links[PLACE._replace(part="location")] = Link(frozenset({PLACE}), {"a", "b"})
    again = Evidence()
    for fact in known.facts():
        again.learn(fact)
    assert [*again.facts()] == [*known.facts()]
    assert {fact.kind for fact in again.facts()} == {
        "made", "whole", "joined", "used", "noise", "link",
    }  # fmt: skip
    with pytest.raises(ValueError, match="nothing that is known"):
        again.learn(Fact("guessed", PLACE))
