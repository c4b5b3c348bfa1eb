"""Who sends a generated request: somebody who may do what the operation does, most of the time."""

from random import Random
from typing import Any

from contract_tests.cast import Actor, log_in
from contract_tests.differential_client import DifferentialClient

# The password of new users, and the current password in the example of `changePassword`.
PASSWORD = "correct horse battery staple"
ENDING = {"deleteCurrentUser", "deleteCurrentToken", "changePassword"}
# What leaves its mark on whoever sends it; the demo data's people must stay who they are.
MARKING = {"users", "deleteCurrentToken"}
DEMO = ("alice", "bob", "sam")

# `last_used_at` is renewed when it is older than 60 seconds, which is not the same moment on all
# servers: a token is put aside for a new one before it gets that old.
USES = 300


class Actors:
    """The demo data's people and new users, logged in when they are needed."""

    def __init__(self, client: DifferentialClient, random: Random) -> None:
        self._client = client
        self._random = random
        self._present: dict[str, Actor] = {}
        self._uses: dict[str, int] = {}
        self.tokens: dict[str, str] = {}  # those that were shown, by id

    def sender(self, operation: dict[str, Any], parameters: dict[str, Any]) -> Actor | None:
        """Return who sends a request; one of 25 comes from nobody, one from somebody else."""
        match self._random.randrange(25):
            case 0:
                return None
            case 1 if not MARKING & {*operation["tags"], operation["operationId"]}:
                return self._somebody(self._random.choice(DEMO))
            case _:
                return self._owner(parameters) or self._somebody(usual(operation))

    def forget(self, actor: Actor) -> None:
        """Have somebody whose token, password or account has come to its end replaced."""
        for name in [name for name, present in self._present.items() if present == actor]:
            del self._present[name]

    def new_name(self) -> str:
        """Return a username that nobody has."""
        return f"m_{self._random.getrandbits(80):020x}"

    def _owner(self, parameters: dict[str, Any]) -> Actor | None:
        token = self.tokens.get(parameters.get("token_id", ""))
        return Actor(self._client, "", "", token) if token else None

    def _somebody(self, name: str) -> Actor:
        if name in self._present and self._uses[name] < USES:
            self._uses[name] += 1
            return self._present[name]
        self._present[name] = (
            log_in(self._client, name, f"{name}-demo-password")
            if name in DEMO
            else self._register(self.new_name())
        )
        self._uses[name] = 0
        return self._present[name]

    def _register(self, username: str) -> Actor:
        actor = {
            "username": username,
            "email": f"{username}@example.com",
            "password": PASSWORD,
        }
        answer = self._client.request("POST", "/api/users", json_body=actor)
        if answer.status != 201:
            raise RuntimeError(f"{actor} can't register: {answer}")
        return log_in(self._client, username, PASSWORD)


def usual(operation: dict[str, Any]) -> str:
    """Return who may do what an operation does; what is no demo user is a new one."""
    tags = {*operation["tags"]}
    if operation["operationId"] in ENDING:
        return "somebody who ends"
    if "users" in tags:
        return "somebody new"
    if "tokens" in tags:  # which may be revoked by a later step
        return "bob"
    return "sam" if {"products", "stock"} & tags else "alice"
