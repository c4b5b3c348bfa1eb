"""What a run is shown as: in a terminal, as a page, to a CI service, to programs.

Each report is an `Observer`: it is told what happens, and writes when it knows enough.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lookalike.openapi import Contract


@dataclass(frozen=True)
class About:
    """What all reports of a run have in common."""

    contract: Contract
    file: str  # the path or URL of the OpenAPI file, as it was given
    servers: Mapping[str, str]  # base URLs by "old" and "new"
    settings: Mapping[str, str] = field(default_factory=dict)  # shown as they are
    mask: Callable[[str], str] = str  # puts *** in place of each secret in a text

    def line(self, operation: str) -> int | None:
        """Return on which line of the file an operation stands, where that is known."""
        return next(
            (each.line for each in self.contract.operations if each.name == operation), None
        )

    def where(self, operation: str) -> str:
        """Say where an operation stands, as editors understand it: `openapi.yaml:12`."""
        line = self.line(operation)
        return f"{self.file}:{line}" if line else ""
