"""Django's command line: `python -m drf_api.manage migrate`, `… seed`, `… prune`."""

import sys

from django.core.management import execute_from_command_line

from drf_api.startup import configure


def main() -> None:
    """Run the command that the arguments name."""
    configure()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
