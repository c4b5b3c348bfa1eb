"""DELETE /api/tokens/{token_id}: deleteToken."""

from contract_tests.cast import Actor, log_in
from contract_tests.operations.expected import assert_empty, assert_problem


def newest_token(actor: Actor) -> str:
    """Return the path of somebody's newest token."""
    return f"/api/tokens/{actor.get('/api/tokens').json['items'][0]['id']}"


def test_it_works(alice: Actor) -> None:
    other = log_in(alice.client, alice.username, alice.password)
    path = newest_token(alice)
    assert_empty(alice.delete(path))
    assert_problem(other.get("/api/users/me"), "invalid-token", "/api/users/me")
    assert alice.get("/api/users/me").status == 200


def test_it_is_gone_afterwards(alice: Actor) -> None:
    log_in(alice.client, alice.username, alice.password)
    path = newest_token(alice)
    assert_empty(alice.delete(path))
    assert_problem(alice.delete(path), "not-found", path)


def test_it_may_be_the_one_in_use(alice: Actor) -> None:
    assert_empty(alice.delete(newest_token(alice)))
    assert_problem(alice.get("/api/users/me"), "invalid-token", "/api/users/me")


def test_the_location_of_a_login_is_where_to_revoke_it(alice: Actor) -> None:
    body = {"username": alice.username, "password": alice.password}
    answer = alice.client.request("POST", "/api/tokens", json_body=body)
    assert_empty(alice.delete(answer.headers["location"]))
    assert len(alice.get("/api/tokens").json["items"]) == 1


def test_if_match_is_not_looked_at(alice: Actor) -> None:
    # The contract declares it for what can be fetched by itself, which a token can't.
    assert_empty(alice.delete(newest_token(alice), headers={"If-Match": '"x'}))
