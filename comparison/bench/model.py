"""What a measurement is, as data: docs/data/benchmark.jsonl holds one `Benchmark`, by the line.

Times are in the unit that a field's name ends with. A figure is the spread of its rounds; the
rounds themselves stay with whoever measured, in build/benchmark.json. Each part says when and of
which commit it was measured, so that a reader sees how old it is.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import median, quantiles
from typing import Literal, Self

from pydantic import TypeAdapter

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "docs" / "data" / "benchmark.jsonl"
RAW = ROOT / "build" / "benchmark.json"

Database = Literal["postgresql", "sqlite"]
Place = Literal["first", "deep"]
Direction = Literal["dump", "load"]


@dataclass(frozen=True)
class Spread:
    """The rounds of one figure in short: half of them lie between `low` and `high`."""

    median: float
    low: float
    high: float
    rounds: int

    @classmethod
    def of(cls, values: list[float]) -> Self:
        """Sum up one value or more."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0], 1)
        low, _, high = quantiles(values, n=4, method="inclusive")
        return cls(round(median(values), 6), round(low, 6), round(high, 6), len(values))


@dataclass(frozen=True)
class Made:
    """When, of what and how a part of the measurements was made."""

    part: str  # the name of a list of `Benchmark`
    date: str  # ISO 8601, UTC
    commit: str  # with `+` at its end if files had changed since
    command: str
    seconds: int
    is_quick: bool  # a short run, whose figures only show that everything works


@dataclass(frozen=True)
class Machine:
    """What the measurements were made on."""

    cpu: str
    cores: int
    memory_mib: int
    system: str


@dataclass(frozen=True)
class Server:
    """How every program was served, and asked."""

    workers: int
    connections: int
    worker_class: str  # of WSGI programs; see `Program.worker_class` for each
    round_seconds: float
    rounds: int


@dataclass(frozen=True)
class Program:
    """Something that was measured."""

    name: str
    title: str
    is_twin: bool
    worker_class: str
    code_lines: int  # without blank lines, comments and docstrings
    distributions: int  # PyPI packages that its process has imported something from
    modules: int  # Python modules that its process has imported


@dataclass(frozen=True)
class Operation:
    """A request that was sent over and over."""

    name: str
    title: str
    operation_id: str  # of openapi.yaml
    status: int


@dataclass(frozen=True)
class Round:
    """One program under load by one operation for a short time."""

    requests: int
    seconds: float
    server_cpu_ms: float  # of all the program's processes, for each request
    database_cpu_ms: float | None  # of PostgreSQL's processes, for each request
    load_cpu_ms: float  # of what sent the requests, for each request
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Load:
    """All rounds of one program by one operation. Ratios are to the floor of the same round."""

    database: Database
    operation: str
    program: str
    per_second: Spread
    throughput_ratio: Spread  # 1 is the floor; 0.5 serves half as many requests
    server_cpu_ms: Spread
    database_cpu_ms: Spread | None  # of PostgreSQL's processes
    cpu_ratio: Spread  # the floor's CPU time over the program's: 0.5 takes twice as much
    p50_ms: Spread
    p99_ms: Spread
    rounds: list[Round] = field(default_factory=list)


@dataclass(frozen=True)
class Start:
    """How long a program takes until it answers."""

    program: str
    first_answer_s: Spread  # from starting gunicorn with one worker to the first healthy answer
    import_s: Spread  # importing the application in a fresh interpreter


@dataclass(frozen=True)
class Memory:
    """What a program's worker processes occupy once they have answered some requests."""

    program: str
    workers: int
    rss_mib: float  # of a worker, with what it shares with others
    pss_mib: float  # of a worker, with its part of what is shared
    uss_mib: float  # of a worker, without what is shared
    uss_preloaded_mib: float | None  # the same where the application is loaded before forking
    total_pss_mib: float  # of all processes of the server


@dataclass(frozen=True)
class Statements:
    """The SQL statements of one request, as PostgreSQL has logged them, BEGIN and COMMIT apart."""

    program: str
    operation: str
    count: int
    transaction_commands: int
    texts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PageGrowth:
    """A page of todos by its number of rows, on PostgreSQL."""

    program: str
    rows: int
    p50_ms: Spread
    server_cpu_ms: Spread


@dataclass(frozen=True)
class TableGrowth:
    """A page of 50 products by the number of rows in the table, on PostgreSQL."""

    program: str
    rows: int
    place: Place  # the first page, or the one that begins after 99 % of the rows
    p50_ms: Spread
    server_cpu_ms: Spread


@dataclass(frozen=True)
class Size:
    """The files of one concept in each twin, and their lines of code."""

    concept: str
    flask_files: list[str]
    flask_lines: int
    drf_files: list[str]
    drf_lines: int


@dataclass(frozen=True)
class Serialization:
    """Turning todos into what JSON can hold, or JSON's values into todos' values."""

    library: str  # marshmallow, Django REST framework, Pydantic
    direction: Direction
    way: str  # `plain`: as the library's documentation teaches; `twin`: as the twin does
    objects: int
    microseconds: Spread  # for all of them


@dataclass(frozen=True)
class Benchmark:
    """One run of everything; an empty list is something that was not measured."""

    made: list[Made]
    machine: Machine
    versions: dict[str, str]
    server: Server
    programs: list[Program]
    operations: list[Operation]
    loads: list[Load]
    starts: list[Start]
    memory: list[Memory]
    statements: list[Statements]
    page_growth: list[PageGrowth]
    table_growth: list[TableGrowth]
    sizes: list[Size]
    serialization: list[Serialization]

    @property
    def is_quick(self) -> bool:
        """Whether a part is of a short run, whose figures only show that everything works."""
        return any(each.is_quick for each in self.made)

    def when(self, part: str = "") -> str:
        """Say when and of which commit a part was measured, or all of them."""
        moments = [
            f"on {each.date[:10]} at commit {each.commit}"
            for each in self.made
            if part in {"", each.part}
        ]
        return " and ".join(dict.fromkeys(moments))


JSON = TypeAdapter(Benchmark)
ONE = {"machine", "versions", "server"}  # what there is one of; all else are lists
RAW_RESULTS = {"loads": "rounds", "statements": "texts"}


def load(path: Path = DATA) -> Benchmark:
    """Read and validate a measurement."""
    found: dict[str, dict[str, dict[str, object]]] = {each.name: {} for each in fields(Benchmark)}
    for line in path.read_text().splitlines():
        read = json.loads(line)
        name, spread = read.pop("figure", None), read.pop("spread", None)
        item = found[read.pop("of")].setdefault(json.dumps(read), read)
        if name:
            item[name] = dict(zip(SPREAD, spread, strict=True))
    return JSON.validate_python(
        {
            name: next(iter(items.values())) if name in ONE else [*items.values()]
            for name, items in found.items()
        }
    )


def save(benchmark: Benchmark, path: Path = DATA, raw: Path = RAW) -> None:
    """Write a measurement, and apart from it its raw results."""
    for file in (path, raw):
        file.parent.mkdir(parents=True, exist_ok=True)
    raw.write_bytes(JSON.dump_json(benchmark, indent=1) + b"\n")
    path.write_text(
        "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines(benchmark))
    )


SPREAD = [each.name for each in fields(Spread)]


def lines(benchmark: Benchmark) -> Iterator[dict[str, object]]:
    """Yield a line for each spread, and one for each item that has none."""
    for each in fields(benchmark):
        value = getattr(benchmark, each.name)
        for item in value if isinstance(value, list) else [value]:
            said = item if isinstance(item, dict) else vars(item)
            spreads = {name: value for name, value in said.items() if isinstance(value, Spread)}
            apart = {*spreads, RAW_RESULTS.get(each.name)}
            about = {"of": each.name, **{n: v for n, v in said.items() if n not in apart}}
            if not spreads:
                yield about
            for name, spread in spreads.items():
                yield {**about, "figure": name, "spread": [*vars(spread).values()]}
