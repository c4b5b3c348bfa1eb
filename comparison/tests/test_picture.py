"""The picture of both twins' pages: drawn as the documentation says, and the same twice."""

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from comparison.picture import draw
from comparison.source import ROOT

CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
# Where the two pages are: what is around them holds the frameworks' names.
FLASK, DJANGO = (24, 48, 644, 808), (668, 48, 1288, 808)


def test_the_picture_in_the_documentation_is_small_and_shows_the_same_twice() -> None:
    path = ROOT / "docs" / "images" / "pages.png"
    assert path.stat().st_size < 200_000
    assert is_same_twice(path)


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no Chromium at {CHROMIUM}")
@pytest.mark.skipif(
    not (ROOT / ".ci" / "browser" / "node_modules").exists(),
    reason="`npm ci --prefix .ci/browser` was not run",
)
@pytest.mark.timeout(300)
def test_a_picture_can_be_drawn(tmp_path: Path) -> None:
    assert shutil.which("node"), "Node.js comes with the dev set"
    path = tmp_path / "pages.png"
    assert draw(str(path)) == 0
    assert is_same_twice(path)


def is_same_twice(path: Path) -> bool:
    """Compare the two pages, pixel by pixel; one that is all of one colour is none."""
    with Image.open(path) as image:
        left, right = (image.convert("RGB").crop(place) for place in (FLASK, DJANGO))
    return left.tobytes() == right.tobytes() and len(left.getcolors(1 << 20) or ()) > 100
