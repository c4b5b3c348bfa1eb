"""A visitor's story in a real browser, by mouse and by keyboard; the docs without scripts, too."""

from functools import cache
from typing import Any

import pytest

from contract_tests.pages.chromium import NEEDED, visit

pytestmark = NEEDED
# By way: how many pages are looked at by axe, at the least.
WAYS = {
    "by mouse, 1280 px, light": 20,
    "by keyboard alone, 390 px, dark": 20,
    "the documentation without scripts, 390 px, light": 0,
}


@cache
def stories(site: str) -> dict[str, Any]:
    """Walk all ways in one browser."""
    found: dict[str, Any] = visit("story", site)
    return found


@pytest.mark.parametrize("way", WAYS)
def test_the_story(site: str, way: str) -> None:
    found = stories(site)
    assert {*found} == {*WAYS}
    assert found[way]["wrong"] == []
    assert found[way]["audits"] >= WAYS[way]
