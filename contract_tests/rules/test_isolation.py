"""What belongs to somebody is out of everybody else's reach."""

import pytest

from contract_tests.cast import Person, register
from contract_tests.operations.operations import OPERATIONS, Operation
from contract_tests.rules.scene import READS, WRITES, Scene, set_up
from contract_tests.rules.things import document

OWN = [
    operation
    for operation in OPERATIONS
    if "{todo_id}" in operation.template or "{token_id}" in operation.template
]


@pytest.fixture(scope="module")
def scene(alice: Person, bob: Person, sam: Person) -> Scene:
    """Return something that Alice has to lose."""
    return set_up(alice, bob, sam)


def test_whatever_bob_does_what_is_alices_stays(scene: Scene) -> None:
    bob = register(scene.alice.mirror, "bob")  # another one: he closes his account in the end
    before = scene.look_at_alices()
    for operation in [*READS, *WRITES]:
        if operation.name != "createToken":  # he doesn't know her password
            bob.mirror.send(scene.request(operation, bob))
    assert scene.look_at_alices() == before


def test_whatever_staff_does_what_is_alices_stays(scene: Scene) -> None:
    before = scene.look_at_alices()
    for operation in OWN:
        answer = scene.sam.mirror.send(scene.request(operation, scene.sam))
        assert answer.status == 404, operation.name
    assert scene.look_at_alices() == before


@pytest.mark.parametrize("operation", OWN, ids=lambda operation: operation.name)
def test_what_is_alices_is_for_bob_as_if_it_were_not_there(
    scene: Scene, operation: Operation
) -> None:
    hers, nowhere = scene.request(operation, scene.bob), scene.nowhere(operation, scene.bob)
    answer, other = scene.bob.mirror.send(hers), scene.bob.mirror.send(nowhere)
    assert answer.status == other.status == 404
    assert answer.json == {**other.json, "instance": hers.target}
    assert other.json["instance"] == nowhere.target


def test_lists_have_nothing_of_somebody_elses(scene: Scene) -> None:
    document(scene.bob.post("/api/todos", {"title": "His"}), 201)
    for target in ("/api/todos?limit=100", "/api/tokens?limit=100"):
        hers, his, sams = (
            {row["id"] for row in document(person.get(target))["items"]}
            for person in (scene.alice, scene.bob, scene.sam)
        )
        assert hers
        assert his
        assert not hers & (his | sams)
        assert not his & sams


def test_a_key_is_its_users_own(scene: Scene) -> None:
    headers = {"Idempotency-Key": scene.key}
    before = scene.look_at_alices()
    answers = [scene.bob.post("/api/todos", {"title": "His"}, headers=headers) for _ in range(2)]
    assert ["idempotency-replayed" in answer.headers for answer in answers] == [False, True]
    assert answers[0].body == answers[1].body
    assert scene.look_at_alices() == before
