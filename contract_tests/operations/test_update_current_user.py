"""PATCH /api/users/me: updateCurrentUser."""

import pytest

from contract_tests.cast import Actor, log_in
from contract_tests.operations.expected import (
    a_name,
    assert_problem,
    compact,
    error,
)

ME = "/api/users/me"


def test_it_works(alice: Actor) -> None:
    before = alice.get(ME).json
    username = a_name("alice_")
    answer = alice.patch(ME, {"username": username, "email": f"{username}@example.org"})
    assert answer.status == 200
    assert answer.body == compact(
        {**before, "username": username, "email": f"{username}@example.org"}
    )
    shown = alice.get(ME)
    assert (shown.body, shown.headers["etag"]) == (answer.body, answer.headers["etag"])


def test_what_is_absent_stays(alice: Actor) -> None:
    before = alice.get(ME).json
    assert alice.patch(ME, {}).json == before
    email = f"{a_name('New.')}@example.org"
    assert alice.patch(ME, {"email": email}).json == {**before, "email": email}
    username = a_name("new_")
    expected = {**before, "email": email, "username": username}
    assert alice.patch(ME, {"username": username}).json == expected


def test_it_takes_a_merge_patch(alice: Actor) -> None:
    before = alice.get(ME).json
    username = a_name("new_")
    answer = alice.patch(
        ME, {"username": username}, headers={"Content-Type": "application/merge-patch+json"}
    )
    assert answer.json == {**before, "username": username}


def test_the_new_username_logs_in(alice: Actor) -> None:
    username = a_name("new_")
    alice.patch(ME, {"username": username})
    log_in(alice.client, username, alice.password)
    answer = alice.client.request(
        "POST",
        "/api/tokens",
        json_body={"username": alice.username, "password": alice.password},
    )
    assert_problem(answer, "invalid-credentials", "/api/tokens")


def test_it_ignores_what_is_read_only(alice: Actor) -> None:
    before = alice.get(ME).json
    answer = alice.patch(ME, {"id": None, "is_staff": True, "created_at": 5})
    assert (answer.status, answer.json) == (200, before)
    assert alice.patch(ME, before).json == before


def test_it_rejects_the_password(guest: Actor) -> None:
    answer = guest.patch(ME, {"password": "another password", "username": "x"})
    assert_problem(
        answer,
        "invalid-body",
        ME,
        error("/password", "unknown_property"),
        error("/username", "too_short", 3),
    )


def test_it_rejects_what_is_taken(alice: Actor, bob: Actor) -> None:
    before = alice.get(ME).json
    email = f"{bob.username}@EXAMPLE.com"
    answer = alice.patch(ME, {"username": bob.username, "email": email})
    assert_problem(
        answer, "already-exists", ME, error("/email", "taken"), error("/username", "taken")
    )
    answer = alice.patch(ME, {"username": a_name("new_"), "email": email})
    assert_problem(answer, "already-exists", ME, error("/email", "taken"))
    assert alice.get(ME).json == before


@pytest.mark.parametrize("names", [["username"], ["email"], ["username", "email"]], ids="+".join)
def test_ones_own_values_are_not_taken(alice: Actor, names: list[str]) -> None:
    shown = alice.get(ME).json
    assert alice.patch(ME, {name: shown[name] for name in names}).json == shown
    if "email" in names:
        email = shown["email"].upper()
        assert alice.patch(ME, {"email": email}).json == {**shown, "email": email}


def test_what_was_given_up_can_be_taken(alice: Actor, bob: Actor) -> None:
    alice.patch(ME, {"username": a_name("new_")})
    answer = bob.patch(ME, {"username": alice.username})
    assert (answer.status, answer.json["username"]) == (200, alice.username)
