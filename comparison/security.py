"""What Flask and Django protect against by default: which does more, of what was tried on both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

# What was tried, by the name that comparison/small/security_*.py give it.
TRIED = {
    "unknown_host": "a request for an unknown host",
    "post_without_token": "a POST without a CSRF token",
    "headers": "header fields besides the content’s",
    "cookie": "attributes of the session cookie",
    "escaped": "a template that is given <b>",
}
PROTECTIVE = ("HttpOnly", "SameSite", "Secure")  # attributes of a cookie

# How much of each a result has; more is safer.
STRENGTH: Mapping[str, Callable[[Any], int]] = {
    "unknown_host": lambda status: int(status >= HTTPStatus.BAD_REQUEST),
    "post_without_token": lambda status: int(status >= HTTPStatus.BAD_REQUEST),
    "headers": len,
    "cookie": lambda attributes: sum(each.startswith(PROTECTIVE) for each in attributes),
    "escaped": lambda text: int("<b>" not in text),
}


@dataclass(frozen=True)
class Guarded:
    """What was tried, by the framework that does more about it; `both` do as much."""

    flask: list[str]
    django: list[str]
    both: list[str]


def compared(flask: Mapping[str, Any], django: Mapping[str, Any]) -> Guarded:
    """Compare the results of both."""
    found = Guarded([], [], [])
    for name, label in TRIED.items():
        ours, theirs = (STRENGTH[name](results[name]) for results in (flask, django))
        side = found.flask if ours > theirs else found.django if theirs > ours else found.both
        side.append(label)
    return found
