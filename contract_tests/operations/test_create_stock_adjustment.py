"""POST /api/products/{product_id}/stock-adjustments: createStockAdjustment."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    a_key,
    an_adjustment,
    assert_empty,
    assert_problem,
    assert_replayed,
    choices,
    compact,
    error,
    is_id,
    is_time,
)

REASONS = choices("Reason")
SAM = "019b8d33-fac0-7321-bd05-9cf9771c41ae"


@pytest.fixture
def product_path(product: Any) -> str:
    """Return where a new product is."""
    return f"/api/products/{product['id']}"


@pytest.fixture
def path(product_path: str) -> str:
    """Return where its movements are."""
    return f"{product_path}/stock-adjustments"


def test_it_works(sam: Actor, path: str) -> None:
    answer = sam.post(path, {"delta": 48, "reason": "received", "note": " Delivery\n2026-003 é"})
    adjustment = answer.json
    assert answer.status == 201
    assert answer.body == compact(
        {
            "id": adjustment["id"],
            "delta": 48,
            "reason": "received",
            "note": " Delivery\n2026-003 é",
            "balance": 48,
            "created_by": SAM,
            "created_at": adjustment["created_at"],
        }
    )
    assert is_id(adjustment["id"])
    assert is_time(adjustment["created_at"])
    assert "location" not in answer.headers
    assert "idempotency-replayed" not in answer.headers


def test_the_note_is_empty_unless_given(sam: Actor, path: str) -> None:
    assert sam.post(path, an_adjustment()).json["note"] == ""


def test_the_product_follows(sam: Actor, product: Any, product_path: str, path: str) -> None:
    adjustment = sam.post(path, an_adjustment()).json
    assert sam.get(product_path).json == {
        **product,
        "stock": 5,
        "updated_at": adjustment["created_at"],
    }
    assert adjustment["created_at"] > product["updated_at"]


def test_the_stock_is_the_sum(sam: Actor, product_path: str, path: str) -> None:
    deltas = [10, -3, 1_000_000, -1_000_000, -7, 1]
    balances = [sam.post(path, an_adjustment(delta=delta)).json["balance"] for delta in deltas]
    assert balances == [10, 7, 1_000_007, 7, 0, 1]
    assert sam.get(product_path).json["stock"] == 1
    assert [item["balance"] for item in sam.get(path).json["items"]] == balances[::-1]


def test_the_stock_may_become_zero_but_not_less(sam: Actor, product_path: str, path: str) -> None:
    too_many = an_adjustment(delta=-6, reason="sold")
    insufficient = error("/delta", "insufficient_stock")
    sam.post(path, an_adjustment())
    before = sam.get(product_path).body
    assert_problem(sam.post(path, too_many), "insufficient-stock", path, insufficient)
    assert sam.get(product_path).body == before
    assert len(sam.get(path).json["items"]) == 1
    assert sam.post(path, an_adjustment(delta=-5, reason="sold")).json["balance"] == 0
    answer = sam.post(path, an_adjustment(delta=-1, reason="corrected"))
    assert_problem(answer, "insufficient-stock", path, insufficient)


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_goes_either_way(sam: Actor, path: str, reason: str) -> None:
    for delta in (2, -1):
        answer = sam.post(path, an_adjustment(delta=delta, reason=reason))
        assert (answer.status, answer.json["reason"]) == (201, reason)


def test_the_longest_note_is_kept(sam: Actor, path: str) -> None:
    assert sam.post(path, an_adjustment(note="😀" * 500)).json["note"] == "😀" * 500


def test_it_ignores_what_is_read_only(sam: Actor, path: str) -> None:
    ignored: dict[str, Any] = {"id": 1, "balance": -1, "created_by": None, "created_at": {}}
    adjustment = sam.post(path, an_adjustment(**ignored)).json
    assert (adjustment["balance"], adjustment["created_by"]) == (5, SAM)
    assert is_id(adjustment["id"])


def spelled(number: str) -> dict[str, Any]:
    """Return the parts of a request whose delta is spelled in this way."""
    body = f'{{"delta":{number},"reason":"received"}}'.encode()
    return {"headers": {"Content-Type": "application/json"}, "body": body}


@pytest.mark.parametrize("number", ["5", "5.0", "5e0", "0.5e1", "50E-1", "5.000e+0"])
def test_an_integer_may_be_spelled_in_any_way(sam: Actor, path: str, number: str) -> None:
    answer = sam.post(path, **spelled(number))
    assert answer.status == 201
    assert b'"delta":5,' in answer.body


def test_the_content_comes_before_the_stock(sam: Actor, path: str) -> None:
    answer = sam.post(path, {"delta": -1, "reason": "stolen"})
    assert_problem(
        answer, "invalid-body", path, error("/reason", "invalid_choice", ", ".join(REASONS))
    )


def test_a_repeat_is_answered_alike_when_the_product_is_gone(
    sam: Actor, product_path: str, path: str
) -> None:
    # The replay comes before the look at the path's resource.
    headers = {"Idempotency-Key": a_key()}
    first = sam.post(path, an_adjustment(), headers=headers)
    assert_empty(sam.delete(product_path))
    assert_replayed(sam.post(path, an_adjustment(), headers=headers), first)
    assert_problem(sam.post(path, an_adjustment()), "not-found", path)
