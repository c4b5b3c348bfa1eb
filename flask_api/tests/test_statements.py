"""How many SQL statements an operation takes: few, and no more for long lists."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

PRODUCT = {"name": "Mug", "category": "kitchen", "price": "14.50", "currency": "EUR"}
TODO = {"title": "x", "tags": ["a", "b"], "items": [{"text": "a"}]}
KEY = {"Idempotency-Key": "key"}

# What each operation takes, BEGIN left out; all but the public ones look a token up first. Todos
# take two more, for the tags and the items of all of them.
COUNTS = {
    "GET /api/health": 0,
    "GET /api/health/ready": 1,
    "GET /api/products": 1,
    "GET /api/products/summary": 1,
    "GET {product}": 1,
    "GET /api/users/me": 1,
    "GET /api/tokens": 2,
    "GET /api/todos": 4,
    "GET {todo}": 4,
    "GET {product}/stock-adjustments": 3,
    "POST /api/users": 2,
    "POST /api/tokens": 3,
    "POST /api/todos": 6,
    "POST /api/todos/bulk": 6,
    "POST /api/products": 3,
    "POST {product}/stock-adjustments": 4,
    "PATCH /api/users/me": 4,
    "PUT {product}": 4,
    "PATCH {product}": 4,
    "PUT {todo}": 9,
    "PATCH {todo}": 5,
    "DELETE {todo}": 7,
    "DELETE {product}": 5,
    "DELETE /api/tokens/current": 2,
}
BODIES: dict[str, Any] = {
    "POST /api/users": {"username": "bob", "email": "b@example.com", "password": "12345678"},
    "POST /api/tokens": {"username": "bob", "password": "12345678"},
    "POST /api/todos": TODO,
    "POST /api/todos/bulk": {"todos": [TODO] * 5},
    "POST /api/products": {**PRODUCT, "sku": "MUG-NEW"},
    "POST {product}/stock-adjustments": {"delta": 1, "reason": "received"},
    "PATCH /api/users/me": {"email": "sam@example.org"},
    "PUT {product}": {**PRODUCT, "sku": "MUG-0"},
    "PATCH {product}": {"price": "1.00"},
    "PUT {todo}": TODO,
    "PATCH {todo}": {"title": "y"},
}


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[str]]:
    executed: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            executed.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield executed
    event.remove(engine, "before_cursor_execute", note)


def fill(client: FlaskClient, sam: dict[str, str], count: int) -> dict[str, str]:
    """Make so many products, todos and adjustments, and tell where the first of them are."""
    product, todo = "", ""
    for number in range(count):
        made = client.post("/api/products", json={**PRODUCT, "sku": f"MUG-{number}"}, headers=sam)
        product = product or str(made.location)
        adjustment = {"delta": 1, "reason": "received"}
        client.post(f"{product}/stock-adjustments", json=adjustment, headers=sam)
        todo = todo or str(client.post("/api/todos", json=TODO, headers=sam).location)
        client.post("/api/todos", json=TODO, headers=sam)
    return {"product": product, "todo": todo}


@pytest.mark.parametrize("count", [3, 30])
def test_counts(
    client: FlaskClient, sam: dict[str, str], statements: list[str], count: int
) -> None:
    places = fill(client, sam, count)
    found = {}
    for operation in COUNTS:
        statements.clear()
        method, path = operation.format(**places).split(" ")
        response = client.open(path, method=method, json=BODIES.get(operation), headers=sam)
        assert response.status_code < 300, (operation, response.json)
        found[operation] = len(statements)
    assert found == COUNTS


def test_a_bulk_looks_its_products_up_at_once(
    client: FlaskClient, sam: dict[str, str], statements: list[str]
) -> None:
    ids = [
        client.post("/api/products", json={**PRODUCT, "sku": f"MUG-{number}"}, headers=sam).json
        for number in range(3)
    ]
    todos = [{**TODO, "product_id": made["id"]} for made in ids if made] * 10
    statements.clear()
    assert client.post("/api/todos/bulk", json={"todos": todos}, headers=sam).status_code == 201
    assert len(statements) == COUNTS["POST /api/todos/bulk"] + 1


def test_an_unknown_product_is_named_beside_what_else_is_wrong_in_a_bulk(
    client: FlaskClient, sam: dict[str, str]
) -> None:
    unknown = {**TODO, "product_id": str(UUID(int=1))}
    todos = [TODO, unknown, "none", {**unknown, "title": 1}, {"product_id": 1}]
    answer: Any = client.post("/api/todos/bulk", json={"todos": todos}, headers=sam)
    assert [error["pointer"] for error in answer.json["errors"]] == [
        "/todos/1/product_id",
        "/todos/2",
        "/todos/3/product_id",
        "/todos/3/title",
        "/todos/4/product_id",
        "/todos/4/title",
    ]


@pytest.mark.parametrize("count", [3, 30])
def test_deleting_a_product_loads_none_of_what_it_has(
    client: FlaskClient, sam: dict[str, str], statements: list[str], count: int
) -> None:
    places = fill(client, sam, 1)
    product = places["product"]
    about = {**TODO, "product_id": product.rpartition("/")[2]}
    paths = [client.post("/api/todos", json=about, headers=sam).location for _ in range(count)]
    statements.clear()
    assert client.delete(product, headers=sam).status_code == 204
    assert len(statements) == COUNTS["DELETE {product}"]
    for path in paths:
        todo: Any = client.get(str(path), headers=sam).json
        assert todo["product_id"] is None


@pytest.mark.parametrize("count", [3, 30])
def test_deleting_an_account_takes_a_statement_for_each_table(
    client: FlaskClient, sam: dict[str, str], statements: list[str], count: int
) -> None:
    fill(client, sam, count)
    statements.clear()
    assert client.delete("/api/users/me", headers=sam).status_code == 204
    deleted = [text.split()[2] for text in statements if text.startswith("DELETE")]
    assert sorted(deleted) == [
        "checklist_items",
        "idempotency_keys",
        "todo_tags",
        "todos",
        "tokens",
        "users",
    ]
    assert len(statements) == 14
