"""The last answers of a story: only what differs is shown as different."""

from lookalike.calls import Call, Fresh, Made, Own, Text
from lookalike.findings import Cause, Finding
from lookalike.openapi import Contract
from lookalike.places import Difference, Place
from lookalike.reports import About
from lookalike.reports.story import diff, origins, told
from lookalike.tests.notes import CREATE, create, listed, note_of, patch, read, teller

PLACE = Place("POST /notes", 201, "body", "/title")
CONTRACT = Contract({"openapi": "3.1.0", "paths": {"/notes": {"post": {}}}})
ABOUT = About(CONTRACT, "openapi.yaml", {"old": "http://old", "new": "http://new"})


def found(story: list[Call], bug: str) -> Finding:
    return Finding(Cause("", "", ""), Difference(PLACE, "", 1, 2), story, teller(bug)(story))


def lines_of(story: list[Call], bug: str) -> list[str]:
    return diff(
        Finding(Cause("", "", ""), Difference(PLACE, "", 1, 2), story, teller(bug)(story)), ABOUT
    )


def changed(lines: list[str]) -> list[str]:
    return [line for line in lines if line[0] in "+-" and line[:3] not in {"+++", "---"}]


def test_only_what_differs_is_different() -> None:
    lines = lines_of([create("Straße")], "sharp s")
    assert changed(lines) == ['-  "title": "Straße"', '+  "title": "Strasse"']
    assert '   "id": 10,' in lines  # the old server's, on both sides


def test_ids_of_earlier_answers_where_a_list_is_longer() -> None:
    lines = lines_of([create("a"), create("b"), listed()], "no pages")
    assert changed(lines) == []
    story = [create("a"), create("b"), listed(first="1")]
    longer = lines_of(story, "no pages")
    assert '+      "id": 11,' in longer
    assert not [line for line in longer if "50" in line]


def test_equal_answers() -> None:
    assert lines_of([create()], "") == []


def test_where_values_come_from() -> None:
    call = patch(0, title=Fresh("a"), copy=note_of(2), tag=Text(("W/", note_of(0)), "upper"))
    assert origins(call) == [
        "/id of answer 1",
        "'a' with an ending that no other story has",
        "/id of answer 3",
    ]
    login = create(title=Own("ann", "/title", "x"))
    assert origins(login) == ["/title of ann's login"]
    etag = Made(1, "etag", "#1", Place("POST /notes", 201, "etag"), "x")
    assert origins(Call(CREATE, fields=[("If-Match", etag)])) == ["header etag of answer 2"]


def test_a_story_says_where_its_values_come_from() -> None:
    story = [create("ß"), read(0)]
    exchanges = teller("sharp s")(story)
    lines = [
        *told(Finding(Cause("", "", ""), exchanges[-1].differences[0], story, exchanges), ABOUT)
    ]
    at = lines.index("2) GET /notes/{note_id}")
    assert lines[at + 1] == "   # /id of answer 1"
    assert [line.split()[-1] for line in lines[at + 2 : at + 6 : 2]] == [
        "http://old/notes/10",
        "http://new/notes/500",
    ]
