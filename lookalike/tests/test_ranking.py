"""What matters comes first, and many findings of one kind don't bury the rest."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from lookalike.calls import Call, oddity
from lookalike.comparison import ABSENT
from lookalike.diff import ENOUGH, Options, diff
from lookalike.findings import Cause, Finding, Run
from lookalike.openapi import Contract, Operation
from lookalike.places import Difference, Place
from lookalike.ranking import flat, ranked
from lookalike.reports import About
from lookalike.saving import Saver
from lookalike.targets import WsgiTarget
from lookalike.tests.notebook import CONTRACT, Notes, actor

A, B, C = "POST /a", "POST /b", "POST /c"


def finding(
    part: str,
    what: str = "value",
    old: Any = "1",
    new: Any = "2",
    *,
    on: Iterable[str] = (A,),
    status: int = 200,
    why: str = "",
    detail: str = "",
) -> Finding:
    first, *_ = on
    method, _, path = first.partition(" ")
    pointer = f"/{detail}" if part == "body" else ""
    name = f"{old} → {new}" if part == "status" else pointer
    difference = Difference(Place(first, status, part, pointer), what, old, new)
    story = [Call(Operation(method, path, {}, ()), why=why)]
    return Finding(Cause(what, part, name, detail), difference, story, (), dict.fromkeys(on, 1))


def test_what_is_lost_comes_before_other_values_these_before_fields_and_order_last() -> None:
    order = finding("body", "order", [1], [2], on=(A, B, C))
    field = finding("vary", "missing", None, "Accept", on=(A, B, C))
    message = finding("body", old="Too long", new="Long", status=422, on=(A, B), detail="error")
    value = finding("body", detail="price", old=1, new=2)
    few = finding("body", "missing", detail="owner")
    status = finding("status", old=422, new=201, on=(A, B))
    found = ranked([order, field, message, value, few, status])
    assert found == [status, few, value, field, message, order]


def test_a_time_of_another_form_comes_after_another_time() -> None:
    form = finding("body", "time", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05+00:00", on=(A, B))
    other = finding("body", "time", "2024-01-02T03:04:05Z", "2025-01-02T03:04:05Z", detail="due")
    assert ranked([form, other]) == [other, form]


def test_one_kind_of_request_with_the_same_two_statuses_is_one_finding() -> None:
    text, number = "a number as a text", "no whole number"
    found = ranked(
        [
            finding("status", old=422, new=201, on=(A,), why=f"/size: {text}", detail="a"),
            finding("status", old=422, new=201, on=(B,), why=f"?limit: {text}", detail="b"),
            finding("status", old=422, new=500, on=(B,), why=f"/size: {text}", detail="c"),
            finding("status", old=422, new=201, on=(C,), why=f"/size: {number}", detail="d"),
        ]
    )
    assert [[each.cause.detail for each in (head, *head.alike)] for head in found] == [
        ["a", "b"],
        ["c"],
        ["d"],
    ]


def test_requests_that_are_tried_for_no_reason_have_nothing_in_common() -> None:
    whys = ["", "a random valid request", "/title and /size are wrong", "the state after a write"]
    for why in whys:
        pair = [finding("status", old=200, new=500, on=(on,), why=why, detail=on) for on in (A, B)]
        assert len(ranked(pair)) == 2


@pytest.mark.parametrize(
    ("why", "odd"),
    [
        ("/title: null", "null"),
        ("/a/0/b is missing", "is missing"),
        ("?limit twice", "twice"),
        ("{note_id}: almost uuid", "almost uuid"),
        ("title: value beyond the maximum", "value beyond the maximum"),
        ("gzip (RFC 9110, section 8.4.1)", "gzip (RFC 9110, section 8.4.1)"),
        ("Accept: text/html (RFC 9110)", "Accept: text/html (RFC 9110)"),
        ("a random invalid request", ""),
    ],
)
def test_a_kind_of_request_is_told_without_its_member(why: str, odd: str) -> None:
    assert oddity(why) == odd


def test_one_field_in_many_ways_is_one_finding() -> None:
    fields = [finding("allow", old=f"{n}", new="x", on=(f"GET /{n}",)) for n in range(30)]
    fields[7].operations |= {A: 1, B: 1}
    status = finding("status", old=422, new=201)
    head, field = ranked([*fields, status])
    assert head is status
    assert field is fields[7]
    assert len(field.alike) == 29
    assert [number for number, _ in flat([head, field])][:4] == ["1", "2", "2.1", "2.2"]


def test_another_envelope_is_one_finding() -> None:
    missing = [("items", [], ABSENT), ("total", 2, ABSENT), ("results", ABSENT, [])]
    found = ranked(
        [
            *(finding("body", "missing", old, new, detail=name) for name, old, new in missing),
            finding("body", "missing", 1, ABSENT, on=(B,), detail="size"),
            finding("body", old=2, new=3, detail="page"),
        ]
    )
    assert [len(head.alike) for head in found] == [2, 0, 0]


class Noisy(Notes):
    """A server whose version field says something else about each answer, and that sorts alike."""

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        def started(status: str, fields: list[tuple[str, str]]) -> Any:
            what = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO'].split('/')[1]}"
            edge = "fast" if "noisy" in self.faults else "slow"
            return start_response(status, [*fields, ("X-Served", f"{edge} {what} {status[:3]}")])

        return super().__call__(environ, started)


def noisy_run() -> Run:
    old, new = WsgiTarget(Noisy()), WsgiTarget(Noisy("noisy", "anybody reads", first_id=4000))
    options = Options(seconds=None, requests=1_500)
    return diff(CONTRACT, old, new, options=options, actors=[actor("ann"), actor("bob")])


def test_a_field_that_differs_everywhere_buries_nothing(tmp_path: Path) -> None:
    found = noisy_run()
    assert found.calls > 1_450  # not spent on telling one thing again and again
    places = [each.difference.place.part for each in found.findings]
    assert places[0] == "status"
    assert places.count("x-served") == 1
    [served] = [each for each in found.findings if each.difference.place.part == "x-served"]
    assert len(served.alike) == ENOUGH - 1
    assert len(served.further) > 20
    about = About(Contract(CONTRACT.raw), "openapi.yaml", {"old": "http://a", "new": "http://b"})
    Saver(tmp_path, about, {}, None, str).ended(found)
    number = 1 + found.findings.index(served)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"1.json", f"{number}.json", f"{number}.1.json"} <= names
    Saver(tmp_path, about, {}, None, str).ended(Run(found.findings[:1], evidence=found.evidence))
    assert {path.name for path in tmp_path.iterdir()} == {"1.json"}
