"""Slashes at the end of paths: a router that wants them answers others with 404 or a redirection.

Where one server has them and the other doesn't, every operation would differ, and nothing else
could be seen. So each server is asked as it wants to be, and only what is sent to show the
difference (`Call.is_literal`) is sent as the file has it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lookalike.http import Request


@dataclass(frozen=True)
class Ending:
    """How a server's paths end, where that isn't as in the file."""

    has_slash: bool
    as_written: re.Pattern[str]  # paths that end as in the file all the same

    @classmethod
    def of(cls, *, has_slash: bool, as_written: Iterable[str] = ()) -> "Ending":
        """Name the paths that end as in the file by their templates."""
        templates = "|".join(
            re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path)) for path in sorted(as_written)
        )
        return cls(has_slash, re.compile(templates))

    def __call__(self, request: Request) -> Request:
        """Return a request with its path as the server wants it."""
        path, mark, query = request.target.partition("?")
        if not path.startswith("/") or self.as_written.fullmatch(path):
            return request
        bare = path.rstrip("/")
        path = f"{bare}/" if self.has_slash or not bare else bare
        return replace(request, target=f"{path}{mark}{query}")


def toggled(target: str) -> str:
    """Return a path with a slash at its end, or without it where it has one; a query stays."""
    path, mark, query = target.partition("?")
    bare = path.rstrip("/")
    return f"{bare if bare and bare != path else f'{bare}/'}{mark}{query}"
