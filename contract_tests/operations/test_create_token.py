"""POST /api/tokens: createToken."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from contract_tests.cast import Person, register
from contract_tests.client import Answer
from contract_tests.mirror import Mirror
from contract_tests.operations.expected import (
    A_STRING,
    a_key,
    a_name,
    assert_problem,
    compact,
    error,
    is_id,
    is_time,
)
from contract_tests.operations.wrong_values import at_least, at_most
from contract_tests.servers import twins


def credentials(person: Person, **changes: Any) -> dict[str, Any]:
    """Return what somebody logs in with."""
    return {"username": person.username, "password": person.password, **changes}


def test_it_works(anybody: Person, alice: Person) -> None:
    answer = anybody.post("/api/tokens", credentials(alice))
    token = answer.json
    assert (answer.status, answer.reason) == (201, "Created")
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
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


def test_it_is_valid_for_30_days(anybody: Person, guest: Person) -> None:
    token = anybody.post("/api/tokens", credentials(guest)).json
    created, expires = (
        datetime.fromisoformat(token[name]) for name in ("created_at", "expires_at")
    )
    assert expires - created == timedelta(days=30)


def test_each_is_another(anybody: Person, guest: Person) -> None:
    first, second = (anybody.post("/api/tokens", credentials(guest)).json for _ in range(2))
    assert first["token"] != second["token"]
    assert first["id"] != second["id"]


def test_it_stands_for_the_user(anybody: Person, alice: Person) -> None:
    token = anybody.post("/api/tokens", credentials(alice)).json["token"]
    answer = anybody.mirror.request("GET", "/api/users/me", token=token)
    assert (answer.status, answer.json["username"]) == (200, alice.username)


def test_it_rejects_wrong_credentials(anybody: Person, guest: Person) -> None:
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


@pytest.mark.parametrize("name", ["username", "password"])
@pytest.mark.parametrize(
    ("value", "code", "detail"),
    [
        (None, "null_not_allowed", None),
        (5, "invalid_type", A_STRING),
        (["alice"], "invalid_type", A_STRING),
        ("\0", "null_character", None),
        ("", "too_short", at_least(1)),
    ],
    ids=["null", "number", "array", "NUL", "empty"],
)
def test_it_rejects_a_wrong_value(
    anybody: Person, name: str, value: Any, code: str, detail: str | None
) -> None:
    body = {"username": "alice", "password": "wrong", name: value}
    answer = anybody.post("/api/tokens", body)
    assert_problem(answer, "invalid-body", "/api/tokens", error(f"/{name}", code, detail))


def test_it_rejects_what_is_too_long(anybody: Person) -> None:
    answer = anybody.post("/api/tokens", {"username": "é" * 31, "password": "é" * 129})
    assert_problem(
        answer,
        "invalid-body",
        "/api/tokens",
        error("/password", "too_long", at_most(128)),
        error("/username", "too_long", at_most(30)),
    )
    answer = anybody.post("/api/tokens", {"username": "é" * 30, "password": "é" * 128})
    assert_problem(answer, "invalid-credentials", "/api/tokens")


def test_it_gives_all_errors_at_once(anybody: Person) -> None:
    assert_problem(
        anybody.post("/api/tokens", {"user": "alice", "id": 1}),
        "invalid-body",
        "/api/tokens",
        error("/id", "unknown_property"),
        error("/password", "required"),
        error("/user", "unknown_property"),
        error("/username", "required"),
    )


def test_it_takes_no_idempotency_key(anybody: Person, guest: Person) -> None:
    # Its answer holds a secret that is not stored; so the header is not even looked at.
    headers = {"Idempotency-Key": a_key()}
    first, second = (
        anybody.post("/api/tokens", credentials(guest), headers=headers) for _ in range(2)
    )
    assert first.json["token"] != second.json["token"]
    assert "idempotency-replayed" not in second.headers
    answer = anybody.post("/api/tokens", credentials(guest), headers={"Idempotency-Key": "a b"})
    assert answer.status == 201


# The throttle on failed logins. Retry-After counts seconds, which may pass between two servers'
# answers, so each server is asked by itself.


@pytest.fixture(scope="module")
def throttled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Mirror]]:
    """Return servers that allow three failed logins in a minute."""
    with twins(tmp_path_factory.mktemp("throttled"), LOGIN_THROTTLE="3/60") as base_urls:
        yield [Mirror([base_url]) for base_url in base_urls]


def try_to_log_in(mirror: Mirror, username: str, password: str) -> Answer:
    """Send a login that may fail."""
    return mirror.request(
        "POST", "/api/tokens", json_body={"username": username, "password": password}
    )


def assert_throttled(answer: Answer, path: str) -> None:
    """Hold an answer to the refusal of a further attempt."""
    assert_problem(answer, "too-many-requests", path)
    assert re.fullmatch(r"[1-9]\d*", answer.headers["retry-after"])
    assert 50 <= int(answer.headers["retry-after"]) <= 60
    assert "www-authenticate" not in answer.headers


def test_too_many_failures_lock_out_even_the_right_password(throttled: list[Mirror]) -> None:
    for mirror in throttled:
        alice = register(mirror, "alice")
        for _ in range(3):
            answer = try_to_log_in(mirror, alice.username, "wrong")
            assert_problem(answer, "invalid-credentials", "/api/tokens")
        for password in ("wrong", alice.password):
            answer = try_to_log_in(mirror, alice.username, password)
            assert_throttled(answer, "/api/tokens")
        # The token that there is goes on, and so does everybody else.
        assert alice.get("/api/users/me").status == 200
        register(mirror, "bob")


def test_unknown_users_are_locked_out_alike(throttled: list[Mirror]) -> None:
    for mirror in throttled:
        username = a_name("nobody_")
        statuses = [try_to_log_in(mirror, username, "wrong").status for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]


def test_a_success_forgets_the_failures(throttled: list[Mirror]) -> None:
    for mirror in throttled:
        alice = register(mirror, "alice")
        passwords = ["wrong", "wrong", alice.password] * 3
        statuses = [try_to_log_in(mirror, alice.username, word).status for word in passwords]
        assert statuses == [401, 401, 201] * 3


def test_a_request_that_is_invalid_is_no_failed_login(throttled: list[Mirror]) -> None:
    for mirror in throttled:
        alice = register(mirror, "alice")
        for _ in range(4):
            assert try_to_log_in(mirror, alice.username, "").status == 422
        assert try_to_log_in(mirror, alice.username, alice.password).status == 201


def test_the_content_comes_before_the_throttle(throttled: list[Mirror]) -> None:
    for mirror in throttled:
        username = a_name("nobody_")
        for _ in range(4):
            answer = try_to_log_in(mirror, username, "wrong")
        assert answer.status == 429
        answer = try_to_log_in(mirror, username, "")
        assert_problem(
            answer, "invalid-body", "/api/tokens", error("/password", "too_short", at_least(1))
        )


def test_a_wrong_current_password_counts_as_a_failure(throttled: list[Mirror]) -> None:
    path = "/api/users/me/password"
    for mirror in throttled:
        alice = register(mirror, "alice")
        wrong = {"current_password": "wrong", "new_password": "another password"}
        right = {**wrong, "current_password": alice.password}
        for _ in range(2):
            assert_problem(
                alice.put(path, wrong),
                "invalid-body",
                path,
                error("/current_password", "incorrect_password"),
            )
        assert try_to_log_in(mirror, alice.username, "wrong").status == 401
        assert_throttled(alice.put(path, right), path)
        assert_throttled(try_to_log_in(mirror, alice.username, alice.password), "/api/tokens")
