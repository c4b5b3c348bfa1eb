"""The ladder has a rung for each module of the tuning, and each can be switched by itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from comparison.bench.databases import environment
from comparison.bench.filling import fill
from comparison.bench.ladder import CLIMBED, PLAIN, climber, climbs
from comparison.bench.model import Climb
from comparison.ladder import rungs
from comparison.source import ROOT
from deploy.twins import TWINS, prepare

# What switches the rungs on, and is none itself.
SWITCHES = {"__init__", "apps", "replacement"}


@pytest.mark.parametrize("twin", ["flask_api", "drf_api"])
def test_every_module_of_the_tuning_is_a_rung(twin: str) -> None:
    modules = {path.stem for path in (ROOT / twin / "tuned").glob("*.py")} - SWITCHES
    assert {rung.name for rung in rungs()[twin]} == modules
    assert all(rung.lines > 10 for rung in rungs()[twin])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    url = f"sqlite:///{tmp_path_factory.mktemp('ladder')}/shop.sqlite3"
    prepare(TWINS[0], environment(url))
    fill(url, todos=300, products=300)
    return environment(url)


@pytest.mark.parametrize("twin", ["flask_api", "drf_api"])
def test_each_rung_is_measured_beside_the_plain_twin(twin: str, settings: dict[str, str]) -> None:
    name = rungs()[twin][0].name
    with climber(twin, [], settings) as plain, climber(twin, [name], settings) as one:
        found: list[Climb] = [
            climb
            for operation in CLIMBED
            for climb in climbs(twin, operation, [plain, one], rounds=2, requests=2)
        ]
    assert [(each.operation, each.rung) for each in found] == [
        (operation, rung) for operation in CLIMBED for rung in (PLAIN, name)
    ]
    assert all(each.cpu_ms.median > 0 and each.gain.rounds == 2 for each in found)
    assert all(each.gain.median == 1 for each in found if each.rung == PLAIN)


SWITCHED = """
import json, sys
from comparison.bench import climbing
climbing.APPLICATIONS[sys.argv[1]](set(sys.argv[2:]))
if sys.argv[1] == "drf_api":
    from drf_api.tuned.apps import replacements
    on = [r.new.__module__ for r in replacements() if vars(r.owner)[r.name] is r.new]
else:
    from marshmallow import Schema
    from flask_api.contract.database import db
    on = [Schema._serialize.__module__, db.session.session_factory.class_.__mro__[1].__module__]
print(json.dumps(sorted({name.rpartition(".")[2] for name in on})))
"""


@pytest.mark.parametrize(
    ("twin", "names", "expected"),
    [
        ("flask_api", ["serializing", "reading"], {"serializing", "reading"}),
        ("flask_api", [], {"schema", "climbing"}),  # a class that does nothing
        ("drf_api", ["fields"], {"fields"}),
        ("drf_api", [], set()),
    ],
)
def test_only_the_rungs_that_are_named_are_on(
    twin: str, names: list[str], expected: set[str], settings: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SWITCHED, twin, *names],
        cwd=ROOT,
        env={**os.environ, **settings, "TUNED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(json.loads(done.stdout)) == expected
