"""What chapters show is there, and each has all its parts."""

import json
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import pytest
from django.template import Engine
from jinja2 import Environment

from comparison.chapters import FOLDER, Chapter, ChapterError, Trial, chapters, load
from comparison.columns import columns
from comparison.source import without_imports
from comparison.trials import IDIOMS

CHAPTERS = {f"{each.part}/{each.name}": each for each in chapters()}
LINES = 15  # of an idiom, at most
LONGER = {"nested-writes": 26}  # whose documentations show how to create and how to update


@pytest.fixture(params=[*CHAPTERS.values()], ids=[*CHAPTERS])
def chapter(request: pytest.FixtureRequest) -> Chapter:
    found: Chapter = request.param
    return found


def test_every_excerpt_fragment_and_rule_is_still_there(chapter: Chapter) -> None:
    flask, drf = chapter.excerpts
    assert flask
    assert drf
    assert chapter.fragments
    assert chapter.quotes.keys() == {rule.partition(": ")[0] for rule in chapter.rules}


def test_every_chapter_asks_sends_and_judges(chapter: Chapter) -> None:
    assert chapter.question.endswith("?")
    assert chapter.requests
    assert chapter.judgement.endswith(".")
    assert len(chapter.judgement.split(". ")) <= 4


def test_trials_ask_the_contract_for_their_own_inputs(chapter: Chapter) -> None:
    for trial in chapter.trials:
        assert trial.inputs
        assert trial.ask is None or "$input" in trial.ask.body


@pytest.mark.parametrize(
    ("chapter", "trial"),
    [
        pytest.param(chapter, trial, id=f"{chapter.name}: {trial.title}")
        for chapter in CHAPTERS.values()
        for trial in chapter.trials
        if trial.ask and not trial.make
    ],
)
def test_a_trial_shows_what_its_input_stands_for(chapter: Chapter, trial: Trial) -> None:
    place = next(pointers(json.loads(Template(trial.body).substitute(input=json.dumps(INPUT)))))
    assert trial.show.startswith(place), f"{chapter.name} shows {trial.show}, not {place}"


INPUT = "the input"


def pointers(value: Any, pointer: str = "") -> Iterator[str]:
    """Yield where in a value the input stands."""
    if value == INPUT:
        yield pointer
    elif isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for name, each in entries:
            yield from pointers(each, f"{pointer}/{name}")


@pytest.mark.parametrize("column", [each.name for each in columns()])
def test_every_chapter_has_the_idiom_of_each_column_or_says_why_not(
    chapter: Chapter, column: str
) -> None:
    idiom = chapter.idioms.get(column)
    if idiom is None:
        assert chapter.part == "frameworks"
        assert chapter.lacking[column].endswith(".")
        return
    code = [line.text for line in without_imports(idiom).lines if line.text.strip()]
    assert 5 <= len(code) <= LONGER.get(chapter.name, LINES)
    assert max(len(line) for line in code) <= 72


def test_chapters_of_serializers_try_their_idioms_on_inputs() -> None:
    assert all(each.trials for each in CHAPTERS.values() if each.part == "serializers")


def test_where_the_third_ring_does_something_it_is_shown(chapter: Chapter) -> None:
    if chapter.speed is not None:
        assert any(chapter.speed.excerpts)
        assert all("/tuned/" in each.path for side in chapter.speed.excerpts for each in side)


def test_every_idiom_belongs_to_a_chapter_and_a_column() -> None:
    applications = {"django_shop", "fastapi_shop", "flask_shop"}
    files = [path for kind in ("py", "html") for path in IDIOMS.glob(f"*/*.{kind}")]
    found = {path for path in files if path.parent.name not in applications}
    names = {each.name for each in CHAPTERS.values()}
    assert {path.parent.name for path in found} <= names
    assert {path.stem for path in found} == {each.name for each in columns()}


def test_idioms_that_are_templates_are_ones() -> None:
    jinja = Environment(autoescape=True)
    assert {path.stem for path in IDIOMS.glob("*/*.html")} == {"marshmallow", "drf"}
    for path in IDIOMS.glob("*/marshmallow.html"):
        assert "extends" in {
            type(each).__name__.lower() for each in jinja.parse(path.read_text()).body
        }
    for path in IDIOMS.glob("*/drf.html"):
        assert Engine().from_string(path.read_text()).nodelist


def test_every_file_is_a_chapter() -> None:
    assert len(CHAPTERS) == len(list(FOLDER.rglob("*.toml")))


@pytest.mark.parametrize("text", ["title = ", "title = 'x'\nunknown = 'y'", "title = 'x'"])
def test_a_chapter_that_is_written_wrongly_names_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "01-wrong.toml"
    path.write_text(text)
    with pytest.raises(ChapterError, match=r"01-wrong\.toml"):
        load(path)
