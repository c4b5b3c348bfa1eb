"""The claims and the guide say nothing in figures that was typed in, and link to what is there."""

import re
from pathlib import Path

import pytest

from comparison import security
from comparison.bench.model import Benchmark
from comparison.chapters import Chapter, chapters
from comparison.claims import KINDS, Claim, batteries, claims, guide
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


FIGURES = "two|three|four|five|six|seven|eight|nine|ten|twice|half"


@pytest.mark.parametrize("text", TEXTS)
def test_no_figure_is_spelt_out(text: str) -> None:
    said = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    counted = "lines?|statements?|files?|MiB|times|packages|names|operations"
    assert not re.search(rf"\b({FIGURES}) (SQL )?({counted})\b", said)


@pytest.mark.parametrize("chapter", chapters(), ids=lambda each: each.name)
def test_no_judgement_counts_code(chapter: Chapter) -> None:
    assert not re.search(rf"\b({FIGURES}|[0-9]+) (lines?|files?)\b", chapter.judgement)


@pytest.mark.parametrize(
    "claim", [each for each in claims() if each.kind == "measured"], ids=lambda each: each.says
)
def test_whether_a_measured_claim_is_true_is_not_typed_in(claim: Claim) -> None:
    drawn = r"\{% if .*?\{% endif %\}|\{\{.*?\}\}|\{%.*?%\}"
    said = re.sub(drawn, "", claim.verdict, flags=re.DOTALL)
    assert not re.search(r"\b(true|not so|yes|no)\b", said.partition(".")[0], re.IGNORECASE)


ALL = {"headers": ["A"], "cookie": ["HttpOnly", "SameSite=Lax"], "escaped": "&lt;b&gt;"}
GOOD = {**ALL, "unknown_host": 400, "post_without_token": 403}
BAD = {
    "unknown_host": 200,
    "post_without_token": 200,
    "headers": [],
    "cookie": ["HttpOnly", "Path=/"],
    "escaped": "<b>",
}


@pytest.mark.parametrize("name", security.TRIED)
def test_a_framework_is_safer_in_what_it_does_more_about(name: str) -> None:
    label = security.TRIED[name]
    better = {**BAD, name: GOOD[name]}
    assert security.compared(better, BAD).flask == [label]
    assert security.compared(BAD, better).django == [label]
    assert label in security.compared(better, better).both


@pytest.mark.parametrize(
    ("flask", "django", "verdict"),
    [(BAD, GOOD, "True,"), (GOOD, BAD, "Not true,"), ({**BAD, "headers": ["A", "B"]}, GOOD, "In")],
)
def test_which_is_safer_is_drawn_from_what_was_tried(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flask: dict[str, object],
    django: dict[str, object],
    verdict: str,
) -> None:
    site = Site(tmp_path, [], None)
    results = {"security_flask": flask, "security_django": django}
    monkeypatch.setattr(Facts, "tried", lambda _, script: results[script])
    [claim] = [each for each in claims() if each.says == "Django is safer by default."]
    assert site.filled(claim.verdict).strip().startswith(verdict)


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
