"""Draws the pictures of the documentation: `python -m comparison.picture <file> [--of <what>]`.

`pages`, the default, are both twins' pages beside each other: starts both with the demo data, and
lets a browser do the same on each. All else is a part of the site, which is built for it. Needs
Node.js, Chromium (`CHROMIUM` names it where it isn't /usr/bin/chromium) and `npm ci --prefix
.ci/browser`.
"""

import argparse
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from comparison.chapters import chapters
from comparison.exchange import twins
from comparison.site import build
from comparison.source import ROOT

NAMES = ("Flask", "Django")
COLOURS = 128  # of a part of the site, which makes a file half as large


@dataclass(frozen=True)
class Shot:
    """A part of a page of the site, from an element on; `opened` is a summary to click."""

    page: str
    start: str
    theme: str = "light"
    opened: str = ""


SHOTS = {
    "idioms": Shot("serializers/strict-types.html?columns=pydantic", "#idiom"),
    "nested-writes": Shot("serializers/nested-writes.html", "#idiom", theme="dark"),
    "wire": Shot(
        "wire-differences.html",
        "#validation-status",
        opened="#validation-status summary",
    ),
}


def run(script: str, *arguments: str) -> int:
    """Run a script in Node.js, and return the status to exit with."""
    node = shutil.which("node")
    if node is None:
        sys.stderr.write("The picture needs Node.js on the PATH; install it.\n")
        return 1
    path = ROOT / ".ci" / "browser" / script
    return subprocess.run([node, path, *arguments], check=False).returncode  # noqa: S603 - our own


def draw(picture: str) -> int:
    """Draw both twins' pages into a file, and return the status to exit with."""
    with twins() as pair:
        # By this name, since browsers keep the pages' secure cookies for it without TLS.
        addresses = [f"http://localhost:{server.port}" for server in pair.servers]
        servers = ["=".join(each) for each in zip(NAMES, addresses, strict=True)]
        return run("picture.mjs", picture, *servers)


def shoot(site: Path, shot: Shot, picture: str) -> int:
    """Draw a part of a built site into a file, and return the status to exit with."""
    page = str(site / shot.page)
    if status := run("shot.mjs", picture, page, shot.start, shot.theme, shot.opened):
        return status
    with Image.open(picture) as image:
        image.convert("RGB").quantize(COLOURS).save(picture, optimize=True)
    return 0


def draw_site(name: str, picture: str) -> int:
    """Build what a picture is of, draw it, and return the status to exit with."""
    shot = SHOTS[name]
    wanted = [each for each in chapters() if shot.page.startswith(f"{each.part}/{each.name}.")]
    with TemporaryDirectory(prefix="picture-") as folder:
        first = build(Path(folder) / "site", lambda _: None, wanted)
        return shoot(first.parent, shot, picture)


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m comparison.picture",
        description="Draw a picture of the documentation.",
    )
    parser.add_argument("picture", help="the PNG file to write")
    parser.add_argument("--of", choices=("pages", *SHOTS), default="pages", help="what is drawn")
    given = parser.parse_args()
    return draw(given.picture) if given.of == "pages" else draw_site(given.of, given.picture)


if __name__ == "__main__":
    raise SystemExit(main())
