"""The picture of both twins' pages: drawn as the documentation says, and the same twice."""

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from comparison.picture import SHOTS, draw, shoot
from comparison.source import ROOT

CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
# Where the two pages are: what is around them holds the frameworks' names.
FLASK, DJANGO = (24, 48, 644, 808), (668, 48, 1288, 808)
IMAGES = ROOT / "docs" / "images"
# The README's pictures of the site, by what they are of.
OF_THE_SITE = {
    "idioms": "compare-light.png",
    "nested-writes": "compare-dark.png",
    "wire": "wire-differences.png",
}
in_a_browser = pytest.mark.skipif(
    not Path(CHROMIUM).exists() or not (ROOT / ".ci" / "browser" / "node_modules").exists(),
    reason=f"needs Chromium at {CHROMIUM} and `npm ci --prefix .ci/browser`",
)


def test_the_picture_in_the_documentation_is_small_and_shows_the_same_twice() -> None:
    path = IMAGES / "pages.png"
    assert path.stat().st_size < 200_000
    assert is_same_twice(path)


@in_a_browser
@pytest.mark.timeout(300)
def test_a_picture_can_be_drawn(tmp_path: Path) -> None:
    assert shutil.which("node"), "Node.js comes with the dev set"
    path = tmp_path / "pages.png"
    assert draw(str(path)) == 0
    assert is_same_twice(path)


@pytest.mark.parametrize("name", SHOTS)
def test_the_pictures_of_the_site_are_small_and_in_the_readme(name: str) -> None:
    path = IMAGES / OF_THE_SITE[name]
    assert path.stat().st_size < 60_000
    assert f"](docs/images/{path.name})" in (ROOT / "README.md").read_text()


@in_a_browser
@pytest.mark.parametrize("name", SHOTS)
def test_a_part_of_the_site_can_be_drawn(name: str, site: Path, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.png"
    assert shoot(site, SHOTS[name], str(path)) == 0
    with Image.open(path) as image, Image.open(IMAGES / OF_THE_SITE[name]) as kept:
        assert image.size == kept.size
        assert len(image.getcolors() or ()) > 20


def is_same_twice(path: Path) -> bool:
    """Compare the two pages, pixel by pixel; one that is all of one colour is none."""
    with Image.open(path) as image:
        left, right = (image.convert("RGB").crop(place) for place in (FLASK, DJANGO))
    return left.tobytes() == right.tobytes() and len(left.getcolors(1 << 20) or ()) > 100
