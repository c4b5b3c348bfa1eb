"""A created resource can be found; in bulk, singly and with a key the result is the same."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.cast import Actor
from contract_tests.client import Answer
from contract_tests.metamorphic import strategies as some
from contract_tests.metamorphic.conftest import Hold
from contract_tests.metamorphic.things import Document, document, products, said, todos
from contract_tests.metamorphic.world import World, set_up, with_header
from contract_tests.operations.expected import (
    NOWHERE,
    a_key,
    a_name,
    a_product,
    a_user,
    assert_problem,
    header_error,
)
from contract_tests.operations.lists import joined, pages
from contract_tests.operations.operations import OPERATIONS, Operation

KEYED = [
    operation
    for operation in OPERATIONS
    if operation.declares("Idempotency-Key") and operation.name != "createUser"  # see the end
]
# What is wrong with one todo, in one way each.
MISSES: dict[str, Any] = {
    "title": " \t",
    "notes": None,
    "completed": 1,
    "priority": "High",
    "due_at": "2026-02-29T00:00:00Z",
    "items": [{"text": "a"}, {}],
    "product_id": NOWHERE,
    "more": 1,
}
PER_REQUEST = {"date", "x-request-id"}

with_key = pytest.mark.parametrize("operation", KEYED, ids=lambda operation: operation.name)


@pytest.fixture(scope="module")
def world(alice: Actor, bob: Actor, sam: Actor) -> World:
    """Return where something is to be created."""
    return set_up(alice, bob, sam)


@pytest.mark.parametrize("name", ["todos", "products"])
def test_what_is_created_is_where_its_location_points(
    alice: Actor, sam: Actor, hold: Hold, name: str
) -> None:
    product = sam.post("/api/products", a_product()).json["id"]
    kind = todos(alice, product) if name == "todos" else products(sam)

    @given(kind.bodies)
    def rule(body: Document) -> None:
        created = kind.create(body)
        path = created.headers["location"]
        got, listed = kind.actor.get(path), kind.actor.get(kind.list)
        kind.actor.delete(path)
        assert (got.status, got.body) == (200, created.body)
        assert got.headers["etag"] == created.headers["etag"]
        assert path == f"{kind.path}/{created.json['id']}"
        assert document(listed)["items"] == [created.json]

    hold(rule)


def test_todos_that_are_created_together_are_those_created_one_by_one(
    alice: Actor, hold: Hold
) -> None:
    @given(st.lists(some.VALID_TODOS, min_size=1, max_size=4))
    def rule(bodies: list[Document]) -> None:
        together = document(alice.post("/api/todos/bulk", {"todos": bodies}), 201)["todos"]
        one_by_one = [document(alice.post("/api/todos", body), 201) for body in bodies]
        assert [said(todo) for todo in together] == [said(todo) for todo in one_by_one]
        for todo in together:
            assert document(alice.get(f"/api/todos/{todo['id']}")) == todo

    hold(rule)


def test_of_todos_that_are_refused_together_none_is_created(alice: Actor, hold: Hold) -> None:
    tag = a_name("rule-")

    @given(
        st.lists(some.VALID_TODOS, max_size=4),
        st.integers(0, 4),
        st.sampled_from([*MISSES.items()]),
    )
    def rule(bodies: list[Document], place: int, miss: tuple[str, Any]) -> None:
        name, value = miss
        right = [{**body, "tags": [tag]} for body in bodies]
        wrong = {"title": "a", "tags": [tag], name: value}
        bulk = {"todos": [*right[:place], wrong, *right[place:]]}
        alone = alice.post("/api/todos", wrong)
        together = alice.post("/api/todos/bulk", bulk)
        assert alone.status == together.status == 422
        assert alone.json["errors"] == [
            {**error, "pointer": error["pointer"].removeprefix(f"/todos/{min(place, len(right))}")}
            for error in together.json["errors"]
        ]
        assert document(alice.get(f"/api/todos?tag={tag}"))["items"] == []

    hold(rule)


def rows(world: World) -> list[str]:
    """Return the ids of all that can be created here, but for users, who are not listed."""
    product = f"/api/products/{world.product}/stock-adjustments"
    return [
        row["id"]
        for actor, target in (
            (world.alice, "/api/todos?limit=100"),
            (world.sam, f"/api/products?limit=100&category={world.category}"),
            (world.sam, f"{product}?limit=100"),
        )
        for row in joined(pages(actor, target))
    ]


def fields(answer: Answer) -> list[tuple[str, str]]:
    """Return the header fields that are not a request's own, nor tell that it was a repetition."""
    own = PER_REQUEST | {"idempotency-replayed"}
    return sorted(field for field in answer.fields if field[0].lower() not in own)


def made(answer: Answer) -> int:
    """Return how many rows an answer to a creation shows."""
    assert answer.status == 201, answer
    return len(answer.json.get("todos", [answer.json]))


@with_key
def test_a_repetition_has_the_same_answer_and_creates_nothing(
    world: World, operation: Operation
) -> None:
    request = with_header(world.request(operation), "Idempotency-Key", a_key())
    before = rows(world)
    first = world.alice.client.send(request)
    assert "idempotency-replayed" not in first.headers
    for _ in range(2):
        again = world.alice.client.send(request)
        assert (again.status, again.body) == (201, first.body)
        assert fields(again) == fields(first)
        assert again.headers["idempotency-replayed"] == "true"
    assert len(rows(world)) == len(before) + made(first)


@with_key
def test_without_a_key_each_request_creates(world: World, operation: Operation) -> None:
    before = rows(world)
    answers = [world.alice.client.send(world.request(operation)) for _ in range(2)]
    assert answers[0].body != answers[1].body
    assert len(rows(world)) == len(before) + sum(map(made, answers))


@with_key
def test_a_key_of_a_refused_request_is_as_good_as_new(world: World, operation: Operation) -> None:
    request = with_header(world.request(operation), "Idempotency-Key", a_key())
    wrong = replace(request, body=b'{"surprise":1}')
    assert world.alice.client.send(wrong).status == 422
    right = world.alice.client.send(request)
    assert right.status == 201
    assert "idempotency-replayed" not in right.headers


@with_key
def test_a_key_is_refused_for_another_request(world: World, operation: Operation) -> None:
    key = a_key()
    first = with_header(world.request(operation), "Idempotency-Key", key)
    assert world.alice.client.send(first).status == 201
    body = first.body or b""
    others = [replace(first, body=other) for other in (body + b" ", b"{}", b'{"surprise":1}')]
    others += [
        replace(first, target=target)
        for other in KEYED
        if other.is_for_staff == operation.is_for_staff
        for target in (world.target(other), other.path)
        if target != first.target
    ]
    for other in others:
        said = header_error("Idempotency-Key", "key_reused")
        answer = world.alice.client.send(other)
        assert_problem(answer, "idempotency-key-reused", other.target, said)
    malformed = replace(first, body=b"{")
    assert_problem(world.alice.client.send(malformed), "malformed-body", first.target)


def test_a_registration_under_a_key_can_be_repeated(anybody: Actor) -> None:
    body, key = a_user(), {"Idempotency-Key": a_key()}
    first, again = (anybody.post("/api/users", body, headers=key) for _ in range(2))
    assert (again.status, again.body, fields(again)) == (201, first.body, fields(first))
    assert anybody.post("/api/users", body).status == 409
