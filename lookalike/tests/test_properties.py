"""What holds of alignment and comparison for all values."""

import copy
import gzip
import json
import re
import zlib
from datetime import UTC, datetime, timedelta
from string import ascii_lowercase
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lookalike.alignment import Alignment, Clock, Difference, Domain, Place
from lookalike.comparison import Exactly, compare
from lookalike.evidence import SERVERS, Evidence
from lookalike.http import Answer, Request, TooLargeError, decoded
from lookalike.translation import translated
from lookalike.values import cores, looks_made, parts

# No test asserts a time that a busy machine can break.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

CREATE = Place("POST /todos", 201, "body", "/id")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.text("abcdefgh", min_size=1, max_size=8)
OBJECTS = st.dictionaries(NAMES, JSON, min_size=1, max_size=4)
STEPS = st.lists(st.integers(1, 10**6), min_size=2, max_size=12)  # microseconds


def answer(value: Any) -> Answer:
    fields = (("Content-Type", "application/json"),)
    return Answer(200, fields, json.dumps(value).encode())


def compared(old: Any, new: Any, alignment: Alignment | None = None) -> list[Difference]:
    return compare("GET /x", (answer(old), answer(new)), alignment or Alignment())


def making(*places: Place) -> Alignment:
    """Return an alignment that knows where both servers make values."""
    evidence = Evidence()
    for place in places:
        for server in SERVERS:
            evidence.add(server, place, whole=True)
    return Alignment(evidence)


def places_in(value: Any, pointer: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the ways to each value inside a JSON value that is no container."""
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return [way for key, inner in pairs for way in places_in(inner, (*pointer, key))]
    return [pointer]


@given(JSON)
def test_an_answer_is_like_itself(value: Any) -> None:
    assert compared(value, copy.deepcopy(value)) == []


@given(OBJECTS, st.data())
def test_one_other_value_is_a_difference(value: dict[str, Any], data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(places_in(value)))
    changed = copy.deepcopy(value)
    inner: Any = changed
    for key in way[:-1]:
        inner = inner[key]
    replacement: Any = data.draw(st.sampled_from([None, False, 7, 7.5, "seven", [], {}]))
    before = inner[way[-1]]
    assume((type(before), before) != (type(replacement), replacement))
    inner[way[-1]] = replacement
    assert compared(value, changed)
    assert compared(changed, value)


@given(OBJECTS, NAMES, JSON)
def test_one_more_member_is_a_difference(value: dict[str, Any], name: str, more: Any) -> None:
    assume(name not in value)
    (found,) = compared(value, {**value, name: more})
    assert (found.what, found.place.pointer) == ("missing", f"/{name}")


@given(st.lists(st.integers(), min_size=2, unique=True), st.randoms())
def test_another_order_is_a_difference(values: list[int], random: Any) -> None:
    shuffled = [*values]
    random.shuffle(shuffled)
    whats = [found.what for found in compared(values, shuffled)]
    assert whats == ([] if shuffled == values else ["order"])


@given(st.permutations(range(1, 9)), st.data())
def test_ids_correspond_one_to_one(ids: list[int], data: st.DataObject) -> None:
    """The new server's ids are any others; each is found again, and no other in its place."""
    alignment = making(CREATE)
    pairs = [(old, new + 3) for old, new in enumerate(ids, 1)]
    for old, new in pairs:
        assert alignment.judge(CREATE, old, new) is None
    for old, new in data.draw(st.permutations(pairs)):
        assert alignment.judge(CREATE, old, new) is None
        assert alignment.translated(CREATE, old) == new
    one, other = data.draw(st.lists(st.sampled_from(pairs), min_size=2, max_size=2, unique=True))
    swapped = alignment.judge(CREATE, one[0], other[1])
    assert swapped is not None
    assert swapped.what == "correspondence"


@given(st.lists(st.uuids(version=4), min_size=4, max_size=4, unique=True), st.text(min_size=1))
def test_what_a_client_sent_stands_for_itself(ids: list[Any], text: str) -> None:
    sent, old, new, other = map(str, ids)
    alignment = Alignment()
    alignment.asked({sent, text})
    assert alignment.judge(CREATE, old, new) is None
    assert alignment.judge(CREATE, sent, sent) is None
    for pair in ((sent, other), (other, sent), (sent, new), (old, sent)):
        assert alignment.judge(CREATE, *pair) is not None


@given(STEPS, STEPS)
def test_times_in_order_are_accepted(ours: list[int], theirs: list[int]) -> None:
    clock, start = Clock(), datetime(2026, 1, 1, tzinfo=UTC)
    old = new = start
    for mine, yours in zip(ours, theirs, strict=False):
        old += timedelta(microseconds=mine + 2)
        new += timedelta(microseconds=yours + 2)
        assert clock.accepts(old, new, timedelta(microseconds=1))


@given(STEPS, st.data())
def test_times_out_of_order_are_not(steps: list[int], data: st.DataObject) -> None:
    clock, start = Clock(), datetime(2026, 1, 1, tzinfo=UTC)
    times = [start]
    for step in steps:
        times.append(times[-1] + timedelta(microseconds=step + 2))
    left_out = data.draw(st.integers(0, len(times) - 1))
    for index in data.draw(st.permutations(range(len(times)))):
        if index != left_out:
            assert clock.accepts(times[index], times[index], timedelta(microseconds=1))
    wrong = data.draw(st.sampled_from(times).filter(lambda time: time != times[left_out]))
    assert not clock.accepts(times[left_out], wrong, timedelta(microseconds=1))


@given(st.lists(st.tuples(st.text(max_size=2), st.text(max_size=2))))
def test_a_domain_is_one_to_one(pairs: list[tuple[str, str]]) -> None:
    domain = Domain()
    for old, new in pairs:
        if domain.is_free(old, new):
            domain.learn(old, new)
    assert {new: old for old, new in domain.theirs.items()} == domain.ours


@given(st.text())
def test_parts_make_the_text(text: str) -> None:
    found = parts(text)
    assert "".join(found) == text
    assert not any(re.search(r"[A-Za-z0-9]", separator) for separator in found[1::2])


@given(*[st.text("ab1-_ ", max_size=12)] * 2)
def test_cores_are_what_two_texts_have_apart(one: str, other: str) -> None:
    mine, yours = cores(one, other)
    assert mine in one
    assert yours in other
    assert (mine, yours) == ("", "") or one != other
    assert len(one) - len(mine) == len(other) - len(yours)


@given(
    st.lists(st.text(ascii_lowercase, min_size=1, max_size=30), min_size=1, max_size=8),
    st.none() | st.integers(0, 9999),
)
def test_slugs_are_not_taken_for_random(words: list[str], number: int | None) -> None:
    assert not looks_made("-".join(words if number is None else [*words, f"{number}"]))


@given(JSON, st.text(max_size=9), st.dictionaries(NAMES, NAMES, max_size=3))
def test_what_is_not_known_is_sent_as_it_is(value: Any, text: str, fields: Any) -> None:
    target = f"/todos/{quote(text)}?a={quote(text)}&b&=c&{quote(text)}"
    request = Request.json("POST", target, value, tuple(fields.items()))
    assert translated(request, Alignment()) == request


@given(st.binary(max_size=500), st.integers(0, 600))
def test_bodies_are_decompressed_up_to_a_limit(body: bytes, limit: int) -> None:
    for coding, packed in (
        ("gzip", gzip.compress(body)),
        ("deflate", zlib.compress(body)),
        ("gzip, X-GZIP", gzip.compress(gzip.compress(body))),
    ):
        if len(body) <= limit and (coding != "gzip, X-GZIP" or len(gzip.compress(body)) <= limit):
            assert decoded(packed, coding, limit) == body
        else:
            with pytest.raises(TooLargeError):
                decoded(packed, coding, limit)


@given(JSON, JSON)
def test_exactly_is_by_type_and_value(one: Any, other: Any) -> None:
    found = compare("GET /x", (answer(one), answer(other)), Exactly())
    assert bool(found) == (json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True))
