"""How the rounds of a kept summary are summed up, and shown on the page."""

import json
from dataclasses import asdict

from comparison.bench.caching import COMPUTED, DATA, MEMORY, PAGE, TABLES, WAYS, figure, tables
from comparison.bench.model import Round


def a_round(requests: int) -> Round:
    return Round(requests, 1.0, 1.0, None, 0.01, 1.0, 2.0)


def test_ratios_are_of_the_same_round() -> None:
    # The machine is slower in each round than in the one before, for both.
    computed, kept = map(a_round, (100, 50, 10)), map(a_round, (400, 150, 30))
    found = figure(1_000, "flask_api", MEMORY, [*kept], [*computed])
    assert (found.ratio, found.requests_per_second) == (3.0, 150.0)


def test_the_page_shows_the_data() -> None:
    about, *figures = map(json.loads, DATA.read_text().splitlines())
    assert {each["way"] for each in figures} == {*WAYS}
    [shown] = TABLES.findall(PAGE.read_text())
    rows = [line for line in tables(about, figures).splitlines() if line.startswith("| 1")]
    assert all(row in shown for row in rows)
    assert sum(COMPUTED in row for row in rows) == 2
    assert asdict(figure(1, "drf_api", COMPUTED, [a_round(1)], [a_round(1)])).keys() == (
        figures[0].keys()
    )
