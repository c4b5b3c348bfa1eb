"""Django's command line: `python -m drf_api.manage migrate`, `… seed`, `… prune`."""

import sys
from argparse import SUPPRESS, ArgumentParser

from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

from drf_api.startup import SETTINGS, configure


def main() -> None:
    """Run the command that the arguments name."""
    # The options that all of Django's commands have, and that count here, too.
    parser = ArgumentParser("drf_api", usage=SUPPRESS, add_help=False, allow_abbrev=False)
    parser.add_argument("--settings", choices=[SETTINGS])
    parser.add_argument("--traceback", action="store_true")
    options, _ = parser.parse_known_args()
    configure()
    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as error:  # the second: a table is missing
        if options.traceback:
            raise
        reason, _, _ = str(error).partition("\n")  # PostgreSQL shows the statement, too
        sys.exit(f"drf_api: the database can't be used: {reason}")


if __name__ == "__main__":
    main()
