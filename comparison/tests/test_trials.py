"""Idioms are run on their inputs by each column's library, and what comes of it is judged."""

import subprocess
import sys
from pathlib import Path

import pytest

from comparison import trials
from comparison.chapters import Chapter, Trial, chapters
from comparison.columns import columns
from comparison.findings import Agreement, Found, Row, Tried, agreement
from comparison.source import ROOT
from comparison.trials import ACCEPTED, CRASHES, REJECTED, Outcome, narrowed, part_of, told

NAMES = [each.name for each in columns()]


def task(idiom: str, schema: str, *inputs: str, **more: object) -> trials.Task:
    trial = Trial(inputs, schema=schema, **more)  # type: ignore[arg-type] # by their names
    return trial.task(idiom)


TWO_ITEMS = '{"title": "x", "items": [{"text": "a"}, {"text": "b", "done": true}]}'
EMPTY = 'Row(title="x", items=Rows())'
TASKS = {
    "reads": task(
        "strict-types",
        "Todo",
        '{"title": "x", "completed": "yes"}',
        '{"completed": true}',
        "[]",
        show="/completed",
    ),
    "shows": task("computed-fields", "Todo", "1", make=EMPTY, show="/progress"),
    "lacks": task("nested-reads", "Todo", "1", make="Row()"),
    **{
        function: task(
            "nested-writes",
            "Todo",
            TWO_ITEMS,
            '{"title": "x", "items": []}',
            functions=(function,),
            show="/items",
            only=("text",),
            partial=function == "update_todo",
        )
        for function in ("create_todo", "update_todo")
    },
    "own": task(
        "context",
        "StockAdjustment",
        '{"delta": 1, "reason": "corrected"}',
        functions=("create_adjustment", "StockAdjustmentList"),
        show="/created_by",
        own_values=True,
    ),
    # The last one, as it ends the session that the user was read in.
    "counts": task(
        "n-plus-one", "Todo", "1", "9", functions=("list_todos", "TodoList"), counts=True
    ),
}
Outcomes = dict[str, dict[str, list[Outcome]]]


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    """Run all tasks at once, as each column is a process: outcomes by the task and the column."""
    found = trials.run_all([*TASKS.values()])
    assert [*found] == NAMES
    return {
        name: {column: found[column][number] for column in NAMES}
        for number, name in enumerate(TASKS)
    }


def test_each_library_reads_and_rejects(outcomes: Outcomes) -> None:
    for read, *rejected in outcomes["reads"].values():
        assert (read.verdict, read.value) == (ACCEPTED, "true")
        assert {each.verdict for each in rejected} == {REJECTED}


def test_each_library_shows(outcomes: Outcomes) -> None:
    for shown in outcomes["shows"].values():
        assert [each.value for each in shown] == ['{"done": 0, "total": 0}']
    lacking = {name: outcome.verdict for name, [outcome] in outcomes["lacks"].items()}
    assert lacking == {**dict.fromkeys(NAMES, CRASHES), "marshmallow": ACCEPTED}


def test_each_library_counts_its_statements(outcomes: Outcomes) -> None:
    for counted in outcomes["counts"].values():
        assert [each.text for each in counted] == ["2 statements", "2 statements"]


@pytest.mark.parametrize("function", ["create_todo", "update_todo"])
def test_what_a_function_returns_is_shown_as_its_framework_does(
    function: str, outcomes: Outcomes
) -> None:
    for shown in outcomes[function].values():
        assert [each.value for each in shown] == ['[{"text": "a"}, {"text": "b"}]', "[]"]


def test_values_that_are_a_programs_own_are_shown_and_not_compared(outcomes: Outcomes) -> None:
    for [outcome] in outcomes["own"].values():
        assert outcome == Outcome(ACCEPTED, "1")


def test_an_idiom_that_fails_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "ROOT", tmp_path)
    with pytest.raises(RuntimeError, match="failed"):
        trials.run_all([task("strict-types", "Todo", "1")])


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ({"title": ["Wrong."]}, "Wrong."),
        ({"due": ["Wrong."]}, "due: Wrong."),
        (
            {"items": {0: {"text": ["One.", "Two."]}}, "due": "Three."},
            "items.0.text: One. Two.; due: Three.",
        ),
        ({"items": [{}, {"text": ["One."]}]}, "items.1.text: One."),
        ("404 Not found", "404 Not found"),
    ],
)
def test_errors_are_told_with_their_places(messages: object, text: str) -> None:
    assert told(messages, "/title") == text


def test_a_part_is_found_in_maps_lists_and_objects() -> None:
    value = {"items": [Outcome(ACCEPTED, "x")]}
    assert part_of(value, "/items/0/text") == "x"
    assert part_of(value, "/items/1/text") is None
    assert part_of(value, "") is value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": 7, "text": "a"}, {"text": "a"}),
        ([{"id": 7, "text": "a"}, {"id": 8}], [{"text": "a"}, {}]),
        ("a", "a"),
        (None, None),
    ],
)
def test_objects_are_narrowed_to_what_a_trial_is_about(value: object, expected: object) -> None:
    assert narrowed(value, ("text",)) == expected
    assert narrowed(value, ()) == value


def rows(*outcomes: tuple[Outcome, str]) -> tuple[Row, ...]:
    return tuple(Row("1", {"marshmallow": one, "drf": one}, wanted) for one, wanted in outcomes)


def test_a_row_agrees_if_the_decision_and_the_value_are_the_contracts() -> None:
    found = rows(
        (Outcome(ACCEPTED, "'a'", '"a"'), '201, "a"'),
        (
            Outcome(ACCEPTED, "Decimal(1)"),
            '201, "1.00"',
        ),  # no value of JSON's: it can't be compared
        (Outcome(REJECTED, "no"), "422 blank at /a"),
        (Outcome(ACCEPTED, "'a'", '"a"'), '201, " a "'),
        (Outcome(ACCEPTED, "'a'", '"a"'), "422 blank at /a"),
        (Outcome(REJECTED, "no"), "201, 1"),
        (Outcome(CRASHES, "KeyError"), "201, 1"),
    )
    assert [row.agrees("drf") for row in found] == [True] * 3 + [False] * 4
    tried = Tried(Trial(()), found)
    assert tried.agreeing("drf") == 3
    assert tried.agreeing("pydantic") == 0
    chapter: Chapter = chapters()[0]
    unasked = Tried(Trial(()), (Row("1", {}),))
    assert agreement([Found(chapter, tried=(tried, unasked))]) == Agreement(7, 3, 3)


def test_the_columns_need_each_other_for_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "comparison.trials", "pydantic"],
        cwd=ROOT,
        input="[]",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "[]"), done.stderr


ASK = """
import runpy
from flask_shop.models import app, db, g, running
runpy.run_path("authentication/marshmallow.py", run_name="authentication")
app.secret_key = "-"
with running():
    g.user.api_key = "key"
    db.session.add(type(g.user)(username="bob", email="bob@example.com", password="-"))
    db.session.commit()
client = app.test_client()
sent = ("Bearer key", "Bearer other", "Basic Ym9iOg==", "")
print(*(client.get("/users/me", headers={"Authorization": each}).status_code for each in sent))
"""


def test_the_idiom_of_flask_login_knows_a_user_by_the_key_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=trials.IDIOMS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "200 401 401 401\n"), done.stderr
