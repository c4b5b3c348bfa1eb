"""The claims and the guide say nothing in figures that was typed in, and link to what is there."""

import re
from pathlib import Path

import pytest

from comparison.bench.model import Benchmark
from comparison.chapters import chapters
from comparison.claims import KINDS, batteries, claims, guide
from comparison.facts import Facts
from comparison.findings import Agreement
from comparison.site import Site

TEXTS = [claim.verdict for claim in claims()] + [text for step in guide() for text in step.values()]
PAGES = {
    *(f"{each.part}/{each.name}.html" for each in chapters()),
    *(
        "measurements.html",
        "claims.html",
        "add-one-field.html",
        "ladder.html",
        "playground.html",
        "wire-differences.html",
        "",
    ),
}


@pytest.mark.parametrize("text", TEXTS)
def test_no_figure_is_typed_in(text: str) -> None:
    said = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\]\([^)]*\)", "", text, flags=re.DOTALL)
    assert not re.search(r"[0-9]", said)


@pytest.mark.parametrize("text", TEXTS)
def test_links_lead_to_pages(text: str) -> None:
    for address in re.findall(r"\]\(([^)#]*)", text):
        assert address in PAGES


@pytest.mark.parametrize("is_measured", [True, False])
def test_every_text_can_be_filled(tmp_path: Path, data: Benchmark, *, is_measured: bool) -> None:
    site = Site(tmp_path, [], data if is_measured else None)
    site.facts = Facts(site.data, Agreement(9, 5, 4))
    for text in TEXTS:
        filled = site.filled(text)
        assert filled.strip()
        assert "{" not in filled


def test_kinds_and_batteries() -> None:
    assert {claim.kind for claim in claims()} == KINDS.keys()
    assert {battery.name for battery in batteries()} > {"Migrations", "Caching", "CSRF protection"}
