"""Experiments run against the installed libraries, and what they print is their result."""

import pytest

from comparison.chapters import Experiment, chapters
from comparison.experiments import run_all


def test_what_is_printed_is_returned() -> None:
    assert run_all([Experiment("print('one')", "print('two')")]) == [("one", "two")]


def test_code_that_fails_fails_the_build() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        run_all([Experiment("1 / 0", "")])


def printed(chapter: str) -> tuple[list[str], list[str]]:
    """Run the one experiment of a chapter, and return the lines of both."""
    [found] = [each for each in chapters() if each.name == chapter]
    [(flask, django)] = run_all([*found.experiments])
    return flask.splitlines(), django.splitlines()


def test_only_flask_takes_a_copy_of_a_cookie_after_logging_out() -> None:
    flask, django = printed("sessions")
    assert flask[:2] == django[:2] == ["with the cookie: True", "logged out: False"]
    assert flask[2:] == ["with a copy of the cookie: True"]
    assert django[2:] == ["with a copy of the cookie: False"]


def test_django_compares_origins_and_flask_wtf_wants_a_referer_over_tls() -> None:
    flask, django = printed("csrf")
    assert [line[-3:] for line in flask] == ["200"] * 4 + ["400"] * 4
    assert [line[-3:] for line in django] == [
        "200",
        "403",
        "200",
        "200",
        "403",
        "403",
        "403",
        "200",
    ]


def test_messages_that_no_cookie_can_hold_are_kept_by_django_alone() -> None:
    flask, django = printed("flash-messages")
    assert flask == ["the session's cookie is short enough: False"]
    assert django[0] == "the messages' cookie is short enough: True"
