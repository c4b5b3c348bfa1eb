"""What is deleted is gone everywhere, and nothing else is."""

from typing import Any

import pytest

from contract_tests.cast import Actor, log_in, register
from contract_tests.metamorphic.things import document
from contract_tests.metamorphic.world import World, figures, set_up
from contract_tests.operations.expected import a_product, a_todo, an_adjustment
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


def test_a_deleted_todo_is_gone_from_the_list_and_the_summary(world: World) -> None:
    def look() -> tuple[list[Any], int]:
        rows = document(world.alice.get(f"/api/todos?tag={world.category}"))["items"]
        return rows, sum(row["open_todos"] for row in figures(world.sam, world.category))

    other = a_todo(tags=[world.category], product_id=world.product)
    document(world.alice.post("/api/todos", other), 201)
    before, open_before = look()
    world.alice.delete(f"/api/todos/{world.todo}")
    after, open_after = look()
    assert after == [row for row in before if row["id"] != world.todo]
    assert (len(before), open_after) == (2, open_before - 1)


def test_what_refers_to_a_deleted_product_keeps_all_else(world: World) -> None:
    path = f"/api/todos/{world.todo}"
    before = document(world.alice.get(path))
    assert before["product_id"] == world.product
    world.sam.delete(f"/api/products/{world.product}")
    assert document(world.alice.get(path)) == {**before, "product_id": None}
    about_it = world.alice.get(f"/api/todos?product_id={world.product}")
    assert document(about_it)["items"] == []


def test_a_deleted_product_is_gone_from_the_list_and_the_summary(world: World) -> None:
    target = f"/api/products?category={world.category}"
    before = document(world.sam.get(target))["items"]
    other = [row for row in before if row["id"] != world.product]
    world.sam.delete(f"/api/products/{world.product}")
    assert document(world.sam.get(target))["items"] == other
    [row] = figures(world.sam, world.category)
    assert (row["products"], row["units"], row["open_todos"]) == (1, other[0]["stock"], 0)


def test_a_name_can_be_used_again_when_what_had_it_is_gone(world: World) -> None:
    path = f"/api/products/{world.product}"
    product = document(world.sam.get(path))
    assert world.sam.post("/api/products", product).status == 409
    world.sam.delete(path)
    again = document(world.sam.post("/api/products", product), 201)
    # It is another one, whose stock has never moved.
    assert again["id"] != product["id"]
    assert again["stock"] == 0
    movements = world.sam.get(f"/api/products/{again['id']}/stock-adjustments")
    assert document(movements)["items"] == []


def test_closing_an_account_leaves_all_else(world: World, sam: Actor) -> None:
    leaver = register(sam.client, "leaver")
    other = log_in(sam.client, leaver.username, leaver.password)
    product = sam.post("/api/products", a_product()).headers["location"]
    document(sam.post(f"{product}/stock-adjustments", an_adjustment()), 201)
    todo = a_todo(product_id=product.rpartition("/")[2])
    path = leaver.post("/api/todos", todo).headers["location"]
    before = world.look()
    assert leaver.delete("/api/users/me").status == 204
    assert world.look() == before
    assert [actor.get(path).status for actor in (leaver, other, world.alice)] == [401, 401, 404]
    credentials = {"username": leaver.username, "password": leaver.password}
    assert leaver.post("/api/tokens", credentials).status == 401
