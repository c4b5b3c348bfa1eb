"""The requests that are measured."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from comparison.bench.filling import TOKEN, product_id, todo_id

VARIETY = 64  # so many resources are asked for in turn
NEW_TODO = {
    "title": "Photograph the red mug for the catalogue",
    "notes": "Borrow the lamp first.",
    "priority": "high",
    "due_at": "2027-03-06T16:00:00+01:00",
    "tags": ["bench-photos", "bench-office"],
    "items": [{"text": "Borrow the lamp"}, {"text": "Clean the table", "done": True}],
    "product_id": str(product_id(7)),
}
MOVEMENT = {"delta": 1, "reason": "received", "note": "Delivery 2026-021"}


@dataclass(frozen=True)
class Request:
    """One HTTP request."""

    method: str
    target: str
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """Write the request as it goes over the wire."""
        lines = [f"{self.method} {self.target} HTTP/1.1", "Host: localhost", "Accept: */*"]
        # A sync worker keeps no connection, so nobody is asked to. It also spreads the requests
        # evenly over the workers.
        lines.append("Connection: close")
        lines += [f"{name}: {value}" for name, value in self.headers]
        body = "" if self.body is None else json.dumps(self.body)
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", body])


@dataclass(frozen=True)
class Operation:
    """Something that is asked over and over, of one resource after the other."""

    name: str
    title: str
    operation_id: str
    request: Callable[[int], Request]  # of a number below VARIETY
    status: int = 200
    is_quick: bool = False  # one of the few that a quick measurement has
    is_conditional: bool = False  # sends the entity tag of an earlier answer

    def requests(self) -> list[Request]:
        """List the requests that are sent in turn."""
        return [self.request(number) for number in range(VARIETY)]


BEARER = (("Authorization", f"Bearer {TOKEN}"),)


def own(method: str, target: str, body: Any = None) -> Request:
    """Make a request of the user whom the database is filled for."""
    return Request(method, target, body, BEARER)


def get(target: str) -> Request:
    """Make a request of nobody."""
    return Request("GET", target)


OPERATIONS = (
    Operation("health", "health, without the database", "getHealth", lambda _: get("/api/health")),
    Operation(
        "todo",
        "one todo",
        "getTodo",
        lambda number: own("GET", f"/api/todos/{todo_id(number)}"),
    ),
    Operation(
        "todos",
        "a page of 20 todos",
        "listTodos",
        lambda _: own("GET", "/api/todos?limit=20"),
        is_quick=True,
    ),
    Operation(
        "todos_filtered",
        "a page of 20 todos, filtered and sorted",
        "listTodos",
        lambda _: own("GET", "/api/todos?completed=false&tag=bench-count&sort=-priority&limit=20"),
    ),
    Operation(
        "products",
        "a page of 50 products",
        "listProducts",
        lambda _: get("/api/products?limit=50"),
        is_quick=True,
    ),
    Operation(
        "product_304",
        "one product that the client has",
        "getProduct",
        lambda number: get(f"/api/products/{product_id(number)}"),
        status=304,
        is_conditional=True,
    ),
    Operation(
        "summary",
        "the catalogue in figures",
        "getProductSummary",
        lambda _: get("/api/products/summary"),
    ),
    Operation(
        "create",
        "creating a todo with tags and items",
        "createTodo",
        lambda _: own("POST", "/api/todos", NEW_TODO),
        status=201,
        is_quick=True,
    ),
    Operation(
        "update",
        "changing two properties of a todo",
        "updateTodo",
        lambda number: own(
            "PATCH", f"/api/todos/{todo_id(100 + number)}", {"title": "New", "priority": "low"}
        ),
        is_quick=True,
    ),
    Operation(
        "stock",
        "moving a product's stock",
        "createStockAdjustment",
        lambda number: own(
            "POST", f"/api/products/{product_id(200 + number)}/stock-adjustments", MOVEMENT
        ),
        status=201,
    ),
)
