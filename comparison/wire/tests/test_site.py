"""The site's page: whole without scripts, and searched with them."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from comparison.site import TEMPLATES, Site
from comparison.source import ROOT
from comparison.wire.rows import rows, same

BROWSER = ROOT / ".ci" / "browser"
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the page alone."""
    folder = tmp_path_factory.mktemp("site")
    Site(folder, [], None).write_wire()
    return folder / "wire-differences.html"


def test_each_difference_can_be_linked_to(page: Path) -> None:
    text = page.read_text()
    for row in rows():
        assert text.count(f'id="{row.id}"') == 1
        assert f'href="#{row.id}"' in text
    for row in rows():
        assert not row.breaks or text.count(f'href="#{row.id}"') == 2


def test_both_answers_and_both_alignments_are_there(page: Path) -> None:
    articles = page.read_text().split('<article class="difference"')[1:]
    assert len(articles) == len(rows())
    for row, article in zip(rows(), articles, strict=True):
        assert article.count("’s response") == 2, row.id
        for program, heading in (("flask", "Flask like Django"), ("django", "Django like Flask")):
            assert f"<h4>{heading}</h4>" in article, row.id
            files = {change.file for change in row.alignments[program].changes}
            assert all(f"Change of {file}" in article for file in files), row.id


def test_the_programs_can_be_read(page: Path) -> None:
    links = re.findall(r'href="source/(comparison/plain/[^"]+)\.html"', page.read_text())
    assert len(links) == 8
    assert all((ROOT / link).exists() for link in links)


def test_what_does_not_change_is_listed(page: Path) -> None:
    listed = page.read_text().partition('id="same"')[2]
    assert listed.count("<li>") == len(same())


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no Chromium at {CHROMIUM}")
@pytest.mark.skipif(
    not (BROWSER / "node_modules").exists(), reason="`npm ci --prefix .ci/browser` was not run"
)
def test_a_reader_searches_and_follows_links(page: Path) -> None:
    for file in ("style.css", "site.js"):
        shutil.copy(TEMPLATES / file, page.parent)
    node = shutil.which("node")
    assert node, "Node.js comes with the dev set"
    done = subprocess.run(
        [node, BROWSER / "wire.mjs", page],
        env={**os.environ, "CHROMIUM": CHROMIUM},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    count = len(rows())
    first_area = [row for row in rows() if row.area == rows()[0].area]
    assert found["errors"] == []
    assert (found["all"], found["said"]) == (count, f"{count} differences")
    assert 0 < found["searched"] < count
    assert (found["none"], found["nothing"]) == (0, True)
    assert (found["area"], found["areas"]) == (len(first_area), 1)
    assert (found["linked"], found["revealed"]) == (True, True)
    assert 0 < found["asked"] < count
    assert (found["without"], found["form"]) == (count, False)
