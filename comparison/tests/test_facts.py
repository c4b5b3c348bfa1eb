"""Figures come from the measurement, and none is made up where it is missing."""

import re
from pathlib import Path

import pytest

from comparison.bench import caching
from comparison.bench.model import Benchmark
from comparison.facts import Facts, benchmark
from comparison.findings import Agreement

NONE = Agreement(0, 0, 0)


def test_figures_of_a_measurement(data: Benchmark) -> None:
    facts = Facts(data, NONE)
    assert facts.measured
    assert facts.share("drf_api") == "0.25 to 0.25"
    assert facts.ahead("flask_api", "drf_api") == "1 of 1"
    assert facts.ahead("drf_api", "flask_api") == "0 of 1"
    assert facts.widest() == "2.0"
    assert facts.start("flask_api") == 1.25
    assert facts.memory("flask_api") == 40


def test_without_a_measurement_nothing_is_made_up(tmp_path: Path) -> None:
    facts = Facts(benchmark(tmp_path / "none.json"), NONE)
    assert not facts.measured
    assert facts.share("drf_api") == "not measured yet"
    assert facts.ahead("flask_api", "drf_api") == "not measured yet"
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
