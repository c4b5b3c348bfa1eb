"""PATCH /api/users/me: updateCurrentUser."""

from typing import Any

import pytest

from contract_tests.cast import Actor, log_in
from contract_tests.operations.expected import (
    SOME_TAG,
    a_name,
    assert_problem,
    compact,
    error,
)
from contract_tests.operations.wrong_values import WRONG_ACCOUNT

ME = "/api/users/me"


def test_it_works(alice: Actor) -> None:
    before = alice.get(ME).json
    username = a_name("alice_")
    answer = alice.patch(ME, {"username": username, "email": f"{username}@example.org"})
    assert answer.status == 200
    assert answer.body == compact(
        {**before, "username": username, "email": f"{username}@example.org"}
    )
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
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


@pytest.mark.parametrize(("changes", "errors"), WRONG_ACCOUNT.values(), ids=list(WRONG_ACCOUNT))
def test_it_rejects_a_wrong_value(
    guest: Actor, changes: dict[str, Any], errors: list[dict[str, str]]
) -> None:
    assert_problem(guest.patch(ME, changes), "invalid-body", ME, *errors)


def test_it_rejects_the_password(guest: Actor) -> None:
    answer = guest.patch(ME, {"password": "another password", "username": "x"})
    assert_problem(
        answer,
        "invalid-body",
        ME,
        error("/password", "unknown_property"),
        error("/username", "too_short", "Must have 3 or more characters."),
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


def test_it_writes_only_over_what_was_seen(alice: Actor) -> None:
    tag = alice.get(ME).headers["etag"]
    username = a_name("new_")
    answer = alice.patch(ME, {"username": username}, headers={"If-Match": tag})
    assert answer.status == 200
    # That changed the tag, so the same again comes too late.
    answer = alice.patch(ME, {"username": a_name("newer_")}, headers={"If-Match": tag})
    assert_problem(answer, "precondition-failed", ME)
    assert alice.get(ME).json["username"] == username


def test_a_precondition_comes_before_the_content(alice: Actor) -> None:
    answer = alice.patch(ME, {"username": 5}, headers={"If-Match": SOME_TAG})
    assert_problem(answer, "precondition-failed", ME)


def test_any_of_several_tags_will_do_but_no_weak_one(alice: Actor) -> None:
    tag = alice.get(ME).headers["etag"]
    assert alice.patch(ME, {}, headers={"If-Match": f'"x", {tag}'}).status == 200
    assert alice.patch(ME, {}, headers={"If-Match": "*"}).status == 200
    answer = alice.patch(ME, {}, headers={"If-Match": f"W/{tag}"})
    assert_problem(answer, "precondition-failed", ME)


def test_a_failure_changes_nothing(alice: Actor) -> None:
    before = alice.get(ME).body
    alice.patch(ME, {"username": a_name("new_"), "email": "x"})
    assert alice.get(ME).body == before
