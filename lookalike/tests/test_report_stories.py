"""Stories show what was found to differ, and nothing else."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lookalike.causes import causes_of
from lookalike.client import Outcomes
from lookalike.comparison import ABSENT
from lookalike.coverage import Coverage
from lookalike.findings import Finding, Run
from lookalike.http import Answer, Fields, NoAnswer, Outcome
from lookalike.openapi import Contract
from lookalike.places import Difference, Place
from lookalike.reports import About
from lookalike.reports.story import MOST_LINES, diff
from lookalike.reports.wording import Wording, visible
from lookalike.tests import notes
from lookalike.tests.test_reports import (
    ABOUT,
    JSON,
    LIST,
    SECRET,
    Report,
    each_report,
    finding,
    mask,
)

NOTES = Contract.parse("""
openapi: 3.0.3
paths:
  /notes:
    post: {responses: {"201": {description: made}}}
  /notes/{note_id}:
    get: {responses: {"200": {description: a note}}}
""")


def differing(old: Outcome, new: Outcome, *places: tuple[str, str]) -> Finding:
    found = finding()
    differences = tuple(
        Difference(Place(LIST.name, 200, part, pointer), "value", 1, 2) for part, pointer in places
    )
    last = replace(found.exchanges[-1], outcomes=Outcomes(old, new), differences=differences)
    return replace(found, exchanges=[last])


def answer(value: Any, *fields: tuple[str, str]) -> Answer:
    return Answer(200, (*JSON, *fields), json.dumps(value).encode(), "OK")


def test_values_that_correspond_are_no_part_of_the_diff() -> None:
    old = [{"id": 1, "name": "a", "at": "10:00"}, {"id": 2, "name": "b", "at": "10:01"}]
    new = [{"id": 7, "name": "A", "at": "10:02"}, {"id": 9, "name": "b", "at": "10:03"}]
    found = differing(answer(old), answer(new), ("body", "/*/name"))
    changed = [line for line in diff(found, ABOUT)[2:] if line[:1] in "+-"]
    assert changed == ['-    "name": "a"', '+    "name": "A"']


@pytest.mark.parametrize(
    ("old", "new", "part", "expected"),
    [
        (("ETag", "1"), ("ETag", "2"), "vary", []),
        (("ETag", "1"), ("ETag", "2"), "etag", ["-etag: 1", "+etag: 2"]),
        (("Date", "1"), ("Date", "2"), "etag", []),
        (("Set-Cookie", "a=1"), ("Set-Cookie", "a=2"), "etag", []),
        (
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "a=2"),
            "set-cookie a",
            ["-set-cookie: a=1", "+set-cookie: a=2"],
        ),
    ],
)
def test_header_fields_are_shown_where_they_were_found_to_differ(
    old: tuple[str, str], new: tuple[str, str], part: str, expected: list[str]
) -> None:
    lines = diff(differing(answer(1, old), answer(2, new), (part, "")), ABOUT)[2:]
    assert [line for line in lines if line[:1] in "+-"] == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (NoAnswer("closed"), answer(1), "-no answer: closed"),
        (Answer(404, (), b"", "Not Found"), answer(1), "-404 Not Found"),
        (Answer(200, (), b"a\nb"), Answer(200, (), b"a\nc"), "-b"),
        (Answer(200, JSON, b"{"), Answer(200, JSON, b"["), "-{"),
        (Answer(200, JSON, b"[" * 9_999), Answer(200, JSON, b"["), f"-{'[' * 400}"),
        (answer({"a": 1}), answer({"b": 1}), '-  "a": 1'),
    ],
    ids=str,
)
def test_answers_of_any_kind_are_diffed(old: Outcome, new: Outcome, expected: str) -> None:
    lines = diff(differing(old, new, ("body", "/a"), ("body", "/b"), ("body", "")), ABOUT)
    assert any(line.startswith(expected) for line in lines)


def test_a_difference_deep_in_a_large_answer_is_shown() -> None:
    old = {f"member {number:06}": number for number in range(20_000)}
    new = old | {"member 019000": "x"}
    lines = diff(differing(answer(old), answer(new), ("body", "/member 019000")), ABOUT)
    assert lines[2].startswith("@@ after 19,")
    assert '+  "member 019000": "x",' in lines
    assert len(lines) < 20


def test_json_is_shown_as_it_was_sent_where_its_form_differs() -> None:
    old, new = Answer(200, JSON, b'{"a": 1}'), Answer(200, JSON, b'{"a":1}')
    found = differing(old, new, ("body", ""))
    assert diff(found, ABOUT) == []
    found.difference = found.difference._replace(what="white space")
    assert diff(found, ABOUT)[-2:] == ['-{"a": 1}', '+{"a":1}']


def test_words_for_a_status_are_not_compared() -> None:
    old, new = Answer(200, (), b"a", "OK"), Answer(200, (), b"b", "Fine")
    lines = diff(differing(old, new, ("body", "")), ABOUT)
    assert [line for line in lines if line[:1] in "+-"][2:] == ["-a", "+b"]


def test_a_difference_far_behind_in_a_line_is_shown() -> None:
    old, new = (
        Answer(200, (), f"{'a' * 100_000}{'b' * 399}{SECRET}{each}".encode()) for each in "cd"
    )
    lines = diff(differing(old, new, ("body", "")), ABOUT)
    assert [line for line in lines if line[:1] in "+-"][2:] == ["-**c", "+**d"]
    assert "tr0ub4" not in "".join(lines)


def test_a_long_diff_is_shortened_and_said_to_be() -> None:
    old, new = [*range(1_000)], [*range(1_000, 2_000)]
    lines = diff(differing(answer(old), answer(new), ("body", "/*")), ABOUT)
    assert len(lines) == MOST_LINES + 1
    assert lines[-1].endswith(" more lines")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("cat", "dog", '"cat" "dog"'),
        (1, 1.0, "1 1.0"),
        (None, ABSENT, "null nothing"),
        ({"a": {1, 2}}, b"", "{'a': {1, 2}} b''"),
        ("a" * 90, "a" * 90 + "b", f'…{"a" * 20}" …{"a" * 20}b"'),
        (f"{'a' * 90}{SECRET}x", f"{'a' * 90}{SECRET}y", f'…{"a" * 17}***x" …{"a" * 17}***y"'),
        ("a\nb\tc\x1b", "", '"a\\nb\\tc\\u001b" ""'),
    ],
    ids=str,
)
def test_two_values_are_told_apart(old: Any, new: Any, expected: str) -> None:
    assert " ".join(Wording(mask).apart(old, new)) == expected


def test_a_missing_header_field_is_nothing_and_a_null_is_null() -> None:
    wording = Wording(mask)
    place = Place(LIST.name, 200, "vary")
    assert wording.difference(Difference(place, "missing", "Accept", None)).endswith("new nothing")
    assert wording.difference(Difference(place, "value", "Accept", None)).endswith("new null")
    member = place._replace(part="body", pointer="/next")
    assert wording.difference(Difference(member, "missing", ABSENT, None)).endswith("new null")


def test_what_would_be_acted_on_is_made_visible() -> None:
    fields: Fields = (("a", "\u200b\u2028\U000e0001\x7f\x85"),)
    assert visible(fields[0][1]) == "\\u200b\\u2028\\U000e0001\\u007f\\u0085"
    assert visible("żółć\n\t猫") == "żółć\n\t猫"


@each_report
def test_a_real_story_is_told_by_every_report(report: Report, tmp_path: Path) -> None:
    told = notes.teller("long titles")([notes.create("x" * 40), notes.read(0)])
    (cause, difference), *_ = causes_of(told[-1]).items()
    story = [each.call for each in told]
    coverage, finished = Coverage(NOTES), Run([Finding(cause, difference, story, told)])
    for each in told:
        coverage.exchange(each)
    coverage.ended(finished)
    about = About(NOTES, "notes.yaml", {"old": "http://old", "new": "http://new"})
    said = report(finished, tmp_path / "report", about)
    for text in ("/notes/10", "/notes/500", "/title", "x" * 32):
        assert text in said
    assert not re.search(r"""[-+] *\\?"id""", said)  # the ids differ, but correspond
