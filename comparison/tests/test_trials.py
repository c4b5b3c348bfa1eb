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
from comparison.trials import ACCEPTED, CRASHES, REFUSED, Outcome, part_of, told

NAMES = [each.name for each in columns()]


def task(idiom: str, schema: str, *inputs: str, **more: object) -> trials.Task:
    trial = Trial(inputs, schema=schema, **more)  # type: ignore[arg-type] # by their names
    return trial.task(idiom)


def test_each_library_reads_refuses_and_shows() -> None:
    todo = '{"title": "x", "completed": "yes"}'
    empty = 'Row(title="x", items=Rows())'
    found = trials.run_all(
        [
            task("strict-types", "Todo", todo, '{"completed": true}', "[]", show="/completed"),
            task("computed-fields", "Todo", "1", make=empty, show="/progress"),
            task("nested-reads", "Todo", "1", make="Row()"),
        ]
    )
    assert [*found] == NAMES
    for (read, *refused), shown, _ in found.values():
        assert (read.verdict, read.value) == (ACCEPTED, "true")
        assert {each.verdict for each in refused} == {REFUSED}
        assert [each.value for each in shown] == ['{"done": 0, "total": 0}']
    lacking = {name: outcome.verdict for name, (_, _, [outcome]) in found.items()}
    assert lacking == {**dict.fromkeys(NAMES, CRASHES), "marshmallow": ACCEPTED}


def test_each_library_counts_its_statements() -> None:
    functions = ("list_todos", "TodoList")
    pages = task("n-plus-one", "Todo", "1", "9", functions=functions, counts=True)
    for [outcomes] in trials.run_all([pages]).values():
        assert [each.text for each in outcomes] == ["2 statements", "2 statements"]


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


def rows(*outcomes: tuple[Outcome, str]) -> tuple[Row, ...]:
    return tuple(Row("1", {"marshmallow": one, "drf": one}, wanted) for one, wanted in outcomes)


def test_a_row_agrees_if_the_decision_and_the_value_are_the_contracts() -> None:
    found = rows(
        (Outcome(ACCEPTED, "'a'", '"a"'), '201, "a"'),
        (
            Outcome(ACCEPTED, "Decimal(1)"),
            '201, "1.00"',
        ),  # no value of JSON's: it can't be compared
        (Outcome(REFUSED, "no"), "422 blank at /a"),
        (Outcome(ACCEPTED, "'a'", '"a"'), '201, " a "'),
        (Outcome(ACCEPTED, "'a'", '"a"'), "422 blank at /a"),
        (Outcome(REFUSED, "no"), "201, 1"),
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
