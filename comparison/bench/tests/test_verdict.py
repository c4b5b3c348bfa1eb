"""Verdicts on speed follow from the data: who is faster, by how much, and where nobody is."""

from dataclasses import replace

import pytest

from comparison.bench import model, verdict
from comparison.bench.model import Benchmark, Load, Spread

TITLES = {"todo": "one todo", "todos": "a page of todos", "create": "creating a todo"}
SAME = Spread(1, 1, 1, 7)


def share(middle: float, width: float = 0.01) -> Spread:
    return Spread(middle, middle - width, middle + width, 7)


def measured(shares: dict[str, list[Spread]]) -> Benchmark:
    """Make a measurement on PostgreSQL of the shares of the programs by their names."""
    loads = [
        Load("postgresql", operation, program, SAME, ratio, SAME, None, SAME, SAME, SAME)
        for program, ratios in shares.items()
        for operation, ratio in zip(TITLES, ratios, strict=False)
    ]
    operations = [model.Operation(name, title, name, 200) for name, title in TITLES.items()]
    kinds: dict[str, model.Kind] = {
        name: "tuned" if name.endswith("_tuned") else "idiomatic" for name in shares
    }
    programs = [
        model.Program(name, name, kind, "sync", 100, 10, 200) for name, kind in kinds.items()
    ]
    return replace(model.load(), loads=loads, operations=operations, programs=programs)


@pytest.mark.parametrize(
    ("flask", "django", "sentence"),
    [
        (
            [share(0.2), share(0.3), share(0.1)],
            [share(0.1), share(0.2), share(0.2)],
            (
                "On PostgreSQL, Flask is faster: over 3 operations Flask serves a median of "
                "1.50 times as many requests as Django (0.50 to 2.00, the most on “one todo”); "
                "it leads on 2 and trails on 1."
            ),
        ),
        (
            [share(0.1), share(0.2), share(0.2)],
            [share(0.2), share(0.3), share(0.3)],
            (
                "On PostgreSQL, Django is faster: over 3 operations Django serves a median of "
                "1.50 times as many requests as Flask (1.50 to 2.00, the most on “one todo”); "
                "it leads on 3."
            ),
        ),
        (
            [share(0.2), share(0.3), share(0.20, 0.1)],
            [share(0.1), share(0.2), share(0.21, 0.1)],
            (
                "On PostgreSQL, Flask is faster: over 3 operations Flask serves a median of "
                "1.50 times as many requests as Django (0.95 to 2.00, the most on “one todo”); "
                "it leads on 2 and is level on 1."
            ),
        ),
        (
            [share(0.202), share(0.3), share(0.1)],
            [share(0.2), share(0.2), share(0.2)],
            (
                "On PostgreSQL, neither is clearly faster: over 3 operations Flask serves a "
                "median of 1.01 times as many requests as Django (0.50 to 1.50, the most on “a "
                "page of todos”); it leads on 1, trails on 1 and is level on 1."
            ),
        ),
    ],
)
def test_a_sentence_says_who_is_faster_and_by_how_much(
    flask: list[Spread], django: list[Spread], sentence: str
) -> None:
    data = measured({"flask_api": flask, "drf_api": django})
    assert verdict.sentences(data, "idiomatic") == [sentence]


@pytest.mark.parametrize(("django", "leader"), [(0.1, "Flask"), (0.4, "Django"), (0.201, "")])
def test_only_a_clear_lead_makes_a_leader(django: float, leader: str) -> None:
    data = measured({"flask_api": [share(0.2)], "drf_api": [share(django)]})
    found = verdict.duel(data, "idiomatic", "postgresql")
    assert found
    assert found.leader == leader


def test_tuned_and_idiomatic_programs_are_never_compared() -> None:
    data = measured({"flask_api": [share(0.2)], "drf_api_tuned": [share(0.5)]})
    assert verdict.sentences(data, "idiomatic") == verdict.sentences(data, "tuned") == []
    assert verdict.shares(data, "idiomatic") == {"flask_api": [0.2, None]}
    assert verdict.shares(data, "tuned") == {"drf_api_tuned": [0.5, None]}


def test_shares_are_medians_with_the_greatest_first() -> None:
    data = measured(
        {"flask_api": [share(0.1), share(0.3), share(0.2)], "fastapi": [share(0.9)], "ninja": []}
    )
    assert verdict.shares(data, "idiomatic") == {"fastapi": [0.9, None], "flask_api": [0.2, None]}
