"""The figures and verdicts of the claims and the guide: measured, counted or tried, never typed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comparison import counts, security, small
from comparison.bench import caching, verdict
from comparison.bench.model import DATA, Benchmark, Kind, Load, load
from comparison.findings import Agreement
from comparison.source import ROOT

UNMEASURED = "Not measured yet."


def benchmark(path: Path = DATA) -> Benchmark | None:
    """Read the measurements, if there are any yet."""
    return load(path) if path.exists() else None


@dataclass(frozen=True)
class Facts:
    """The figures of a page; `data` is None as long as nothing is measured."""

    data: Benchmark | None
    agreement: Agreement

    @property
    def measured(self) -> bool:
        """Whether there are measurements of whole runs of both twins, as documented."""
        return all(self.loads(name) for name in ("flask_api", "drf_api"))

    def loads(self, program: str, database: str = "postgresql") -> list[Load]:
        """List a program's measurements on a database."""
        every = self.data.loads if self.data else []
        return [each for each in every if (each.program, each.database) == (program, database)]

    def middle(self, program: str, database: str = "postgresql") -> str:
        """Give a program's throughput at the median of the operations; the floor is 1."""
        found = verdict.middle(self.data, program, database) if self.data else None
        return f"{found:.2f}" if found else "not measured yet"

    def faster(self, kind: Kind = "idiomatic") -> str:
        """Say which twin of a kind is faster, and by how much, in a sentence for each database."""
        return " ".join(verdict.sentences(self.data, kind) if self.data else ()) or UNMEASURED

    def shares(self, kind: Kind) -> dict[str, list[float | None]]:
        """Give the share of the floor that each program of a kind reaches on each database."""
        return verdict.shares(self.data, kind) if self.data else {}

    def leader(self, kind: Kind = "idiomatic", database: str = "postgresql") -> str:
        """Name the framework whose twin is clearly faster; nothing if neither is."""
        found = verdict.duel(self.data, kind, database) if self.data else None
        return found.leader if found else ""

    def widest(self, database: str = "postgresql") -> str:
        """Give the largest factor between the twins' throughput on one operation."""
        theirs = {each.operation: each for each in self.loads("drf_api", database)}
        factors = [
            each.throughput_ratio.median / theirs[each.operation].throughput_ratio.median
            for each in self.loads("flask_api", database)
            if each.operation in theirs
        ]
        worst = max((max(factor, 1 / factor) for factor in factors), default=None)
        return f"{worst:.1f}" if worst else "not measured yet"

    def gain(self, twin: str, operation: str, database: str = "postgresql") -> str:
        """Give the factor by which the third ring raises a twin's throughput on an operation."""
        plain, tuned = (
            [
                each.throughput_ratio.median
                for each in self.loads(program, database)
                if each.operation == operation
            ]
            for program in (twin, f"{twin}_tuned")
        )
        return f"{tuned[0] / plain[0]:.2f}" if plain and tuned else "not measured"

    def start(self, program: str) -> float | None:
        """Give the seconds to the first answer."""
        every = self.data.starts if self.data else []
        found = [each.first_answer_s.median for each in every if each.program == program]
        return found[0] if found else None

    def memory(self, program: str) -> float | None:
        """Give the MiB that a worker has for itself."""
        every = self.data.memory if self.data else []
        found = [each.uss_mib for each in every if each.program == program]
        return found[0] if found else None

    def statements(self, program: str, operation: str) -> int | None:
        """Give the number of SQL statements that an operation takes."""
        every = self.data.statements if self.data else []
        key = (program, operation)
        return next((each.count for each in every if (each.program, each.operation) == key), None)

    def guarded(self) -> security.Guarded:
        """Say by default which framework protects better against what was tried."""
        return security.compared(self.tried("security_flask"), self.tried("security_django"))

    def names(self, twin: str) -> int:
        """Count the distinct names that a twin uses of its frameworks."""
        return sum(counts.names(twin).values())

    def lines(self, twin: str, concept: str = "") -> int:
        """Count lines of code: of a concept, or of all but tests and migrations."""
        return counts.lines(twin, concept)

    def dependencies(self, group: str) -> int:
        """Count the distributions that a twin's group installs."""
        return len(counts.dependencies(group))

    def lines_of(self, twin: str, *references: str) -> int:
        """Count the lines of excerpts."""
        return counts.lines_of(twin, *references)

    def installed_mib(self, group: str) -> float:
        """Give the MiB on disk of what a twin's group installs."""
        return counts.installed_mib(group)

    def using(self, twin: str, *packages: str) -> tuple[int, int]:
        """Count the files and lines of a twin that name what some packages give."""
        return counts.using(twin, *packages)

    def plain_lines(self, framework: str) -> int:
        """Count the lines of one of the programs that tutorials would have written."""
        return counts.program_lines(f"comparison/plain/{framework}_plain")

    def hello(self, framework: str) -> dict[str, float]:
        """Give what a program that says hello takes to start: `cpu_ms`, `mib` and `modules`."""
        return small.hello(framework)

    def tried(self, script: str) -> Any:
        """Give what a small program has found out."""
        return small.tried(script)

    def small_lines(self, script: str) -> int:
        """Count the lines of a small program."""
        return small.lines(script)

    def templates(self, twin: str) -> tuple[int, int]:
        """Count a twin's templates and their lines."""
        files = [*(ROOT / twin / "web" / "templates").rglob("*.html")]
        return len(files), sum(len(path.read_text().splitlines()) for path in files)

    def kept(self, program: str) -> str:
        """Say by what factors a cache in memory has raised a program's throughput."""
        if not caching.DATA.exists():
            return ""
        lines = [json.loads(line) for line in caching.DATA.read_text().splitlines()]
        ratios = [
            each["ratio"]
            for each in lines
            if (each.get("program"), each.get("way")) == (program, "kept in memory")
        ]
        return " and ".join(f"{ratio:.1f}" for ratio in ratios)

    def scaling(self, program: str) -> float | None:
        """Give the factor by which the best number of workers raises the throughput of one."""
        found = {
            each.workers: each.per_second.median
            for each in (self.data.workers if self.data else [])
            if each.program == program
        }
        return max(found.values()) / found[1] if 1 in found else None

    def workers(self, program: str) -> str:
        """Say how throughput grows with the number of workers."""
        every = self.data.workers if self.data else []
        return ", ".join(
            f"{each.per_second.median:,.0f} per second with {each.workers}"
            for each in every
            if each.program == program
        )

    def version(self, distribution: str) -> str:
        """Give an installed distribution's version."""
        return counts.version(distribution)
