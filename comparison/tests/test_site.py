"""The site is whole, keeps to itself, and a browser has nothing to object to."""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from comparison import findings, patches, trials
from comparison.bench.model import Benchmark
from comparison.chapters import chapters
from comparison.columns import columns
from comparison.site import Site, build
from comparison.source import ROOT

BROWSER = ROOT / ".ci" / "browser"
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"


def test_every_chapter_has_a_page_with_all_its_parts(site: Path) -> None:
    contents = (site / "index.html").read_text()
    for chapter in chapters():
        page = (site / chapter.part / f"{chapter.name}.html").read_text()
        assert f'href="{chapter.part}/{chapter.name}.html"' in contents
        places = [
            page.index(f'id="{part}"') for part in ("idiom", "contract", "speed", "judgement")
        ]
        assert places == sorted(places), chapter.name
        assert "Nothing: <code>tuned/" in page or chapter.speed


def test_tables_show_what_ran(site: Path) -> None:
    [chapter] = [each for each in chapters() if each.name == "strict-types"]
    page = (site / "serializers" / "strict-types.html").read_text()
    rows = sum(len(trial.inputs) for trial in chapter.trials)
    found = trials.run_all(chapter.tasks)
    assert [*found] == [each.name for each in columns()]
    for name, outcomes in found.items():
        cells = re.findall(rf'<td data-column="{name}".*?>(.*?)</td>', page)
        texts = [re.sub(r"<span class=.unseen.*?</span>|<.*?>", "", cell) for cell in cells]
        told = [html.unescape(text) for text in texts if not re.fullmatch(r"\d of \d", text)]
        ran = [
            each.text if each.verdict == trials.ACCEPTED else f"{each.verdict} {each.text}"
            for trial in outcomes
            for each in trial
        ]
        assert told == ran
        assert len(told) == rows


def test_every_page_can_be_shared(site: Path) -> None:
    for path in site.rglob("*.html"):
        page = path.read_text()
        about = re.search('<meta name="description" content="(.+?)">', page)
        picture = re.search('<meta property="og:image" content="(.+?)">', page)
        assert about, path
        assert picture, path
        assert (path.parent / picture[1]).is_file(), path
        assert 'rel="canonical"' not in page
    for path in site.rglob("*.png"):
        with Image.open(path) as image:
            assert image.size == (1200, 630)


def test_every_page_but_the_sources_is_described_and_pictured_by_itself(site: Path) -> None:
    paths = [path for path in site.rglob("*.html") if "source" not in path.parts]
    pages = [path.read_text() for path in paths]
    for pattern in ('<meta name="description" content="(.+?)">', 'og:image" content="(.+?)">'):
        said = [re.findall(pattern, page)[0] for page in pages]
        assert len({*said}) == len(said)


# Each trial's table, and in it the contract's answers.
TABLE, ROW = re.compile(r'<table class="trials">.*?</table>', re.DOTALL), re.compile("<tr>.*?</tr>")
WANTED = re.compile(r'<td data-label="the contract"><span class="verdict good">(.*?)</td>')


def test_tables_tell_apart_what_the_contract_makes_of_different_inputs(site: Path) -> None:
    tables = [
        (path.name, table)
        for part in ("serializers", "frameworks")
        for path in (site / part).glob("*.html")
        for table in TABLE.findall(path.read_text())
    ]
    accepted = [(name, WANTED.findall(table)) for name, table in tables]
    assert sum(len(answers) > 1 for _, answers in accepted) > 5
    for name, answers in accepted:
        assert len(answers) < 3 or len({*answers}) > 1, f"{name}: each input is {answers[0]}"


# How this project's first pages were written; docs.python.org and the frameworks' are plainer.
SLIPS = re.compile(
    r"\b(one['’]s own|anew|of that day|how kept|nobody serves|who looks? after|told apart"
    r"|is no (text|number|JSON|boolean)|in place of|while this page was made|takes? all)\b"
)
NO_PROSE = re.compile(r"<(code|pre|blockquote|script)\b.*?</\1>", re.DOTALL)


def test_pages_are_written_plainly(site: Path) -> None:
    found = {
        path.name: slip[0]
        for path in site.rglob("*.html")
        if "source" not in path.parts
        and (slip := SLIPS.search(html.unescape(NO_PROSE.sub("", path.read_text()))))
    }
    assert not found


def test_with_a_base_url_pages_name_their_own_address(tmp_path: Path, data: Benchmark) -> None:
    Site(tmp_path, [], data, "https://example.com/site").write_claims()
    page = (tmp_path / "claims.html").read_text()
    assert '<link rel="canonical" href="https://example.com/site/claims.html">' in page
    assert '<meta property="og:image" content="https://example.com/site/claims.png">' in page


def test_the_page_of_one_field_counts_the_files_of_each_twin(site: Path) -> None:
    said = (site / "add-one-field.html").read_text().partition('id="judgement"')[2]
    changed = [each for each in patches.changes() if each.name != "contract"]
    counted = [f"{len(each.files)} files with {each.title}" for each in changed]
    assert " and ".join(counted) in said


def test_pages_weigh_little(site: Path) -> None:
    shared = sum((site / name).stat().st_size for name in ("style.css", "site.js"))
    assert shared < 30_000
    assert (site / "index.js").stat().st_size < 120_000  # loaded when somebody searches
    for path in [*(site / "serializers").glob("*.html"), *(site / "frameworks").glob("*.html")]:
        assert path.stat().st_size < 130_000, path
    assert all(path.stat().st_size < 20_000 for path in site.rglob("*.png"))


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        text = path.read_text()
        assert not re.search(r'<[^<>]*\s(?:src|href)="(?:https?:)?//', text), path
        assert not re.search(r"<script(?! src=)", text), path  # a file of the site's own
        assert path.suffix != ".css" or not re.search(r"url\(|@import", text)


def test_pages_name_no_place_of_this_machine(site: Path) -> None:
    assert not [path for path in site.rglob("*.html") if str(ROOT) in path.read_text()]


def test_a_build_that_fails_leaves_the_old_site_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "comparison"
    old.mkdir()
    (old / "index.html").write_text("old")
    monkeypatch.setattr(findings, "find", lambda *_: [])
    monkeypatch.setattr(Site, "write", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build(old, lambda _: None)
    assert [path.name for path in tmp_path.rglob("*")] == ["comparison", "index.html"]


def test_measurements_are_shown_as_tables_and_plots(tmp_path: Path, data: Benchmark) -> None:
    Site(tmp_path, [], data).write_measurements()
    page = (tmp_path / "measurements.html").read_text()
    assert page.count('<svg class="plot"') == 4
    assert "1,000,000" in page


def test_measurements_begin_with_the_answer_and_the_contents(
    tmp_path: Path, data: Benchmark
) -> None:
    Site(tmp_path, [], data).write_measurements()
    page = (tmp_path / "measurements.html").read_text()
    headings = re.findall(r'<h2 id="([\w-]+)"', page)
    assert headings[:2] == ["answer", "toc"]
    assert page.count("Flask is faster") == 2  # on each database
    contents = page[page.index('class="toc"') : page.index("</nav>", page.index('class="toc"'))]
    assert re.findall('<a href="#([\\w-]+)">', contents) == headings[2:]


def test_pages_say_how_old_their_figures_are(tmp_path: Path, data: Benchmark) -> None:
    site = Site(tmp_path, [], data)
    site.write_index()
    site.write_measurements()
    site.write_claims()
    for name in ("index", "measurements", "claims"):
        said = (tmp_path / f"{name}.html").read_text()
        assert "on 2026-11-20 at commit 01234567 and on 2026-11-21 at commit 89abcdef" in said


def test_without_measurements_the_pages_say_so(tmp_path: Path) -> None:
    site = Site(tmp_path, [], None)
    site.write_measurements()
    site.write_claims()
    assert "Not measured yet" in (tmp_path / "measurements.html").read_text()
    assert "Not measured yet" in (tmp_path / "claims.html").read_text()


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no Chromium at {CHROMIUM}")
@pytest.mark.skipif(
    not (BROWSER / "node_modules").exists(), reason="`npm ci --prefix .ci/browser` was not run"
)
@pytest.mark.timeout(900)
def test_a_browser_finds_nothing_wrong(site: Path) -> None:
    node = shutil.which("node")
    assert node, "Node.js comes with the dev set"
    done = subprocess.run(
        [node, BROWSER / "check.mjs", site],
        env={**os.environ, "CHROMIUM": CHROMIUM},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["pages"] > len(chapters())
    assert found["links"] > 1000
    assert found["wrong"] == []
