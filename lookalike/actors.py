"""Who asks: each actor is signed in on each server in that server's own way."""

from typing import Protocol

from lookalike.http import Request
from lookalike.targets import Target


class Actor(Protocol):
    """Somebody whose credentials go with requests."""

    name: str

    def signed(self, request: Request, target: Target) -> Request:
        """Return the request with this actor's credentials for a server; sign in where needed."""
