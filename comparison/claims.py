"""The claims ledger: what articles assert, and what can be said of it here."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "claims.toml"
GUIDE = Path(__file__).parent / "guide.toml"
KINDS = {
    "measured": "Measured here",
    "shown": "Shown here",
    "taste": "A matter of taste",
    "untried": "Not tried",
}


@dataclass(frozen=True)
class Claim:
    """What is said, and a verdict; the verdict is a template that takes its figures from Facts."""

    says: str
    kind: str
    verdict: str
    repeat: str = ""


@dataclass(frozen=True)
class Battery:
    """Something that Django has built in, and where each twin has it."""

    name: str
    django: str
    extension: str
    flask_files: tuple[str, ...]
    drf_files: tuple[str, ...]
    note: str


def claims() -> list[Claim]:
    """Read the claims, in their order."""
    return [Claim(**each) for each in tomllib.loads(FILE.read_text())["claims"]]


def batteries() -> list[Battery]:
    """Read what Django has built in."""
    return [
        Battery(
            flask_files=tuple(each.pop("flask_files")),
            drf_files=tuple(each.pop("drf_files")),
            **each,
        )
        for each in tomllib.loads(FILE.read_text())["batteries"]
    ]


def guide() -> list[dict[str, str]]:
    """Read the questions that lead a reader to an answer; their texts are templates, too."""
    found: list[dict[str, str]] = tomllib.loads(GUIDE.read_text())["guide"]
    return found
