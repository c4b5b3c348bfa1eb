"""The documentation has no merge conflicts, and its links resolve."""

import re
import subprocess
from pathlib import Path

import pytest

from contract_tests.conftest import ROOT
from contract_tests.raw_http.refusals import ROWS

CONFLICT = re.compile(r"^(<{7} |>{7} |\|{7} |={7}$)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def heading_ids(page: Path) -> set[str]:
    """Return what links to a page's headings are written with."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    local = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    for link in local:
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert not heading or heading in heading_ids(target), f"{link}: no such heading"


def test_no_merge_has_left_its_marks() -> None:
    # As git knows them, which leaves out what was installed and made.
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 – wherever it is
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    texts = [path for path in files if path.suffix != ".png" and path.is_file()]
    assert {*PAGES} <= {*texts}
    assert [path.name for path in texts if CONFLICT.search(path.read_text())] == []


def test_the_page_on_servers_has_what_gunicorn_answers_itself() -> None:
    page = (ROOT / "docs" / "decisions" / "server.md").read_text()
    table = [line for line in page.splitlines() if line.startswith(("| 4", "| 5"))]
    *rows, proxys = table
    assert rows == [f"| {status} | {what} |" for status, what in ROWS]
    assert "`FORWARDED_ALLOW_IPS`" in proxys
