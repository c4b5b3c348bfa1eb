"""What comes of checks is reported whole, and what the server sends does no harm."""

import io
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lookalike.calls import Call
from lookalike.check import Checked, Watcher, check
from lookalike.checks import head, methods
from lookalike.checks.client import Seen
from lookalike.checks.pack import Failure, Fault, Result, Score
from lookalike.client import Outcomes
from lookalike.http import Answer, Request
from lookalike.reports import About
from lookalike.reports.check_junit import CheckJunit
from lookalike.reports.check_lines import CheckGithub, CheckLines
from lookalike.reports.check_page import CheckPage
from lookalike.reports.check_terminal import CheckTerminal
from lookalike.reports.checks import FAULTS, Watchers
from lookalike.tests.notebook import CONTRACT, actor, pair
from lookalike.tests.test_reports import ABOUT, HOSTILE, JUNIT, LIST, MARKUP, SECRET, Screen, mask

ALONE = About(ABOUT.contract, "openapi.yaml", {"server": "http://127.0.0.1:8000"}, {}, mask)
FIRST, SECOND = methods.PACK.checks[:2]
HEAD = head.PACK.checks[0]


def seen(text: str) -> Seen:
    request = Request("GET", "/notes", (("Authorization", f"Bearer {text}"),))
    answer = Answer(200, (("X-Text", text),), text.encode("utf-8", "surrogatepass"), "OK")
    return Seen(0, Call(LIST), (request, request), Outcomes(answer, answer))


def checked(text: str = "cat", *, faults: int = 1, ended: str = "finished") -> Checked:
    failures = [
        Failure(FIRST, Fault(f"{text} {number}", (seen(text),), text), {LIST.name: 2})
        for number in range(faults)
    ]
    failed = Result(FIRST, judged=3, failures=failures, more=4)
    results = [failed, Result(SECOND, judged=2), Result(HEAD, why=f"no {text} succeeds")]
    scores = {"methods": Score(1, 2), "head": Score(0, 0)}
    return Checked(results, scores, [f"GET /me: {text}"], 7, 1.2, ended)


def terminal(done: Checked, path: Path) -> str:
    out = Screen()
    report = CheckTerminal(ALONE, out, Screen())
    for result in done.results:
        report.judged(result)
    report.ended(done)
    return out.getvalue()


def html(done: Checked, path: Path) -> str:
    CheckPage(path, ALONE).ended(done)
    return path.read_text()


def junit(done: Checked, path: Path) -> str:
    CheckJunit(path, ALONE).ended(done)
    return path.read_text()


def github(done: Checked, path: Path) -> str:
    out = io.StringIO()
    CheckGithub(out, ALONE).ended(done)
    assert all(line.startswith("::") for line in out.getvalue().splitlines())
    return out.getvalue()


def jsonl(done: Checked, path: Path) -> str:
    out = io.StringIO()
    report = CheckLines(out, ALONE)
    for result in done.results:
        report.judged(result)
    report.ended(done)
    return out.getvalue()


Report = Callable[[Checked, Path], str]
each_report = pytest.mark.parametrize(
    "report", [terminal, html, junit, github, jsonl], ids=lambda report: report.__name__
)


@each_report
def test_a_failed_check_is_told_with_what_was_asked(report: Report, tmp_path: Path) -> None:
    said = unescape(report(checked(), tmp_path / "report"))
    for text in (FIRST.name, FIRST.statement, "cat 0", "curl -i", "GET /notes"):
        assert text in said


@each_report
def test_many_faults_are_counted(report: Report, tmp_path: Path) -> None:
    said = report(checked(faults=FAULTS + 2), tmp_path / "report")
    assert "cat 0" in said
    if report in {terminal, html, github}:
        assert f"cat {FAULTS}" not in said
        assert "6 more" in said


@each_report
@pytest.mark.parametrize("kind", [*HOSTILE, "secret", "long"])
def test_what_a_server_sends_does_no_harm(report: Report, kind: str, tmp_path: Path) -> None:
    text = {**HOSTILE, "secret": SECRET, "long": "x" * 100_000}[kind]
    said = report(checked(text), tmp_path / "report")
    assert len(said) < 40_000
    assert "tr0ub4dor" not in said
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e\u2066]", said)
    assert MARKUP not in said or report not in {html, junit}


@each_report
def test_checks_that_were_cut_off_say_so(report: Report, tmp_path: Path) -> None:
    said = report(checked(ended="interrupted"), tmp_path / "report")
    assert "interrupted" in said or report is github


@each_report
def test_checks_that_nothing_could_be_held_against_are_listed(
    report: Report, tmp_path: Path
) -> None:
    said = report(checked(), tmp_path / "report")
    assert "no cat succeeds" in said or report is github
    assert "GET /me" in said or report is junit


def test_the_terminal_shows_scores_and_the_sum() -> None:
    said = terminal(checked(), Path())
    assert re.search(r"Methods and Allow +1/2\n", said)
    assert re.search(r"HEAD equals GET +– +1 not applicable\n", said)
    assert said.endswith("1 of 2 checks passed, 1 not applicable; 7 requests, 1 s\n")


def test_junit_is_what_its_readers_know(tmp_path: Path) -> None:
    text = junit(checked(faults=2, ended="interrupted"), tmp_path / "report.xml")
    root = ET.fromstring(text)  # noqa: S314 - our own
    for element in root.iter():
        required, known, children = JUNIT[element.tag]
        assert required <= element.attrib.keys() <= known
        order = [children.index(child.tag) for child in element]
        assert order == sorted(order)
    cases = {case.attrib["name"]: [child.tag for child in case] for case in root.iter("testcase")}
    assert cases == {
        FIRST.name: ["failure", "failure"],
        SECOND.name: [],
        HEAD.name: ["skipped"],
        "the whole run": ["error"],
    }


def test_json_lines_hold_what_they_document() -> None:
    result, *_, end = map(json.loads, jsonl(checked(), Path()).splitlines())
    assert result["faults"][0]["operations"] == {LIST.name: 2}
    assert end["scores"] == {"methods": [1, 2], "head": [0, 0]}
    for name in (*result, *result["faults"][0], *end):
        assert f"`{name}`" in (CheckLines.__doc__ or "")


def test_a_real_server_is_checked_under_all_reports(tmp_path: Path) -> None:
    """One whose HEAD isn't GET, and of which the file declares what it does."""
    out, progress, lines = Screen(), Screen(), io.StringIO()
    about = About(CONTRACT, "notes.yaml", {"server": "http://notes"})
    reports: list[Watcher] = [
        CheckTerminal(about, out, progress),
        CheckPage(tmp_path / "page.html", about),
        CheckJunit(tmp_path / "junit.xml", about),
        CheckLines(lines, about),
    ]
    server, _ = pair()
    found = check(CONTRACT, server, actors=[actor("ann")], watcher=Watchers(*reports))
    failed = {result.check.name for result in found.results if result.failures}
    assert failed
    suite = ET.parse(tmp_path / "junit.xml")  # noqa: S314 - our own
    assert failed == {
        case.attrib["name"] for case in suite.iter("testcase") if case.find("failure") is not None
    }
    told = map(json.loads, lines.getvalue().splitlines())
    assert failed == {each["check"] for each in told if each.get("state") == "failed"}
    for text in (out.getvalue(), (tmp_path / "page.html").read_text()):
        assert all(name in text for name in failed)
        assert f"{found.score.passed} of {found.score.applicable} checks passed" in text
    assert "Robustness" in progress.getvalue()
