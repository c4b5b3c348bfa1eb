"""What the tests share: the whole site, and a small measurement."""

from pathlib import Path

import pytest

from comparison.bench import model
from comparison.chapters import chapters
from comparison.site import build


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make compare` does, with both twins; once, as it takes long."""
    said: list[str] = []
    first = build(tmp_path_factory.mktemp("build") / "comparison", said.append)
    assert f"[{len(chapters())}/{len(chapters())}]" in "\n".join(said)
    return first.parent


@pytest.fixture
def data() -> model.Benchmark:
    """Make a measurement of both twins, whose figures are easy to tell."""
    spread = model.Spread(0.5, 0.4, 0.6, 3)
    half, third = spread, model.Spread(0.25, 0.2, 0.3, 3)
    programs = [
        model.Program(name, name, "floor" if name == "floor" else "idiomatic", "sync", 100, 10, 200)
        for name in ("floor", "flask_api", "drf_api")
    ]
    loads = [
        model.Load(database, "todo", program, spread, ratio, spread, None, spread, spread, spread)
        for database in ("postgresql", "sqlite")
        for program, ratio in (("floor", half), ("flask_api", half), ("drf_api", third))
    ]
    return model.Benchmark(
        made=[
            model.Made(
                "loads", "2026-11-20T12:00:00Z", "01234567", "make bench", 60, is_quick=False
            ),
            model.Made(
                "starts", "2026-11-21T12:00:00Z", "89abcdef", "make bench", 9, is_quick=False
            ),
        ],
        machine=model.Machine("a processor", 2, 4096, "Linux"),
        versions={"python": "3.11"},
        server=model.Server(2, 16, "sync", 0.8, 3),
        programs=programs,
        operations=[model.Operation("todo", "one todo", "getTodo", 200)],
        loads=loads,
        starts=[
            model.Start("flask_api", model.Spread(1.25, 1.2, 1.3, 3), spread),
            model.Start("drf_api", model.Spread(0.75, 0.7, 0.8, 3), spread),
        ],
        memory=[model.Memory("flask_api", 2, 60, 50, 40, 30, 120)],
        statements=[model.Statements("flask_api", "todo", 4, 2)],
        page_growth=[
            model.PageGrowth("flask_api", rows, model.Spread(rows / 10, 0, 0, 1), spread)
            for rows in (1, 100)
        ],
        table_growth=[
            model.TableGrowth("drf_api", rows, place, model.Spread(1, 1, 1, 1), spread)
            for rows in (1_000, 1_000_000)
            for place in ("first", "deep")
        ],
        serialization=[model.Serialization("marshmallow", "dump", "its own", 1000, spread)],
    )
