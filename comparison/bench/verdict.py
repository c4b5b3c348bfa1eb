"""Which twin is faster, and by how much: sentences drawn from the tables of throughput."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from comparison.bench.model import Benchmark, Kind, Load

DATABASES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
FLASK, DJANGO = "Flask", "Django"
TWINS: Mapping[Kind, tuple[str, str]] = {
    "idiomatic": ("flask_api", "drf_api"),
    "tuned": ("flask_api_tuned", "drf_api_tuned"),
}
EVEN = 1.05  # a smaller factor is no lead that anybody would notice


@dataclass(frozen=True)
class Duel:
    """How many times as many requests Flask serves as Django, by the title of the operation."""

    database: str
    factors: Mapping[str, float]
    overlapping: frozenset[str]  # the operations on which the rounds of both overlap

    @property
    def factor(self) -> float:
        """The lead of the one that is ahead at the median of the operations."""
        middle = median(self.factors.values())
        return max(middle, 1 / middle)

    @property
    def ahead(self) -> str:
        """Which of both serves more at the median of the operations."""
        return FLASK if median(self.factors.values()) >= 1 else DJANGO

    @property
    def behind(self) -> str:
        """The other."""
        return DJANGO if self.ahead == FLASK else FLASK

    @property
    def leader(self) -> str:
        """Which of both is clearly faster; nothing if neither is."""
        return self.ahead if self.factor >= EVEN else ""

    @property
    def sentence(self) -> str:
        """Say who is faster, by how much, and on how many operations."""
        leads = {
            title: factor if self.ahead == FLASK else 1 / factor
            for title, factor in self.factors.items()
        }
        least, most = (pick(leads, key=lambda title: leads[title]) for pick in (min, max))
        clear = [lead for title, lead in leads.items() if title not in self.overlapping]
        won = sum(lead > 1 for lead in clear)
        counts = [f"leads on {won}"]
        if lost := len(clear) - won:
            counts.append(f"trails on {lost}")
        if self.overlapping:
            counts.append(f"is level on {len(self.overlapping)}")
        verdict = f"{self.leader} is faster" if self.leader else "neither is clearly faster"
        return (
            f"On {self.database}, {verdict}: over {len(leads)} operations {self.ahead} serves a "
            f"median of {self.factor:.2f} times as many requests as {self.behind} "
            f"({leads[least]:.2f} to {leads[most]:.2f}, the most on “{most}”); it {listed(counts)}."
        )


def listed(parts: list[str]) -> str:
    """Join the parts of a sentence."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def duel(data: Benchmark, kind: Kind, database: str) -> Duel | None:
    """Compare both twins of a kind on a database; None if one of them was not measured there."""
    flask, django = (loads(data, program, database) for program in TWINS[kind])
    titles = {each.name: each.title for each in data.operations}
    both = [(flask[name], django[name]) for name in titles if name in flask and name in django]
    if not both:
        return None
    return Duel(
        DATABASES[database],
        {
            titles[one.operation]: one.throughput_ratio.median / other.throughput_ratio.median
            for one, other in both
        },
        frozenset(titles[one.operation] for one, other in both if is_overlapping(one, other)),
    )


def loads(data: Benchmark, program: str, database: str) -> dict[str, Load]:
    """Return a program's measurements on a database by the operation."""
    return {
        each.operation: each
        for each in data.loads
        if (each.program, each.database) == (program, database)
    }


def is_overlapping(one: Load, other: Load) -> bool:
    """Tell whether the middle halves of two programs' rounds overlap."""
    a, b = one.throughput_ratio, other.throughput_ratio
    return a.low <= b.high and b.low <= a.high


def sentences(data: Benchmark, kind: Kind) -> list[str]:
    """Say for each database which twin of a kind is faster."""
    duels = [duel(data, kind, database) for database in DATABASES]
    return [each.sentence for each in duels if each]


def middle(data: Benchmark, program: str, database: str) -> float | None:
    """Return the median of a program's shares of the floor's throughput over the operations."""
    shares = [each.throughput_ratio.median for each in loads(data, program, database).values()]
    return median(shares) if shares else None


def shares(data: Benchmark, kind: Kind) -> dict[str, list[float | None]]:
    """Return the median share of each program of a kind on each database, the greatest first."""
    found = {
        each.name: [middle(data, each.name, database) for database in DATABASES]
        for each in data.of_kind(kind)
    }
    known = {name: values for name, values in found.items() if any(values)}
    return dict(sorted(known.items(), key=lambda each: -max(filter(None, each[1]))))
