"""A visitor can't tell which twin has made a page: trees, texts and pixels are the same."""

from typing import Any

import pytest

from contract_tests import servers
from contract_tests.pages.chromium import NEEDED
from contract_tests.pages.comparison import MOST, compare, told
from deploy.twins import TWINS

pytestmark = [
    *NEEDED,
    pytest.mark.skipif(len(servers.chosen) < len(TWINS), reason="one twin was chosen"),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Compare both."""
    return compare(tmp_path_factory.mktemp("same"))


def test_trees_and_texts_are_the_same(found: dict[str, Any]) -> None:
    assert found["wrong"] == []
    assert found["states"] >= 46
    assert found["lines"] > 5_000


def test_screenshots_are_the_same(found: dict[str, Any]) -> None:
    assert len(found["differing"]) == 2 * found["states"]
    differing = {name: share for name, share in found["differing"].items() if share >= MOST}
    assert differing == {}
    assert found["control"] > 10 * MOST  # two other pages are told apart
    assert " pages with " in told(found)
