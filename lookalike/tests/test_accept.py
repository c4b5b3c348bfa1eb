"""The list of intended differences."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.accept import Accepted, AcceptedError, Entry, accept, entry_in
from lookalike.findings import Cause

VARY = Cause("missing", "vary", "", "new")
TITLE = Cause("value", "body", "title", "case")
REVIEWED = """\
# Reviewed by Kim.

# The gateway does this.
# See the decision of May.
[[accepted]]
what = "missing"  # on the new server
part = "x-request-id"
detail = "new"
reason = "The gateway adds it."
date = 2026-05-01

[[accepted]]
part = "vary"
what = "missing"
detail = "new"
reason = "Nobody caches."
date = 2026-05-02
operations = ["GET /todos"]
# The end.
"""


def test_a_new_list(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    accept(path, VARY, " Nobody caches. ")
    accept(path, TITLE, 'It says "no".', ["PUT /a", "GET /a", "GET /a"])
    today = f"date = {Accepted.read(path).entries[0].date.isoformat()}"
    assert path.read_text("utf-8").split("\n\n", 1)[1].replace(today, "date") == (
        '[[accepted]]\nwhat = "value"\npart = "body"\nname = "title"\ndetail = "case"\n'
        'operations = ["GET /a", "PUT /a"]\nreason = "It says \\"no\\"."\ndate\n\n'
        '[[accepted]]\nwhat = "missing"\npart = "vary"\nname = ""\ndetail = "new"\n'
        'reason = "Nobody caches."\ndate\n'
    )


def test_what_people_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(REVIEWED, "utf-8")
    new = accept(path, TITLE, "Intended.").text()
    heading, rest = REVIEWED.split("\n\n", 1)
    assert path.read_text("utf-8") == f"{heading}\n\n{new}\n{rest}"


def test_a_comment_stays_with_its_entry(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(REVIEWED, "utf-8")
    new = accept(path, VARY._replace(part="x-request-id"), "Both gateways do.").text()
    text = path.read_text("utf-8")
    assert f"# The gateway does this.\n# See the decision of May.\n{new}\n" in text
    assert "The gateway adds it" not in text


def test_a_list_in_another_form(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text("accepted = [{what = 'x', reason = 'y', date = 2026-05-01}]", "utf-8")
    assert len(Accepted.read(path).entries) == 1
    with pytest.raises(AcceptedError, match=r"must begin with a line \[\[accepted\]\]"):
        accept(path, VARY, "Why.")


def test_another_reason_replaces_the_first(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    accept(path, VARY, "One.")
    accept(path, VARY, "Another.")
    accept(path, VARY, "On one operation.", ["GET /a"])
    assert [each.reason for each in Accepted.read(path).entries] == [
        "Another.",
        "On one operation.",
    ]


def test_what_is_accepted() -> None:
    found = Accepted([Entry(VARY, "Why.", date(2026, 5, 1), ("GET /a",))])
    assert found.reason(VARY, "GET /b") is None
    assert found.reason(TITLE, "GET /a") is None
    assert [str(entry) for entry in found.unseen()] == ["vary missing new on GET /a"]
    assert found.reason(VARY, "GET /a") == "Why."
    assert found.unseen() == []


def test_no_list_accepts_nothing(tmp_path: Path) -> None:
    assert Accepted.read(tmp_path / "none.toml").entries == ()
    (tmp_path / "empty.toml").write_text("", "utf-8")
    assert Accepted.read(tmp_path / "empty.toml").entries == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[accepted]]\nwhat = 'x'\ndate = 2026-05-01", "no reason"),
        ("[[accepted]]\nwhat = 'x'\ndate = 2026-05-01\nreason = ' '", "no reason"),
        ("[[accepted]]\nwhat = 'x'\nreason = 'y'", "must be a date"),
        ("[[accepted]]\nwhat = 'x'\nreason = 'y'\ndate = 2026-05-01\nsince = 1", "no since"),
        ("[[accepted]]\nwhat = 1\nreason = 'y'\ndate = 2026-05-01", "must be a text"),
        ("[[accepted]]\noperations = 'GET /'\nreason = 'y'\ndate = 2026-05-01", "list of texts"),
        ("[[accepted]", "accepted.toml"),
    ],
)
def test_a_list_that_is_wrong(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(AcceptedError, match=why):
        Accepted.read(path)
    with pytest.raises(AcceptedError, match=why):
        accept(path, VARY, "Why.")
    assert path.read_text("utf-8") == text


def test_no_reason(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    with pytest.raises(AcceptedError, match="no reason why vary missing new is intended"):
        accept(path, VARY, " ")
    assert not path.exists()


WORDS = st.text(st.characters(exclude_categories=["Cs"]))


@settings(deadline=None)
@given(WORDS, WORDS, WORDS, st.lists(WORDS, max_size=2))
def test_any_text_can_be_written(
    name: str, detail: str, reason: str, operations: list[str]
) -> None:
    entry = Entry(
        Cause("value", "body", name, detail), f"{reason}.", date(2026, 5, 1), tuple(operations)
    )
    assert entry_in(entry.text()) == entry
