"""POST /api/products: createProduct."""

from typing import Any

import pytest

from contract_tests.cast import Actor
from contract_tests.operations.expected import (
    A_STRING,
    FORMATS,
    a_key,
    a_name,
    a_product,
    assert_problem,
    assert_replayed,
    compact,
    error,
    header_error,
    is_id,
    is_time,
    product_document,
)
from contract_tests.operations.wrong_values import CURRENCIES, WRONG_PRODUCT

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
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
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
        *({"currency": currency} for currency in CURRENCIES[16:-1].split(", ")),
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_it_stores_what_is_just_right(sam: Actor, changes: dict[str, Any]) -> None:
    product = sam.post(PRODUCTS, a_product(**changes)).json
    assert product == product_document(product, **changes)
    assert sam.get(f"{PRODUCTS}/{product['id']}").json == product


@pytest.mark.parametrize(("changes", "errors"), WRONG_PRODUCT.values(), ids=list(WRONG_PRODUCT))
def test_it_rejects_a_wrong_value(
    sam: Actor, changes: dict[str, Any], errors: list[dict[str, str]]
) -> None:
    assert_problem(sam.post(PRODUCTS, a_product(**changes)), "invalid-body", PRODUCTS, *errors)


def test_it_rejects_a_null_attribute(sam: Actor) -> None:
    # Only a merge patch has a meaning for it.
    answer = sam.post(PRODUCTS, a_product(attributes={"colour": None}))
    assert_problem(
        answer, "invalid-body", PRODUCTS, error("/attributes/colour", "null_not_allowed")
    )


def test_it_rejects_a_missing_value(sam: Actor) -> None:
    assert_problem(
        sam.post(PRODUCTS, {}),
        "invalid-body",
        PRODUCTS,
        error("/category", "required"),
        error("/currency", "required"),
        error("/name", "required"),
        error("/price", "required"),
        error("/sku", "required"),
    )


def test_it_gives_all_errors_at_once(sam: Actor) -> None:
    answer = sam.post(
        PRODUCTS,
        {
            "sku": "red mug",
            "description": None,
            "category": "",
            "price": 14.5,
            "currency": "€",
            "attributes": {"b": 1, "a": None},
            "active": "true",
            "Stock": 5,
        },
    )
    assert_problem(
        answer,
        "invalid-body",
        PRODUCTS,
        error("/Stock", "unknown_property"),
        error("/active", "invalid_type", "Must be a boolean."),
        error("/attributes/a", "null_not_allowed"),
        error("/attributes/b", "invalid_type", A_STRING),
        error("/category", "invalid_format", FORMATS["slug"]),
        error("/currency", "invalid_choice", CURRENCIES),
        error("/description", "null_not_allowed"),
        error("/name", "required"),
        error("/price", "invalid_type", A_STRING),
        error("/sku", "invalid_format", FORMATS["sku"]),
    )


def test_it_rejects_a_taken_sku(sam: Actor, product: Any) -> None:
    answer = sam.post(PRODUCTS, a_product(sku=product["sku"]))
    assert_problem(answer, "already-exists", PRODUCTS, error("/sku", "taken"))


def test_a_wrong_value_comes_before_a_taken_one(sam: Actor, product: Any) -> None:
    answer = sam.post(PRODUCTS, a_product(sku=product["sku"], name=" "))
    assert_problem(answer, "invalid-body", PRODUCTS, error("/name", "blank"))


def test_a_repeat_is_answered_alike(sam: Actor) -> None:
    body, headers = a_product(), {"Idempotency-Key": a_key()}
    first = sam.post(PRODUCTS, body, headers=headers)
    again = sam.post(PRODUCTS, body, headers=headers)
    assert first.status == 201
    assert_replayed(again, first)
    assert again.headers["location"] == f"/api/products/{first.json['id']}"


def test_it_rejects_a_key_for_another_body(sam: Actor) -> None:
    headers = {"Idempotency-Key": a_key()}
    sam.post(PRODUCTS, a_product(), headers=headers)
    assert_problem(
        sam.post(PRODUCTS, a_product(), headers=headers),
        "idempotency-key-reused",
        PRODUCTS,
        header_error("Idempotency-Key", "key_reused"),
    )


def test_a_failure_leaves_the_key_free(sam: Actor, product: Any) -> None:
    headers = {"Idempotency-Key": a_key()}
    taken = a_product(sku=product["sku"])
    assert sam.post(PRODUCTS, {}, headers=headers).status == 422
    assert sam.post(PRODUCTS, taken, headers=headers).status == 409
    answer = sam.post(PRODUCTS, a_product(), headers=headers)
    assert answer.status == 201
    assert "idempotency-replayed" not in answer.headers


def test_it_is_for_staff(alice: Actor, anybody: Actor) -> None:
    body = a_product()
    assert_problem(alice.post(PRODUCTS, body), "forbidden", PRODUCTS)
    assert_problem(anybody.post(PRODUCTS, body), "authentication-required", PRODUCTS)
    # The catalogue shows that neither has made it.
    assert anybody.get(f"{PRODUCTS}?q={body['sku']}").json["items"] == []
