"""DELETE /api/users/me: deleteCurrentUser."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from contract_tests import servers
from contract_tests.cast import Actor, log_in, register
from contract_tests.contract import CONTRACT
from contract_tests.differential_client import DifferentialClient
from contract_tests.operations.expected import (
    a_name,
    a_product,
    a_todo,
    an_adjustment,
    assert_empty,
    assert_problem,
)
from contract_tests.servers import environment, twins
from deploy.twins import prepare

ME = "/api/users/me"


def test_it_works(alice: Actor) -> None:
    assert_empty(alice.delete(ME))
    assert_problem(alice.get(ME), "invalid-token", ME)
    answer = alice.client.request(
        "POST",
        "/api/tokens",
        json_body={"username": alice.username, "password": alice.password},
    )
    assert_problem(answer, "invalid-credentials", "/api/tokens")


def test_all_tokens_go_with_it(alice: Actor) -> None:
    other = log_in(alice.client, alice.username, alice.password)
    alice.delete(ME)
    assert_problem(other.delete("/api/tokens/current"), "invalid-token", "/api/tokens/current")


def test_the_names_are_free_again(alice: Actor) -> None:
    alice.delete(ME)
    answer = alice.client.request(
        "POST",
        "/api/users",
        json_body={
            "username": alice.username,
            "email": f"{alice.username}@example.com",
            "password": "another password",
        },
    )
    assert answer.status == 201


def test_the_todos_go_with_it(alice: Actor, sam: Actor, product: Any, category: str) -> None:
    # Nobody can look at them any more, but the catalogue's summary counts them.
    sam.patch(f"/api/products/{product['id']}", {"category": category})
    alice.post("/api/todos", a_todo(product_id=product["id"]))

    def open_todos() -> int:
        items = sam.get("/api/products/summary").json["items"]
        return sum(item["open_todos"] for item in items if item["category"] == category)

    assert open_todos() == 1
    alice.delete(ME)
    assert open_todos() == 0


@pytest.mark.own_servers
def test_stock_adjustments_that_it_made_remain(tmp_path: Path) -> None:
    # Only staff sees them, and only the demo data makes staff; so Sam goes, and comes back anew.
    with twins(tmp_path) as base_urls, closing(DifferentialClient(base_urls)) as client:
        sam = log_in(client, "sam", "sam-demo-password")
        path = f"{sam.post('/api/products', a_product()).headers['location']}/stock-adjustments"
        made = sam.post(path, an_adjustment()).json
        assert made["created_by"] == sam.get(ME).json["id"]
        for product in CONTRACT["x-demo-data"]["products"]:
            assert_empty(sam.delete(f"/api/products/{product['id']}"))
        for name in ("alice", "bob", "sam"):
            assert_empty(log_in(client, name, f"{name}-demo-password").delete(ME))
        for twin in servers.chosen:
            prepare(twin, environment(tmp_path, twin))
        sam = log_in(client, "sam", "sam-demo-password")
        assert sam.get(path).json["items"] == [{**made, "created_by": None}]


def test_others_stay_with_their_todos_and_keys(client: DifferentialClient) -> None:
    earlier, alice, later = (register(client, name) for name in ("earlier", "alice", "later"))
    key = {"Idempotency-Key": a_name("key-")}
    made = {actor: actor.post("/api/todos", a_todo(), headers=key) for actor in (earlier, later)}
    assert_empty(alice.delete(ME))
    for actor, answer in made.items():
        assert actor.get(answer.headers["location"]).body == answer.body
        repeat = actor.post("/api/todos", a_todo(), headers=key)
        assert (repeat.body, repeat.headers["idempotency-replayed"]) == (answer.body, "true")
