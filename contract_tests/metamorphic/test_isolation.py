"""A user's resources are out of reach for everybody else."""

import pytest

from contract_tests.cast import Actor, register
from contract_tests.metamorphic.things import document
from contract_tests.metamorphic.world import READS, WRITES, World, set_up
from contract_tests.operations.operations import OPERATIONS, Operation

OWN = [
    operation
    for operation in OPERATIONS
    if "{todo_id}" in operation.template or "{token_id}" in operation.template
]


@pytest.fixture(scope="module")
def world(alice: Actor, bob: Actor, sam: Actor) -> World:
    """Return something that Alice has to lose."""
    return set_up(alice, bob, sam)


def test_whatever_bob_does_what_is_alices_stays(world: World) -> None:
    bob = register(world.alice.client, "bob")  # another one: he closes his account in the end
    before = world.look_at_alices()
    for operation in [*READS, *WRITES]:
        if operation.name != "createToken":  # he doesn't know her password
            bob.client.send(world.request(operation, bob))
    assert world.look_at_alices() == before


def test_whatever_staff_does_what_is_alices_stays(world: World) -> None:
    before = world.look_at_alices()
    for operation in OWN:
        answer = world.sam.client.send(world.request(operation, world.sam))
        assert answer.status == 404, operation.name
    assert world.look_at_alices() == before


@pytest.mark.parametrize("operation", OWN, ids=lambda operation: operation.name)
def test_what_is_alices_is_for_bob_as_if_it_were_not_there(
    world: World, operation: Operation
) -> None:
    hers, nowhere = world.request(operation, world.bob), world.nowhere(operation, world.bob)
    answer, other = world.bob.client.send(hers), world.bob.client.send(nowhere)
    assert answer.status == other.status == 404
    assert answer.json == {**other.json, "instance": hers.target}
    assert other.json["instance"] == nowhere.target


def test_lists_have_nothing_of_somebody_elses(world: World) -> None:
    document(world.bob.post("/api/todos", {"title": "His"}), 201)
    for target in ("/api/todos?limit=100", "/api/tokens?limit=100"):
        hers, his, sams = (
            {row["id"] for row in document(actor.get(target))["items"]}
            for actor in (world.alice, world.bob, world.sam)
        )
        assert hers
        assert his
        assert not hers & (his | sams)
        assert not his & sams


def test_a_key_is_its_users_own(world: World) -> None:
    headers = {"Idempotency-Key": world.key}
    before = world.look_at_alices()
    answers = [world.bob.post("/api/todos", {"title": "His"}, headers=headers) for _ in range(2)]
    assert ["idempotency-replayed" in answer.headers for answer in answers] == [False, True]
    assert answers[0].body == answers[1].body
    assert world.look_at_alices() == before
