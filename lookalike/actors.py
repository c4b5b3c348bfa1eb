"""Who asks: each actor is signed in on each server in that server's own way."""

import re
import threading
from dataclasses import dataclass, field, replace

from lookalike.http import Answer, Fields, Outcome, Request
from lookalike.login import LoginError, Recipe, beneath, filled_inside, pointed
from lookalike.masking import Secrets
from lookalike.targets import Target

UNAUTHORIZED = 401


@dataclass
class Session:
    """What one server knows an actor by."""

    fields: Fields
    refusal: str = ""  # of a registration
    is_proven: bool = False  # something succeeded with it


@dataclass
class Actor:
    """Somebody whose credentials go with requests; any number of threads may use one."""

    name: str
    recipe: Recipe = field(default_factory=Recipe)
    salt: str = ""  # a text that no other story uses; with the name it stands for {fresh}
    secrets: Secrets = field(default_factory=Secrets)

    def __post_init__(self) -> None:
        self._sessions: dict[Target, Session] = {}
        self._lock = threading.RLock()

    @property
    def fresh(self) -> str:
        """What stands for {fresh}."""
        return self.salt + re.sub(r"[^a-z0-9]", "", self.name.lower())

    def own(self, pointer: str) -> str | None:
        """Return the text at a place in the body of the login, as this actor sends it."""
        login = self.recipe.login
        found = pointed(login and (login.json or login.form), pointer)
        return filled_inside(found, {"fresh": self.fresh}) if isinstance(found, str) else None

    def sign_in(self, target: Target) -> str:
        """Sign in on a server, unless that was done; raise a LoginError where it fails.

        Returns how registering was refused, where it was, and logging in succeeded.
        """
        with self._lock:
            if beneath(target) not in self._sessions:
                found = self.recipe.sign_in(target, self.fresh, self.secrets)
                self._sessions[beneath(target)] = Session(found.fields, found.refusal)
            return self._sessions[beneath(target)].refusal

    def signed(self, request: Request, target: Target) -> Request:
        """Return the request with this actor's credentials for a server; sign in where needed.

        Fields that the request has are left as they are. Where signing in fails – an account is
        gone, say – the request stays without credentials, and the server's answer tells.
        """
        with self._lock:
            try:
                self.sign_in(target)
            except LoginError:
                self._sessions[beneath(target)] = Session(())
            fields = self._sessions[beneath(target)].fields
        own = {name.lower() for name, _ in request.fields}
        added = tuple(pair for pair in fields if pair[0].lower() not in own)
        return replace(request, fields=(*request.fields, *added))

    def observe(self, request: Request, outcome: Outcome, target: Target) -> None:
        """Note what a signed request was answered: after a 401, sign in again before the next one.

        A 401 to new credentials, or to somebody else's, says nothing about the session.
        """
        with self._lock:
            session = self._sessions.get(beneath(target))
            if session is None or not {*session.fields} <= {*request.fields}:
                return
            if not isinstance(outcome, Answer) or self._signs_in(request):
                return
            if outcome.status != UNAUTHORIZED:
                session.is_proven = session.is_proven or bool(session.fields)
            elif session.is_proven:
                del self._sessions[beneath(target)]

    def forget(self) -> None:
        """Sign in anew everywhere: the servers have been reset, and know nobody."""
        with self._lock:
            self._sessions.clear()

    def renewed(self, salt: str) -> "Actor":
        """Return who takes this part in a story with texts of its own: a new user, if possible."""
        if not self.recipe.is_fresh:
            return self
        return Actor(self.name, self.recipe, salt, self.secrets)

    def _signs_in(self, request: Request) -> bool:
        steps = (self.recipe.login, self.recipe.register)
        path = request.target.partition("?")[0]
        return any(step is not None and step.path == path for step in steps)
