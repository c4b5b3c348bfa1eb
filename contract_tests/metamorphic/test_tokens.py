"""One actor's tokens are as good as each other, and end by themselves."""

import pytest

from contract_tests.cast import Actor, log_in, register
from contract_tests.differential_client import DifferentialClient
from contract_tests.documents import exactly
from contract_tests.metamorphic.things import document
from contract_tests.operations.expected import a_todo


@pytest.fixture
def alices(client: DifferentialClient) -> list[Actor]:
    """Return a new user who has logged in three times."""
    alice = register(client, "alice")
    again = [log_in(client, alice.username, alice.password) for _ in range(2)]
    return [alice, *again]


def statuses(people: list[Actor]) -> list[int]:
    """Return how each token is answered."""
    return [actor.get("/api/users/me").status for actor in people]


def token_ids(actor: Actor) -> list[str]:
    """Return the ids of somebody's tokens, the oldest first."""
    return [row["id"] for row in document(actor.get("/api/tokens"))["items"]][::-1]


def test_all_of_ones_tokens_show_the_same(alices: list[Actor]) -> None:
    path = alices[1].post("/api/todos", a_todo()).headers["location"]
    for target in ("/api/users/me", "/api/todos", path):
        assert len({(alice.get(target).status, alice.get(target).body) for alice in alices}) == 1
    assert len({tuple(token_ids(alice)) for alice in alices}) == 1


def test_what_one_token_writes_the_others_see(alices: list[Actor]) -> None:
    first, second, third = alices
    path = first.post("/api/todos", a_todo()).headers["location"]
    written = second.patch(path, {"title": "Another"})
    assert third.get(path).body == written.body
    assert third.delete(path).status == 204
    assert first.get(path).status == 404


@pytest.mark.parametrize("which", [0, 1, 2])
def test_logging_out_ends_this_token_only(alices: list[Actor], which: int) -> None:
    before = [*exactly(3, token_ids(alices[0]))]
    assert alices[which].delete("/api/tokens/current").status == 204
    expected = [200, 200, 200]
    expected[which] = 401
    assert statuses(alices) == expected
    del before[which]
    assert token_ids(alices[which - 1]) == before


@pytest.mark.parametrize("by", [0, 1, 2])
def test_whichever_token_revokes_one_that_one_ends(alices: list[Actor], by: int) -> None:
    before = exactly(3, token_ids(alices[0]))
    assert alices[by].delete(f"/api/tokens/{before[1]}").status == 204
    assert statuses(alices) == [200, 401, 200]
    assert token_ids(alices[0]) == [before[0], before[2]]


def test_a_new_password_ends_all_tokens_but_the_one_that_sent_it(alices: list[Actor]) -> None:
    alice = alices[1]
    change = {"current_password": alice.password, "new_password": f"new {alice.password}"}
    assert alice.put("/api/users/me/password", change).status == 204
    assert statuses(alices) == [401, 200, 401]
    old, new = (
        alice.post("/api/tokens", {"username": alice.username, "password": password}).status
        for password in change.values()
    )
    assert (old, new) == (401, 201)
