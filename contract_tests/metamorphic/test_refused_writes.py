"""A refused write changes nothing, whatever the reason."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from contract_tests.cast import Actor, register
from contract_tests.client import Request
from contract_tests.contract import without_pages
from contract_tests.metamorphic.world import (
    ENDING,
    WRITES,
    World,
    set_up,
    with_header,
    without_header,
)
from contract_tests.operations.expected import NOWHERE, SOME_TAG
from contract_tests.operations.operations import Operation

TOO_LARGE = str(1_048_577)  # bytes


class Way(NamedTuple):
    """A way of failing: where it leads to, what can fail so, and what is made wrong for it."""

    name: str
    status: int
    concerns: Callable[[Operation], bool]
    mutate: Callable[[Request, World], Request]


def always(_: Operation) -> bool:
    """Concern every operation."""
    return True


def has_body(operation: Operation) -> bool:
    """Concern operations with a body."""
    return operation.has_body


def is_secured(operation: Operation) -> bool:
    """Concern operations that need a token."""
    return not operation.is_open


def has_id(operation: Operation) -> bool:
    """Concern operations on one thing."""
    return "_id}" in operation.template


def named(*names: str) -> Callable[[Operation], bool]:
    """Concern operations by name."""
    return lambda operation: operation.name in names


def changed(request: Request, **changes: Any) -> Request:
    """Return a request with other properties in its body."""
    body = {**json.loads(request.body or b"{}"), **changes}
    return replace(request, body=json.dumps(body).encode())


def with_one_more(request: Request, **wrong: Any) -> Request:
    """Return a bulk with a wrong todo after all the right ones."""
    todos = json.loads(request.body or b"{}")["todos"]
    return changed(request, todos=[*todos, {"title": "a", **wrong}])


def announced(request: Request, length: str) -> Request:
    """Return a request whose body is announced only: the server doesn't wait for it."""
    return replace(with_header(request, "Content-Length", length), body=None)


def nowhere(request: Request, world: World) -> Request:
    """Return a request to something that isn't there."""
    target = request.target
    for known in (world.todo, world.product, world.token):
        target = target.replace(known, NOWHERE)
    return replace(request, target=target)


def by(name: str) -> Callable[[Request, World], Request]:
    """Let somebody else send a request."""
    return lambda request, world: with_header(
        request, "Authorization", f"Bearer {getattr(world, name).token}"
    )


def with_fixed_header(name: str, value: str) -> Callable[[Request, World], Request]:
    """Add a header field."""
    return lambda request, _: with_header(request, name, value)


def with_body(**changes: Any) -> Callable[[Request, World], Request]:
    """Put other properties into the body."""
    return lambda request, _: changed(request, **changes)


TODO = named("createTodo", "replaceTodo", "updateTodo")
BULK = named("createTodosInBulk")
PRODUCT = named("createProduct", "replaceProduct", "updateProduct")
OWN = named("replaceTodo", "updateTodo", "deleteTodo", "deleteToken")

WAYS = [
    Way("unknown parameter", 400, always, lambda r, _: replace(r, target=f"{r.target}?a=1")),
    Way("cut body", 400, has_body, lambda r, _: replace(r, body=(r.body or b"")[:-1])),
    Way("body and more", 400, has_body, lambda r, _: replace(r, body=(r.body or b"") + b"{}")),
    Way("no token", 401, is_secured, lambda r, _: without_header(r, "Authorization")),
    Way("unknown token", 401, is_secured, with_fixed_header("Authorization", f"Bearer {'A' * 43}")),
    Way("wrong password", 401, named("createToken"), with_body(password="wrong")),
    Way("not staff", 403, lambda operation: operation.is_for_staff, by("alice")),
    Way("nothing there", 404, has_id, nowhere),
    Way("another user's", 404, OWN, by("bob")),
    Way("even for staff", 404, OWN, by("sam")),
    Way("nothing acceptable", 406, always, with_fixed_header("Accept", "image/png")),
    Way(
        "taken username",
        409,
        named("createUser", "updateCurrentUser"),
        lambda r, world: changed(r, username=world.bob.username),
    ),
    Way("taken sku", 409, PRODUCT, lambda r, world: changed(r, sku=world.other_sku)),
    Way("too little stock", 409, named("createStockAdjustment"), with_body(delta=-4)),
    Way(
        "changed since",
        412,
        lambda operation: operation.declares("If-Match"),
        with_fixed_header("If-Match", SOME_TAG),
    ),
    Way(
        "too large",
        413,
        has_body,
        lambda r, _: announced(r, TOO_LARGE),
    ),
    Way("not JSON", 415, has_body, with_fixed_header("Content-Type", "text/plain")),
    Way("unknown property", 422, has_body, with_body(surprise=1)),
    Way("null", 422, TODO, with_body(notes=None)),
    Way("unknown product", 422, TODO, with_body(product_id=NOWHERE)),
    Way("wrong last", 422, BULK, lambda r, _: with_one_more(r, title=" ")),
    Way("unknown last", 422, BULK, lambda r, _: with_one_more(r, product_id=NOWHERE)),
    Way("two tags alike", 422, TODO, with_body(tags=["a", "a"])),
    Way("wrong item", 422, TODO, with_body(items=[{"text": "a"}, {"text": ""}])),
    Way("wrong price", 422, PRODUCT, with_body(price="1.234")),
    Way("wrong attribute", 422, PRODUCT, with_body(attributes={"new": "a", "": "b"})),
    Way("no reason", 422, named("createStockAdjustment"), with_body(reason="stolen")),
    Way("not the password", 422, named("changePassword"), with_body(current_password="wrong")),
    Way(
        "used key",
        422,
        lambda operation: operation.declares("Idempotency-Key") and not operation.is_open,
        lambda r, world: with_header(r, "Idempotency-Key", world.key),
    ),
]


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
def test_it_changes_nothing(operation: Operation, alice: Actor, bob: Actor, sam: Actor) -> None:
    if operation.name in ENDING:
        alice = register(alice.client, "leaver")
    world = set_up(alice, bob, sam)
    right = world.request(operation)
    before = world.look()
    for way in WAYS:
        if way.concerns(operation):
            answer = alice.client.send(way.mutate(right, world))
            assert answer.status == way.status, way.name
    assert world.look() == before
    # What was made wrong was all that was wrong, and no name is taken by what was refused.
    assert alice.client.send(right).status in {200, 201, 204}


def test_every_status_of_a_refusal_is_tried(contract: dict[str, Any]) -> None:
    elsewhere = {429, 500, 503}  # they depend on more than the request
    declared = {
        operation["operationId"]: {int(status) for status in operation["responses"]}
        for item in without_pages(contract)["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    }
    for operation in WRITES:
        tried = {way.status for way in WAYS if way.concerns(operation)}
        refusals = {status for status in declared[operation.name] if status >= 400}
        assert tried == refusals - elsewhere, operation.name
