"""Compares the twins: `python -m comparison show todos`, `… build`, `… play`, `… wire`."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from comparison import extensions
from comparison.chapters import ChapterError
from comparison.claims import batteries
from comparison.exchange import DifferenceError
from comparison.play.arguments import add_arguments
from comparison.source import OUTPUT, GoneError
from comparison.terminal import render, shown, width_of_terminal
from comparison.wire.lab import LabError
from comparison.wire.rows import RowError
from deploy.twins import ServerError


def web_address(text: str) -> str:
    """Take the address of a place on the web."""
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form https://host/path")
    return text


def arguments() -> argparse.Namespace:
    """Read what is to be done."""
    parser = argparse.ArgumentParser(prog="python -m comparison", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("show", help="lay code side by side in the terminal")
    show.add_argument(
        "name",
        nargs="?",
        help="a resource (todos), a pair of files (contract/strict) or a chapter (decimals); "
        "none lists what there is",
    )
    show.add_argument("--width", type=int, help="columns (default: the terminal's)")
    site = commands.add_parser("build", help="make the site")
    site.add_argument(
        "--output",
        type=Path,
        default=OUTPUT,
        help="the folder, which is replaced (default: build/comparison)",
    )
    site.add_argument(
        "--base-url",
        default="",
        type=web_address,
        metavar="URL",
        help="where the site will be served, for the addresses that pages give of themselves",
    )
    add_arguments(commands.add_parser("play", help="serve the playground on this machine"))
    commands.add_parser(
        "wire", help="write docs/wire-differences.md: ask the plain pair what differs"
    )
    commands.add_parser(
        "extensions", help="ask pip's index how Flask's extensions are kept (docs/data)"
    )
    return parser.parse_args()


def log(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


def show(name: str | None, width: int) -> int:
    """Print pairs; 2 if there are none of this name."""
    known = shown()
    if name in known:
        for line in render(known[name], width):
            print(line)
        return 0
    if name is not None:
        print(f"There is no {name!r}.", file=sys.stderr)
    stream = sys.stdout if name is None else sys.stderr
    print("What can be shown:", *(f"  {each}" for each in known), sep="\n", file=stream)
    return 0 if name is None else 2


def make_site(output: Path, base_url: str) -> int:
    """Make the site; 2 if its place is another's."""
    from comparison.site import build  # noqa: PLC0415 - see run

    if output.exists() and not (output / "style.css").exists():
        print(f"{output} is not a site of ours; name another folder.", file=sys.stderr)
        return 2
    build(output.absolute(), log, base_url=base_url)
    return 0


def serve(port: int) -> int:
    """Serve the playground."""
    from comparison.play.server import play  # noqa: PLC0415 - see run

    play(port, log)
    return 0


def write_wire() -> int:
    """Write the page of what differs on the wire."""
    from comparison.wire import page  # noqa: PLC0415 - see run

    page.FILE.write_text(page.render())
    return 0


def run(given: argparse.Namespace) -> int:
    """Run a command."""
    match given.command:
        case "show":
            return show(given.name, given.width or width_of_terminal())
        case "extensions":
            names = dict.fromkeys(each.extension for each in batteries())
            extensions.write(extensions.ask(list(names)))
            return 0
        # Showing code needs what `make up` installs, and what follows needs the rest.
        case "wire":
            return write_wire()
        case "play":
            return serve(given.port)
        case _:
            return make_site(given.output, given.base_url)


def main() -> int:
    """Do what is asked; 1 is what failed, 2 a name or an argument that is wrong."""
    given = arguments()
    try:
        return run(given)
    except BrokenPipeError:  # as with `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        log("Stopped.")
        return 130
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed; `make compare` installs it.", file=sys.stderr)
        return 1
    except (
        ChapterError,
        DifferenceError,
        GoneError,
        LabError,
        RowError,
        ServerError,
        subprocess.SubprocessError,
    ) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
