"""What is kept of foreign pairs fits together; no program of others is started."""

from pathlib import Path

import pytest

from lookalike import stories, trophies
from lookalike.figures.pairs import Pair
from lookalike.openapi import Contract

FOLDER = Path(trophies.__file__).parent
PAIRS = sorted(path.parent for path in FOLDER.glob("*/pair.toml"))
PAGE = (FOLDER.parent.parent / "docs" / "trophies.md").read_text("utf-8")


@pytest.mark.parametrize("folder", PAIRS, ids=lambda folder: folder.name)
def test_a_pair_can_be_read_with_its_contract_and_its_stories(folder: Path) -> None:
    pair = Pair.read(folder / "pair.toml")
    contract = Contract.read(Path(pair.contract("http://127.0.0.1:1")))
    known = {operation.name for operation in contract.operations}
    saved = [stories.read(path) for path in sorted((folder / "stories").glob("*.json"))]
    assert saved
    assert {call.operation.name for each in saved for call in each.calls} <= known


@pytest.mark.parametrize("folder", PAIRS, ids=lambda folder: folder.name)
def test_each_story_stands_on_the_page(folder: Path) -> None:
    paths = [*(folder / "stories").glob("*.json")]
    missing = [path.name for path in paths if f"{folder.name}/stories/{path.name})" not in PAGE]
    assert missing == []


def test_the_page_links_to_no_story_that_is_gone() -> None:
    links = [part.partition(")")[0] for part in PAGE.split("](../lookalike/trophies/")[1:]]
    assert [link for link in links if not (FOLDER / link).exists()] == []
    assert len(links) >= 20
