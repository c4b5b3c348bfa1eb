"""POST /api/products: createProduct."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    a_name,
    a_product,
    assert_problem,
    choices,
    compact,
    error,
    is_id,
    is_time,
    product_document,
)

PRODUCTS = "/api/products"


def test_it_works(sam: Actor) -> None:
    sku = a_name("MUG-").upper()
    answer = sam.post(
        PRODUCTS,
        {
            "sku": sku,
            "name": " Becher „Küste“ ",
            "description": "Hand-thrown.\n\tDishwasher safe.",
            "category": "mugs-2",
            "price": "14.50",
            "currency": "GBP",
            "attributes": {
                "volume": "350 ml",
                "Colour": "",
                "é": "1",
                "a/b": " x ",
                "😀": "y",
                "\uffee": "z",
            },
            "active": False,
        },
    )
    product = answer.json
    assert answer.status == 201
    # The attributes' names are sorted by code points.
    assert answer.body == compact(
        {
            "id": product["id"],
            "sku": sku,
            "name": " Becher „Küste“ ",
            "description": "Hand-thrown.\n\tDishwasher safe.",
            "category": "mugs-2",
            "price": "14.50",
            "currency": "GBP",
            "attributes": {
                "Colour": "",
                "a/b": " x ",
                "volume": "350 ml",
                "é": "1",
                "\uffee": "z",
                "😀": "y",
            },
            "active": False,
            "stock": 0,
            "created_at": product["created_at"],
            "updated_at": product["created_at"],
        }
    )
    assert is_id(product["id"])
    assert is_time(product["created_at"])
    assert answer.headers["location"] == f"/api/products/{product['id']}"
    assert "idempotency-replayed" not in answer.headers


def test_it_has_defaults(sam: Actor) -> None:
    body = a_product()
    product = sam.post(PRODUCTS, body).json
    assert product == product_document(product, sku=body["sku"])
    assert product["updated_at"] == product["created_at"]


def test_it_is_where_location_says(sam: Actor, anybody: Actor) -> None:
    created = sam.post(PRODUCTS, a_product())
    shown = anybody.get(created.headers["location"])
    assert (shown.body, shown.headers["etag"]) == (created.body, created.headers["etag"])


@pytest.mark.parametrize(("start", "end"), [("A" * 20, ""), ("0--", "-")])
def test_an_sku_may_be_long_and_have_hyphens(sam: Actor, start: str, end: str) -> None:
    sku = a_name(start).upper() + end
    assert sam.post(PRODUCTS, a_product(sku=sku)).json["sku"] == sku


def test_it_ignores_what_is_read_only(sam: Actor) -> None:
    ignored: dict[str, Any] = {"id": None, "stock": 1000, "created_at": {}, "updated_at": "now"}
    product = sam.post(PRODUCTS, a_product(**ignored)).json
    assert product == product_document(product)
    assert is_id(product["id"])


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x"},
        {"name": "é" * 200},
        {"description": "😀" * 10000},
        {"category": "a" * 50},
        {"category": "0-1-a"},
        {"price": "0.00"},
        {"price": "0.01"},
        {"price": "99999999.99"},
        {"attributes": {f"{number:02}": "" for number in range(20)}},
        {"attributes": {"é" * 50: "😀" * 200}},
        {"attributes": {" ": "\n"}},
        *({"currency": currency} for currency in choices("Currency")),
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_it_stores_what_is_just_right(sam: Actor, changes: dict[str, Any]) -> None:
    product = sam.post(PRODUCTS, a_product(**changes)).json
    assert product == product_document(product, **changes)
    assert sam.get(f"{PRODUCTS}/{product['id']}").json == product


def test_it_rejects_a_taken_sku(sam: Actor, product: Any) -> None:
    answer = sam.post(PRODUCTS, a_product(sku=product["sku"]))
    assert_problem(answer, "already-exists", PRODUCTS, error("/sku", "taken"))


def test_a_wrong_value_comes_before_a_taken_one(sam: Actor, product: Any) -> None:
    answer = sam.post(PRODUCTS, a_product(sku=product["sku"], name=" "))
    assert_problem(answer, "invalid-body", PRODUCTS, error("/name", "blank"))
