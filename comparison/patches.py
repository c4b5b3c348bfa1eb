"""“Add one field”: patches that are applied and tested, and shown as they are."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "patches"
TITLES = {
    "contract": "The contract",
    "flask_api": "Flask, marshmallow, SQLAlchemy",
    "drf_api": "Django REST framework",
}


@dataclass(frozen=True)
class Change:
    """A patch, and what it touches."""

    name: str
    text: str

    @property
    def title(self) -> str:
        """What is changed."""
        return TITLES[self.name]

    @property
    def files(self) -> list[str]:
        """The files that are touched."""
        return [
            line.removeprefix("+++ b/")
            for line in self.text.splitlines()
            if line.startswith("+++ b/")
        ]

    @property
    def added(self) -> int:
        """How many lines are added."""
        return self.lines("+")

    @property
    def removed(self) -> int:
        """How many lines are taken away."""
        return self.lines("-")

    def lines(self, sign: str) -> int:
        """Count the lines with a sign."""
        return sum(
            line.startswith(sign) and not line.startswith(sign * 3)
            for line in self.text.splitlines()
        )


def changes() -> list[Change]:
    """Read the patches: first the contract's, then each twin's."""
    return [Change(name, (FOLDER / f"{name}.patch").read_text()) for name in TITLES]


def files_touched() -> dict[str, int]:
    """Count the files that each patch touches."""
    return {change.name: len(change.files) for change in changes()}


def apply(folder: Path) -> None:
    """Apply all patches to a copy of the checkout.

    Raises subprocess.CalledProcessError if one doesn't apply any more.
    """
    for change in changes():
        subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"],  # noqa: S607 - git is found by its name
            cwd=folder,
            input=change.text,
            text=True,
            check=True,
        )
