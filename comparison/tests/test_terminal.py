"""`python -m comparison show`: side by side where there is room, else one below the other."""

import subprocess
import sys

import pytest

from comparison.source import ROOT
from comparison.terminal import render, shown


def comparison(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "comparison", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_serializers_of_todos_stand_side_by_side() -> None:
    done = comparison("show", "todos", "--width", "180")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("flask_api/todos/schemas.py")
    assert "drf_api/todos/serializers.py" in lines[0]
    assert all(len(line) <= 180 for line in lines)
    assert {line.find("│") for line in lines if "│" in line} == {lines[0].find("│")}


def test_in_a_narrow_terminal_one_comes_after_the_other() -> None:
    lines = list(render(shown()["todos"], 80))
    flask = lines.index("── flask_api/todos/schemas.py:1 ──")
    assert flask < lines.index("── drf_api/todos/serializers.py:1 ──")
    assert not [line for line in lines if "│" in line]


@pytest.mark.parametrize("width", [80, 120, 200])
def test_nothing_is_lost(width: int) -> None:
    for name in ("todos", "decimals", "contract/strict"):
        pairs = shown()[name]
        words = "".join(list(render(pairs, width))).replace(" ", "")
        for excerpt in (each for pair in pairs for each in pair if each):
            first = excerpt.lines[0].text.replace(" ", "")[:30]
            assert first in words


def test_every_name_can_be_shown() -> None:
    for pairs in shown().values():
        assert list(render(pairs, 120))


def test_an_unknown_name_lists_what_there_is_and_ends_with_2() -> None:
    done = comparison("show", "nobody")
    assert done.returncode == 2
    assert "'nobody'" in done.stderr
    assert "  decimals" in done.stderr


def test_no_name_lists_what_there_is_and_help_helps() -> None:
    assert "  todos" in comparison("show").stdout
    assert "build" in comparison("--help").stdout
    assert comparison().returncode == 2
