"""A write succeeds only if `If-Match` has the current entity tag, in any valid form."""

from dataclasses import replace

import pytest

from contract_tests.cast import Actor, register
from contract_tests.client import Request
from contract_tests.metamorphic.world import World, set_up, with_header
from contract_tests.operations.expected import SOME_TAG, assert_problem
from contract_tests.operations.operations import OPERATIONS, Operation

CONDITIONAL = [operation for operation in OPERATIONS if operation.declares("If-Match")]


@pytest.fixture
def world(alice: Actor, bob: Actor, sam: Actor, operation: Operation) -> World:
    """Return what may be changed; the account is one that may be closed."""
    if operation.name == "deleteCurrentUser":
        alice = register(alice.client, "leaver")
    return set_up(alice, bob, sam)


def current_tag(world: World, request: Request) -> str:
    """Return the entity tag of what a request is about."""
    read = replace(request, method="GET", body=None)
    return world.alice.client.send(read).headers["etag"]


@pytest.mark.parametrize("operation", CONDITIONAL, ids=lambda operation: operation.name)
def test_a_write_changes_only_what_was_seen(world: World, operation: Operation) -> None:
    request = world.request(operation)
    tag = current_tag(world, request)
    before = world.look()
    wrong = replace(request, body=b'{"surprise":1}') if operation.has_body else request
    for other in (SOME_TAG, f"W/{tag}", '"x", "y"', '""', '"*"', tag.upper().replace("0", "o")):
        for stale in (request, wrong):  # the condition comes before the content
            answer = world.alice.client.send(with_header(stale, "If-Match", other))
            assert_problem(answer, "precondition-failed", request.target)
    assert world.look() == before
    right = with_header(request, "If-Match", f'"x" \t,\t{tag}, W/"y"')
    assert world.alice.client.send(right).status in {200, 204}


@pytest.mark.parametrize("operation", CONDITIONAL, ids=lambda operation: operation.name)
def test_an_asterisk_is_whatever_there_is(world: World, operation: Operation) -> None:
    nowhere = with_header(world.nowhere(operation), "If-Match", "*")
    if operation.path != operation.template:
        assert world.alice.client.send(nowhere).status == 404
    request = with_header(world.request(operation), "If-Match", "*")
    assert world.alice.client.send(request).status in {200, 204}
