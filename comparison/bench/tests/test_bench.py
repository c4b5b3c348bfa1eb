"""The measurements' own parts, and a run that is as short as can be."""

import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from comparison.bench import code, load, model, plain_pair, render
from comparison.bench.databases import postgresql
from comparison.bench.environment import changes_since, git
from comparison.bench.filling import fill
from comparison.bench.growth import measure_pages, measure_tables
from comparison.bench.model import Round, Spread
from comparison.bench.operations import OPERATIONS
from comparison.bench.plain_pair import measure_plain
from comparison.bench.processes import cpu_seconds, used_since
from comparison.bench.programs import PLAIN, PROGRAMS
from comparison.bench.rounds import Effort, LoadError, send
from comparison.bench.scaling import measure_workers
from comparison.bench.servers import Setup, free_port, serving
from comparison.bench.sizes import measure_sizes
from comparison.bench.statements import entries, is_command, measure_statements
from comparison.bench.throughput import Bench, measure_loads, summed_up
from comparison.wire.page import address

SOURCE = '''"""A module."""

import os  # for later


def run():
    """Run.

    For long.
    """
    return "#"  # no comment in the text
'''
FEW = [each for each in OPERATIONS if each.name in {"health", "todos", "product_304", "create"}]
SHORT = Effort(rounds=2, seconds=0.05, warm_up_seconds=0.05)


def test_code_is_what_is_left_without_comments() -> None:
    assert code.code_lines(SOURCE) == ["import os", "def run():", '    return "#"']


def test_a_spread_is_the_median_and_the_middle_half() -> None:
    values = [5.0, 1.0, 2.0, 4.0, 3.0]
    assert Spread.of(values) == Spread(median(values), 2.0, 4.0, 5)
    assert Spread.of([7.0]) == Spread(7.0, 7.0, 7.0, 1)


def test_ratios_are_of_the_same_round() -> None:
    def a_round(requests: int, cpu: float) -> Round:
        return Round(requests, 1.0, cpu, 0.1, 0.01, 1.0, 2.0)

    # The machine is twice as slow in the second round, for both.
    floor, own = [a_round(100, 1.0), a_round(50, 2.0)], [a_round(40, 2.5), a_round(20, 5.0)]
    found = summed_up("sqlite", OPERATIONS[0].name, "flask_api", own, floor)
    assert found.throughput_ratio == Spread(0.4, 0.4, 0.4, 2)
    assert found.cpu_ratio == Spread(0.4, 0.4, 0.4, 2)


def test_statements_are_read_from_the_log() -> None:
    log = (
        "2026-01-01 10:00:00.000 UTC [7] LOG:  statement: BEGIN\n"
        "2026-01-01 10:00:00.000 UTC [7] LOG:  execute <unnamed>: SELECT 1,\n\t2 FROM t\n"
        "2026-01-01 10:00:00.000 UTC [7] DETAIL:  Parameters: $1 = 'LOG:  statement: x'\n"
        "2026-01-01 10:00:00.000 UTC [7] LOG:  execute _pg3_0: UPDATE t SET a = ': '\n"
    )
    found = entries(log)
    assert found == ["BEGIN", "SELECT 1, 2 FROM t", "UPDATE t SET a = ': '"]
    assert [is_command(text) for text in found] == [True, False, False]


def test_every_module_of_the_twins_is_counted_once() -> None:
    sizes = measure_sizes()
    flask = [name for size in sizes for name in size.flask_files]
    drf = [name for size in sizes for name in size.drf_files]
    for names in (flask, drf):
        assert len(names) == len(set(names)) > 20


def test_cpu_time_is_of_all_that_was_started() -> None:
    spin = "import time\nwhile time.process_time() < 0.2: pass\ninput()"
    started = subprocess.Popen([sys.executable, "-c", spin], stdin=subprocess.PIPE)
    with started:
        before = cpu_seconds(os.getpid())
        while cpu_seconds(os.getpid()).get(started.pid, 0) < 0.2:
            time.sleep(0.01)
        assert used_since(before, os.getpid()) > 0.05
        started.communicate(b"\n")
    assert started.pid not in cpu_seconds(os.getpid())


def test_a_server_that_does_not_answer_is_an_error() -> None:
    task = load.Task(free_port(), 1, 0.1, 200, ["GET / HTTP/1.1\r\n\r\n"])
    with pytest.raises(LoadError, match="nobody"):
        send(task, "nobody")


def test_another_status_is_an_error(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3", "SECRET_KEY": "x"}
    request = "GET /api/nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serving(PROGRAMS["floor"], Setup(workers=1), environment) as server:
        with pytest.raises(LoadError, match="status 404 in place of 200"):
            send(load.Task(server.port, 1, 0.1, 200, [request]), "floor")
        found = send(load.Task(server.port, 2, 0.1, 404, [request]), "floor")
    assert len(found.latencies_ms) >= 2
    assert found.cpu_seconds > 0


def test_the_shortest_run() -> None:
    said: list[str] = []
    programs = [PROGRAMS["floor"], PROGRAMS["flask_api"]]
    with postgresql() as database:
        fill(database.url, todos=300, products=300)
        bench = Bench(database, programs, Setup(workers=1, connections=2), said.append)
        loads = list(measure_loads(bench, FEW, SHORT))
        pages = list(measure_pages(bench, SHORT))
        tables = list(measure_tables(bench, SHORT, (300, 700)))
        scaled = list(measure_workers(bench, SHORT))
        statements = list(measure_statements(bench, FEW))
    assert [(each.operation, each.program) for each in loads] == [
        (operation.name, program.name) for operation in FEW for program in programs
    ]
    assert all(each.server_cpu_ms.median > 0 for each in loads)
    assert all(
        each.throughput_ratio.median == each.cpu_ratio.median == 1
        for each in loads
        if each.program == "floor"
    )
    assert {each.rows for each in pages} == {1, 20, 100}
    assert {(each.rows, each.place) for each in tables} == {
        (rows, place) for rows in (300, 700) for place in ("first", "deep")
    }
    counts = {(each.program, each.operation): each.count for each in statements}
    assert (counts["floor", "health"], counts["floor", "todos"]) == (0, 2)
    assert [(each.program, each.workers) for each in scaled] == [
        (name, workers) for workers in (1, 2, 4) for name in ("flask_api", "drf_api")
    ]
    assert said[0] == "postgresql: health, without the database"


def test_the_plain_pair_are_measured_beside_each_other() -> None:
    setup = Setup(workers=1, connections=1)
    found = list(measure_plain(setup, SHORT, lambda _: None))
    names = [program.name for program in PLAIN.values()]
    assert [(each.operation, each.program) for each in found] == [
        (operation, name) for operation in plain_pair.OPERATIONS for name in names
    ]
    assert all(each.ratio.median == 1 for each in found if each.program == names[0])
    page = render.page(replace(model.load(), plain=found))
    assert "not comparable with the tables above" in page
    assert "one product" in page


def test_the_data_makes_a_page() -> None:
    data = model.load()
    page = render.page(data)
    assert "\n\n\n" not in page
    for operation in data.operations:
        assert operation.title in page
    for each in data.made:
        assert f"on {each.date[:10]} at commit {each.commit}" in page


def test_the_page_begins_with_the_answer_and_lists_its_contents() -> None:
    page = render.page(model.load())
    places = [page.index(f"\n## {title}\n") for title in ("The answer", "Contents", "Results")]
    assert places == sorted(places)
    assert "is faster" in page[places[0] : places[1]] or "Not measured" in page[: places[1]]
    anchors = {address(title) for title in re.findall(r"^###? (.+)$", page, flags=re.MULTILINE)}
    links = re.findall(r"^ *- \[.+\]\(#(.+)\)$", page, flags=re.MULTILINE)
    assert len(links) > 10
    assert {*links} <= anchors


def test_a_measurement_is_read_as_it_is_written(tmp_path: Path) -> None:
    data, copy = model.load(), tmp_path / "benchmark"
    model.save(data, copy, tmp_path / "raw.json")
    assert model.load(copy) == data
    names = {path.name for path in model.DATA.iterdir()}
    assert names == {path.name for path in copy.iterdir()}
    for name in names:
        assert (copy / name).read_bytes() == (model.DATA / name).read_bytes()


def test_a_part_that_was_not_measured_has_no_file(tmp_path: Path) -> None:
    model.save(model.load(), tmp_path, tmp_path / "raw.json")
    few = replace(model.load(), loads=[], memory=[])
    model.save(few, tmp_path, tmp_path / "raw.json")
    assert not (tmp_path / "loads.csv").exists()
    assert model.load(tmp_path) == few


def test_there_is_a_line_for_each_database_operation_and_program() -> None:
    head, *lines = (model.DATA / "loads.csv").read_text().splitlines()
    keys = [tuple(line.split(",")[:3]) for line in lines]
    assert head.startswith("database,operation,program,per_second,per_second_low,per_second_high")
    assert len(keys) == len(set(keys)) == len(model.load().loads)
    assert sum(path.stat().st_size for path in model.DATA.iterdir()) < 60_000


def test_raw_results_stay_apart(tmp_path: Path) -> None:
    a_round = Round(40, 1.0, 2.5, 0.1, 0.01, 1.0, 2.0)
    load = summed_up("postgresql", "todo", "flask_api", [a_round], [a_round])
    statements = model.Statements("flask_api", "todo", 1, 0, ["SELECT 1"])
    measured = replace(model.load(), loads=[load], statements=[statements])
    copy, raw = tmp_path / "benchmark", tmp_path / "raw.json"
    model.save(measured, copy, raw)
    assert model.JSON.validate_json(raw.read_bytes()) == measured
    kept = model.load(copy)
    assert kept.loads == [replace(load, rounds=[])]
    assert kept.statements == [replace(statements, texts=[])]


def test_no_table_has_programs_of_both_kinds() -> None:
    data = model.load()
    kinds = {each.name: each.kind for each in data.programs}
    tables = [part for part in "\n".join(render.load_tables(data)).split("\n\n") if "|" in part]
    assert len(tables) >= 3
    for table in tables:
        found = {kinds[name] for name in kinds if f" {name} |" in table}
        assert len(found - {"floor"}) == 1, table[:200]


def test_what_is_not_measured_yet_is_said() -> None:
    data = model.load()
    loads = [each for each in data.loads if each.program != "fastapi"]
    assert "`fastapi`" in render.missing(replace(data, loads=loads), "idiomatic")
    assert "`fastapi`" not in render.missing(replace(data, loads=loads), "tuned")


def test_a_commit_that_git_does_not_know_has_no_age() -> None:
    assert changes_since("0" * 12) is None
    if head := git("rev-parse", "HEAD"):
        assert changes_since(head) == 0


def test_help_says_what_it_does() -> None:
    for module in ("comparison.bench", "comparison.bench.quick"):
        done = subprocess.run(
            [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True
        )
        assert "--only" in done.stdout
