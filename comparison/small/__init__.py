"""Small programs that claims are tried on, each in a process of its own while pages are made."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from comparison.bench.code import count
from comparison.source import ROOT

FOLDER = Path(__file__).parent
REPEATS = 3


def run(script: str, *arguments: str) -> Any:
    """Run a script of this folder and return what it prints, as JSON."""
    name = f"{__name__}.{script}"
    done = subprocess.run(  # noqa: S603 - the command is made here
        [sys.executable, "-m", name, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr}")
    return json.loads(done.stdout)


@cache
def tried(script: str) -> Any:
    """Run a script once, however often its result is asked for."""
    return run(script)


@cache
def hello(framework: str) -> dict[str, float]:
    """Start a program that says hello: the medians of a few starts, by the names of `starting`."""
    starts = [run("starting", f"{__name__}.hello_{framework}") for _ in range(REPEATS)]
    return {name: median(start[name] for start in starts) for name in starts[0]}


def lines(script: str) -> int:
    """Count a script's lines of code."""
    return count([FOLDER / f"{script}.py"])
