"""GET /api/products/{product_id}/stock-adjustments: listStockAdjustments."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.contract import CONTRACT
from contract_tests.operations.expected import (
    a_product,
    an_adjustment,
    assert_problem,
    compact,
    damaged,
    next_cursor,
    parameter_error,
)
from contract_tests.operations.lists import in_order, joined, pages

MUG = CONTRACT["x-demo-data"]["products"][0]
SAM = "019b8d33-fac0-7321-bd05-9cf9771c41ae"


@pytest.fixture
def path(product: Any) -> str:
    """Return where the movements of a new product are."""
    return f"/api/products/{product['id']}/stock-adjustments"


def test_it_works(sam: Actor, path: str) -> None:
    first, second = (
        sam.post(path, body).json
        for body in (an_adjustment(note="Delivery"), {"delta": -2, "reason": "damaged"})
    )
    answer = sam.get(path)
    assert answer.status == 200
    assert answer.body == compact(
        {
            "items": [
                {
                    "id": second["id"],
                    "delta": -2,
                    "reason": "damaged",
                    "note": "",
                    "balance": 3,
                    "created_by": SAM,
                    "created_at": second["created_at"],
                },
                {
                    "id": first["id"],
                    "delta": 5,
                    "reason": "received",
                    "note": "Delivery",
                    "balance": 5,
                    "created_by": SAM,
                    "created_at": first["created_at"],
                },
            ],
            "next": None,
        }
    )
    assert "link" not in answer.headers


def test_it_may_be_empty(sam: Actor, path: str) -> None:
    assert sam.get(path).body == b'{"items":[],"next":null}'


def test_only_the_products_own_are_listed(sam: Actor, path: str) -> None:
    mine = sam.post(path, an_adjustment()).json
    other = sam.post("/api/products", a_product()).headers["location"]
    sam.post(f"{other}/stock-adjustments", an_adjustment())
    assert sam.get(path).json["items"] == [mine]


def test_it_shows_the_demo_data(sam: Actor) -> None:
    items = sam.get(f"/api/products/{MUG['id']}/stock-adjustments").json["items"]
    balance, expected = 0, []
    for adjustment in MUG["stock_adjustments"]:
        balance += adjustment["delta"]
        expected.append({**adjustment, "balance": balance, "created_by": SAM})
    assert items == expected[::-1]


def test_pages_joined_are_the_list(sam: Actor, path: str) -> None:
    made = [sam.post(path, an_adjustment(delta=delta)).json for delta in range(1, 6)]
    everything = sam.get(path).json["items"]
    assert everything == in_order(made, "-created_at")
    for limit in (1, 2, 4, 5, 6):
        found = pages(sam, f"{path}?limit={limit}")
        assert joined(found) == everything
        assert len(found) == -(-5 // limit)


def test_a_page_has_20_rows_unless_asked_otherwise(sam: Actor, path: str) -> None:
    made = [sam.post(path, an_adjustment()).json for _ in range(21)]
    page = sam.get(path).json
    assert page["items"] == made[:0:-1]
    assert sam.get(page["next"]).json == {"items": made[:1], "next": None}


def test_next_is_also_a_link(sam: Actor, path: str) -> None:
    sam.post(path, an_adjustment())
    newest = sam.post(path, an_adjustment()).json
    answer = sam.get(f"{path}?limit=1")
    page = answer.json
    assert page["items"] == [newest]
    assert page["next"] == f"{path}?limit=1&cursor={next_cursor(page)}"
    assert answer.headers["link"] == f'<{page["next"]}>; rel="next"'


def test_a_place_stays_when_rows_come(sam: Actor, path: str) -> None:
    made = [sam.post(path, an_adjustment()).json for _ in range(3)]
    page = sam.get(f"{path}?limit=2").json
    sam.post(path, an_adjustment())
    assert sam.get(page["next"]).json["items"] == made[:1]


def test_it_rejects_a_foreign_or_damaged_cursor(sam: Actor, path: str) -> None:
    demo = f"/api/products/{MUG['id']}/stock-adjustments"
    ours = next_cursor(sam.get(f"{demo}?limit=1").json)
    for target, cursor in ((path, ours), (demo, damaged(ours)), (demo, ours[:-2])):
        assert_problem(
            sam.get(f"{target}?cursor={cursor}"),
            "invalid-parameters",
            target,
            parameter_error("cursor", "invalid_cursor"),
        )


def test_its_entity_tag_changes_with_a_movement(sam: Actor, path: str) -> None:
    tag = sam.get(path).headers["etag"]
    assert sam.get(path, headers={"If-None-Match": tag}).status == 304
    sam.post(path, an_adjustment())
    assert sam.get(path, headers={"If-None-Match": tag}).status == 200
