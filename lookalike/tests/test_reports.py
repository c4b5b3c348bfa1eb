"""Each report says all there is to say, and what servers send does no harm in any of them."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from lookalike.calls import Call
from lookalike.client import Exchange, Outcomes
from lookalike.comparison import UNCOMPARED
from lookalike.diff import Options, diff
from lookalike.findings import Cause, Finding, Hidden, Observers, Reached, Run
from lookalike.http import Answer, NoAnswer, Request
from lookalike.openapi import Contract
from lookalike.places import Difference, Place
from lookalike.reports import About
from lookalike.reports.github import GithubReport
from lookalike.reports.jsonl import JsonLines
from lookalike.reports.jsonl import __doc__ as documentation
from lookalike.reports.junit import JunitReport
from lookalike.reports.page import HtmlReport
from lookalike.reports.terminal import STORIES, Terminal
from lookalike.reports.wording import end
from lookalike.tests import notebook

CONTRACT = Contract.parse("""openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      parameters: [{in: query, name: limit, schema: {type: integer}}]
      responses: {"200": {description: all}, "400": {description: refused}}
    post:
      responses: {"201": {description: made}}
  /me:
    get:
      responses: {"200": {description: somebody}}
""")
LIST, CREATE, ME = CONTRACT.operations
JSON = (("Content-Type", "application/json"), ("Date", "Sat, 28 Nov 2026 21:00:00 GMT"))
PLACE = Place(ME.name, 200, "body", "/shoes")
SECRET = "tr0ub4dor&3'<"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def mask(text: str) -> str:
    return text.replace(SECRET, "***")


ABOUT = About(
    CONTRACT,
    "openapi.yaml",
    {"old": "http://127.0.0.1:8001", "new": "http://127.0.0.1:8002"},
    {"seconds": "60"},
    mask,
)


def finding(
    old: Any = "a", new: Any = "b", *, number: int = 0, reason: str | None = None, sent: str = "a"
) -> Finding:
    """Make a finding about a value in an answer's body, as a server may have sent it."""
    difference = Difference(Place(LIST.name, 200, "body", "/*/text"), "value", old, new)
    request = Request("GET", "/notes?limit=1", (("Authorization", f"Bearer {sent}"),))
    outcomes = [
        Answer(200, JSON, json.dumps([{"same": 1, "text": each}]).encode(), "OK")
        for each in (old, new)
    ]
    call = Call(LIST, query=[("limit", 1)], actor="alice", why="almost a number")
    exchange = Exchange(0, call, (request, request), Outcomes(*outcomes), (difference,))
    cause = Cause("value", "body", f"text{number}")
    return Finding(cause, difference, [call], [exchange], {LIST.name: 2, ME.name: 1}, reason)


def run(*findings: Finding, **given: Any) -> Run:
    reached = {
        LIST.name: Reached(3, ({200: 3}, {200: 2, 500: 1}), {"query limit"}, set()),
        ME.name: Reached(7, ({401: 7}, {401: 7})),
    }
    values = {"reached": reached, "calls": 10, "seconds": 3.21, "seed": 7, **given}
    return Run([*findings], **values)


class Screen(io.StringIO):
    """A stream that says whether it is a terminal, and which characters it has."""

    def __init__(self, *, is_tty: bool = False, encoding: str = "utf-8") -> None:
        super().__init__()
        self._is_tty = is_tty
        self._encoding = encoding

    def isatty(self) -> bool:
        return self._is_tty

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def terminal(finished: Run, path: Path, about: About) -> str:
    screen = Screen()
    report = Terminal(about, screen, Screen())
    for each in finished.findings:
        report.finding(each)
    report.ended(finished)
    return screen.getvalue()


def html(finished: Run, path: Path, about: About) -> str:
    HtmlReport(path, about).ended(finished)
    return path.read_text()


def junit(finished: Run, path: Path, about: About) -> str:
    JunitReport(path, about).ended(finished)
    ET.parse(path)  # noqa: S314 - our own file
    return path.read_text()


def github(finished: Run, path: Path, about: About) -> str:
    out = io.StringIO()
    GithubReport(out, about).ended(finished)
    assert all(line.startswith("::") for line in out.getvalue().splitlines())
    return out.getvalue()


def jsonl(finished: Run, path: Path, about: About) -> str:
    out = io.StringIO()
    report = JsonLines(out, about)
    for each in finished.findings:
        report.finding(each)
    report.ended(finished)
    assert all(json.loads(line)["type"] for line in out.getvalue().splitlines())
    return out.getvalue()


REPORTS = [terminal, html, junit, github, jsonl]
Report = Callable[[Run, Path, About], str]
each_report = pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.__name__)


@each_report
def test_a_finding_is_told_with_its_place_and_both_values(report: Report, tmp_path: Path) -> None:
    said = report(run(finding("cat", "dog")), tmp_path / "report", ABOUT)
    for text in ("GET /notes", "/*/text", "cat", "dog", "almost a number"):
        assert text in said
    assert "openapi.yaml" in said
    assert re.search(r"curl -i|/notes\?limit=1", said)


@each_report
def test_secrets_are_masked(report: Report, tmp_path: Path) -> None:
    said = report(
        run(
            finding(f"my {SECRET}", "dog", sent=SECRET),
            unconfirmed=[Difference(Place(LIST.name, 200, "body"), "value", SECRET, 1)],
        ),
        tmp_path / "report",
        ABOUT,
    )
    assert "tr0ub4dor" not in said
    assert "***" in said


@each_report
def test_what_is_long_is_shortened_and_said_to_be(report: Report, tmp_path: Path) -> None:
    said = report(run(finding("x" * 1_000_000, "y")), tmp_path / "report", ABOUT)
    assert len(said) < 60_000
    assert "more characters)" in said.replace("\\u2026", "…")


@each_report
def test_a_secret_at_a_border_is_not_cut_in_two(report: Report, tmp_path: Path) -> None:
    for border in (70, 75, 80, 3_995):
        said = report(run(finding("x" * border + SECRET, "y")), tmp_path / "report", ABOUT)
        assert "xtr0ub" not in said


HOSTILE = {
    "markup": MARKUP,
    "terminal": "\x1b[2J\x1b]0;owned\x07",
    "workflow command": "\n::set-env name=PATH::/tmp\r\n::error::x",
    "CDATA": "]]>&amp;<!--",
    "direction": "abc\u202edef\u2066",
    "null": "a\x00b",
    "half a pair": "\ud800",
    "unicode": "żółć 猫 \U0001f408",
}


@each_report
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_servers_send_does_no_harm(report: Report, kind: str, tmp_path: Path) -> None:
    text = HOSTILE[kind]
    found = finding(text, "dog", sent=text, reason=text)
    found.difference = found.difference._replace(
        place=Place(LIST.name, 200, "body", f"/{text}"),
    )
    noise = {Place(LIST.name, 200, "body", f"/{text}"): "repeated"}
    finished = run(found, accepted=[found], unconfirmed=[found.difference], noise=noise)
    said = report(finished, tmp_path / "report", ABOUT)
    assert "dog" in said
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e\u2066]", said.replace("\r\n", "\n"))
    assert MARKUP not in said or report not in {html, junit}


@each_report
def test_nothing_found_is_said(report: Report, tmp_path: Path) -> None:
    said = report(run(), tmp_path / "report", ABOUT)
    assert {
        terminal: "0 differences in 10 calls",
        html: "<h1>No difference</h1>",
        junit: 'failures="0"',
        github: "::warning ",
        jsonl: '"findings": 0',
    }[report] in said  # type: ignore[index]


@each_report
def test_a_thousand_findings_are_no_wall(report: Report, tmp_path: Path) -> None:
    findings = [finding(f"old {number}", "new", number=number) for number in range(1_000)]
    said = report(run(*findings), tmp_path / "report", ABOUT)
    assert "old 999" in said
    assert len(said) < 5_000_000
    if report is terminal:  # a line each when it is confirmed, and few of them whole at the end
        assert said.count("\n") < 1_500


@each_report
def test_an_interrupted_run_says_so(report: Report, tmp_path: Path) -> None:
    said = report(run(ended="interrupted"), tmp_path / "report", ABOUT)
    assert "interrupted" in said
    assert "<h1>No difference</h1>" not in said
    assert "::error" not in said


@each_report
def test_what_never_succeeded_is_loud(report: Report, tmp_path: Path) -> None:
    said = report(run(), tmp_path / "report", ABOUT)
    assert "401 × 7" in said.replace("\\u00d7", "×")
    assert re.search("never a success|NEVER A SUCCESS|Never a success|succeeded", said)
    assert "never asked" in said


@pytest.mark.parametrize("report", [terminal, html, jsonl], ids=lambda report: report.__name__)
def test_nothing_is_hidden(report: Report, tmp_path: Path) -> None:
    noise = {Place(ME.name, 200, "x-request-id"): "the twin of the old server differs"}
    said = report(
        run(
            accepted=[finding("1", "1.0", reason="as agreed")],
            unconfirmed=[Difference(Place(ME.name, 200, "body", "/age"), "type", 3, "3")],
            hidden=[Hidden(Difference(PLACE, "value", 6, 7), "POST /notes was answered 201 → 500")],
            noise=noise,
        ),
        tmp_path / "report",
        ABOUT,
    )
    for text in (
        "x-request-id",
        "the twin of the old server differs",
        "/age",
        "/shoes",
        *UNCOMPARED,
    ):
        assert text in said
    assert "POST /notes was answered 201 → 500" in said.replace("\\u2192", "→")
    assert "as agreed" in said or '"accepted": 1' in said


def test_the_terminal_tells_the_story_and_lists_the_rest() -> None:
    said = terminal(run(finding("cat", "dog")), Path(), ABOUT)
    assert "1. GET /notes and GET /me" in said
    assert "openapi.yaml:5" in said
    assert "curl -i 'http://127.0.0.1:8001/notes?limit=1' -H 'Authorization: Bearer a'" in said
    assert '-    "text": "cat"' in said
    assert '+    "text": "dog"' in said
    assert "\x1b" not in said


@each_report
def test_more_of_one_kind_is_one_finding_that_says_so(report: Report, tmp_path: Path) -> None:
    found = finding("cat", "dog")
    found.alike = [finding(f"old {number}", "new", number=number) for number in range(1, 6)]
    found.further = [finding("old 7", "new").difference]
    said = report(run(found, finding("1", "2", number=9)), tmp_path / "report", ABOUT)
    counted = {
        terminal: "2 differences, 6 more like these in 10 calls",
        html: "<h1>2 differences</h1>",
        junit: 'failures="7"',
        github: "and 6 more like it",
        jsonl: '"findings": 2',
    }
    assert counted[report] in said  # type: ignore[index]
    shown = said.partition("\n\n")[2] if report is terminal else said  # what stands at the end
    stories = {terminal: 2, html: 7, junit: 2, github: 2, jsonl: None}[report]  # type: ignore[index]
    if stories is not None:  # of two commands each
        assert shown.count("curl ") == 2 * stories
    if report in {terminal, html}:
        assert "1.2" in shown
        assert "and 6 more like it" in shown.lower()
        assert "old 2" in shown
        assert ("old 5" in shown) == (report is html)
    if report is junit:
        assert said.count("more like difference 1") == 5
    if report is jsonl:
        ranked = json.loads(said.splitlines()[-1])["ranked"]
        assert [(len(each["alike"]), len(each["further"])) for each in ranked] == [(5, 1), (0, 0)]


def test_operations_that_show_the_same_are_named() -> None:
    found = finding("cat", "dog")
    found.operations = {f"GET /{name}": 1 for name in "abcdefghijklmn"}
    said = terminal(run(found), Path(), ABOUT)
    assert "1. GET /notes and 14 other operations" in said
    assert "also on GET /a, GET /b" in said
    assert "… 4 more" in said


def progress(report: Terminal, seconds: list[float]) -> None:
    asked = Exchange(
        0, Call(ME), (Request("GET", "/me"),) * 2, Outcomes(NoAnswer("closed"), NoAnswer("closed"))
    )
    report.phase("near misses", 40)
    for _ in range(20):
        seconds[0] += 4
        report.exchange(asked)


def test_progress_is_one_line_on_a_terminal_and_few_elsewhere() -> None:
    seconds = [100.0]
    out, tty, log = Screen(), Screen(is_tty=True), Screen()
    progress(Terminal(ABOUT, out, tty, budget=120, clock=lambda: seconds[0]), seconds)
    assert "\n" not in tty.getvalue()
    last = tty.getvalue().rpartition("\r\x1b[K")[2]
    assert last == "near misses 20/40 · 20 calls · 0/s · 0 differences · 40 s left"

    seconds = [100.0]
    progress(Terminal(ABOUT, out, log, clock=lambda: seconds[0]), seconds)
    assert len(log.getvalue().splitlines()) == 3
    assert "\x1b" not in log.getvalue()
    assert out.getvalue() == ""


def test_progress_fits_into_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    tty = Screen(is_tty=True)
    report = Terminal(ABOUT, Screen(), tty)
    report.phase("a phase of which much is to be said", 40)
    assert len(tty.getvalue().removeprefix("\r\x1b[K")) == 19


def test_a_finding_is_told_once_when_it_is_new() -> None:
    out = Screen()
    report = Terminal(ABOUT, out, Screen())
    report.finding(finding("cat", "dog"))
    report.finding(finding("cat", "dog"))
    report.finding(finding("cat", "dog", number=1))
    report.finding(finding("cat", "dog", number=2, reason="as agreed"))
    assert [line[:6] for line in out.getvalue().splitlines()] == ["found:", "found:"]


@pytest.mark.parametrize(
    ("environment", "is_tty", "has_colour"),
    [
        ({}, True, True),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({}, False, False),
    ],
)
def test_colour_is_for_terminals_whose_owner_wants_it(
    environment: dict[str, str],
    is_tty: bool,  # noqa: FBT001 - a row of the table
    has_colour: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = Screen(is_tty=is_tty)
    Terminal(ABOUT, out, Screen()).ended(run(finding("cat", "dog")))
    assert ("\x1b[" in out.getvalue()) == has_colour


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-8"])
def test_terminals_get_characters_that_they_have(encoding: str) -> None:
    out, tty = Screen(encoding=encoding), Screen(is_tty=True, encoding=encoding)
    report = Terminal(ABOUT, out, tty)
    report.phase("猫")
    report.ended(run(finding("猫", "dog")))
    assert out.getvalue().encode(encoding)
    assert tty.getvalue().encode(encoding)
    assert ("猫" in out.getvalue()) == (encoding == "utf-8")


def test_more_findings_than_anybody_reads_are_counted() -> None:
    findings = [finding(number=number) for number in range(3 * STORIES)]
    said = terminal(run(*findings), Path(), ABOUT)
    assert said.count("curl ") == 2 * STORIES
    assert f"… {STORIES} further differences: see the HTML or JSON Lines report" in said


def test_notes_are_said_where_they_come_up(tmp_path: Path) -> None:
    out, lines = Screen(), io.StringIO()
    page = HtmlReport(tmp_path / "report.html", ABOUT)
    both = Observers(Terminal(ABOUT, out, Screen()), JsonLines(lines, ABOUT), page)
    both.note(f"The old server\x1b is slow {SECRET}")
    both.phase("a phase")
    both.ended(run())
    assert "note: The old server\\u001b is slow ***\n" in out.getvalue()
    assert json.loads(lines.getvalue().splitlines()[1])["text"].endswith("slow ***")
    assert json.loads(lines.getvalue().splitlines()[2])["type"] == "phase"
    assert "Note: The old server\\u001b is slow ***" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("report", [HtmlReport, JunitReport])
def test_a_file_that_cannot_be_written_is_known_before_the_work(
    report: Callable[[Path, About], object], tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        report(tmp_path / "nowhere" / "report", ABOUT)


def test_a_real_run_is_reported_everywhere_alike(tmp_path: Path) -> None:
    out, lines, annotations = Screen(), io.StringIO(), io.StringIO()
    about = About(notebook.CONTRACT, "notes.yaml", {"old": "http://old", "new": "http://new"})
    reports = [
        Terminal(about, out, Screen()),
        HtmlReport(tmp_path / "page.html", about),
        JunitReport(tmp_path / "junit.xml", about),
        GithubReport(annotations, about),
        JsonLines(lines, about),
    ]
    found = diff(
        notebook.CONTRACT,
        *notebook.pair("loses"),
        options=Options(seconds=None, requests=150),
        actors=[notebook.actor("ann")],
        observer=Observers(*reports),
    )
    assert found.findings
    count = len(found.findings)
    assert end(found) in out.getvalue()
    assert (tmp_path / "page.html").read_text().count("<article") == count
    suite = ET.parse(tmp_path / "junit.xml")  # noqa: S314 - our own
    assert len([*suite.iter("failure")]) == count
    assert annotations.getvalue().count("::error ") == count
    told = [*map(json.loads, lines.getvalue().splitlines())]
    assert told[-1]["findings"] == count
    assert len({str(each["cause"]) for each in told if each["type"] == "finding"}) == count
    assert sum(each["type"] == "exchange" for each in told) <= found.calls == told[-1]["calls"]
    assert told[-1]["coverage"]["totals"]["operations"][0] > 3


# JUnit's elements, their attributes, and the elements inside them in their order, as the schema of
# Jenkins' plugin for it has them.
JUNIT: dict[str, tuple[set[str], set[str], list[str]]] = {  # required, all, children
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        ["properties", "testcase"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, {"name", "value"}, []),
    "testcase": (
        {"name", "classname"},
        {"name", "classname", "time"},
        ["skipped", "error", "failure"],
    ),
    "skipped": (set(), {"message"}, []),
    "error": (set(), {"message", "type"}, []),
    "failure": (set(), {"message", "type"}, []),
}


def test_junit_is_what_its_readers_know(tmp_path: Path) -> None:
    finished = run(finding("\x00", "b"), finding("c", "d", number=1), ended="interrupted")
    root = ET.fromstring(junit(finished, tmp_path / "report.xml", ABOUT))  # noqa: S314 - our own
    assert root.tag == "testsuites"
    for element in root.iter():
        required, known, children = JUNIT[element.tag]
        assert required <= element.attrib.keys() <= known
        order = [children.index(child.tag) for child in element]
        assert order == sorted(order)
    suite = root[0]
    cases = {case.attrib["name"]: [child.tag for child in case] for case in suite.iter("testcase")}
    assert cases == {
        "GET /notes": ["failure", "failure"],
        "POST /notes": ["skipped"],
        "GET /me": ["skipped"],
        "the whole run": ["error"],
    }
    for name, tag in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]:
        assert int(suite.attrib[name]) == len([*suite.iter(tag)])
    assert int(suite.attrib["tests"]) == len(cases)


def test_github_puts_a_finding_on_its_line() -> None:
    out = io.StringIO()
    found = finding("50 %", "a, b: c")
    GithubReport(out, ABOUT).ended(run(found))
    error = out.getvalue().splitlines()[0]
    prefix = "::error file=openapi.yaml,line=5,title=GET /notes and GET /me::body /*/text"
    assert error.startswith(prefix)
    assert 'old "50 %25", new "a, b: c" – almost a number%0A' in error
    found.difference = found.difference._replace(place=Place("GET /a:b,c%", 200, "body"))
    found.operations = {}
    out.truncate(0)
    GithubReport(out, ABOUT).ended(run(found))
    assert "::error title=GET /a%3Ab%2Cc%25::" in out.getvalue()


def test_github_names_no_file_that_is_an_address() -> None:
    out = io.StringIO()
    about = About(CONTRACT, "https://api.example/openapi.json", ABOUT.servers)
    GithubReport(out, about).ended(run(finding()))
    assert "file=" not in out.getvalue()


def test_json_lines_hold_what_they_document() -> None:
    out = io.StringIO()
    report = JsonLines(out, ABOUT)
    found = finding("cat", "dog", sent=SECRET)
    report.exchange(found.exchanges[0])
    lost = Exchange(
        1,
        Call(ME),
        (Request("GET", "/me"),) * 2,
        Outcomes(NoAnswer("closed"), Answer(200, (), b"\xff")),
    )
    report.exchange(lost)
    report.finding(found)
    report.ended(run(found))
    start, first, second, told, end = map(json.loads, out.getvalue().splitlines())
    assert start["servers"] == ABOUT.servers
    assert first["requests"][0]["fields"] == [["Authorization", "Bearer ***"]]
    assert first["answers"][1]["body"] == '[{"same": 1, "text": "dog"}]'
    assert first["differences"][0]["new"] == '"dog"'
    assert second["answers"][0] == {"no_answer": "closed", "detail": ""}
    assert second["answers"][1]["body"] == "\\xff"
    assert told["story"][0] == {key: first[key] for key in first if key != "type"}
    assert told["where"] == "openapi.yaml:5"
    assert end["coverage"]["totals"]["operations"] == [1, 3]
    documented = documentation or ""
    for each in (start, first, second, told, end, *first["requests"], *first["answers"]):
        for name in each:
            assert f"`{name}`" in documented
