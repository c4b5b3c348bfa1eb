"""What chapters show is there, and each has all its parts."""

from pathlib import Path

import pytest

from comparison.chapters import FOLDER, Chapter, ChapterError, chapters, load

CHAPTERS = {f"{each.part}/{each.name}": each for each in chapters()}


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


def test_experiments_have_what_they_need(chapter: Chapter) -> None:
    for experiment in chapter.experiments:
        assert experiment.mode in {"load", "dump", "run"}
        assert bool(experiment.inputs) == (experiment.mode != "run")
        assert not experiment.ask or "$input" in experiment.ask.body


def test_every_file_is_a_chapter() -> None:
    assert len(CHAPTERS) == len(list(FOLDER.rglob("*.toml")))


@pytest.mark.parametrize("text", ["title = ", "title = 'x'\nunknown = 'y'", "title = 'x'"])
def test_a_chapter_that_is_written_wrongly_names_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "01-wrong.toml"
    path.write_text(text)
    with pytest.raises(ChapterError, match=r"01-wrong\.toml"):
        load(path)
