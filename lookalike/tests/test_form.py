"""How JSON is written is compared where that is asked for, and values are left to others."""

import json
from typing import Any

import pytest

from lookalike.alignment import Alignment
from lookalike.comparison import compare
from lookalike.evidence import Evidence
from lookalike.form import FORMS, compare_form
from lookalike.http import Answer
from lookalike.places import Place

PLACE = Place("GET /x", 200, "body")


def differences(old: str, new: str) -> list[str]:
    return [each.what for each in compare_form(PLACE, old, new)]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('{"a": 1}', '{"a":1}', "white space"),
        ('{"a": 1}\n', '{"a": 1}', "white space"),
        ('{"a":1}', '{"a" :1}', "member order"),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', "member order"),
        ("[1.0]", "[1]", "notation"),
        ("[1e2]", "[100.0]", "notation"),
        ('["é"]', '["\\u00e9"]', "notation"),
        ('["/"]', '["\\/"]', "notation"),
    ],
)
def test_what_is_written_in_another_way(old: str, new: str, what: str) -> None:
    assert differences(old, new) == differences(new, old) == [what]
    assert what in FORMS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"id": 17, "ok": true}', '{"id": 4003, "ok": true}'),
        ('{"at": "a, \\"b\\": [1]"}', '{"at": "c"}'),
        ("[1, 2]", "[1]"),
        ("{}", "{}"),
    ],
)
def test_other_values_and_structures_are_no_matter_of_form(old: str, new: str) -> None:
    assert differences(old, new) == []


@pytest.mark.parametrize("by_bytes", [False, True])
def test_form_counts_only_where_it_is_asked_for(*, by_bytes: bool) -> None:
    evidence = Evidence()
    evidence.by_bytes = by_bytes

    def answer(**how: Any) -> Answer:
        fields = (("Content-Type", "application/json"),)
        return Answer(200, fields, json.dumps({"a": [1, 2]}, **how).encode())

    found = compare("GET /x", (answer(), answer(indent=1)), Alignment(evidence))
    assert [each.what for each in found] == ["white space"] * by_bytes
