"""POST /api/tokens: createToken."""

import re
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.client import Request, send
from contract_tests.operations.expected import (
    a_key,
    a_name,
    assert_problem,
    compact,
    is_id,
    is_time,
)


def credentials(actor: Actor, **changes: Any) -> dict[str, Any]:
    """Return what somebody logs in with."""
    return {"username": actor.username, "password": actor.password, **changes}


def test_it_works(anybody: Actor, alice: Actor) -> None:
    answer = anybody.post("/api/tokens", credentials(alice))
    token = answer.json
    assert answer.status == 201
    assert answer.body == compact(
        {
            "id": token["id"],
            "token": token["token"],
            "created_at": token["created_at"],
            "last_used_at": None,
            "expires_at": token["expires_at"],
        }
    )
    assert is_id(token["id"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token["token"])
    assert is_time(token["created_at"])
    assert answer.headers["location"] == f"/api/tokens/{token['id']}"


def test_it_is_valid_for_30_days(anybody: Actor, guest: Actor) -> None:
    token = anybody.post("/api/tokens", credentials(guest)).json
    created, expires = (
        datetime.fromisoformat(token[name]) for name in ("created_at", "expires_at")
    )
    assert expires - created == timedelta(days=30)


def test_each_is_another(anybody: Actor, guest: Actor) -> None:
    first, second = (anybody.post("/api/tokens", credentials(guest)).json for _ in range(2))
    assert first["token"] != second["token"]
    assert first["id"] != second["id"]


def test_it_stands_for_the_user(anybody: Actor, alice: Actor) -> None:
    token = anybody.post("/api/tokens", credentials(alice)).json["token"]
    answer = anybody.client.request("GET", "/api/users/me", token=token)
    assert (answer.status, answer.json["username"]) == (200, alice.username)


def test_it_rejects_wrong_credentials(anybody: Actor, guest: Actor) -> None:
    for wrong in (
        credentials(guest, password="wrong"),
        credentials(guest, password=f"{guest.password} "),
        credentials(guest, password=guest.password.upper()),
        credentials(guest, username=guest.username.upper()),
        credentials(guest, username=f"{guest.username} "),
        credentials(guest, username=a_name("nobody_")),
        credentials(guest, username="Müller & Sons"),
        credentials(guest, username=" "),
        credentials(guest, username=f"{guest.username}@example.com"[:30]),
    ):
        answer = anybody.post("/api/tokens", wrong)
        assert_problem(answer, "invalid-credentials", "/api/tokens")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.unthrottled
def test_an_unknown_user_is_answered_after_the_same_time(
    base_urls: list[str], alice: Actor
) -> None:
    # Whatever else the machine does only takes time, so the shortest of several tries tells.
    wrong = credentials(alice, password="wrong")
    unknown = credentials(alice, username=a_name("nobody_"))
    for base_url in base_urls:
        seconds: dict[str, list[float]] = {"wrong": [], "unknown": []}
        for _ in range(8):
            for name, body in (("wrong", wrong), ("unknown", unknown)):
                start = time.perf_counter()
                answer = send(base_url, Request.with_json("POST", "/api/tokens", body))
                seconds[name].append(time.perf_counter() - start)
                assert answer.status == 401
        assert 0.5 < min(seconds["unknown"]) / min(seconds["wrong"]) < 2


def test_it_takes_no_idempotency_key(anybody: Actor, guest: Actor) -> None:
    # Its answer holds a secret that is not stored; so the header is not even looked at.
    headers = {"Idempotency-Key": a_key()}
    first, second = (
        anybody.post("/api/tokens", credentials(guest), headers=headers) for _ in range(2)
    )
    assert first.json["token"] != second.json["token"]
    assert "idempotency-replayed" not in second.headers
    answer = anybody.post("/api/tokens", credentials(guest), headers={"Idempotency-Key": "a b"})
    assert answer.status == 201
