"""PUT /api/products/{product_id}: replaceProduct."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    NOWHERE,
    a_name,
    a_product,
    an_adjustment,
    assert_problem,
    compact,
    error,
    product_document,
)


def path_of(product: Any) -> str:
    """Return where a product is."""
    return f"/api/products/{product['id']}"


@pytest.fixture
def full(sam: Actor) -> Any:
    """Return a product in which nothing has its default, with five on stock."""
    body = a_product(
        description="Hand-thrown.", attributes={"colour": "red", "volume": "1 l"}, active=False
    )
    path = sam.post("/api/products", body).headers["location"]
    sam.post(f"{path}/stock-adjustments", an_adjustment())
    return sam.get(path).json


def test_it_works(sam: Actor, product: Any) -> None:
    sku = a_name("NEW-").upper()
    answer = sam.put(
        path_of(product),
        {
            "sku": sku,
            "name": "Jug",
            "description": "Hand-thrown.",
            "category": "new-jugs",
            "price": "0.50",
            "currency": "SEK",
            "attributes": {"volume": "1 l", "colour": "red"},
            "active": False,
        },
    )
    assert answer.status == 200
    assert answer.body == compact(
        {
            "id": product["id"],
            "sku": sku,
            "name": "Jug",
            "description": "Hand-thrown.",
            "category": "new-jugs",
            "price": "0.50",
            "currency": "SEK",
            "attributes": {"colour": "red", "volume": "1 l"},
            "active": False,
            "stock": 0,
            "created_at": product["created_at"],
            "updated_at": answer.json["updated_at"],
        }
    )
    assert answer.json["updated_at"] > product["updated_at"]
    shown = sam.get(path_of(product))
    assert (shown.body, shown.headers["etag"]) == (answer.body, answer.headers["etag"])


def test_attributes_are_replaced_not_merged(sam: Actor, full: Any) -> None:
    answer = sam.put(path_of(full), {**full, "attributes": {"size": "large"}})
    assert answer.json["attributes"] == {"size": "large"}
    assert sam.get(path_of(full)).json["attributes"] == {"size": "large"}


def test_what_is_left_out_goes_back_to_its_default(sam: Actor, full: Any) -> None:
    changed = sam.put(path_of(full), a_product(sku=full["sku"])).json
    # The stock is no property that is written.
    assert changed == product_document(full, stock=5, updated_at=changed["updated_at"])
    assert sam.get(path_of(full)).json == changed


def test_what_get_returned_can_be_sent_back(sam: Actor, full: Any) -> None:
    changed = sam.put(path_of(full), full).json
    assert changed == {**full, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > full["updated_at"]


def test_it_ignores_what_is_read_only(sam: Actor, full: Any) -> None:
    ignored = {"id": NOWHERE, "stock": -1, "created_at": None, "updated_at": []}
    changed = sam.put(path_of(full), {**full, **ignored}).json
    assert changed == {**full, "updated_at": changed["updated_at"]}


def test_it_rejects_a_taken_sku(sam: Actor, full: Any, product: Any) -> None:
    answer = sam.put(path_of(full), a_product(sku=product["sku"]))
    assert_problem(answer, "already-exists", path_of(full), error("/sku", "taken"))
    assert sam.get(path_of(full)).json == full
