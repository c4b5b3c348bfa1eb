"""What the admin sites can: the code for it in either twin, counted, and what was bent."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from comparison import source
from comparison.bench.code import code_lines

FILE = Path(__file__).parent / "admin.toml"


@dataclass(frozen=True)
class Ability:
    """Something that staff can do, or are kept from doing, on both sites."""

    name: str
    flask: list[str]
    drf: list[str]
    flask_bent: str
    drf_bent: str

    @property
    def lines(self) -> tuple[int, int]:
        """The lines of code in either twin."""
        return lines(self.flask, "flask_api"), lines(self.drf, "drf_api")


def lines(references: list[str], twin: str) -> int:
    """Count the lines of code of excerpts, or of a template or a script, which are whole files."""
    return sum(
        len(code_lines(text)) if ".py" in reference else len(text.split("\n"))
        for reference in references
        for text in [source.excerpt(reference, twin).text]
    )


def abilities() -> list[Ability]:
    """Read the abilities."""
    return [Ability(**entry) for entry in tomllib.loads(FILE.read_text())["abilities"]]
