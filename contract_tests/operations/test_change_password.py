"""PUT /api/users/me/password: changePassword."""

import pytest

from contract_tests.cast import Actor, log_in
from contract_tests.operations.expected import assert_empty, assert_problem, error

PATH = "/api/users/me/password"
NEW = "a new and longer password"


def change(actor: Actor, new: str = NEW) -> dict[str, str]:
    """Return a change that succeeds."""
    return {"current_password": actor.password, "new_password": new}


def test_it_works(alice: Actor) -> None:
    assert_empty(alice.put(PATH, change(alice)))
    log_in(alice.client, alice.username, NEW)


def test_the_old_password_is_wrong_afterwards(alice: Actor) -> None:
    alice.put(PATH, change(alice))
    answer = alice.client.request(
        "POST", "/api/tokens", json_body={"username": alice.username, "password": alice.password}
    )
    assert_problem(answer, "invalid-credentials", "/api/tokens")


def test_it_revokes_every_other_token(alice: Actor) -> None:
    others = [log_in(alice.client, alice.username, alice.password) for _ in range(2)]
    assert_empty(alice.put(PATH, change(alice)))
    for other in others:
        assert_problem(other.get("/api/users/me"), "invalid-token", "/api/users/me")
    assert alice.get("/api/users/me").status == 200
    assert len(alice.get("/api/tokens").json["items"]) == 1


def test_it_leaves_other_users_tokens(alice: Actor, bob: Actor) -> None:
    alice.put(PATH, change(alice))
    assert bob.get("/api/users/me").status == 200


def test_the_new_password_may_be_the_old_one(alice: Actor) -> None:
    other = log_in(alice.client, alice.username, alice.password)
    assert_empty(alice.put(PATH, change(alice, alice.password)))
    assert_problem(other.get("/api/users/me"), "invalid-token", "/api/users/me")


@pytest.mark.parametrize("new", ["12345678", "x" * 128, "        ", "пароль – 密码"])
def test_it_takes_what_is_just_right(alice: Actor, new: str) -> None:
    assert_empty(alice.put(PATH, change(alice, new)))
    log_in(alice.client, alice.username, new)


def test_it_rejects_a_wrong_current_password(alice: Actor) -> None:
    other = log_in(alice.client, alice.username, alice.password)
    for wrong in ("x", alice.password + " ", alice.password.upper(), "x" * 128):
        answer = alice.put(PATH, {"current_password": wrong, "new_password": NEW})
        assert_problem(
            answer, "invalid-body", PATH, error("/current_password", "incorrect_password")
        )
    # Nothing has changed.
    assert other.get("/api/users/me").status == 200
    log_in(alice.client, alice.username, alice.password)
