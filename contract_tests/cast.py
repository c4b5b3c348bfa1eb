"""The people of the tests: Alice owns, Bob is another user, Sam is staff; nobody has no token."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from contract_tests.client import Answer
from contract_tests.mirror import Mirror


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in on every server under test."""

    mirror: Mirror
    username: str
    password: str
    token: str | None

    def get(self, target: str, **parts: Any) -> Answer:
        return self.mirror.request("GET", target, token=self.token, **parts)

    def head(self, target: str, **parts: Any) -> Answer:
        return self.mirror.request("HEAD", target, token=self.token, **parts)

    def post(self, target: str, json_body: Any = None, **parts: Any) -> Answer:
        return self.mirror.request("POST", target, json_body=json_body, token=self.token, **parts)

    def put(self, target: str, json_body: Any = None, **parts: Any) -> Answer:
        return self.mirror.request("PUT", target, json_body=json_body, token=self.token, **parts)

    def patch(self, target: str, json_body: Any = None, **parts: Any) -> Answer:
        return self.mirror.request("PATCH", target, json_body=json_body, token=self.token, **parts)

    def delete(self, target: str, **parts: Any) -> Answer:
        return self.mirror.request("DELETE", target, token=self.token, **parts)

    def options(self, target: str, **parts: Any) -> Answer:
        return self.mirror.request("OPTIONS", target, token=self.token, **parts)


def nobody(mirror: Mirror) -> Person:
    """Return somebody without a token."""
    return Person(mirror, "", "", None)


def log_in(mirror: Mirror, username: str, password: str) -> Person:
    """Log in somebody who is registered already, such as the demo data's staff."""
    answer = mirror.request(
        "POST", "/api/tokens", json_body={"username": username, "password": password}
    )
    assert answer.status == 201, answer
    return Person(mirror, username, password, answer.json["token"])


def register(mirror: Mirror, name: str) -> Person:
    """Register a new user whose username starts with a name, and log them in."""
    username = f"{name}_{uuid4().hex[:12]}"
    password = f"{username}-password"
    answer = mirror.request(
        "POST",
        "/api/users",
        json_body={
            "username": username,
            "email": f"{username}@example.com",
            "password": password,
        },
    )
    assert answer.status == 201, answer
    return log_in(mirror, username, password)
