"""DELETE /api/todos/{todo_id}: deleteTodo."""

from typing import Any

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    a_todo,
    assert_empty,
    assert_problem,
)


def path_of(todo: Any) -> str:
    """Return where a todo is."""
    return f"/api/todos/{todo['id']}"


def test_it_works(alice: Actor) -> None:
    keep, delete = (
        alice.post("/api/todos", a_todo(tags=["a"], items=[{"text": "Count"}])).json
        for _ in range(2)
    )
    assert_empty(alice.delete(path_of(delete)))
    assert_problem(alice.get(path_of(delete)), "not-found", path_of(delete))
    assert alice.get("/api/todos").json["items"] == [keep]


def test_the_product_stays(alice: Actor, product: Any) -> None:
    todo = alice.post("/api/todos", a_todo(product_id=product["id"])).json
    assert_empty(alice.delete(path_of(todo)))
    assert alice.get(f"/api/products/{product['id']}").json == product
