"""Reads environment variables for the launchers and gunicorn, by the twins' own rules.

A variable that is empty or blank counts as unset; spaces around a value don't count.
"""

import os
import re
import sys
from typing import NoReturn

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SWITCHES = {"1": True, "0": False, "true": True, "false": False}


def refuse(message: str) -> NoReturn:
    """End at once because of a setting that can't work."""
    print(message, file=sys.stderr)
    raise SystemExit(2)


def setting(name: str, default: str = "") -> str:
    """Read a variable."""
    return os.environ.get(name, "").strip() or default


def whole_number(name: str, default: int) -> int:
    """Read a variable that is a whole number above zero."""
    text = setting(name, str(default))
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        refuse(f"{name}={text} is no whole number above zero")
    return int(text)


def switch(name: str) -> bool:
    """Read a variable that is true or false, which it is by default."""
    text = setting(name, "false")
    if text.lower() not in SWITCHES:
        refuse(f"{name}={text} is none of {', '.join(SWITCHES)}")
    return SWITCHES[text.lower()]


def log_level(name: str, default: str) -> str:
    """Read a variable that is one of the levels of logging."""
    level = setting(name, default).upper()
    if level not in LOG_LEVELS:
        refuse(f"{name}={level} is none of {', '.join(LOG_LEVELS)}")
    return level


def bind_addresses(name: str, default: str) -> list[str]:
    """Read a variable that lists where to listen."""
    listed = [part.strip() for part in setting(name).split(",")]
    addresses = [part for part in listed if part] or [default]
    for address in addresses:
        match = re.fullmatch(
            r"unix:.+|fd://[0-9]+|(?:\[[0-9A-Fa-f:.]+\]|[^:\[\]/]+):([0-9]{1,5})", address
        )
        if match is None or int(match[1] or 0) >= 2**16:
            refuse(f"{name}={address} is none of host:port, unix:/path, fd://number")
    return addresses
