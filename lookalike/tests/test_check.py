"""What a run of checks sends, how it ends, and what it says."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lookalike.check import Checked, PackError, Watcher, check, chosen, judge
from lookalike.checks.__main__ import table
from lookalike.checks.api import Api
from lookalike.checks.client import Client, Seen
from lookalike.checks.pack import Check, Failure, Fault, Pack, Result, Score, link_of
from lookalike.limits import LimitedTarget, Limits
from lookalike.openapi import Contract, Operation
from lookalike.reports.badge import Badge
from lookalike.targets import WsgiTarget
from lookalike.tests.right_server import ACTORS, DOCUMENT, Ask, RightServer, Say

CONTRACT = Contract(DOCUMENT)


class Notes(Watcher):
    def __init__(self, stop_after: int | None = None) -> None:
        self.sent: list[Seen] = []
        self.failures: list[Failure] = []
        self.results: list[Result] = []
        self._stop_after = stop_after

    def exchange(self, seen: Seen) -> None:
        self.sent.append(seen)
        if len(self.sent) == self._stop_after:
            raise KeyboardInterrupt

    def failed(self, failure: Failure) -> None:
        self.failures.append(failure)

    def judged(self, result: Result) -> None:
        self.results.append(result)


def failing_server(status: int) -> WsgiTarget:
    server = RightServer()
    server.after = lambda _, __: Say(status)
    return WsgiTarget(server)


def result_of(checked: Checked, name: str) -> Result:
    return next(result for result in checked.results if result.check.name == name)


def test_packs_are_chosen_by_name() -> None:
    assert [pack.name for pack in chosen(["head", "methods"])] == ["methods", "head"]
    assert "cors" not in [pack.name for pack in chosen(["-cors"])]
    assert [pack.name for pack in chosen(["head", "-head"])] == []
    with pytest.raises(PackError, match="no pack is called 'heads'; there are methods, head"):
        chosen(["-heads"])


def test_nothing_but_reads_is_sent_where_nothing_may_be_written() -> None:
    notes = Notes()
    target = LimitedTarget(WsgiTarget(RightServer()), Limits(is_reading_only=True))
    checked = check(CONTRACT, target, actors=ACTORS, may_write=False, watcher=notes)
    assert {seen.request.method for seen in notes.sent} <= {"GET", "HEAD", "OPTIONS"}
    assert checked.score.passed == checked.score.applicable > 20
    writing = [result for result in checked.results if result.check.writes]
    assert {result.state for result in writing} == {"not applicable"}
    assert "POST /notes: not asked, as it would change or end too much" in checked.unreached


def test_each_check_says_what_came_of_it_also_where_it_is_not_applicable() -> None:
    def never(environ: object, start: object) -> list[bytes]:
        raise RuntimeError

    checked = check(CONTRACT, WsgiTarget(never))
    assert all(result.why for result in checked.results if result.state == "not applicable")
    assert [result.check.name for result in checked.results if result.state == "failed"] == [
        "rfc9110-3.4-every-request-is-answered"
    ]


def test_one_cause_is_one_finding_and_a_broken_server_no_wall() -> None:
    checked = check(CONTRACT, failing_server(500), actors=ACTORS)
    failed = [result for result in checked.results if result.failures]
    assert [result.check.name for result in failed] == ["rfc9110-15.6-no-server-error"]
    assert sum(len(result.failures) for result in failed) <= 3
    assert len(failed[0].failures[0].operations) > 1


def test_a_rate_limit_is_no_fault() -> None:
    checked = check(CONTRACT, failing_server(429), actors=ACTORS)
    assert not [result for result in checked.results if result.failures]
    assert checked.exit_code == 2


def test_different_faults_of_one_check_are_capped() -> None:
    def many(_: Api, __: Operation) -> Iterator[Fault]:
        yield from (Fault(f"fault {number}") for number in range(50))

    pack = Pack("own", "Own")
    pack.check(
        "rfc9110-1-own",
        "A rule.",
        asks="nothing",
        oracle="none",
        on=lambda api: list(api.operations[:2]),
        otherwise="never",
    )(many)
    result = Result(pack.checks[0])
    run_one(result)
    assert (len(result.failures), result.more) == (20, 60)
    assert [*result.failures[0].operations.values()] == [1, 1]


def run_one(result: Result) -> None:
    judge(Api(CONTRACT, Client(WsgiTarget(RightServer()), ACTORS)), result, Watcher())


def test_exit_codes() -> None:
    assert check(CONTRACT, WsgiTarget(RightServer()), actors=ACTORS, packs=["head"]).exit_code == 0
    server = RightServer()
    server.after = lambda ask, say: replace(say, status=404) if ask.method == "HEAD" else say
    assert check(CONTRACT, WsgiTarget(server), actors=ACTORS, packs=["head"]).exit_code == 1
    assert check(CONTRACT, failing_server(404), packs=["head"]).exit_code == 2


def test_budgets_end_a_run_and_keep_what_was_found() -> None:
    target = LimitedTarget(WsgiTarget(RightServer()), Limits(requests=100))
    checked = check(CONTRACT, target, actors=ACTORS)
    assert (checked.ended, checked.requests) == ("out of requests", 100)
    assert checked.score.passed > 3
    assert checked.results[-1].why == "the run ended: out of requests"


def test_ctrl_c_ends_a_run_and_keeps_what_was_found() -> None:
    notes = Notes(stop_after=100)
    checked = check(CONTRACT, WsgiTarget(RightServer()), actors=ACTORS, watcher=notes)
    assert checked.ended == "interrupted"
    assert len(checked.results) == len(notes.results)
    assert checked.score.passed > 3


def test_what_the_server_refuses_is_listed() -> None:
    server = RightServer()

    def after(ask: Ask, say: Say) -> Say:
        return replace(say, status=403) if ask.path == "/orders" else say

    server.after = after
    checked = check(CONTRACT, WsgiTarget(server), actors=ACTORS, packs=["head"])
    assert checked.unreached == ["POST /orders: 403 Fine"]


def test_a_seed_repeats_a_run() -> None:
    def run(seed: int) -> list[bytes | None]:
        notes = Notes()
        target = WsgiTarget(RightServer())
        check(CONTRACT, target, actors=ACTORS, packs=["idempotency"], seed=seed, watcher=notes)
        return [seen.request.body for seen in notes.sent]

    assert run(1) == run(1) != run(2)


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("rfc9110-9.3.2-a", "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2"),
        (
            "json-schema-6.1.1-a",
            "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.1",
        ),
        ("openapi-header-object-a", "https://spec.openapis.org/oas/v3.1.1.html#header-object"),
    ],
)
def test_links_follow_from_names(name: str, link: str) -> None:
    assert link_of(name) == link


def test_a_check_must_name_its_section() -> None:
    with pytest.raises(ValueError, match="names no section"):
        link_of("http-is-nice")


@pytest.mark.parametrize(
    ("score", "message", "colour"),
    [
        (Score(9, 9), "9 of 9", "brightgreen"),
        (Score(98, 100), "98 of 100", "yellow"),
        (Score(5, 9), "5 of 9", "orange"),
        (Score(1, 9), "1 of 9", "red"),
        (Score(0, 0), "nothing to judge", "lightgrey"),
    ],
)
def test_badges(score: Score, message: str, colour: str, tmp_path: Path) -> None:
    class Scored(Checked):
        @property
        def score(self) -> Score:
            return score

    for name in ("badge.json", "badge.svg"):
        Badge(tmp_path / name).ended(Scored())
    assert json.loads((tmp_path / "badge.json").read_text()) == {
        "schemaVersion": 1,
        "label": "lookalike check",
        "message": message,
        "color": colour,
    }
    root = ET.parse(tmp_path / "badge.svg").getroot()  # noqa: S314 - our own
    assert root.findtext("{*}title") == f"lookalike check: {message}"
    assert (tmp_path / "badge.svg").read_text().count("http") == 1  # the namespace


def test_checks_are_told_by_pack() -> None:
    checked = check(CONTRACT, WsgiTarget(RightServer()), actors=ACTORS, packs=["head", "cors"])
    assert checked.scores == {"head": Score(4, 4), "cors": Score(7, 7)}
    assert isinstance(result_of(checked, "fetch-cors-origin-is-in-vary").check, Check)


def test_the_page_lists_all_checks() -> None:
    page = Path(__file__).parents[2] / "docs" / "lookalike-check.md"
    assert (
        page.read_text()
        .partition("## All checks")[2]
        .rstrip()
        .endswith("\n".join(table()).rstrip())
    ), "python -m lookalike.checks prints the table"


def test_what_no_library_sends_needs_a_wire() -> None:
    target = LimitedTarget(WsgiTarget(RightServer()), Limits())
    checked = check(CONTRACT, target, actors=ACTORS, packs=["robustness"])
    unjudged = [each.check.name for each in checked.results if each.state == "not applicable"]
    assert len(unjudged) == 5
    assert all(name.startswith("rfc9112-") for name in unjudged)
