"""What a measurement is, as data: docs/data/benchmark/ holds one `Benchmark`, as small tables.

There is a CSV file for each list, with a line for each item: `loads.csv` has one for each
database, operation and program. Times are in the unit that a field's name ends with. A figure is
the spread of its rounds, in three columns: the median, and `_low` and `_high`, between which half
of the rounds lie. The rounds themselves stay with whoever measured, in build/benchmark.json. Each
part says when and of which commit it was measured, so that a reader sees how old it is.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Literal, Self, get_args

from pydantic import TypeAdapter

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "docs" / "data" / "benchmark"
RAW = ROOT / "build" / "benchmark.json"

Database = Literal["postgresql", "sqlite"]
# The floor is beside both others; no figure of one of these stands beside one of the other.
Kind = Literal["floor", "idiomatic", "tuned"]
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
    note: str = ""  # what a reader has to know of an old one


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
    kind: Kind
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
class Serialization:
    """Turning todos into what JSON can hold, or JSON's values into todos' values."""

    library: str  # marshmallow, Django REST framework, Pydantic
    direction: Direction
    way: str  # `plain`: as the library's documentation teaches; `twin`: as the twin does
    objects: int
    microseconds: Spread  # for all of them


@dataclass(frozen=True)
class PlainLoad:
    """One of the plain pair by an operation, on SQLite; ratios are to the Flask program's round."""

    operation: str
    program: str
    per_second: Spread
    ratio: Spread
    server_cpu_ms: Spread
    p50_ms: Spread


@dataclass(frozen=True)
class Workers:
    """A program with some number of worker processes, on PostgreSQL."""

    program: str
    workers: int
    per_second: Spread


@dataclass(frozen=True)
class Climb:
    """A twin with its rungs of tuning up to one, in process on PostgreSQL."""

    twin: str
    operation: str
    rung: str  # `plain` for none
    cpu_ms: Spread  # of a request
    gain: Spread  # the plain twin's CPU time of the same round over this


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
    serialization: list[Serialization]
    ladder: list[Climb] = field(default_factory=list)
    workers: list[Workers] = field(default_factory=list)
    plain: list[PlainLoad] = field(default_factory=list)

    def of_kind(self, kind: Kind) -> list[Program]:
        """List the programs of a kind."""
        return [each for each in self.programs if each.kind == kind]

    def notes(self) -> list[str]:
        """List what a reader has to know of its parts, each once."""
        return [*dict.fromkeys(each.note for each in self.made if each.note)]

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
ABOUT = "about.json"  # what there is one of; all else are lists
SINGLE = ("machine", "versions", "server")
RAW_RESULTS = {"rounds", "texts"}
COLUMNS = ("", "_low", "_high")  # of a spread
SAMPLES = "samples"  # so many rounds are behind every spread of a line


def lists() -> dict[str, type[Any]]:
    """Return the class of each list's items, by the list's name."""
    return {
        each.name: get_args(each.type)[0] for each in fields(Benchmark) if each.name not in SINGLE
    }


def columns(kind: type[Any]) -> list[Field[Any]]:
    """Return the fields of an item that are kept."""
    return [each for each in fields(kind) if each.name not in RAW_RESULTS]


def is_spread(each: Field[Any]) -> bool:
    """Tell whether a field is a figure with its spread."""
    return each.type == Spread or each.type == Spread | None


def written(value: object) -> str:
    """Write a cell; four digits of a measured figure are more than enough."""
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004 – as said
    return "" if value is None else str(value)


def line(item: Any) -> dict[str, str]:
    """Write an item as the cells of a line."""
    cells: dict[str, str] = {}
    samples = 0
    for each in columns(type(item)):
        value = getattr(item, each.name)
        if is_spread(each):
            figures = (value.median, value.low, value.high) if value else (None,) * 3
            cells |= {
                f"{each.name}{end}": written(figure)
                for end, figure in zip(COLUMNS, figures, strict=True)
            }
            samples = value.rounds if value else samples
        else:
            cells[each.name] = written(value)
    return {**cells, SAMPLES: str(samples)} if samples else cells


def item(kind: type[Any], cells: Mapping[str, str]) -> dict[str, Any]:
    """Read an item, as what can be validated."""
    found: dict[str, Any] = {}
    for each in columns(kind):
        given = cells[each.name]
        if not given:
            if each.default is MISSING:
                found[each.name] = None
        elif is_spread(each):
            values = [cells[f"{each.name}{end}"] for end in COLUMNS]
            names = [figure.name for figure in fields(Spread)]
            found[each.name] = dict(zip(names, [*values, cells[SAMPLES]], strict=True))
        else:
            found[each.name] = given
    return found


def load(folder: Path = DATA) -> Benchmark:
    """Read and validate a measurement."""
    found: dict[str, Any] = json.loads((folder / ABOUT).read_text())
    for name, kind in lists().items():
        path = folder / f"{name}.csv"
        found[name] = []
        if path.exists():  # what was not measured has none
            with path.open(newline="") as file:
                found[name] = [item(kind, cells) for cells in csv.DictReader(file)]
    return JSON.validate_python(found)


def save(benchmark: Benchmark, folder: Path = DATA, raw: Path = RAW) -> None:
    """Write a measurement, and apart from it its raw results."""
    folder.mkdir(parents=True, exist_ok=True)
    raw.parent.mkdir(parents=True, exist_ok=True)
    raw.write_bytes(JSON.dump_json(benchmark, indent=1) + b"\n")
    whole = asdict(benchmark)
    about = {name: whole[name] for name in SINGLE}
    (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n")
    for name in lists():
        lines = [line(each) for each in getattr(benchmark, name)]
        if not lines:
            (folder / f"{name}.csv").unlink(missing_ok=True)
            continue
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, lines[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
