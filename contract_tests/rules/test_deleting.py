"""What is deleted is gone everywhere, and nothing else is."""

from typing import Any

import pytest

from contract_tests.cast import Person, log_in, register
from contract_tests.operations.expected import a_product, a_todo, an_adjustment
from contract_tests.operations.operations import OPERATIONS
from contract_tests.rules.scene import Scene, figures, set_up
from contract_tests.rules.things import document


@pytest.fixture
def scene(alice: Person, bob: Person, sam: Person) -> Scene:
    """Return what can be deleted."""
    return set_up(alice, bob, sam)


@pytest.mark.parametrize("name", ["deleteTodo", "deleteProduct"])
def test_what_is_deleted_is_not_found_by_any_method(scene: Scene, name: str) -> None:
    [operation] = [each for each in OPERATIONS if each.name == name]
    mirror = scene.alice.mirror
    assert mirror.send(scene.request(operation)).status == 204
    for other in OPERATIONS:
        if other.template.startswith(operation.template):
            assert mirror.send(scene.request(other)).status == 404, other.name
    head = (scene.sam if operation.is_for_staff else scene.alice).head(scene.target(operation))
    assert head.status == 404


def test_a_deleted_todo_is_gone_from_the_list_and_the_summary(scene: Scene) -> None:
    def look() -> tuple[list[Any], int]:
        rows = document(scene.alice.get(f"/api/todos?tag={scene.category}"))["items"]
        return rows, sum(row["open_todos"] for row in figures(scene.sam, scene.category))

    other = a_todo(tags=[scene.category], product_id=scene.product)
    document(scene.alice.post("/api/todos", other), 201)
    before, open_before = look()
    scene.alice.delete(f"/api/todos/{scene.todo}")
    after, open_after = look()
    assert after == [row for row in before if row["id"] != scene.todo]
    assert (len(before), open_after) == (2, open_before - 1)


def test_what_refers_to_a_deleted_product_keeps_all_else(scene: Scene) -> None:
    path = f"/api/todos/{scene.todo}"
    before = document(scene.alice.get(path))
    assert before["product_id"] == scene.product
    scene.sam.delete(f"/api/products/{scene.product}")
    assert document(scene.alice.get(path)) == {**before, "product_id": None}
    about_it = scene.alice.get(f"/api/todos?product_id={scene.product}")
    assert document(about_it)["items"] == []


def test_a_deleted_product_is_gone_from_the_list_and_the_summary(scene: Scene) -> None:
    target = f"/api/products?category={scene.category}"
    before = document(scene.sam.get(target))["items"]
    other = [row for row in before if row["id"] != scene.product]
    scene.sam.delete(f"/api/products/{scene.product}")
    assert document(scene.sam.get(target))["items"] == other
    [row] = figures(scene.sam, scene.category)
    assert (row["products"], row["units"], row["open_todos"]) == (1, other[0]["stock"], 0)


def test_a_name_can_be_used_again_when_what_had_it_is_gone(scene: Scene) -> None:
    path = f"/api/products/{scene.product}"
    product = document(scene.sam.get(path))
    assert scene.sam.post("/api/products", product).status == 409
    scene.sam.delete(path)
    again = document(scene.sam.post("/api/products", product), 201)
    # It is another one, whose stock has never moved.
    assert again["id"] != product["id"]
    assert again["stock"] == 0
    movements = scene.sam.get(f"/api/products/{again['id']}/stock-adjustments")
    assert document(movements)["items"] == []


def test_closing_an_account_leaves_all_else(scene: Scene, sam: Person) -> None:
    leaver = register(sam.mirror, "leaver")
    other = log_in(sam.mirror, leaver.username, leaver.password)
    product = sam.post("/api/products", a_product()).headers["location"]
    document(sam.post(f"{product}/stock-adjustments", an_adjustment()), 201)
    todo = a_todo(product_id=product.rpartition("/")[2])
    path = leaver.post("/api/todos", todo).headers["location"]
    before = scene.look()
    assert leaver.delete("/api/users/me").status == 204
    assert scene.look() == before
    assert [person.get(path).status for person in (leaver, other, scene.alice)] == [401, 401, 404]
    credentials = {"username": leaver.username, "password": leaver.password}
    assert leaver.post("/api/tokens", credentials).status == 401
