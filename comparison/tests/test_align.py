"""Statements of the same name stand in the same row, and what an idiom has not is marked."""

from pathlib import Path

import pytest

from comparison import align, source
from comparison.source import Excerpt, excerpt


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Module":
    monkeypatch.setattr(source, "ROOT", tmp_path)
    return Module(tmp_path)


class Module:
    """Makes excerpts of what a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def __call__(self, text: str) -> list[Excerpt]:
        self.count += 1
        name = f"{self.folder.name}_{self.count}.py"
        (self.folder / name).write_text(text)
        return [excerpt(name)]


ONE = """import one

class TodoSchema:
    title = 1

    def count_items(self):
        return 2
"""
OTHER = """class TodoSerializer:
    title = 1
    class Meta:
        model = 3
"""


def test_statements_of_one_name_share_a_row_and_others_stand_between(module: Module) -> None:
    (one, other), rows = align.aligned([module(ONE), module(OTHER)])
    assert [(chunk.key, chunk.row) for chunk in one] == [
        ("import", 1),
        ("Todo", 2),
        ("Todo.title", 4),
        ("Todo.count_items", 5),
    ]
    assert [(chunk.key, chunk.row) for chunk in other][:3] == [
        ("Todo", 2),
        ("Todo.title", 4),
        ("Todo.Meta", 5),
    ]
    assert rows == 5
    assert [chunk.has_counterpart for chunk in one] == [False, True, True, False]


def test_names_in_another_order_lose_no_line(module: Module) -> None:
    texts = ["a = 1\nb = 2\nc = 3\n", "c = 3\na = 1\nb = 2\n", "b = 2\nd = 4\n"]
    listings, rows = align.aligned([module(text) for text in texts])
    for listing, text in zip(listings, texts, strict=True):
        assert "\n".join(chunk.text for chunk in listing) + "\n" == text
        assert [chunk.row for chunk in listing] == sorted({chunk.row for chunk in listing})
        assert listing[-1].row <= rows
    assert align.merged([], ["a"]) == ["a"]
    assert align.merged(["a", "b"], ["b", "c"]) == ["a", "b", "c"]


def test_lines_are_marked_that_the_idiom_has_not_or_has_otherwise(module: Module) -> None:
    idiom = module("class TodoSchema:\n    title = 1\n    notes = 2\n")
    twin = module("class TodoSchema:\n    title = 1\n    notes = 3\n    due_at = 4\n")
    marked = align.marked(align.chunks(twin), idiom)
    assert [mark for chunk in marked for mark in chunk.marks] == ["", "", "changed", "added"]
    assert align.counted(marked) == {"": 2, "changed": 1, "added": 1}
