"""Alice's and the shop's data, a valid request for each operation, and the visible state."""

import json
from dataclasses import dataclass, replace
from typing import Any

from contract_tests.cast import Actor
from contract_tests.client import Request
from contract_tests.metamorphic.things import document
from contract_tests.operations.expected import (
    a_key,
    a_name,
    a_product,
    a_todo,
    a_user,
    an_adjustment,
)
from contract_tests.operations.lists import joined, pages
from contract_tests.operations.operations import OPERATIONS, Operation

READS = [operation for operation in OPERATIONS if operation.method == "GET"]
# What ends what an actor is comes last.
ENDING = ["changePassword", "deleteToken", "deleteCurrentToken", "deleteCurrentUser"]
WRITES = sorted(
    (operation for operation in OPERATIONS if operation.method != "GET"),
    key=lambda operation: ENDING.index(operation.name) if operation.name in ENDING else -1,
)


@dataclass(frozen=True)
class World:
    """Alice with a todo, Bob, and Sam with two products."""

    alice: Actor
    bob: Actor
    sam: Actor
    todo: str
    token: str  # the id of Alice's
    product: str
    other_sku: str
    category: str
    key: str  # with which the todo and the product were created

    def request(self, operation: Operation, sender: Actor | None = None) -> Request:
        """Return a request that succeeds when it is sent as it is, by who may."""
        sender = sender or (self.sam if operation.is_for_staff else self.alice)
        request = Request(operation.method, self.target(operation))
        if operation.has_body:
            request = Request.with_json(request.method, request.target, self.body(operation.name))
        if not operation.is_open:
            request = with_header(request, "Authorization", f"Bearer {sender.token}")
        return with_header(request, "X-Request-ID", "rule")

    def nowhere(self, operation: Operation, sender: Actor | None = None) -> Request:
        """Return the same request to something that isn't there."""
        request = self.request(operation, sender)
        return replace(request, target=operation.path)

    def target(self, operation: Operation) -> str:
        """Return an operation's path."""
        return operation.template.format(
            name="not-found", todo_id=self.todo, token_id=self.token, product_id=self.product
        )

    def body(self, name: str) -> Any:
        """Return a body that changes something."""
        product = a_product(category=self.category, name="Another name")
        password = self.alice.password
        bodies: dict[str, Any] = {
            "createUser": a_user(),
            "updateCurrentUser": {"email": f"{a_name('new-')}@example.com"},
            "changePassword": {"current_password": password, "new_password": f"new {password}"},
            "createToken": {"username": self.alice.username, "password": password},
            "createTodo": a_todo(title="A new one", product_id=self.product),
            "createTodosInBulk": {"todos": [a_todo(), a_todo(product_id=self.product)]},
            "replaceTodo": a_todo(title="Another", notes="New", product_id=self.product),
            "updateTodo": {"completed": True, "items": [{"text": "New"}], "product_id": None},
            "createProduct": product,
            "replaceProduct": product,
            "updateProduct": {"price": "1.23", "attributes": {"new": "yes", "colour": None}},
            "createStockAdjustment": an_adjustment(),
        }
        return bodies[name]

    def look(self) -> dict[str, bytes]:
        """Return the bytes of all that this world is about, and of what shows it."""
        product = f"/api/products/{self.product}"
        category = f"/api/products?category={self.category}"
        movements = f"{product}/stock-adjustments"
        shown = {target: self.sam.get(target).body for target in (product, category, movements)}
        summary = {"/api/products/summary": as_bytes(figures(self.sam, self.category))}
        return {**self.look_at_alices(), **shown, **summary}

    def look_at_alices(self) -> dict[str, bytes]:
        """Return the bytes of what is Alice's own."""
        todo = f"/api/todos/{self.todo}"
        targets = ("/api/users/me", todo, "/api/todos?limit=100")
        tokens = joined(pages(self.alice, "/api/tokens?limit=100"))  # with times of use
        shown = {target: self.alice.get(target).body for target in targets}
        return {**shown, "/api/tokens": as_bytes([row["id"] for row in tokens])}


def set_up(alice: Actor, bob: Actor, sam: Actor) -> World:
    """Make what a test changes, or fails to change."""
    category, key = a_name("rule-"), {"Idempotency-Key": a_key()}
    other = document(sam.post("/api/products", a_product(category=category)), 201)
    product = a_product(category=category, attributes={"colour": "red"})
    product = document(sam.post("/api/products", product, headers=key), 201)
    stock = f"/api/products/{product['id']}/stock-adjustments"
    document(sam.post(stock, an_adjustment(delta=3)), 201)
    todo = a_todo(tags=[category], items=[{"text": "a"}], product_id=product["id"])
    todo = document(alice.post("/api/todos", todo, headers=key), 201)
    return World(
        alice,
        bob,
        sam,
        todo=todo["id"],
        token=document(alice.get("/api/tokens"))["items"][0]["id"],
        product=product["id"],
        other_sku=other["sku"],
        category=category,
        key=key["Idempotency-Key"],
    )


def figures(actor: Actor, category: str) -> list[Any]:
    """Return the summary's rows of a category."""
    rows = document(actor.get("/api/products/summary"))["items"]
    return [row for row in rows if row["category"] == category]


def as_bytes(value: Any) -> bytes:
    """Return JSON for comparison."""
    return json.dumps(value).encode()


def with_header(request: Request, name: str, value: str) -> Request:
    """Return a request with a header field more, or with another value of it."""
    return replace(request, headers={**request.headers, name: value})


def without_header(request: Request, name: str) -> Request:
    """Return a request without a header field."""
    kept = {field: value for field, value in request.headers.items() if field != name}
    return replace(request, headers=kept)
