"""DELETE /api/tokens/current: deleteCurrentToken."""

from contract_tests.cast import Actor, log_in
from contract_tests.operations.expected import assert_empty, assert_problem

PATH = "/api/tokens/current"


def test_it_works(alice: Actor) -> None:
    assert_empty(alice.delete(PATH))
    assert_problem(alice.get("/api/users/me"), "invalid-token", "/api/users/me")


def test_twice_is_once_too_often(alice: Actor) -> None:
    assert_empty(alice.delete(PATH))
    answer = alice.delete(PATH)
    assert_problem(answer, "invalid-token", PATH)
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_other_tokens_stay(alice: Actor, bob: Actor) -> None:
    other = log_in(alice.client, alice.username, alice.password)
    assert_empty(alice.delete(PATH))
    assert len(other.get("/api/tokens").json["items"]) == 1
    assert bob.get("/api/users/me").status == 200
