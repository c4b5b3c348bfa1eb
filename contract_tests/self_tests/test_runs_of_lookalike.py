"""Whatever a run of lookalike leaves in doubt is a failure, and so is what it couldn't reach."""

from types import SimpleNamespace
from typing import cast

import pytest

from contract_tests.differential.runs import CONTRACT, Comparison, Law
from lookalike.client import Exchange
from lookalike.findings import Cause, Finding, Hidden, Run
from lookalike.http import Answer, Request
from lookalike.places import Difference, Place

TITLE = Difference(Place("GET /api/todos/{todo_id}", 200, "body", "/title"), "value", "a", "b")
TOKENS = "GET /api/tokens"
STATUS = Difference(Place(TOKENS, 200, "status"), "value", 200, 304)
USED = Difference(Place(TOKENS, 200, "body", "/items/*/last_used_at"), "time", "1", "2")
NAMED = Difference(Place(TOKENS, 200, "body", "/items/*/name"), "value", "a", "b")
HIDDEN = [Hidden(TITLE, "POST /api/todos was answered 201 → 406")]
FOUND = Finding(Cause("value", "body", "title"), TITLE, [])


def wrong(run: Run) -> list[str]:
    return Comparison(run, {}, "").wrong


@pytest.mark.parametrize(
    ("run", "said"),
    [
        pytest.param(Run(findings=[FOUND]), 'todo_id}: body /title differs: old "a"', id="found"),
        pytest.param(Run(unconfirmed=[TITLE]), "seen once: GET /api/todos", id="seen once"),
        pytest.param(Run(unconfirmed=[NAMED]), f"seen once: {TOKENS}", id="of tokens"),
        pytest.param(Run(hidden=HIDDEN), "since POST /api/todos was", id="not to be judged"),
        pytest.param(Run(ended="too many failures"), "too many failures", id="no answers"),
    ],
)
def test_what_is_in_doubt_is_wrong(run: Run, said: str) -> None:
    [text] = wrong(run)
    assert said in text


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(Run(ended="out of requests"), id="a budget"),
        pytest.param(Run(accepted=[FOUND], hidden=HIDDEN), id="after what is accepted"),
        pytest.param(Run(unconfirmed=[STATUS]), id="a condition, and a renewal"),
        pytest.param(Run(unconfirmed=[USED]), id="a renewal"),
    ],
)
def test_what_is_to_be_expected_is_not(run: Run) -> None:
    assert wrong(run) == []


def test_what_never_succeeds_is_told() -> None:
    unsuccessful = Comparison(Run(), {}, "").unsuccessful
    assert {*unsuccessful} == {operation.name for operation in CONTRACT.operations}


def test_each_answer_is_held_to_the_law() -> None:
    law = Law(("http://old.test", "http://new.test"))
    request = Request("GET", "/api/health")
    outcomes = (Answer(200, (("Content-Type", "text/plain"),), b""),) * 2
    law.exchange(cast("Exchange", SimpleNamespace(requests=(request, request), outcomes=outcomes)))
    assert law.broken["x-frame-options is None, where 'DENY' is due"] == (
        "curl -i http://old.test/api/health"
    )
