"""Compare both twins' pages in a browser.

`python -m contract_tests.pages.comparison` prints how many pixels differ, and what else does. With
a folder, pictures of both go there.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from contract_tests import servers
from contract_tests.pages.chromium import visit
from deploy.twins import TWINS

MOST = 0.001  # of the pixels of a screenshot may differ


def compare(folder: Path, pictures: str | None = None) -> dict[str, Any]:
    """Serve both with the demo data alone, and compare all their pages."""
    with servers.twins(folder, TWINS) as base_urls:
        found: dict[str, Any] = visit("compare", *base_urls, *([pictures] if pictures else []))
        return found


def told(found: Mapping[str, Any]) -> str:
    """Return the figures as a line."""
    shares = found["differing"].values()
    equal = sum(share == 0 for share in shares)
    return (
        f"{found['states']} pages with {found['lines']:,} nodes of the accessibility tree; of "
        f"{len(shares)} pairs of screenshots {equal} are equal by pixel, and in none more than "
        f"{max(shares):.4%} of the pixels differ"
    )


def main() -> int:
    """Compare, and tell."""
    parser = argparse.ArgumentParser(
        prog="python -m contract_tests.pages.comparison", description=__doc__
    )
    parser.add_argument("pictures", nargs="?", help="a folder for the screenshots of both")
    with TemporaryDirectory(prefix="pages-") as folder:
        found = compare(Path(folder), parser.parse_args().pictures)
    lines = [told(found), *found["wrong"]]
    lines += [f"{name}: {share:.4%}" for name, share in found["differing"].items() if share]
    print("\n".join(lines))  # noqa: T201 – talking to the terminal is its job
    return 1 if found["wrong"] or max(found["differing"].values()) >= MOST else 0


if __name__ == "__main__":
    sys.exit(main())
