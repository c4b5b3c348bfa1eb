"""What can be chosen of the playground on the command line."""

import argparse
import os

PORT, VARIABLE = 8090, "PLAY_PORT"
MOST = 8_192  # characters of an input
HELP = f"""\
Serve the playground on this machine until Ctrl-C: type or paste JSON, choose a schema, and see what
marshmallow, DRF and Pydantic make of it, plain and strict.

Both twins run behind it, each with a database of its own that is deleted in the end. An input has
at most {MOST:,} characters. Chapters are linked to if `make compare` has built them.
"""


def port_number(text: str) -> int:
    """Read a port."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!r} is no port number")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = HELP
    parser.add_argument(
        "--port",
        type=port_number,
        default=os.environ.get(VARIABLE, "").strip() or str(PORT),
        help=f"where to listen (default: {VARIABLE}, else {PORT})",
    )
