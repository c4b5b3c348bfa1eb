"""Figures come from the measurement, and none is made up where it is missing."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from comparison.bench import caching
from comparison.bench.model import Benchmark, Spread, Workers
from comparison.facts import Facts, benchmark
from comparison.findings import Agreement

NONE = Agreement(0, 0, 0)


def test_figures_of_a_measurement(data: Benchmark) -> None:
    facts = Facts(data, NONE)
    assert facts.measured
    assert facts.middle("drf_api") == "0.25"
    assert facts.leader() == "Flask"
    assert facts.faster().startswith("On PostgreSQL, Flask is faster")
    assert facts.shares("idiomatic") == {"flask_api": [0.5, 0.5], "drf_api": [0.25, 0.25]}
    assert facts.statements("flask_api", "todo") == 4
    assert facts.widest() == "2.0"
    assert facts.start("flask_api") == 1.25
    assert facts.memory("flask_api") == 40


def test_scaling_compares_with_one_worker(data: Benchmark) -> None:
    speeds = {1: 100.0, 2: 190.0, 4: 180.0}
    workers = [
        Workers("drf_api", number, Spread(speed, speed, speed, 3))
        for number, speed in speeds.items()
    ]
    facts = Facts(replace(data, workers=workers), NONE)
    assert facts.scaling("drf_api") == 1.9
    assert facts.scaling("flask_api") is None


def test_without_a_measurement_nothing_is_made_up(tmp_path: Path) -> None:
    facts = Facts(benchmark(tmp_path / "none.json"), NONE)
    assert not facts.measured
    assert facts.middle("drf_api") == "not measured yet"
    assert facts.leader() == ""
    assert facts.faster() == "Not measured yet."
    assert facts.shares("tuned") == {}
    assert facts.statements("flask_api", "todo") is None
    assert facts.scaling("flask_api") is None
    assert facts.widest() == "not measured yet"
    assert facts.start("flask_api") is None


def test_templates_and_what_a_cache_brings_are_counted_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = Facts(None, NONE)
    for twin in ("flask_api", "drf_api"):
        files, lines = facts.templates(twin)
        assert 5 < files < lines
    assert re.fullmatch(r"[0-9.]+ and [0-9.]+", facts.kept("flask_api"))
    monkeypatch.setattr(caching, "DATA", tmp_path / "none.jsonl")
    assert facts.kept("flask_api") == ""
    assert facts.workers("flask_api") == ""
