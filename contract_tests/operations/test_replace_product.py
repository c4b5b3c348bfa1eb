"""PUT /api/products/{product_id}: replaceProduct."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    NOWHERE,
    SOME_TAG,
    a_name,
    a_product,
    an_adjustment,
    assert_problem,
    compact,
    error,
    product_document,
)
from contract_tests.operations.wrong_values import WRONG_PRODUCT


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
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
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


@pytest.mark.parametrize(("changes", "errors"), WRONG_PRODUCT.values(), ids=list(WRONG_PRODUCT))
def test_it_rejects_a_wrong_value(
    sam: Actor, shown_product: Any, changes: dict[str, Any], errors: list[dict[str, str]]
) -> None:
    path = path_of(shown_product)
    assert_problem(sam.put(path, a_product(**changes)), "invalid-body", path, *errors)


def test_it_rejects_a_null_attribute(sam: Actor, full: Any) -> None:
    answer = sam.put(path_of(full), {**full, "attributes": {"colour": None}})
    assert_problem(
        answer, "invalid-body", path_of(full), error("/attributes/colour", "null_not_allowed")
    )
    assert sam.get(path_of(full)).json == full


def test_it_rejects_a_missing_value(sam: Actor, shown_product: Any) -> None:
    assert_problem(
        sam.put(path_of(shown_product), {"active": False, "colour": "red"}),
        "invalid-body",
        path_of(shown_product),
        error("/category", "required"),
        error("/colour", "unknown_property"),
        error("/currency", "required"),
        error("/name", "required"),
        error("/price", "required"),
        error("/sku", "required"),
    )


def test_it_rejects_a_taken_sku(sam: Actor, full: Any, product: Any) -> None:
    answer = sam.put(path_of(full), a_product(sku=product["sku"]))
    assert_problem(answer, "already-exists", path_of(full), error("/sku", "taken"))
    assert sam.get(path_of(full)).json == full


def test_it_replaces_only_what_was_seen(sam: Actor, product: Any) -> None:
    path = path_of(product)
    tag = sam.get(path).headers["etag"]
    # Somebody sells one meanwhile.
    sam.post(f"{path}/stock-adjustments", an_adjustment())
    current = sam.get(path)
    for stale in (tag, f"W/{current.headers['etag']}", SOME_TAG):
        answer = sam.put(path, product, headers={"If-Match": stale})
        assert_problem(answer, "precondition-failed", path)
    assert sam.get(path).body == current.body
    answer = sam.put(path, product, headers={"If-Match": current.headers["etag"]})
    assert (answer.status, answer.json["stock"]) == (200, 5)
    assert sam.put(path, product, headers={"If-Match": "*"}).status == 200


def test_a_precondition_comes_before_the_content(sam: Actor, product: Any) -> None:
    path = path_of(product)
    assert_problem(sam.put(path, {}, headers={"If-Match": SOME_TAG}), "precondition-failed", path)


def test_it_creates_nothing(sam: Actor) -> None:
    path = f"/api/products/{NOWHERE}"
    assert_problem(sam.put(path, a_product(), headers={"If-Match": "*"}), "not-found", path)


def test_it_is_for_staff(alice: Actor, anybody: Actor, product: Any) -> None:
    path = path_of(product)
    assert_problem(alice.put(path, a_product()), "forbidden", path)
    assert_problem(anybody.put(path, a_product()), "authentication-required", path)
    assert anybody.get(path).json == product


def test_what_is_not_there_is_forbidden_all_the_same(alice: Actor) -> None:
    path = f"/api/products/{NOWHERE}"
    assert_problem(alice.put(path, a_product()), "forbidden", path)
