"""The page of a measurement: docs/benchmark.md, whose tables are made of the data."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from comparison.bench import verdict
from comparison.bench.model import Benchmark, Kind, Load, Spread
from comparison.bench.programs import PROGRAMS, ROOT
from comparison.bench.verdict import DATABASES

PAGE = ROOT / "docs" / "benchmark.md"
METHOD = Path(__file__).with_name("method.md")
KINDS: dict[Kind, str] = {
    "idiomatic": "as documented",
    "tuned": "optimized for speed",
}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table; all columns but the first are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def ratio(spread: Spread) -> str:
    """Write a ratio with the range that half of its rounds lie in."""
    return f"**{spread.median:.2f}** ({spread.low:.2f}–{spread.high:.2f})"


def pick(loads: list[Load], database: str, operation: str, program: str) -> Load | None:
    """Find the rounds of a program by an operation."""
    for each in loads:
        if (each.database, each.operation, each.program) == (database, operation, program):
            return each
    return None


def answer(data: Benchmark) -> Iterable[str]:
    """Say which twin is faster, and how the programs of each kind compare at the median."""
    yield "## The answer\n"
    yield "Level: the middle halves of both programs' rounds overlap.\n"
    for kind, label in KINDS.items():
        said = verdict.sentences(data, kind) or ["Not measured yet."]
        yield f"**{kind.capitalize()} ({label}).** {' '.join(said)}\n"
        if shares := verdict.shares(data, kind):
            yield f"Throughput at the median of the operations, {kind}; 1 is the floor:\n"
            yield table(
                ["program", *DATABASES.values()],
                (
                    [f"`{name}`", *(f"{share:.2f}" if share else "–" for share in values)]
                    for name, values in shares.items()
                ),
            )


def contents(page: str) -> str:
    """List the headings of a page, as GitHub links to them."""
    lines = []
    for marks, title in re.findall(r"^(###?) (.+)$", page, flags=re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        lines.append(f"{'  ' * (len(marks) - 2)}- [{title}](#{anchor})\n")
    return "".join(lines)


def load_tables(data: Benchmark) -> Iterable[str]:
    """Write how the programs compare with the floor: those of each kind on each database."""
    for kind, label in KINDS.items():
        yield f"### {kind.capitalize()}: {label}\n"
        if absent := missing(data, kind):
            yield f"{absent}\n"
        for database, name in DATABASES.items():
            names = measured(data, kind, database)
            if not names:
                continue
            for title, attribute in (
                ("Throughput", "throughput_ratio"),
                ("CPU time of the server", "cpu_ratio"),
            ):
                yield section(data, "loads", f"{title} on {name}, {kind}; 1 is the floor", "####")
                yield table(["operation", *names], ratios(data, database, names, attribute))
            yield section(data, "loads", f"Absolute figures on {name}, {kind}", "####")
            head = ["requests/s", "server CPU ms", "database CPU ms", "p50 ms", "p99 ms"]
            chosen = [
                each
                for each in data.loads
                if each.database == database and each.program in {"floor", *names}
            ]
            yield table(["operation, program", *head], (absolute(data, each) for each in chosen))


def plain_table(data: Benchmark) -> Iterable[str]:
    """Write how the plain pair compare."""
    yield section(
        data,
        "plain",
        "The plain pair on SQLite: a different API, not comparable with the tables above",
    )
    names = list(dict.fromkeys(each.program for each in data.plain))
    found = {(each.operation, each.program): each for each in data.plain}
    yield table(
        ["operation", *(f"{name}: /s, to Flask, CPU ms" for name in names)],
        (
            [
                operation,
                *(
                    f"{each.per_second.median:,.0f}, {ratio(each.ratio)}, "
                    f"{each.server_cpu_ms.median:.2f}"
                    for name in names
                    if (each := found.get((operation, name)))
                ),
            ]
            for operation in dict.fromkeys(each.operation for each in data.plain)
        ),
    )


def measured(data: Benchmark, kind: Kind, database: str) -> list[str]:
    """List the programs of a kind that were measured on a database."""
    known = {each.program for each in data.loads if each.database == database}
    return [each.name for each in data.of_kind(kind) if each.name in known]


def missing(data: Benchmark, kind: Kind) -> str:
    """Say which of the programs of a kind were not measured yet."""
    known = {each.program for each in data.loads}
    names = [
        f"`{each.name}`"
        for each in PROGRAMS.values()
        if each.kind == kind and each.name not in known
    ]
    return f"Not measured yet: {', '.join(names)}." if names else ""


def ratios(
    data: Benchmark, database: str, names: Sequence[str], attribute: str
) -> Iterable[list[str]]:
    """Write a line of ratios for each operation."""
    for operation in data.operations:
        found = [pick(data.loads, database, operation.name, name) for name in names]
        cells = [ratio(getattr(each, attribute)) if each else "–" for each in found]
        yield [operation.title, *cells]


def absolute(data: Benchmark, each: Load) -> list[str]:
    """Write a line of absolute figures."""
    titles = {operation.name: operation.title for operation in data.operations}
    return [
        f"{titles[each.operation]}, {each.program}",
        f"{each.per_second.median:,.0f}",
        f"{each.server_cpu_ms.median:.2f}",
        f"{each.database_cpu_ms.median:.2f}" if each.database_cpu_ms else "–",
        f"{each.p50_ms.median:.1f}",
        f"{each.p99_ms.median:.1f}",
    ]


def start_table(data: Benchmark) -> str:
    """Write what a program costs before its first request."""
    memory = {each.program: each for each in data.memory}
    programs = {each.name: each for each in data.programs}
    rows = []
    for start in data.starts:
        program, used = programs[start.program], memory.get(start.program)
        rows.append(
            [
                start.program,
                f"{start.first_answer_s.median:.2f}",
                f"{start.import_s.median:.2f}",
                program.modules,
                program.distributions,
                *([used.uss_mib, used.pss_mib, used.uss_preloaded_mib] if used else ["–"] * 3),
                program.code_lines,
            ]
        )
    head = ["program", "first response s", "import s", "modules", "packages"]
    return table([*head, "USS MiB", "PSS MiB", "USS preloaded", "lines of code"], rows)


def statement_table(data: Benchmark) -> str:
    """Write how many statements each operation takes."""
    counts = {(each.operation, each.program): each for each in data.statements}
    names = list(dict.fromkeys(each.program for each in data.statements))
    return table(
        ["operation", *names],
        (
            [
                operation.title,
                *(
                    f"{each.count} (+{each.transaction_commands})"
                    for name in names
                    if (each := counts.get((operation.name, name)))
                ),
            ]
            for operation in data.operations
        ),
    )


def growth_tables(data: Benchmark) -> Iterable[str]:
    """Write how pages grow."""
    names = list(dict.fromkeys(each.program for each in data.page_growth))
    pages = {(each.rows, each.program): each for each in data.page_growth}
    yield section(data, "page_growth", "A page of todos by its rows: p50 in ms")
    yield table(
        ["rows", *names],
        (
            [rows, *(f"{pages[rows, name].p50_ms.median:.2f}" for name in names)]
            for rows in sorted({rows for rows, _ in pages})
        ),
    )
    names = list(dict.fromkeys(each.program for each in data.table_growth))
    places = {(each.rows, each.place, each.program): each for each in data.table_growth}
    title = "A page of 50 products by the rows of the table: p50 in ms, first page · deep page"
    yield section(data, "table_growth", title)
    yield table(
        ["rows of the table", *names],
        (
            [
                f"{rows:,}",
                *(
                    " · ".join(
                        f"{places[rows, place, name].p50_ms.median:.2f}"
                        for place in ("first", "deep")
                    )
                    for name in names
                ),
            ]
            for rows in sorted({rows for rows, _, _ in places})
        ),
    )


def serialization_table(data: Benchmark) -> str:
    """Write how long the libraries take."""
    return table(
        ["library, direction, way", "one, µs", "a thousand, ms"],
        (
            [
                f"{each.library}, {each.direction}, {each.way}",
                f"{each.microseconds.median:,.0f}",
                f"{many.microseconds.median / 1000:,.1f}",
            ]
            for each in data.serialization
            if each.objects == 1
            for many in data.serialization
            if (many.library, many.direction, many.way) == (each.library, each.direction, each.way)
            and many.objects > 1
        ),
    )


def heading(data: Benchmark) -> str:
    """Say what the figures were measured on."""
    versions = ", ".join(f"{name} {number}" for name, number in data.versions.items())
    warning = (
        "**A quick run: its figures only show that the benchmark works.** " if data.is_quick else ""
    )
    notes = "".join(f"\n{note}\n" for note in data.notes())
    return (
        f"{warning}Measured {data.when()}, on {data.machine.cores} cores of {data.machine.cpu} "
        f"({data.machine.system}, {data.machine.memory_mib // 1024} GiB). {versions}.\n{notes}"
    )


def section(data: Benchmark, part: str, title: str, level: str = "###") -> str:
    """Write a heading, and how old what follows is."""
    return f"{level} {title}\n\nMeasured {data.when(part)}.\n"


def page(data: Benchmark) -> str:
    """Write the whole page: the answer, the method, then the tables."""
    head, _, method = METHOD.read_text().partition("\n## ")
    parts = [f"## {method}", "## Results\n", heading(data), *load_tables(data)]
    if data.plain:
        parts += plain_table(data)
    if data.starts:
        parts += [section(data, "starts", "Start, memory, imports"), start_table(data)]
    if data.statements:
        title = "SQL statements of a request (plus BEGIN, COMMIT, …)"
        parts += [section(data, "statements", title), statement_table(data)]
    if data.page_growth and data.table_growth:
        parts += growth_tables(data)
    if data.serialization:
        parts += [
            section(data, "serialization", "Dump and load of todos"),
            serialization_table(data),
        ]
    rest = "\n".join(parts)
    return "\n".join(
        [head.rstrip("\n") + "\n", *answer(data), "## Contents\n", contents(rest), rest]
    )
