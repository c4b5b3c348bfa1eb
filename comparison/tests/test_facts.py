"""Figures come from the measurement, and it is known to be missing or out of date."""

from dataclasses import replace
from pathlib import Path

import pytest

from comparison.bench.model import DATA, Benchmark
from comparison.facts import Facts, benchmark, stale
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


def test_a_measurement_of_other_code_is_out_of_date(data: Benchmark) -> None:
    assert stale(data) == []
    *others, drf = data.programs
    assert stale(replace(data, programs=[*others, replace(drf, code_hash="0")])) == ["drf_api"]


@pytest.mark.skipif(not DATA.exists(), reason="docs/data/benchmark.json: `make bench` makes it")
def test_the_measurement_that_is_kept_is_of_this_code() -> None:
    kept = benchmark()
    assert kept is not None
    assert not stale(kept), "measure anew: make bench"
