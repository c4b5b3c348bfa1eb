"""Data of every kind, written through one server, with boundary values."""

from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any
from uuid import uuid4

from contract_tests.cast import Actor, log_in, register
from contract_tests.client import Answer
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import a_product, a_todo, an_adjustment

# Both servers are sent the same, so that what is compared is what they made of it.
REQUEST_ID = {"X-Request-ID": "fleet"}
KEY = "fleet"

TEXTS = [
    "a",
    "B",
    " a ",
    "é",
    "É",
    "e\u0301",
    "東京",
    "😀",
    "\uffee",
    '"\\/\u2028\x7f',
    "100 %_",
    "10",
]
MOMENTS = [
    None,
    "2027-03-01T09:00:00+01:00",
    "2027-03-01T08:00:00.5Z",
    "2027-03-01T08:00:00.000001Z",
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00Z",
]
PRIORITIES = ["normal", "low", "high", "urgent"]
TAGS = [["shop"], ["b", "a-0", "a"], []]
PRICES = ["0.00", "0.05", "0.10", "1.00", "9.99", "10.00", "14.50", "99999999.99"]
ATTRIBUTES = [{}, {"é": "1", "b": "\u2028", "a": "😀"}, {"B": "", "0": '"\\', " ": " "}]
DELTAS = [1_000_000, -1, -999_999, 7]


@dataclass(frozen=True)
class World:
    """What somebody and a member of staff have made."""

    alice: Actor
    sam: Actor
    run: str  # in all skus, and the category
    todos: list[str]
    products: list[str]

    def to(self, client: DifferentialClient) -> "World":
        """Return the same world as another server sees it."""
        alice, sam = (replace(actor, client=client) for actor in (self.alice, self.sam))
        return replace(self, alice=alice, sam=sam)

    def get(self, target: str) -> Answer:
        """Read something, as whoever may."""
        actor = self.sam if "stock-adjustments" in target else self.alice
        return actor.get(target, headers=REQUEST_ID)

    @property
    def lists(self) -> list[str]:
        """Where all lists are."""
        product = self.products[0]
        return [
            "/api/todos?limit=100",
            f"/api/products?limit=100&category={self.run}",
            f"{product}/stock-adjustments?limit=100",
            "/api/tokens?limit=100",
        ]

    @property
    def resources(self) -> list[str]:
        """Where everything is that has a place of its own."""
        common = ["/api/users/me", "/api/products/summary", "/api/openapi.yaml", "/api/health"]
        return [*common, *self.todos, *self.products]


def write(client: DifferentialClient) -> World:
    """Make a world through one server."""
    run = uuid4().hex[:12]
    alice, sam = register(client, "alice"), log_in(client, "sam", "sam-demo-password")
    products = [path_of(sam.post("/api/products", body)) for body in product_bodies(run)]
    for delta in DELTAS:
        made(sam.post(f"{products[0]}/stock-adjustments", an_adjustment(delta=delta, note="é")))
    keyed = alice.post("/api/todos", todo_bodies()[0], headers={"Idempotency-Key": KEY})
    bulk = alice.post("/api/todos/bulk", {"todos": todo_bodies()[1:]})
    todos = [path_of(keyed), *(f"/api/todos/{todo['id']}" for todo in made(bulk)["todos"])]
    change(alice, sam, todos, products)
    log_in(client, alice.username, alice.password)
    made(alice.patch("/api/users/me", {"email": f"{alice.username.title()}@Example.com"}))
    return World(alice, sam, run, todos, products)


def change(alice: Actor, sam: Actor, todos: list[str], products: list[str]) -> None:
    """Write over some of what was made: an update may store in another way than a creation."""
    for path, text in zip(todos[:3], TEXTS, strict=False):
        made(
            alice.patch(path, {"completed": True, "notes": text, "product_id": id_of(products[1])})
        )
    made(alice.patch(todos[0], {"completed": False}))
    made(alice.put(todos[3], a_todo(title="😀", due_at=MOMENTS[1], items=[{"text": "é"}])))
    made(sam.patch(products[2], {"price": "7.00", "attributes": {"é": None, "c": "é"}}))
    made(sam.put(products[3], {**made(sam.get(products[3])), "price": "0.10", "name": "É"}))


def todo_bodies() -> list[dict[str, Any]]:
    """Return todos of all kinds."""
    kinds = zip(TEXTS, cycle(MOMENTS), cycle(PRIORITIES), cycle(TAGS), strict=False)
    return [
        a_todo(
            title=text,
            notes=text,
            due_at=moment,
            priority=priority,
            tags=tags,
            items=[{"text": text, "done": bool(tags)}] * len(tags),
            completed=priority == "high",
        )
        for text, moment, priority, tags in kinds
    ]


def product_bodies(run: str) -> list[dict[str, Any]]:
    """Return products of all kinds."""
    kinds = zip(TEXTS, cycle(PRICES), cycle(ATTRIBUTES), strict=False)
    return [
        a_product(
            sku=f"{run}-{number}".upper(),
            category=run,
            name=text,
            description=text,
            price=price,
            attributes=attributes,
            active=number % 3 > 0,
        )
        for number, (text, price, attributes) in enumerate(kinds, 10)
    ]


def made(answer: Answer) -> Any:
    """Return what a success shows."""
    assert answer.status in {200, 201}, answer
    return answer.json


def path_of(answer: Answer) -> str:
    """Return where a creation has put something."""
    made(answer)
    return answer.headers["location"]


def id_of(path: str) -> str:
    """Return the id at the end of a path."""
    return path.rpartition("/")[2]
