"""How many statements each operation takes, however long a list is."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from drf_api.accounts.models import Token, User
from drf_api.products.models import Product
from drf_api.tests.conftest import Call
from drf_api.todos.models import Todo

TODO = {"title": "x", "tags": ["a", "b"], "items": [{"text": "one"}, {"text": "two"}]}
PRODUCT = {"sku": "NEW-1", "name": "n", "category": "c", "price": "1.00", "currency": "EUR"}


def fill(alice: User, sam: User, count: int) -> None:
    """Make so many of everything."""
    entry = {"title": "x", "tags": ["a", "b"], "items": [{"text": "one"}]}
    Todo.objects.create_all(alice, [entry] * count)
    for number in range(count):
        product = Product.objects.create(sku=f"SKU-{number}", category=f"c{number}", price=1)
        for _ in range(count if number == 0 else 0):
            product.adjust_stock(sam, 1, "received")
        Token.objects.issue(alice)


def statements(call: Call, *request: Any, **headers: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = call(*request, **headers)
    assert answer.status < 300, answer
    ends = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")
    return [query["sql"] for query in captured if not query["sql"].startswith(ends)]


@pytest.mark.parametrize("count", [3, 30])
def test_reads(call: Call, alice_token: str, sam_token: str, count: int) -> None:
    fill(User.objects.get(username="alice"), User.objects.get(username="sam"), count)
    todo = Todo.objects.all()[0]
    product = Product.objects.get(sku="SKU-0")
    expected = {
        "/api/health": 0,
        "/api/health/ready": 1,
        "/api/users/me": 2,
        "/api/tokens": 2,
        "/api/todos": 4,
        f"/api/todos/{todo.pk}": 4,
        "/api/products": 1,
        "/api/products/summary": 2,
        f"/api/products/{product.pk}": 1,
        f"/api/products/{product.pk}/stock-adjustments": 3,
    }
    for path, number in expected.items():
        token = sam_token if path.endswith("adjustments") else alice_token
        found = statements(call, "GET", path, None, token)
        assert len(found) == number, (path, found)
        if path in ("/api/tokens", "/api/todos", "/api/products"):
            assert len(call("GET", path, None, alice_token).json["items"]) == min(
                20, count + (path == "/api/tokens")
            )


def test_writes(call: Call, alice: User, sam: User, alice_token: str, sam_token: str) -> None:
    fill(alice, sam, 1)
    todo = f"/api/todos/{Todo.objects.get().pk}"
    product = f"/api/products/{Product.objects.get().pk}"
    expected: list[tuple[str, str, Any, str, int]] = [
        ("POST", "/api/users", {"username": "new", "email": "n@x.de", "password": "x" * 8}, "", 3),
        ("PATCH", "/api/users/me", {"email": "other@example.com"}, alice_token, 4),
        ("POST", "/api/tokens", {"username": "alice", "password": "alice-password"}, "", 3),
        ("POST", "/api/todos", TODO, alice_token, 7),
        ("POST", "/api/todos/bulk", {"todos": [TODO] * 5}, alice_token, 7),
        ("PUT", todo, TODO, alice_token, 12),
        ("PATCH", todo, {"completed": True}, alice_token, 8),
        ("DELETE", todo, None, alice_token, 7),
        ("POST", "/api/products", PRODUCT, sam_token, 3),
        ("PUT", product, PRODUCT | {"sku": "NEW-2"}, sam_token, 4),
        ("PATCH", product, {"name": "y"}, sam_token, 3),
        ("POST", f"{product}/stock-adjustments", {"delta": 1, "reason": "sold"}, sam_token, 4),
        ("DELETE", product, None, sam_token, 5),
        ("DELETE", "/api/tokens/current", None, sam_token, 2),
    ]
    for method, path, data, token, number in expected:
        found = statements(call, method, path, data, token)
        assert len(found) == number, (method, path, len(found), found)
