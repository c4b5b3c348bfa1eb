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
    [idioms] = [each for each in lines if each.startswith("comparison/idioms/")]
    [twins] = [each for each in lines if each.startswith("flask_api/todos/schemas.py")]
    assert "/drf.py" in idioms
    assert "drf_api/todos/serializers.py" in twins
    assert lines.index(idioms) < lines.index(twins)
    assert all(len(line) <= 180 for line in lines)
    assert {line.find("│") for line in lines if "│" in line} == {twins.find("│")}


def test_imports_are_left_out() -> None:
    text = "\n".join(render(shown()["todos"], 80))
    assert "class TodoSchema(Schema):" in text
    assert "import " not in text


# In an interpreter without the packages that only the site needs.
WITHOUT = """
import sys
for name in ("jinja2", "pydantic", "pygments", "PIL", "packaging"):
    sys.modules[name] = None
sys.argv = ["comparison", *sys.argv[1:]]
from comparison.__main__ import main
raise SystemExit(main())
"""


@pytest.mark.parametrize(("command", "status"), [(["show", "todos"], 0), (["build"], 1)])
def test_showing_code_needs_only_what_the_twins_need(command: list[str], status: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert ("`make compare` installs it" in done.stderr) == bool(status)


def test_in_a_narrow_terminal_one_comes_after_the_other() -> None:
    lines = list(render(shown()["todos"], 80))
    flask = lines.index("── flask_api/todos/schemas.py:1 ──")
    assert flask < lines.index("── drf_api/todos/serializers.py:1 ──")
    assert not [line for line in lines if "│" in line]


@pytest.mark.parametrize("width", [80, 120, 200])
def test_nothing_is_lost(width: int) -> None:
    for name in ("todos", "decimals", "contract/strict"):
        sections = shown()[name]
        words = "".join(list(render(sections, width))).replace(" ", "")
        for excerpt in (each for _, pairs in sections for pair in pairs for each in pair if each):
            first = excerpt.lines[0].text.replace(" ", "")[:20]
            assert first in words


def test_every_name_can_be_shown() -> None:
    for sections in shown().values():
        assert list(render(sections, 120))


def test_an_unknown_name_lists_what_there_is_and_ends_with_2() -> None:
    done = comparison("show", "nobody")
    assert done.returncode == 2
    assert "'nobody'" in done.stderr
    assert "  decimals" in done.stderr


def test_no_name_lists_what_there_is_and_help_helps() -> None:
    assert "  todos" in comparison("show").stdout
    assert "build" in comparison("--help").stdout
    assert comparison().returncode == 2
