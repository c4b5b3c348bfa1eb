"""Django's command line: `python -m drf_api.manage migrate`, `… seed`, `… prune`."""

import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

from drf_api.startup import configure


def main() -> None:
    """Run the command that the arguments name."""
    configure()
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        sys.exit(f"drf_api: the database can't be used: {error}")


if __name__ == "__main__":
    main()
