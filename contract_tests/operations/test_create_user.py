"""POST /api/users: createUser."""

from typing import Any

import pytest

from contract_tests.cast import Actor, log_in
from contract_tests.operations.expected import (
    a_key,
    a_name,
    a_user,
    assert_problem,
    assert_replayed,
    compact,
    error,
    header_error,
    is_id,
    is_time,
)


def test_it_works(anybody: Actor) -> None:
    body = a_user()
    answer = anybody.post("/api/users", body)
    user = answer.json
    assert answer.status == 201
    assert answer.body == compact(
        {
            "id": user["id"],
            "username": body["username"],
            "email": body["email"],
            "is_staff": False,
            "created_at": user["created_at"],
        }
    )
    assert is_id(user["id"])
    assert is_time(user["created_at"])
    assert answer.headers["location"] == "/api/users/me"
    assert "idempotency-replayed" not in answer.headers


def test_the_user_can_log_in(anybody: Actor) -> None:
    body = a_user()
    created = anybody.post("/api/users", body)
    user = log_in(anybody.client, body["username"], body["password"])
    answer = user.get("/api/users/me")
    assert answer.json == created.json
    # The body is the same, and so is its entity tag.
    assert answer.headers["etag"] == created.headers["etag"]


def test_it_ignores_what_is_read_only(anybody: Actor) -> None:
    body = a_user(id="x", is_staff=True, created_at=[{}])
    user = anybody.post("/api/users", body).json
    assert user["is_staff"] is False
    assert is_id(user["id"])
    assert is_time(user["created_at"])


@pytest.mark.parametrize(
    "changes",
    [
        {"username": a_name("a" * 18)},
        {"username": "_" + a_name("0")},
        {"email": f"{a_name('a' * 52)}@example.com"},
        {"email": f"!#$%&'*+/=?^_`{{|}}~-.{a_name('')}@1.x-y.Z"},
        {"email": f"{a_name('a')}@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 48}"},
        {"email": f".{a_name('')}..@a.b"},
        {"password": "12345678"},
        {"password": " \t \n é \u3000"},
        {"password": "€" * 128},
    ],
    ids=[
        "30 characters",
        "an underscore first",
        "64 characters before the @",
        "all special characters",
        "254 characters",
        "dots in odd places",
        "8 characters",
        "white space",
        "128 characters",
    ],
)
def test_it_takes_what_is_just_right(anybody: Actor, changes: dict[str, Any]) -> None:
    body = a_user(**changes)
    user = anybody.post("/api/users", body).json
    assert (user["username"], user["email"]) == (body["username"], body["email"])
    log_in(anybody.client, body["username"], body["password"])


def test_it_keeps_the_email_as_it_was_sent(anybody: Actor) -> None:
    email = f"{a_name('Jo.')}@Example.COM"
    assert anybody.post("/api/users", a_user(email=email)).json["email"] == email


def test_it_rejects_a_taken_username(anybody: Actor, guest: Actor) -> None:
    answer = anybody.post("/api/users", a_user(username=guest.username))
    assert_problem(answer, "already-exists", "/api/users", error("/username", "taken"))


@pytest.mark.parametrize("same", [str, str.upper, str.title], ids=["same", "upper", "title"])
def test_it_rejects_a_taken_email(anybody: Actor, guest: Actor, same: Any) -> None:
    answer = anybody.post("/api/users", a_user(email=same(f"{guest.username}@example.com")))
    assert_problem(answer, "already-exists", "/api/users", error("/email", "taken"))


def test_it_names_everything_that_is_taken(anybody: Actor, guest: Actor) -> None:
    body = a_user(username=guest.username, email=f"{guest.username}@example.com")
    assert_problem(
        anybody.post("/api/users", body),
        "already-exists",
        "/api/users",
        error("/email", "taken"),
        error("/username", "taken"),
    )


def test_a_wrong_value_comes_before_a_taken_one(anybody: Actor, guest: Actor) -> None:
    answer = anybody.post("/api/users", a_user(username=guest.username, password=""))
    assert_problem(
        answer,
        "invalid-body",
        "/api/users",
        error("/password", "too_short", 8),
    )


def test_a_repeat_is_answered_alike(anybody: Actor) -> None:
    body, headers = a_user(), {"Idempotency-Key": a_key()}
    first = anybody.post("/api/users", body, headers=headers)
    again = anybody.post("/api/users", body, headers=headers)
    assert first.status == 201
    assert_replayed(again, first)
    assert again.headers["location"] == "/api/users/me"


def test_without_a_key_a_repeat_is_another_request(anybody: Actor) -> None:
    body = a_user()
    anybody.post("/api/users", body)
    answer = anybody.post("/api/users", body)
    assert_problem(
        answer,
        "already-exists",
        "/api/users",
        error("/email", "taken"),
        error("/username", "taken"),
    )


def test_it_rejects_a_key_for_another_body(anybody: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    anybody.post("/api/users", a_user(), headers=headers)
    # The replay comes before the look at the body's content.
    for body in (a_user(), {}):
        assert_problem(
            anybody.post("/api/users", body, headers=headers),
            "idempotency-key-reused",
            "/api/users",
            header_error("Idempotency-Key", "key_reused"),
        )


def test_a_failure_leaves_the_key_free(anybody: Actor, guest: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    wrong, taken = a_user(email="x"), a_user(username=guest.username)
    assert anybody.post("/api/users", wrong, headers=headers).status == 422
    assert anybody.post("/api/users", taken, headers=headers).status == 409
    answer = anybody.post("/api/users", a_user(), headers=headers)
    assert answer.status == 201
    assert "idempotency-replayed" not in answer.headers


def test_a_key_belongs_to_the_anonymous_not_to_a_user(anybody: Actor, guest: Actor) -> None:
    # Whoever's token is sent is not looked at, so the key is known.
    body, headers = a_user(), {"Idempotency-Key": a_key()}
    first = anybody.post("/api/users", body, headers=headers)
    assert_replayed(guest.post("/api/users", body, headers=headers), first)


def test_the_key_of_a_user_is_not_the_anonymous_ones(anybody: Actor, guest: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    guest.post("/api/todos", {"title": "Count"}, headers=headers)
    assert anybody.post("/api/users", a_user(), headers=headers).status == 201
