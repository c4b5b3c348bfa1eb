"""A deleted resource is gone everywhere, and nothing else is."""

import pytest

from contract_tests.cast import Actor
from contract_tests.metamorphic.world import World, set_up
from contract_tests.operations.operations import OPERATIONS


@pytest.fixture
def world(alice: Actor, bob: Actor, sam: Actor) -> World:
    """Return what can be deleted."""
    return set_up(alice, bob, sam)


@pytest.mark.parametrize("name", ["deleteTodo", "deleteProduct"])
def test_what_is_deleted_is_not_found_by_any_method(world: World, name: str) -> None:
    [operation] = [each for each in OPERATIONS if each.name == name]
    client = world.alice.client
    assert client.send(world.request(operation)).status == 204
    for other in OPERATIONS:
        if other.template.startswith(operation.template):
            assert client.send(world.request(other)).status == 404, other.name
    head = (world.sam if operation.is_for_staff else world.alice).head(world.target(operation))
    assert head.status == 404
