"""What the claims and the guide may say: measured, counted or tried, never typed in."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comparison import counts, small
from comparison.bench import caching
from comparison.bench.model import DATA, Benchmark, Load, load
from comparison.findings import Agreement
from comparison.source import ROOT

DATABASES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


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

    def share(self, program: str, database: str = "postgresql") -> str:
        """Give the range of a program's throughput over all operations; the floor is 1."""
        ratios = [each.throughput_ratio.median for each in self.loads(program, database)]
        return f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else "not measured yet"

    def ahead(self, program: str, other: str, database: str = "postgresql") -> str:
        """Say on how many operations one program serves more than another."""
        theirs = {each.operation: each for each in self.loads(other, database)}
        both = [each for each in self.loads(program, database) if each.operation in theirs]
        won = [
            each
            for each in both
            if each.throughput_ratio.median > theirs[each.operation].throughput_ratio.median
        ]
        return f"{len(won)} of {len(both)}" if both else "not measured yet"

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

    def imports(self, program: str) -> float | None:
        """Give the seconds that importing the application takes."""
        every = self.data.starts if self.data else []
        found = [each.import_s.median for each in every if each.program == program]
        return found[0] if found else None

    def memory(self, program: str) -> float | None:
        """Give the MiB that a worker has for itself."""
        every = self.data.memory if self.data else []
        found = [each.uss_mib for each in every if each.program == program]
        return found[0] if found else None

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
