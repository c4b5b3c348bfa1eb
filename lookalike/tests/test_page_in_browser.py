"""A browser has nothing to object to in the pages, and runs nothing that a server sent."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lookalike.places import Difference, Place
from lookalike.reports.check_page import CheckPage
from lookalike.reports.page import HtmlReport
from lookalike.tests.test_check_reports import ALONE, checked
from lookalike.tests.test_reports import ABOUT, HOSTILE, LIST, finding, run

BROWSER = Path(__file__).parents[2] / ".ci" / "browser"
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no Chromium at {CHROMIUM}")
@pytest.mark.skipif(
    not (BROWSER / "node_modules" / "axe-core").exists(),
    reason="`npm ci --prefix .ci/browser` was not run",
)
def test_a_browser_finds_nothing_wrong(tmp_path: Path) -> None:
    findings = [
        finding(text, f"{text} <b onclick=alert(1)>", number=number, sent=text)
        for number, text in enumerate([*HOSTILE.values(), "x" * 10_000, "a", "b", "c"])
    ]
    findings[0].alike = [finding("more", "like it", number=99)]
    place = Place(LIST.name, 200, "body", "/*/a-name-that-is-quite-long-and-has-no-space-anywhere")
    finished = run(
        *findings,
        accepted=[finding("1", "1.0", reason="as agreed")],
        unconfirmed=[Difference(place, "type", 3, "3")],
        noise={place: "repeated"},
        ended="out of time",
    )
    HtmlReport(tmp_path / "index.html", ABOUT).ended(finished)
    CheckPage(tmp_path / "checks.html", ALONE).ended(checked(HOSTILE["markup"], faults=3))
    node = shutil.which("node")
    assert node, "Node.js comes with the dev set"
    done = subprocess.run(
        [node, BROWSER / "check.mjs", "--full", tmp_path],
        env={**os.environ, "CHROMIUM": CHROMIUM},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["pages"] == 2
