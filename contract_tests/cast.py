"""The users of the tests: Alice (the owner), Bob (another user), Sam (staff), and anonymous."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient


@dataclass(frozen=True)
class Actor:
    """Somebody who is logged in on every server under test."""

    client: DifferentialClient
    username: str
    password: str
    token: str | None

    def get(self, target: str, **parts: Any) -> Answer:
        return self.client.request("GET", target, token=self.token, **parts)

    def head(self, target: str, **parts: Any) -> Answer:
        return self.client.request("HEAD", target, token=self.token, **parts)

    def post(self, target: str, json_body: Any = None, **parts: Any) -> Answer:
        return self.client.request("POST", target, json_body=json_body, token=self.token, **parts)

    def put(self, target: str, json_body: Any = None, **parts: Any) -> Answer:
        return self.client.request("PUT", target, json_body=json_body, token=self.token, **parts)

    def patch(self, target: str, json_body: Any = None, **parts: Any) -> Answer:
        return self.client.request("PATCH", target, json_body=json_body, token=self.token, **parts)

    def delete(self, target: str, **parts: Any) -> Answer:
        return self.client.request("DELETE", target, token=self.token, **parts)

    def options(self, target: str, **parts: Any) -> Answer:
        return self.client.request("OPTIONS", target, token=self.token, **parts)


def nobody(client: DifferentialClient) -> Actor:
    """Return somebody without a token."""
    return Actor(client, "", "", None)


def log_in(client: DifferentialClient, username: str, password: str) -> Actor:
    """Log in somebody who is registered already, such as the demo data's staff."""
    answer = client.request(
        "POST", "/api/tokens", json_body={"username": username, "password": password}
    )
    assert answer.status == 201, answer
    return Actor(client, username, password, answer.json["token"])


def register(client: DifferentialClient, name: str) -> Actor:
    """Register a new user whose username starts with a name, and log them in."""
    username = f"{name}_{uuid4().hex[:12]}"
    password = f"{username}-password"
    answer = client.request(
        "POST",
        "/api/users",
        json_body={
            "username": username,
            "email": f"{username}@example.com",
            "password": password,
        },
    )
    assert answer.status == 201, answer
    return log_in(client, username, password)
