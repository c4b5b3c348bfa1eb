"""Print the table of all checks in Markdown: `python -m lookalike.checks`."""

import sys
from collections.abc import Iterator

from lookalike.check import PACKS


def table() -> Iterator[str]:
    """Yield the lines, pack by pack."""
    for pack in PACKS:
        yield f"### {pack.title}"
        yield ""
        yield f"`--pack {pack.name}`, {len(pack.checks)} checks"
        yield ""
        yield "| check | what must hold | what is asked | how it is judged |"
        yield "|---|---|---|---|"
        for check in pack.checks:
            name = f"[{check.name}]({check.link})"
            yield f"| {name} | {check.statement} | {check.asks} | {check.oracle} |"
        yield ""


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()))
