"""GET /api/products/{product_id}: getProduct."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.contract import CONTRACT
from contract_tests.operations.expected import (
    a_product,
    an_adjustment,
    compact,
    product_document,
)

DEMO_PRODUCTS = CONTRACT["x-demo-data"]["products"]


def test_it_works(sam: Actor, anybody: Actor) -> None:
    body = a_product(attributes={"volume": "350 ml", "colour": "red"}, active=False)
    made = sam.post("/api/products", body).json
    answer = anybody.get(f"/api/products/{made['id']}")
    assert answer.status == 200
    assert answer.body == compact(
        product_document(
            made,
            sku=body["sku"],
            attributes={"colour": "red", "volume": "350 ml"},
            active=False,
            updated_at=made["created_at"],
        )
    )


@pytest.mark.parametrize("demo", DEMO_PRODUCTS[:4], ids=lambda demo: demo["sku"])
def test_it_shows_the_demo_data(anybody: Actor, demo: dict[str, Any]) -> None:
    answer = anybody.get(f"/api/products/{demo['id']}")
    stock = sum(adjustment["delta"] for adjustment in demo["stock_adjustments"])
    shown = {name: value for name, value in demo.items() if name != "stock_adjustments"}
    assert answer.json == {**shown, "stock": stock}


def test_its_entity_tag_changes_with_its_stock(sam: Actor, anybody: Actor, product: Any) -> None:
    path = f"/api/products/{product['id']}"
    tag = anybody.get(path).headers["etag"]
    assert anybody.get(path, headers={"If-None-Match": tag}).status == 304
    sam.post(f"{path}/stock-adjustments", an_adjustment())
    answer = anybody.get(path, headers={"If-None-Match": tag})
    assert (answer.status, answer.json["stock"]) == (200, 5)
    assert answer.headers["etag"] != tag
