"""Draws both twins' pages beside each other: `python -m comparison.picture <file>`.

Starts both with the demo data, and lets a browser do the same on each. Needs Node.js, Chromium
(`CHROMIUM` names it where it isn't /usr/bin/chromium) and `npm ci --prefix .ci/browser`.
"""

import argparse
import shutil
import subprocess
import sys

from comparison.exchange import twins
from comparison.source import ROOT

NAMES = ("Flask", "Django")


def draw(picture: str) -> int:
    """Draw the picture into a file, and return the status to exit with."""
    node = shutil.which("node")
    if node is None:
        sys.stderr.write("The picture needs Node.js on the PATH; install it.\n")
        return 1
    with twins() as pair:
        # By this name, since browsers keep the pages' secure cookies for it without TLS.
        addresses = [f"http://localhost:{server.port}" for server in pair.servers]
        servers = ["=".join(each) for each in zip(NAMES, addresses, strict=True)]
        script = ROOT / ".ci" / "browser" / "picture.mjs"
        return subprocess.run([node, script, picture, *servers], check=False).returncode  # noqa: S603 - our own


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m comparison.picture",
        description="Draw both twins' pages beside each other.",
    )
    parser.add_argument("picture", help="the PNG file to write")
    return draw(parser.parse_args().picture)


if __name__ == "__main__":
    raise SystemExit(main())
