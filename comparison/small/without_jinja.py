"""Prints what importing Flask comes to where Jinja2 is missing."""

import json
import sys

sys.modules["jinja2"] = None  # type: ignore[assignment] # an import of it fails then


def main() -> None:
    """Try, and print."""
    try:
        import flask  # noqa: F401, PLC0415 - this is what is tried
    except ImportError as error:
        print(json.dumps(str(error)))
    else:
        print(json.dumps(""))


if __name__ == "__main__":
    main()
