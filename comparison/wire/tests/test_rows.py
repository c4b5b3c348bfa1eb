"""Each row differs, and each of its alignments takes the difference away."""

import re

import pytest

from comparison.wire.aspects import NOTHING, agree, aspect_of
from comparison.wire.lab import Answer, LabError, Task, ask
from comparison.wire.look import Looked, look
from comparison.wire.rows import (
    FINDERS,
    NAMES,
    PROGRAMS,
    Alignment,
    Change,
    Row,
    RowError,
    alignment_of,
    changed,
    diff,
    row_of,
    rows,
    same,
)

# A hundred and seventy programs are started, which takes long where many do something.
pytestmark = pytest.mark.timeout(1_800)

ALIGNED = [(row, program) for row in rows() for program in PROGRAMS]
CHANGED = [each for each in ALIGNED if each[0].alignments[each[1]].changes]
REQUEST = {"line": "GET /products"}


@pytest.fixture(scope="module")
def looked() -> dict[str, Looked]:
    """Ask both programs everything; `look` raises where a row's answers agree in all aspects."""
    return {each.row.id: each for each in look()[0]}


@pytest.fixture(scope="module")
def aligned() -> dict[tuple[str, str], Answer]:
    """Ask each program with each alignment, by the row's id and the program.

    Rows that are aligned by the same lines ask the same process.
    """
    groups: dict[tuple[str, tuple[Change, ...]], list[Row]] = {}
    for row, program in CHANGED:
        groups.setdefault((program, row.alignments[program].changes), []).append(row)
    answers = ask(
        [
            Task(program, changes, tuple(row.request for row in group))
            for (program, changes), group in groups.items()
        ]
    )
    return {
        (row.id, program): answer
        for ((program, _), group), found in zip(groups.items(), answers, strict=True)
        for row, answer in zip(group, found, strict=True)
    }


def test_there_are_many_rows_each_with_a_name_of_its_own() -> None:
    assert len(rows()) >= 60
    for names in ([row.id for row in rows()], [row.title for row in rows()]):
        assert len({*names}) == len(names)
    areas = {re.sub(r"[^\w\- ]", "", row.area.lower()).replace(" ", "-") for row in rows()}
    assert not areas & {row.id for row in rows()}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_each_row_is_whole(row: Row) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", row.id)
    assert row.why.endswith(".")
    assert row.see
    assert row.found_by in FINDERS
    assert all(each.changes or each.note for each in row.alignments.values())
    assert any(each.changes for each in row.alignments.values())


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_the_answers_differ_in_each_aspect(row: Row, looked: dict[str, Looked]) -> None:
    answers = looked[row.id].answers
    for aspect in row.aspects:
        assert not agree(answers, (aspect,)), aspect


@pytest.mark.parametrize(("row", "program"), CHANGED, ids=lambda each: getattr(each, "id", each))
def test_an_alignment_takes_the_difference_away(
    row: Row,
    program: str,
    looked: dict[str, Looked],
    aligned: dict[tuple[str, str], Answer],
) -> None:
    answers = {**looked[row.id].answers, program: aligned[row.id, program]}
    for aspect in row.aspects:
        flask, django = (aspect_of(answers[each], aspect) for each in PROGRAMS)
        assert flask == django, (aspect, answers[program].body[:500])


def test_what_is_the_same_says_so() -> None:
    assert len(same()) >= 10
    assert len({each.title for each in same()}) == len(same())


def test_a_change_is_made_where_it_says() -> None:
    text = "one\ntwo\n"
    assert Change("a.py", "three").applied(text) == "one\ntwo\n\n\nthree\n"
    assert Change("a.py", "three").applied("") == "three\n"
    assert Change("a.py", "three", old="two").applied(text) == "one\nthree\n"
    assert Change("a.py", "three", before="two").applied(text) == "one\nthree\ntwo\n"
    assert Change("a.py", "three", after="one").applied(text) == "one\nthree\ntwo\n"
    with pytest.raises(RowError, match=r"a\.py has no 'four' that could be changed"):
        Change("a.py", "three", old="four").applied(text)


def test_changes_of_one_file_are_made_one_after_the_other() -> None:
    changes = [
        Change("urls.py", "# one", before="from django.urls"),
        Change("urls.py", "# two", old="# one"),
        Change("new.py", "three = 3"),
    ]
    files = changed("django", changes)
    old, new = files["urls.py"]
    assert "# two\nfrom django.urls" in new
    assert "# " not in old
    assert files["new.py"] == ("", "three = 3\n")


def test_a_diff_has_a_line_around_each_change() -> None:
    old = "\n".join("abcdefghij")
    new = old.replace("b", "B").replace("i\nj", "i\nk\nj")
    assert diff(old, new) == " a\n-b\n+B\n c\n\n i\n+k\n j"


def test_shared_changes_are_found_by_name() -> None:
    shared = {"slashes": [{"file": "app.py", "new": "1"}]}
    assert alignment_of(["slashes", {"file": "b.py", "new": "2"}], shared) == Alignment(
        (Change("app.py", "1"), Change("b.py", "2"))
    )
    assert alignment_of({"note": "No."}, shared) == Alignment((), "No.")


@pytest.mark.parametrize(
    "data",
    [
        {"id": "a", "request": REQUEST},
        {"id": "a", "change_flask": ["gone"], "change_django": []},
        {"id": "a", "change_flask": [], "change_django": [], "request": REQUEST, "colour": "red"},
    ],
)
def test_what_is_wrong_with_a_row_is_said(data: dict[str, object]) -> None:
    with pytest.raises(RowError, match="Area, a: "):
        row_of("Area", {name: {} for name in NAMES}, data)


def test_aspects() -> None:
    headers = (("Allow", "GET"), ("Set-Cookie", "csrftoken=1; Path=/"))
    answer = Answer(422, "", headers, '{"items": [{"id": 1}], "price": "9.50"}')
    expected = {
        "status": 422,
        "accepted": False,
        "fails": False,
        "header allow": "GET",
        "header Vary": None,
        "cookies": ["csrftoken"],
        "matches 9.5": True,
        "json /price": "9.50",
        "json /items/0/id": 1,
        "json /items/1/id": NOTHING,
        "type /items": "list",
        "keys": ["items", "price"],
        "keys /items": NOTHING,
        "ids": [1],
        "body": answer.body,
    }
    assert {aspect: aspect_of(answer, aspect) for aspect in expected} == expected
    with pytest.raises(KeyError):
        aspect_of(answer, "colour")


def test_a_program_that_cannot_be_started_says_why() -> None:
    broken = Task("flask", (Change("app.py", "raise OSError('broken')"),), ())
    with pytest.raises(LabError, match="broken"):
        ask([broken])
