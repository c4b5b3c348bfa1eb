"""What a program costs before its first request: time to start, memory, imports."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import mean

from comparison.bench.databases import Database
from comparison.bench.load import Task
from comparison.bench.model import Memory, Spread, Start
from comparison.bench.operations import OPERATIONS
from comparison.bench.processes import memory_mib, tree
from comparison.bench.programs import ROOT, Program
from comparison.bench.rounds import send, texts
from comparison.bench.servers import Server, Setup, serving
from comparison.bench.throughput import Bench

WARMING = ("health", "todos", "products", "create")
IMPORT = """
import importlib, json, sys, time
began = time.perf_counter()
importlib.import_module(sys.argv[1])
seconds = time.perf_counter() - began
modules = set(sys.modules)
from importlib.metadata import packages_distributions
known = packages_distributions()
names = {name for module in modules for name in known.get(module.partition(".")[0], ())}
print(json.dumps([seconds, len(modules), sorted(names)]))
"""


@dataclass(frozen=True)
class Imported:
    """What importing a program's application has done."""

    seconds: float
    modules: int
    distributions: list[str]


def imported(program: Program, database: Database) -> Imported:
    """Import a program's application in a fresh interpreter."""
    done = subprocess.run(  # noqa: S603 - the command is made here
        [sys.executable, "-c", IMPORT, program.target.partition(":")[0]],
        cwd=ROOT,
        env={**os.environ, **database.environment, **program.environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Imported(*json.loads(done.stdout.splitlines()[-1]))


def first_answer(program: Program, database: Database) -> float:
    """Start a program with one worker, and return the seconds until it has answered."""
    began = time.perf_counter()
    with serving(program, Setup(workers=1), database.environment):
        return time.perf_counter() - began


def measure_starts(bench: Bench, repeats: int) -> Iterator[Start]:
    """Start every program several times, one after the other."""
    database, programs = bench.database, bench.programs
    answers: dict[str, list[float]] = {program.name: [] for program in programs}
    imports: dict[str, list[float]] = {program.name: [] for program in programs}
    for number in range(repeats):
        bench.log(f"starts, {number + 1} of {repeats}")
        for program in programs:
            answers[program.name].append(first_answer(program, database))
            imports[program.name].append(imported(program, database).seconds)
    for name, seconds in answers.items():
        yield Start(name, Spread.of(seconds), Spread.of(imports[name]))


def warm_up(server: Server, setup: Setup) -> None:
    """Let the workers load what they load with their first requests."""
    for operation in OPERATIONS:
        if operation.name in WARMING:
            requests = texts(server, operation)
            task = Task(server.port, setup.connections, 0.5, operation.status, requests)
            send(task, server.program.name)


def average(pids: Sequence[int], name: str) -> float:
    """Return what some processes occupy on average."""
    return round(mean(memory_mib(pid)[name] for pid in pids), 1)


def measure_memory(bench: Bench) -> Iterator[Memory]:
    """Look at every program's processes after some requests, and once more when it's preloaded."""
    environment, setup = bench.database.environment, bench.setup
    for program in bench.programs:
        bench.log(f"memory of {program.name}")
        with serving(program, setup, environment) as server:
            warm_up(server, setup)
            workers = server.workers()
            rss, pss, uss = (average(workers, name) for name in ("Rss", "Pss", "Uss"))
            total = sum(memory_mib(pid)["Pss"] for pid in tree(server.pid))
        with serving(program, replace(setup, preload=True), environment) as server:
            warm_up(server, setup)
            preloaded = average(server.workers(), "Uss")
        yield Memory(program.name, len(workers), rss, pss, uss, preloaded, round(total, 1))
