"""DELETE /api/products/{product_id}: deleteProduct."""

from typing import Any

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    a_product,
    a_todo,
    an_adjustment,
    assert_empty,
    assert_problem,
)


def path_of(product: Any) -> str:
    """Return where a product is."""
    return f"/api/products/{product['id']}"


def test_it_works(sam: Actor, anybody: Actor, category: str) -> None:
    keep, delete = (sam.post("/api/products", a_product(category=category)).json for _ in range(2))
    assert_empty(sam.delete(path_of(delete)))
    assert_problem(anybody.get(path_of(delete)), "not-found", path_of(delete))
    assert anybody.get(f"/api/products?category={category}").json["items"] == [keep]


def test_its_adjustments_go_with_it(sam: Actor, product: Any) -> None:
    path = f"{path_of(product)}/stock-adjustments"
    sam.post(path, an_adjustment())
    assert_empty(sam.delete(path_of(product)))
    assert_problem(sam.get(path), "not-found", path)
    assert_problem(sam.post(path, an_adjustment()), "not-found", path)


def test_todos_about_it_remain(sam: Actor, alice: Actor, product: Any) -> None:
    open_todo, done_todo, other = (
        alice.post("/api/todos", body).json
        for body in (
            a_todo(product_id=product["id"]),
            a_todo(product_id=product["id"], completed=True),
            a_todo(),
        )
    )
    assert_empty(sam.delete(path_of(product)))
    # Also their updated_at stays.
    for todo in (open_todo, done_todo):
        assert alice.get(f"/api/todos/{todo['id']}").json == {**todo, "product_id": None}
    assert alice.get(f"/api/todos/{other['id']}").json == other
    assert alice.get(f"/api/todos?product_id={product['id']}").json["items"] == []


def test_its_sku_is_free_again(sam: Actor, product: Any) -> None:
    assert_empty(sam.delete(path_of(product)))
    assert sam.post("/api/products", a_product(sku=product["sku"])).status == 201


def test_it_leaves_the_summary(sam: Actor, category: str) -> None:
    product = sam.post("/api/products", a_product(category=category)).json
    sam.delete(path_of(product))
    items = sam.get("/api/products/summary").json["items"]
    assert category not in {item["category"] for item in items}
