"""How long the libraries take for todos: to show them, and to check what is sent."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from comparison.bench.model import Serialization, Spread
from comparison.bench.programs import ROOT

LIBRARIES = {
    "marshmallow": "marshmallow_todos",
    "Django REST framework": "drf_todos",
    "Pydantic": "pydantic_todos",
}
OBJECTS = (1, 1000)


def samples(module: str, rounds: int) -> list[Any]:
    """Run one library's measurements in a process of their own."""
    name = f"comparison.bench.serializers.{module}"
    done = subprocess.run(  # noqa: S603 - the command is made here
        [sys.executable, "-m", name, str(rounds), *map(str, OBJECTS)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: list[Any] = json.loads(done.stdout)
    return found


def measure_serialization(rounds: int, log: Callable[[str], None]) -> Iterator[Serialization]:
    """Measure one library after the other."""
    for library, module in LIBRARIES.items():
        log(f"{library}: dump and load")
        values: dict[tuple[Any, ...], list[float]] = {}
        for direction, way, objects, microseconds in samples(module, rounds):
            values.setdefault((direction, way, objects), []).append(microseconds)
        for (direction, way, objects), found in values.items():
            yield Serialization(library, direction, way, objects, Spread.of(found))
