"""A server that repeats what it was sent is no different from one that was sent something else."""

import pytest

from lookalike.echoes import is_echo, sent_apart
from lookalike.http import Request
from lookalike.places import Difference, Place

PLACE = Place("GET /notes/{id}", 422, "body", "/detail")
OLD = Request("PUT", "/notes/17.json?after=17&q=a%20b", (), b'{"ids": ["17", "x"], "n": 1}')
NEW = Request("PUT", "/notes/4003.json?after=4003&q=a%20b", (), b'{"ids": ["4003", "x"], "n": 1}')


def test_texts_that_were_sent_apart() -> None:
    assert sent_apart(OLD, NEW) == [("17.json", "4003.json"), ("17", "4003")]
    assert sent_apart(OLD, OLD) == []
    no_json = Request("PUT", "/a%20b", (), b"{")
    assert sent_apart(no_json, Request("PUT", "/c%20d", (), b"{}")) == [("a b", "c d")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("17.json", "4003.json", True),
        ("no note 17.json", "no note 4003.json", True),
        ("no note 17", "no note 4003", True),
        ("no note 17.json", "no note 17", False),
        ("no note 17.json", "no note 4004.json", False),
        ("no note 17", "no such note 4003", False),
        (17, 4003, False),
    ],
)
def test_an_echo_is_told_from_other_texts(old: object, new: object, *, expected: bool) -> None:
    assert is_echo(Difference(PLACE, "value", old, new), sent_apart(OLD, NEW)) is expected


def test_a_path_that_ends_with_a_slash_on_one_server_is_an_echo_as_a_whole() -> None:
    pairs = sent_apart(Request("GET", "/notes/17"), Request("GET", "/notes/4003/"))
    assert is_echo(Difference(PLACE, "value", "/notes/17", "/notes/4003/"), pairs)
    assert not is_echo(Difference(PLACE, "value", "/notes/17", "/notes/4003//"), pairs)
